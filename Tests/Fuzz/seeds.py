#!/usr/bin/env python3
"""Writes the inputs that the fuzzers begin with: seeds.py FOLDER makes FOLDER/<fuzzer>/<name>."""
import base64
import io
import re
import sqlite3
import struct
import sys
import tempfile
from pathlib import Path

import lz4.frame
import zstandard
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

IDL = """// names
module a { module msg {
  module B_Constants { const long SIZE = 1 << 2 | 0x3; const string WORD = "a" "b"; };
  enum Colour { @value(3) RED, GREEN };
  @bit_bound(8) bitmask Flags { @position(2) FLAG };
  typedef sequence<octet, B_Constants::SIZE> Bytes;
  typedef double Matrix[3][3];
  @appendable struct Base { @key unsigned long long id; };
  @mutable @verbatim(language="comment", text="x")
  struct B : Base {
    @id(7) @optional string<10> name;
    @default(value=3.5) float ratio; wstring title; boolean ready; char letter; wchar wide;
    sequence<Base> bases; Bytes bytes; Matrix matrix; Colour colour; Flags flags; int8 small; uint64 large;
  };
}; };
"""
JSON_SCHEMA = """{"title":"B","type":"object","$defs":{"n":{"type":"number"}},"properties":{
"t":{"type":"object","title":"time","properties":{"sec":{"type":"integer"},"nsec":{"type":"integer"}}},
"d":{"type":"string","contentEncoding":"base64"},"l":{"type":"array","items":{"$ref":"#/$defs/n"}},"s":{"type":"string","format":"date-time"}}}"""


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


def bag(compression, messages=20):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.bag"
        writer = rosbag1.Writer(path)
        writer.chunk_threshold = 10 * messages
        if compression:
            writer.set_compression(compression)
        with writer:
            topics = [writer.add_connection(t, "a/msg/B", msgdef="uint8 x\n", md5sum="0" * 32, latching=1) for t in ("/a", "/b")]
            for number in range(messages):
                writer.write(topics[number % 2], 1000 - number, bytes([number]))
        return path.read_bytes()


def unpadded(content):
    """A bag without the kilobytes that its first record is filled up with, so that short inputs hold a whole one."""
    start = 13 + 4 + struct.unpack_from("<I", content, 13)[0]
    padding = struct.unpack_from("<I", content, start)[0]
    content = content[:start] + bytes(4) + content[start + 4 + padding:]
    earlier = lambda found: found[1] + struct.pack("<Q", struct.unpack("<Q", found[2])[0] - padding)
    return re.sub(rb"(index_pos=|chunk_pos=)(.{8})", earlier, content, flags=re.DOTALL)


