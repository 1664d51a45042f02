#!/usr/bin/env python3
"""Copy an MCAP recording into another container: a ROS 1 bag, or a rosbag2 folder of databases or MCAP files.

The copies are written and read back by rosbags, which is not exportd's code, and what it read is printed as one JSON object:
{"messages": N, "first": NS, "last": NS, "topics": {TOPIC: {"type": T, "messages": N, "sha256": HEX}}}
The hash is over "TIME:PAYLOAD" of each message in the order of time.
"""
import argparse
import hashlib
import json
import struct
import sys
from pathlib import Path

import yaml
from mcap.reader import make_reader
from rosbags import rosbag1, rosbag2
from rosbags.rosbag2.enums import CompressionFormat, CompressionMode, StoragePlugin

SUFFIX = {"db3": ".db3", "mcap": ".mcap"}


def parse(arguments):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("sources", type=Path, nargs="+", metavar="source", help="an MCAP file; several are volumes of one recording")
    p.add_argument("out", type=Path, help="the bag's path, or the rosbag2 folder; neither may exist")
    p.add_argument("--to", choices=["bag", "db3", "mcap"], required=True)
    p.add_argument("--compression", choices=["none", "lz4", "bz2", "file", "message"], default="none", help="lz4 and bz2 are for bags, the last two for rosbag2")
    p.add_argument("--chunk-size", type=int, default=768 << 10, help="of a bag, in bytes")
    p.add_argument("--unindexed", action="store_true", help="a bag as its recorder leaves it when it dies")
    p.add_argument("--volumes", type=int, default=1, help="files of a rosbag2 folder")
    p.add_argument("--version", type=int, choices=[8, 9], default=9, help="of rosbag2's metadata")
    return p.parse_args(arguments)


def messages(sources):
    """(schema, channel, message) in the order of time."""
    found = []
    for source in sources:
        with open(source, "rb") as file:
            found += make_reader(file).iter_messages(log_time_order=True)
    return sorted(found, key=lambda item: item[2].log_time)


def write_bag(options):
    writer = rosbag1.Writer(options.out)
    writer.chunk_threshold = options.chunk_size
    if options.compression != "none":
        writer.set_compression(writer.CompressionFormat[options.compression.upper()])
    connections = {}
    with writer:
        for schema, channel, message in messages(options.sources):
            if channel.topic not in connections:
                connections[channel.topic] = writer.add_connection(
                    channel.topic,
                    schema.name.replace("/", "/msg/"),
                    msgdef=schema.data.decode(),
                    md5sum=hashlib.md5(schema.data).hexdigest(),
                    callerid=channel.metadata.get("callerid"),
                    latching=int(channel.metadata["latching"]) if "latching" in channel.metadata else None,
                )
            writer.write(connections[channel.topic], message.log_time, message.data)


def cut_index(path):
    """Takes a bag's index away: its place in the header, and the records at the end of the file."""
    data = bytearray(path.read_bytes())
    at = data.index(b"index_pos=") + len(b"index_pos=")
    (place,) = struct.unpack_from("<Q", data, at)
    struct.pack_into("<Q", data, at, 0)
    path.write_bytes(data[:place])


def write_rosbag2(options):
    source = messages(options.sources)
    share = -(-len(source) // options.volumes)
    documents = []
    for number in range(options.volumes):
        folder = options.out if options.volumes == 1 else options.out.with_name(f"{options.out.name}.part{number}") / f"{options.out.name}_{number}"
        plugin = StoragePlugin.SQLITE3 if options.to == "db3" else StoragePlugin.MCAP
        writer = rosbag2.Writer(folder, version=options.version, storage_plugin=plugin)
        if options.compression in ("file", "message"):
            writer.set_compression(CompressionMode[options.compression.upper()], CompressionFormat.ZSTD)
        connections = {}
        with writer:
            # Each volume of rosbag2 lists all topics.
            for schema, channel, _ in source:
                if channel.topic not in connections:
                    connections[channel.topic] = writer.add_connection(
                        channel.topic, schema.name, msgdef=schema.data.decode(), rihs01="RIHS01_" + hashlib.sha256(schema.data).hexdigest()
                    )
            for _, channel, message in source[number * share : (number + 1) * share]:
                writer.write(connections[channel.topic], message.log_time, message.data)
        documents.append(yaml.safe_load((folder / "metadata.yaml").read_text())["rosbag2_bagfile_information"])
        if options.volumes > 1:
            options.out.mkdir(exist_ok=True)
            for name in documents[-1]["relative_file_paths"]:
                (folder / name).rename(options.out / name)
            (folder / "metadata.yaml").unlink()
            folder.rmdir()
            folder.parent.rmdir()
    if options.volumes > 1:
        whole = documents[0]
        whole["relative_file_paths"] = [path for d in documents for path in d["relative_file_paths"]]
        whole["files"] = [file for d in documents for file in d["files"]]
        whole["message_count"] = sum(d["message_count"] for d in documents)
        whole["duration"]["nanoseconds"] = source[-1][2].log_time - source[0][2].log_time
        for number, topic in enumerate(whole["topics_with_message_count"]):
            topic["message_count"] = sum(d["topics_with_message_count"][number]["message_count"] for d in documents)
        (options.out / "metadata.yaml").write_text(yaml.safe_dump({"rosbag2_bagfile_information": whole}))


def facts(options):
    """What rosbags reads of the copy."""
    topics, count, first, last = {}, 0, None, None
    with (rosbag1.Reader if options.to == "bag" else rosbag2.Reader)(options.out) as reader:
        for connection, time, data in reader.messages():
            topic = topics.setdefault(connection.topic, {"type": connection.msgtype, "messages": 0, "sha256": hashlib.sha256()})
            topic["messages"] += 1
            topic["sha256"].update(f"{time}:".encode() + bytes(data))
            count, first, last = count + 1, time if first is None else first, time
    for topic in topics.values():
        topic["sha256"] = topic["sha256"].hexdigest()
    return {"messages": count, "first": first, "last": last, "topics": topics}


def main(arguments=None):
    options = parse(arguments)
    (write_bag if options.to == "bag" else write_rosbag2)(options)
    print(json.dumps(facts(options), sort_keys=True))
    if options.unindexed:
        cut_index(options.out)


if __name__ == "__main__":
    sys.exit(main())
