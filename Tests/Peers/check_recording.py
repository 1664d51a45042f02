#!/usr/bin/env python3
"""Check a generated recording against its truth file, decoding every message with the official MCAP and ROS readers."""
import argparse
import collections
import hashlib
import json
import sys
from pathlib import Path

from mcap.reader import make_reader
from mcap_ros1.decoder import DecoderFactory as Ros1Decoder
from mcap_ros2.decoder import DecoderFactory as Ros2Decoder


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("truth", type=Path)
    p.add_argument("root", type=Path, nargs="?", help="the folder below which the recording lies; the truth file's own if absent")
    options = p.parse_args()
    truth = json.loads(options.truth.read_text(encoding="utf-8"))
    root = options.root or options.truth.parent

    seen, hashes = collections.Counter(), collections.defaultdict(hashlib.sha256)
    problems = []
    for file in truth["files"]:
        with open(root / file["path"], "rb") as stream:
            reader = make_reader(stream, validate_crcs=True, decoder_factories=[Ros1Decoder(), Ros2Decoder()])
            for schema, channel, message, decoded in reader.iter_decoded_messages(log_time_order=False):
                topic, row = truth["topics"][channel.topic], seen[channel.topic]
                seen[channel.topic] += 1
                hashes[channel.topic].update(message.data)
                if topic["feature"] is None:
                    continue
                if (message.log_time, message.publish_time) != (topic["log_ns"][row], topic["publish_ns"][row]):
                    problems.append(f"{channel.topic}[{row}]: times differ")
                if topic["header_ns"]:
                    stamp = decoded.header.stamp
                    nanoseconds = stamp.nanosec if hasattr(stamp, "nanosec") else stamp.nsecs
                    seconds = stamp.sec if hasattr(stamp, "sec") else stamp.secs
                    if seconds * 10**9 + nanoseconds != topic["header_ns"][row]:
                        problems.append(f"{channel.topic}[{row}]: header stamp differs")
                if "jpeg_sha256" in topic and hashlib.sha256(decoded.data).hexdigest() != topic["jpeg_sha256"][row]:
                    problems.append(f"{channel.topic}[{row}]: JPEG differs")
                if "values" in topic:
                    values = list(decoded.position) if hasattr(decoded, "position") else [decoded.data]
                    names = list(decoded.name) if hasattr(decoded, "name") else None
                    if values != topic["values"][row] or names != topic["names"][topic["names_index"][row]]:
                        problems.append(f"{channel.topic}[{row}]: names or values differ")
    for name, topic in truth["topics"].items():
        if seen[name] != topic["count"] or hashes[name].hexdigest() != topic["payload_sha256"]:
            problems.append(f"{name}: {seen[name]} messages where {topic['count']} were written, or their bytes differ")
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    print(f"{truth['name']}: {sum(seen.values())} messages on {len(seen)} topics, {len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