def small_database(definitions):
    """The least that a database of messages is made of, without or with their definitions."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.db3"
        connection = sqlite3.connect(path)
        connection.executescript(
            "PRAGMA page_size=512; CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT, type TEXT, serialization_format TEXT);"
            "CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER, timestamp INTEGER, data BLOB);"
            "INSERT INTO topics VALUES (1, '/a', 'a/msg/B', 'cdr');"
        )
        if definitions:
            connection.executescript(
                "CREATE TABLE message_definitions(topic_type TEXT, encoding TEXT, encoded_message_definition TEXT, type_description_hash TEXT);"
                "INSERT INTO message_definitions VALUES ('a/msg/B', 'ros2msg', 'uint8 x', '');"
            )
        for number in range(4):
            connection.execute("INSERT INTO messages VALUES (?, 1, ?, ?)", (number, 1000 - number, bytes(20 * number)))
        connection.commit()
        connection.close()
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
        for number in range(12):
            connection.execute("INSERT INTO messages VALUES (?, ?, ?, ?)", (number, number % 2 + 1, 1000 - number, bytes(number * 60)))
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
seed("mcap-file", "no-summary.mcap", recording(CompressionType.LZ4).split(b"\x0f\x04\0\0\0\0\0\0\0")[0])
for path in (OUT / "mcap-file").iterdir():
    seed("mcap-recovery", path.name, path.read_bytes())

formats = rosbag1.Writer.CompressionFormat
for compression in (None, formats.LZ4, formats.BZ2):
    seed("bag", f"{compression.name if compression else 'none'}.bag", bag(compression))
    seed("bag", f"{compression.name if compression else 'none'}-short.bag", unpadded(bag(compression, messages=3)))
seed("bag", "cut.bag", bag(formats.LZ4)[:-300])
for definitions in (False, True):
    seed("rosbag2", f"small{'-defined' * definitions}.db3", small_database(definitions))
for version in (1, 4):
    seed("rosbag2", f"{version}.db3", database(version))

records = record(3, struct.pack("<H", 1) + text(b"a/B") + text(b"ros1msg") + text(b"uint8 x\n"))
records += record(4, struct.pack("<HH", 0, 1) + text(b"/a") + text(b"ros1") + text(text(b"k") + text(b"v")))
records += record(5, struct.pack("<HIQQ", 0, 1, 5, 6) + b"x") + record(5, struct.pack("<HIQQ", 0, 2, 3, 4))
# The first byte chooses the compression, the second the chunk's size in units of 16 bytes.
for number, packed in enumerate((records, lz4.frame.compress(records), zstandard.compress(records))):
    seed("mcap-chunk", f"{number}", bytes([number, 0]) + packed)
    seed("mcap-chunk", f"{number}-long", bytes([number, 255]) + packed)


def definition(name, encoding, type_name, schema, message):
    head = type_name + separator + schema
    seed(f"definition-{encoding}", name, head)
    seed("message", f"{name}-{encoding}", bytes([kinds[encoding]]) + head + separator + message)


# Fixtures of the tests of ROS: messages of official libraries with their schemas.
kinds = {"ros1msg": 0, "ros2msg": 1, "ros2idl": 2, "protobuf": 3, "jsonschema": 4}
separator = b"\xfe\xff\xfe\xff"
lines = (Path(__file__).resolve().parent / "../ROSTests/Fixtures/messages.tsv").read_text().splitlines()
fixtures = {}
for number, line in enumerate(lines):
    case, messages, name, encoding, schema, message, _ = line.split("\t")
    schema, message = base64.b64decode(schema), base64.b64decode(message)
    definition(f"{number:02}", encoding, name.encode(), schema, message)
    choice = fixtures[messages] = fixtures.get(messages, -1) + 1
    seed(f"payload-{messages}", f"{number:02}", bytes([choice]) + message)
    if messages == "cdr":
        for identifier in (0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 0x14):
            seed("payload-cdr", f"{number:02}-{identifier:02}", bytes([choice, 0, identifier]) + message[2:])

point = struct.pack("<3d", 1, 2, 3)
header = struct.pack("<III", 1, 2, 3) + text(b"base") + struct.pack("<I", 1) + text(b"j1") + struct.pack("<Id", 1, 0.5)
definition("ros1", "ros1msg", b"a/B", ROS1.encode(), header + point + point + struct.pack("<III", 1, 7, 8))
definition("ros2", "ros2msg", b"a/B", ROS2.encode(), b"\x00\x01\x00\x00" + bytes(200))
definition("ros2-small", "ros2msg", b"a/B", b"int32 a\nstring b\nfloat64[] c\n", b"\x00\x01\x00\x00" + struct.pack("<i", 5) + text(b"hi\x00"))
definition("idl", "ros2idl", b"a/msg/B", IDL.encode(), b"\x00\x0b\x00\x00" + bytes(60))
definition("json", "jsonschema", b"B", JSON_SCHEMA.encode(), b'{"t":{"sec":1,"nsec":2},"d":"aGk=","l":[1,-2.5e3,null,true],"s":"\\u00e9\\ud83d\\ude00"}')


def picture(name, choice, content):
    seed("picture", name, bytes([choice]) + content)


exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 274, 3, 1, 6, 0)
jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" + b"\xff\xe1" + struct.pack(">H", 2 + len(exif)) + exif
jpeg += b"\xff\xff\xc2\x00\x11\x08\x00\x10\x00\x20\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xda"
png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">IIBBBBB", 16, 8, 16, 0, 0, 0, 0)
h264 = b"\0\0\0\x01\x09\xf0\0\0\0\x01\x67\x42\xc0\x1e\xd9\0\0\0\x01\x68\xce\x3c\x80\0\0\x01\x65\x88\x84\0"
h265 = b"\0\0\0\x01\x40\x01\x0c\x01\0\0\0\x01\x42\x01\x01\x01\0\0\0\x01\x44\x01\xc1\0\0\x01\x26\x01\xaf\x09"
av1 = b"\x12\0\x0a\x0b\0\0\0\x24\xc6\xab\xdf\x3e\xfe\x24\x04\x32\x04\x10\0\0\0"
picture("jpeg", 1, jpeg)
picture("png", 0, png)
picture("webp", 0, b"RIFF\x20\0\0\0WEBPVP8 ")
picture("avif", 0, b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf")
picture("h264", 2, h264)
picture("h265", 3, h265)
picture("vp9", 4, b"\x82\x49\x83\x42\x00\x13\xf0\x0e\xf6")
picture("vp9-between", 4, b"\x86\x00\x40\x92")
picture("av1", 5, av1)
picture("depth", 6, bytes(12) + png)
picture("depth-metres", 7, struct.pack("<Iff", 0, 100.0, 1.0) + png)
picture("rvl", 8, bytes(12) + struct.pack("<II", 4, 2) + bytes.fromhex("21436587a9cbed0f"))

image_set = (
    '{"schema":"image-annotations/1","dataset":{"name":"d","project":"p","created_at":"2026-01-01T00:00:00Z"},'
    '"categories":[{"id":1,"name":"cup","supercategory":"dish","keypoints":["a","b"],"skeleton":[[1,2]],"flip_idx":[1,0]}],'
    '"images":[{"id":1,"file":"images/a.jpg","width":9,"height":8,"split":"val","group_id":2,"attributes":{"x":[null,true]}}],'
    '"annotations":[%s]}'
)
shapes = [
    '"type":"BBOX","bbox":[1,2,3.5,4],"rotation":30',
    '"type":"POINT","point":[1,NaN]',
    '"type":"POLYGON","polygons":[[0,0,5,0,5,5],[6,6,8,6,8,8]],"iscrowd":1,"group_id":3',
    '"type":"POLYLINE","polyline":[0,0,1e1,-2.5]',
    '"type":"KEYPOINT","keypoints":[1,2,2,0,0,0],"bbox":[0,0,2,2]',
    '"type":"SEGMENTATION","rle":{"size":[8,9],"counts":[10,5,57]}',
    '"type":"SEGMENTATION","rle":{"size":[8,9],"counts":":5ST"}',
    '"type":"SEGMENTATION","mask":"masks/1.png"',
]
said = '"annotator":"al\\u00e9","quality":"good","review":"passed","created_at":"2026-01-01T00:00:00Z","tags":["t"],"attributes":{"o":false}'
for number, shape in enumerate(shapes):
    one = '{"id":%d,"image_id":1,"category_id":1,%s,%s}'
    seed("image-set", f"shape-{number}", (image_set % (one % (number, shape, said))).encode())
seed("image-set", "all", (image_set % ",".join('{"id":%d,"image_id":1,"category_id":1,%s}' % s for s in enumerate(shapes))).encode())

examples = Path(__file__).resolve().parent / "../../examples"
for number, path in enumerate(sorted((examples / "store").glob("**/*.json"))):
    seed("annotation", f"{number}.json", path.read_bytes())
seed("annotation", "single.json", b'{"start_timestamp":"1","end_timestamp":2,"description":"pick \\u00e9\\ud83d\\ude00","options":["a",1,null],"score":9.5e1}')
seed("annotation", "list.json", b'{"scene":"s","subtasks":[{"start_timestamp":3,"end_timestamp":4,"sequence_id":"2"},{"start_timestamp":1,"end_timestamp":2,"score":true}]}')
seed("annotation", "frames.json", b'{"start_frame_id":1,"end_frame_id":2}')
for path in sorted((examples / "requests").iterdir()):
    seed("request", path.name, path.read_bytes())
