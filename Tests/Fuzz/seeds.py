#!/usr/bin/env python3
"""Writes the inputs that the fuzzers begin with: seeds.py FOLDER makes FOLDER/<fuzzer>/<name>."""
import io
import sqlite3
import struct
import sys
import tempfile
from pathlib import Path

from mcap.writer import CompressionType, Writer
from rosbags import rosbag1

OUT = Path(sys.argv[1])

ROS1 = """Header header
string[] name
float64[] position
geometry_msgs/Point[2] corners
time[] stamps
uint8 KIND=3
================================================================================
MSG: std_msgs/Header
uint32 seq
time stamp
string frame_id
================================================================================
MSG: geometry_msgs/Point
float64 x
float64 y
float64 z
"""
ROS2 = """std_msgs/Header header
string<=10[<=3] name
float64[] position [1.0, 2.0]
wstring title "none"
bool ready true
geometry_msgs/Point[2] corners
string WORDS="a # b"
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
================================================================================
MSG: geometry_msgs/Point
float64 x
float64 y
float64 z
"""


def seed(fuzzer, name, content):
    path = OUT / fuzzer / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def recording(compression, chunked=True):
    out = io.BytesIO()
    writer = Writer(out, compression=compression, chunk_size=200, use_chunking=chunked)
    writer.start(profile="ros1", library="seed")
    schema = writer.register_schema("a/B", "ros1msg", b"uint8 x\n")
    channels = [writer.register_channel(topic, "ros1", schema, {"latching": "1"}) for topic in ("/a", "/b")]
    for number in range(20):
        writer.add_message(channels[number % 2], log_time=1000 - number, publish_time=number, sequence=number, data=bytes([number]))
    writer.add_attachment(1, 2, "note", "text/plain", b"hello")
    writer.add_metadata("facts", {"key": "value"})
    writer.finish()
    return out.getvalue()


def bag(compression):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.bag"
        writer = rosbag1.Writer(path)
        writer.chunk_threshold = 200
        if compression:
            writer.set_compression(compression)
        with writer:
            topics = [writer.add_connection(t, "a/msg/B", msgdef="uint8 x\n", md5sum="0" * 32, latching=1) for t in ("/a", "/b")]
            for number in range(20):
                writer.write(topics[number % 2], 1000 - number, bytes([number]))
        return path.read_bytes()


def database(version):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.db3"
        connection = sqlite3.connect(path)
        columns = "id INTEGER PRIMARY KEY, name TEXT, type TEXT, serialization_format TEXT" + (", offered_qos_profiles TEXT, type_description_hash TEXT" if version > 1 else "")
        connection.executescript(
            f"PRAGMA page_size=512; CREATE TABLE topics({columns});"
            "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, data BLOB);"
            "CREATE INDEX timestamp_idx ON messages(timestamp);"
            "CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT, encoding TEXT, encoded_message_definition TEXT, type_description_hash TEXT);"
            "INSERT INTO message_definitions VALUES (1, 'a/msg/B', 'ros2msg', 'uint8 x', 'RIHS01_0');"
        )
        for number in (1, 2):
            connection.execute(f"INSERT INTO topics VALUES (?, ?, 'a/msg/B', 'cdr'{', ?, ?' if version > 1 else ''})", (number, f"/{number}", *(["", ""] if version > 1 else [])))
        for number in range(40):
            connection.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", (number, number % 2 + 1, 1000 - number, bytes(number * 20)))
        connection.commit()
        connection.close()
        return path.read_bytes()


def record(opcode, content):
    return bytes([opcode]) + struct.pack("<Q", len(content)) + content


def text(value):
    return struct.pack("<I", len(value)) + value


for compression in CompressionType:
    seed("mcap-file", f"{compression.name}.mcap", recording(compression))
seed("mcap-file", "no-chunks.mcap", recording(CompressionType.NONE, chunked=False))
seed("mcap-file", "cut.mcap", recording(CompressionType.ZSTD)[:-200])

formats = rosbag1.Writer.CompressionFormat
for compression in (None, formats.LZ4, formats.BZ2):
    seed("bag", f"{compression.name if compression else 'none'}.bag", bag(compression))
seed("bag", "cut.bag", bag(formats.LZ4)[:-300])
for version in (1, 4):
    seed("rosbag2", f"{version}.db3", database(version))

records = record(3, struct.pack("<H", 1) + text(b"a/B") + text(b"ros1msg") + text(b"uint8 x\n"))
records += record(4, struct.pack("<HH", 0, 1) + text(b"/a") + text(b"ros1") + text(text(b"k") + text(b"v")))
records += record(5, struct.pack("<HIQQ", 0, 1, 5, 6) + b"x") + record(5, struct.pack("<HIQQ", 0, 2, 3, 4))
seed("mcap-chunk", "plain", b"\x00" + records)

seed("definition", "ros1", b"\x00" + ROS1.encode())
seed("definition", "ros2", b"\x01" + ROS2.encode())

point = struct.pack("<3d", 1, 2, 3)
message = struct.pack("<III", 1, 2, 3) + text(b"base") + struct.pack("<I", 1) + text(b"j1") + struct.pack("<Id", 1, 0.5)
seed("message", "ros1", b"\x00" + ROS1.encode() + b"\x00" + message + point + point + struct.pack("<III", 1, 7, 8))
seed("message", "ros2", b"\x01int32 a\nstring b\nfloat64[] c\n\x00" + b"\x00\x01\x00\x00" + struct.pack("<i", 5) + text(b"hi\x00"))
