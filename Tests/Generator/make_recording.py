#!/usr/bin/env python3
"""Make a robot recording as the store holds it, with annotation.json, dataset.yaml and a truth file.

Layouts (--layout):
  folder   OUT/<date>_<project>_<scene>_<task>_<staff>_<time>/ with data.mcap (ROS 1), annotation.json, dataset.yaml
  flat     OUT/<robot>_<date>_<time>_0.mcap (ROS 2), .json, .dataset.yaml and .metadata.yaml side by side
  rosbag2  OUT/episode_<n>_<date and time>/ with metadata.yaml, one or several volumes (ROS 2), annotation.json, dataset.yaml

The truth file holds, for every topic, the number of messages and a hash of all payloads, and for those that an export
samples all times, the joint names and values and the SHA-256 of every JPEG, or of video the number that each picture shows
(null where nobody can decode it): what it takes to recompute an export without the recording.
The same options give the same bytes.
"""
import argparse
import fnmatch
import hashlib
import json
import re
import sys
import time
from pathlib import Path

import numpy as np
from mcap.writer import CompressionType, IndexType, Writer

import ros
import sidecars
from streams import IMAGES, Robot

COMPRESSIONS = {"zstd": CompressionType.ZSTD, "lz4": CompressionType.LZ4, "none": CompressionType.NONE}


def parse(arguments):
    def pair(text):
        key, _, value = text.rpartition("=")
        return key, value

    def skew(text):
        topic, value = pair(text)
        return topic, float(value)

    def gap(text):
        topic, value = pair(text)
        start, length = value.split(":")
        return topic, float(start), float(length)

    def span(text):
        shortest, longest = text.split(":")
        return float(shortest), float(longest)

    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("out", type=Path)
    p.add_argument("--layout", choices=["folder", "flat", "rosbag2"], default="folder")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--start", type=int, default=1_772_360_000_000_000_000, help="start in ns since 1970; whole milliseconds")
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--truth", type=Path, help="where the truth file goes; beside the recording as <name>.truth.json if absent")

    g = p.add_argument_group("streams")
    g.add_argument("--cameras", type=int, default=2)
    g.add_argument("--fps", type=float, default=30)
    g.add_argument("--size", default="640x480")
    g.add_argument("--video", choices=["h264", "h265"], help="cameras send video instead of JPEG; key frames every 20 pictures")
    g.add_argument("--quality", type=int, default=90, help="JPEG quality")
    g.add_argument("--noise", type=float, default=2.6, help="standard deviation of the sensor noise")
    g.add_argument("--joints", type=int, default=7, help="joints of one arm")
    g.add_argument("--state-hz", type=float)
    g.add_argument("--command-hz", type=float)
    g.add_argument("--depth", action="store_true", help="a 16-bit depth camera too (layout folder)")
    g.add_argument("--omit", action="append", default=[], metavar="TOPIC", help="leave out topics that match a glob")

    g = p.add_argument_group("trouble")
    g.add_argument("--drop", action="append", default=[], metavar="TOPIC=N,N | TOPIC=P%%", help="messages lost on topics that match a glob")
    g.add_argument("--gap", action="append", type=gap, default=[], metavar="TOPIC=START:LENGTH", help="silence, in seconds; TOPIC is a glob")
    g.add_argument("--skew", action="append", type=skew, default=[], metavar="TOPIC=MS", help="header stamps run ahead by so much")
    g.add_argument("--reorder-at", type=float, metavar="SECONDS", help="from here on joint messages list their joints in another order")
    g.add_argument("--unordered", type=float, default=0, metavar="MS", help="every second camera is written so much late: file order is not time order")
    g.add_argument("--no-summary", action="store_true", help="no summary section and no indexes")
    g.add_argument("--truncate", type=int, default=0, metavar="BYTES", help="cut so many bytes off the end of the (last) file")

    g = p.add_argument_group("file")
    g.add_argument("--compression", choices=sorted(COMPRESSIONS), default="zstd")
    g.add_argument("--chunk-size", type=int, default=4 << 20)
    g.add_argument("--volumes", type=int, default=1, help="files of the recording (layout rosbag2)")
    g.add_argument("--attachment", action="store_true", help="an attachment and a metadata record too")

    g = p.add_argument_group("dataset")
    g.add_argument("--project", default="kitchen")
    g.add_argument("--scene", default="table")
    g.add_argument("--task", default="pickcup")
    g.add_argument("--staff", default="s017")
    g.add_argument("--robot")
    g.add_argument("--review", choices=["pending", "passed", "rejected"], default="passed")
    g.add_argument("--score", type=float, default=86.5)
    g.add_argument("--tag", dest="tags", action="append", default=[])
    g.add_argument("--segment-seconds", type=span, default=(2.0, 6.0), metavar="SHORTEST:LONGEST")
    g.add_argument("--overlapping", action="store_true", help="one more segment that overlaps others")
    g.add_argument("--no-annotation", action="store_true")
    g.add_argument("--no-dataset-yaml", action="store_true")

    options = p.parse_args(arguments)
    match = re.fullmatch(r"(\d+)x(\d+)", options.size)
    if not match:
        p.error("--size: expected WIDTHxHEIGHT")
    options.width, options.height = map(int, match.groups())
    options.ros2 = options.layout != "folder"
    options.robot = options.robot or {"folder": "demo_arm", "flat": "RM_AIDAL", "rosbag2": "capture_kit"}[options.layout]
    if options.start % 10**6:
        p.error("--start: expected whole milliseconds")
    if options.volumes != 1 and options.layout != "rosbag2":
        p.error("--volumes: only a rosbag2 folder has several")
    return options


class Place:
    """Where the files of a recording go."""

    def __init__(self, options):
        when = time.gmtime(options.start // 10**9)
        if options.layout == "flat":
            self.name = f"{options.robot}_{time.strftime('%y%m%d_%H%M%S', when)}_0"
            self.folder, stem = options.out, self.name
            self.recording = [f"{stem}.mcap"]
            self.annotation, self.dataset, self.metadata = f"{stem}.json", f"{stem}.dataset.yaml", f"{stem}.metadata.yaml"
        else:
            if options.layout == "folder":
                fields = (options.project, options.scene, options.task, options.staff)
                self.name = "_".join((time.strftime("%Y%m%d", when), *fields, time.strftime("%H%M%S", when)))
                self.recording, self.metadata = ["data.mcap"], None
            else:
                self.name = f"episode_{options.seed:05d}_{time.strftime('%Y_%m_%d_%H_%M_%S', when)}"
                self.recording, self.metadata = [f"{self.name}_{k}.mcap" for k in range(options.volumes)], "metadata.yaml"
            self.folder = options.out / self.name
            self.annotation, self.dataset = "annotation.json", "dataset.yaml"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.truth = options.truth or options.out / f"{self.name}.truth.json"


class Volume:
    """One MCAP file being written."""

    def __init__(self, path, options):
        self.path, self.options = path, options
        self.messages, self.first_ns, self.last_ns = 0, None, None
        self.schemas, self.channels = {}, {}
        self.file = open(path, "wb")
        indexes = {"index_types": IndexType.NONE} if options.no_summary else {}
        summary = not options.no_summary
        self.writer = Writer(
            self.file,
            chunk_size=options.chunk_size,
            compression=COMPRESSIONS[options.compression],
            use_statistics=summary,
            use_summary_offsets=summary,
            repeat_channels=summary,
            repeat_schemas=summary,
            **indexes,
        )
        self.writer.start(profile="ros2" if options.ros2 else "ros1", library="exportd test generator")

    def channel(self, stream):
        if stream.topic not in self.channels:
            ros2, latched = self.options.ros2, stream.hz is None
            if stream.type not in self.schemas:
                name = stream.type.replace("/", "/msg/") if ros2 else stream.type
                text = ros.definition(stream.type, ros2).encode()
                self.schemas[stream.type] = self.writer.register_schema(name, "ros2msg" if ros2 else "ros1msg", text)
            if ros2:
                durability = "transient_local" if latched else "volatile"
                qos = f"- history: keep_last\n  depth: 10\n  reliability: reliable\n  durability: {durability}\n"
                metadata = {"offered_qos_profiles": qos}
            else:
                metadata = {"callerid": "/recorder"} | ({"latching": "1"} if latched else {})
            encoding = "cdr" if ros2 else "ros1"
            self.channels[stream.topic] = self.writer.register_channel(stream.topic, encoding, self.schemas[stream.type], metadata)
        return self.channels[stream.topic]

    def add(self, stream, index, log_ns, publish_ns, data):
        self.writer.add_message(self.channel(stream), log_time=log_ns, publish_time=publish_ns, sequence=index, data=data)
        self.messages += 1
        self.first_ns = log_ns if self.first_ns is None else min(self.first_ns, log_ns)
        self.last_ns = log_ns if self.last_ns is None else max(self.last_ns, log_ns)

    def close(self):
        self.writer.finish()
        self.file.close()


def events(options, streams, rng):
    """(time of writing, stream, index, log time) of every message that survives drops and gaps, in the order of writing."""

    def survivors(stream, count):
        keep = np.ones(count, bool)
        for spec in options.drop:
            pattern, _, what = spec.rpartition("=")
            if fnmatch.fnmatch(stream.topic, pattern):
                if what.endswith("%"):
                    keep &= rng.random(count) >= float(what[:-1]) / 100
                else:
                    keep[[int(n) for n in what.split(",") if int(n) < count]] = False
        return keep

    out, late = [], False
    for number, stream in enumerate(streams):
        if stream.hz is None:
            out.append((options.start, number, 0, options.start))
            continue
        delay = 0
        if (stream.feature or "").startswith(IMAGES):
            delay, late = (round(options.unordered * 1e6) if late else 0), not late
        count = int(options.seconds * stream.hz)
        times = options.start + (np.arange(count) * (1e9 / stream.hz)).astype(np.int64)
        times = np.sort(times + np.abs(rng.normal(0, stream.jitter_ms * 1e6, count)).astype(np.int64))
        keep = survivors(stream, count)
        for pattern, start, length in options.gap:
            if fnmatch.fnmatch(stream.topic, pattern):
                since = (times - options.start) / 1e9
                keep &= (since < start) | (since >= start + length)
        out += [(int(t) + delay, number, int(i), int(t)) for i, t in enumerate(times) if keep[i]]
    return sorted(out)


class TopicTruth:
    """What was written on one topic."""

    def __init__(self, stream):
        self.stream, self.sha = stream, hashlib.sha256()
        self.columns = {"log_ns": [], "publish_ns": [], "header_ns": []}
        self.video = []
        self.jpeg_sha256, self.names, self.names_index, self.values, self.bytes = [], [], [], [], 0

    def add(self, message, log_ns, publish_ns):
        for column, value in (("log_ns", log_ns), ("publish_ns", publish_ns), ("header_ns", message.header_ns)):
            self.columns[column].append(value)
        self.sha.update(message.data)
        self.bytes += len(message.data)
        if "jpeg" in message.facts:
            self.jpeg_sha256.append(hashlib.sha256(message.facts["jpeg"]).hexdigest())
        if "video" in message.facts:
            self.video.append(message.facts["video"])
        if "values" in message.facts:
            names = message.facts["names"]
            if names not in self.names:
                self.names.append(names)
            self.names_index.append(self.names.index(names))
            self.values.append(message.facts["values"])

    def document(self):
        out = {
            "type": self.stream.type,
            "feature": self.stream.feature,
            "count": len(self.columns["log_ns"]),
            "bytes": self.bytes,
            "payload_sha256": self.sha.hexdigest(),
        }
        if self.stream.feature is None:
            return out
        out |= self.columns
        if self.columns["header_ns"] and self.columns["header_ns"][0] is None:
            out["header_ns"] = None
        if self.jpeg_sha256:
            out["jpeg_sha256"] = self.jpeg_sha256
        if self.video:
            out["video"] = self.video
        if self.values:
            out |= {"names": self.names, "names_index": self.names_index, "values": self.values}
        return out


def main(arguments=None):
    options = parse(arguments)
    rng = np.random.default_rng(options.seed)
    place = Place(options)
    streams = [s for s in Robot(options, rng).streams if not any(fnmatch.fnmatch(s.topic, pattern) for pattern in options.omit)]
    schedule = events(options, streams, rng)

    volumes = [Volume(place.folder / name, options) for name in place.recording]
    length = round(options.seconds * 1e9) / len(volumes)
    truth = {stream.topic: TopicTruth(stream) for stream in streams}
    for volume in volumes:
        for stream in streams:
            volume.channel(stream)
    for written_ns, number, index, log_ns in schedule:
        stream = streams[number]
        message = stream.payload(index, log_ns)
        message.data = bytes(message.data)
        publish_ns = max(options.start, log_ns - int(rng.uniform(0.1e6, 2e6)))
        volume = volumes[min(len(volumes) - 1, int((written_ns - options.start) / length))]
        volume.add(stream, index, log_ns, publish_ns, message.data)
        truth[stream.topic].add(message, log_ns, publish_ns)
    if options.attachment:
        volumes[0].writer.add_attachment(options.start, options.start, "calibration.yaml", "application/yaml", b"camera_01: {fx: 615.0, fy: 615.0}\n")
        volumes[0].writer.add_metadata("robot", {"serial": "R-0017", "firmware": "4.2.1"})
    for volume in volumes:
        volume.close()
    if options.truncate:
        with open(volumes[-1].path, "r+b") as file:
            file.truncate(volumes[-1].path.stat().st_size - options.truncate)

    end_ns = options.start + round(options.seconds * 1e9)
    subtasks = [] if options.no_annotation else sidecars.segments(options, end_ns, rng)
    metadata = None if options.no_dataset_yaml else sidecars.dataset(options)
    if not options.no_annotation:
        sidecars.write_json(place.folder / place.annotation, sidecars.annotation(options, place.name, subtasks))
    if metadata:
        sidecars.write_yaml(place.folder / place.dataset, metadata)
    if place.metadata:
        topics = [{"name": s.topic, "type": s.type, "messages": len(truth[s.topic].columns["log_ns"])} for s in streams]
        files = [{"path": v.path.name, "first_ns": v.first_ns, "last_ns": v.last_ns, "messages": v.messages} for v in volumes if v.messages]
        sidecars.write_yaml(place.folder / place.metadata, sidecars.rosbag2_metadata(topics, files))

    document = {
        "schema": "exportd-truth/1",
        "name": place.name,
        "layout": options.layout,
        "truncated_bytes": options.truncate,
        "files": [{"path": v.path.relative_to(options.out).as_posix(), "bytes": v.path.stat().st_size} for v in volumes],
        "first_ns": min(v.first_ns for v in volumes if v.messages),
        "last_ns": max(v.last_ns for v in volumes if v.messages),
        "metadata": metadata,
        "segments": subtasks,
        "topics": {topic: entry.document() for topic, entry in truth.items()},
    }
    place.truth.parent.mkdir(parents=True, exist_ok=True)
    place.truth.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(place.folder if options.layout != "flat" else place.folder / f"{place.name}.mcap")


if __name__ == "__main__":
    sys.exit(main())
