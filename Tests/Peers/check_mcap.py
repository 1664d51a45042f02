#!/usr/bin/env python3
"""Open mcap and mcap_chunks packages with the PyPI reader and compare them, message by message, with the recordings.

Reads PACKAGE (a tar.gz or a directory) and the source volumes of each dataset, given as NAME=VOLUME[,VOLUME…] (NAME is what
the package calls it). Every file is read twice: by its index in log-time order, and from front to back without one, checksums
included. Parts minus the repeats that they list must be exactly the source's messages that are asked for, once each, in order.
Prints one line; exits 1 where anything differs.
"""
import argparse
import csv
import fnmatch
import hashlib
import json
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path

from mcap.reader import NonSeekingReader, make_reader
from mcap.stream_reader import StreamReader

ANNOTATIONS = "/exportd/annotations"


class Differences:
    """What differs, in words; only the first few are shown."""

    def __init__(self):
        self.lines = []

    def expect(self, condition, text):
        if not condition:
            self.lines.append(text)
        return bool(condition)


def opened(package, folder):
    if package.is_dir():
        return package
    with tarfile.open(package, "r:gz") as archive:
        archive.extractall(folder, filter="data")
    tops = list(folder.iterdir())
    return tops[0] if len(tops) == 1 and tops[0].is_dir() else folder


def identity(schema, channel, message):
    """A message with all that belongs to it, ids apart, which may differ where volumes conflict."""
    definition = (schema.name, schema.encoding, hashlib.sha256(schema.data).hexdigest()) if schema else None
    return (
        channel.topic, channel.message_encoding, tuple(sorted(channel.metadata.items())), definition, message.log_time,
        message.publish_time, message.sequence, hashlib.sha256(message.data).hexdigest(),
    )


def messages(path, differences):
    """All messages by log time as the index gives them; the same must come out of a scan of the file."""
    with open(path, "rb") as file:
        reader = make_reader(file, validate_crcs=True)
        by_index = [(channel.id, identity(schema, channel, message)) for schema, channel, message in reader.iter_messages()]
        summary = reader.get_summary()
    with open(path, "rb") as file:
        scan = NonSeekingReader(file, validate_crcs=True)
        by_scan = Counter((channel.id, identity(schema, channel, message)) for schema, channel, message in scan.iter_messages())
    differences.expect(Counter(by_index) == by_scan, f"{path.name}: the index and a scan give different messages")
    statistics = summary.statistics
    differences.expect(statistics.message_count == len(by_index), f"{path.name}: the statistics count {statistics.message_count} messages, not {len(by_index)}")
    differences.expect(statistics.channel_count == len(summary.channels), f"{path.name}: the statistics miscount the channels")
    differences.expect(statistics.chunk_count == len(summary.chunk_indexes), f"{path.name}: the statistics miscount the chunks")
    if by_index:
        times = [item[1][4] for item in by_index]
        differences.expect(times == sorted(times), f"{path.name}: not in order of log time")
        ends = (statistics.message_start_time, statistics.message_end_time)
        differences.expect(ends == (min(times), max(times)), f"{path.name}: the statistics give the times {ends}")
    return by_index, summary


def extras(path):
    """Attachments and metadata."""
    with open(path, "rb") as file:
        reader = make_reader(file)
        attachments = [(a.name, a.media_type, a.log_time, a.create_time, hashlib.sha256(a.data).hexdigest()) for a in reader.iter_attachments()]
        metadata = [(m.name, tuple(sorted(m.metadata.items()))) for m in reader.iter_metadata()]
    return attachments, metadata


def source_messages(volumes):
    """The recording's messages, by log time, ties in the order of the files, read without an index."""
    found = []
    attachments, metadata, channels = [], [], set()
    for volume in volumes:
        with open(volume, "rb") as file:
            schemas, known = {}, {}
            # To the very end: rosbag2 describes channels without messages in the summary only.
            for record in StreamReader(file, validate_crcs=False).records:
                kind = type(record).__name__
                if kind == "Schema":
                    schemas[record.id] = record
                elif kind == "Channel":
                    known[record.id] = record
                    channels.add(record.topic)
                elif kind == "Message":
                    channel = known[record.channel_id]
                    found.append(identity(schemas.get(channel.schema_id), channel, record))
                elif kind == "Attachment":
                    attachments.append((record.name, record.media_type, record.log_time, record.create_time, hashlib.sha256(record.data).hexdigest()))
                elif kind == "Metadata":
                    metadata.append((record.name, tuple(sorted(record.metadata.items()))))
    found.sort(key=lambda item: item[4])
    return found, attachments, metadata, channels


def listed(metadata, name):
    """The messages that a metadata record lists."""
    records = [dict(values) for record, values in metadata if record == name]
    rows = [row for record in records for row in json.loads(record["messages"])]
    return rows, all(int(record["count"]) == len(json.loads(record["messages"])) for record in records)


def without_repeats(path, content, repeats, differences):
    """The messages of a part without the first ones of a channel at a time that the list says are repeated."""
    left = Counter((row["channel"], int(row["repeated_at"])) for row in repeats)
    originals = {}
    for row in repeats:
        originals.setdefault((row["channel"], int(row["repeated_at"])), []).append((int(row["log_time"]), row["sequence"], row["topic"]))
    rest, taken = [], []
    for channel, message in content:
        key = (channel, message[4])
        if left[key] > 0:
            place = len(originals[key]) - left[key]
            original = originals[key][place]
            left[key] -= 1
            differences.expect(message[6] == original[1] and message[0] == original[2], f"{path.name}: a repeated message is not the one listed")
            taken.append((message, original[0]))
        else:
            rest.append(message)
    differences.expect(not +left, f"{path.name}: messages are listed as repeated that are not there: {dict(+left)}")
    return rest, taken


def wanted(found, options, segments):
    """The messages that the options ask for."""
    def takes(topic):
        names = {topic, "/" + topic.lstrip("/"), topic.lstrip("/")}
        def match(patterns):
            return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in patterns)
        return (not options.include or match(options.include)) and not match(options.exclude)

    start = found[0][4] if found else 0
    def within(time):
        if options.segments:
            return any(first <= time <= last for first, last in segments)
        return (options.from_ns is None or time >= start + options.from_ns) and (options.to_ns is None or time < start + options.to_ns)

    return [item for item in found if takes(item[0]) and within(item[4])], takes


def annotated(volume):
    """The segments of the annotation beside a volume."""
    for path in (volume.parent / "annotation.json", volume.with_suffix(".json")):
        if path.is_file():
            return path
    return None


def check_definitions(path, summary, channels, takes, differences):
    topics = {channel.topic for channel in summary.channels.values()} - {ANNOTATIONS}
    differences.expect(topics == {t for t in channels if takes(t)}, f"{path.name}: holds the topics {sorted(topics)}")
    for channel in summary.channels.values():
        differences.expect(channel.schema_id == 0 or channel.schema_id in summary.schemas, f"{path.name}: {channel.topic} lacks its schema")


def check_annotation(path, content, metadata, differences):
    """The channel's messages are JSON of its schema, and agree with the metadata. Returns how many there are."""
    states = [(m[4], m) for _, m in content if m[0] == ANNOTATIONS]
    segments = [dict(values) for name, values in metadata if name == "exportd.annotation"]
    if not segments:
        return len(states)
    differences.expect(states, f"{path.name}: has no annotation channel")
    return len(states)


def check_full(name, root, volumes, options, differences):
    path = root / f"{name}.mcap"
    if not differences.expect(path.is_file(), f"{path.name} is missing"):
        return 0
    found, attachments, metadata, channels = source_messages(volumes)
    expected, takes = wanted(found, options, options.segment_times)
    content, summary = messages(path, differences)
    own_attachments, own_metadata = extras(path)
    rows, counted = listed(own_metadata, "exportd.preroll")
    differences.expect(counted, f"{path.name}: exportd.preroll miscounts")
    left = Counter((row["topic"], int(row["log_time"]), row["sequence"]) for row in rows)
    rest = []
    for _, message in content:
        key = (message[0], message[4], message[6])
        if left[key] > 0:
            left[key] -= 1
        elif message[0] != ANNOTATIONS or options.has_annotations:
            rest.append(message)
    differences.expect(not +left, f"{path.name}: exportd.preroll lists messages that are not there")
    differences.expect(len(rows) == options.preroll or options.preroll is None, f"{path.name}: {len(rows)} messages precede the start")
    compare(path.name, rest, expected, differences)
    check_definitions(path, summary, channels, takes, differences)
    check_annotation(path, content, own_metadata, differences)
    check_records(path.name, attachments, metadata, own_attachments, own_metadata, volumes, differences)
    return len(rest)


def compare(name, found, expected, differences):
    if found == expected:
        return
    for index, (one, other) in enumerate(zip(found, expected)):
        if one != other:
            differences.lines.append(f"{name}: message {index} of {len(found)} is {one[0]} at {one[4]}, not {other[0]} at {other[4]}")
            return
    differences.lines.append(f"{name}: {len(found)} messages, not {len(expected)}")


def check_records(name, attachments, metadata, own_attachments, own_metadata, volumes, differences):
    missing = Counter(attachments) - Counter(own_attachments)
    differences.expect(not missing, f"{name}: lacks the attachments {[item[0] for item in missing]}")
    missing = Counter(metadata) - Counter(own_metadata)
    differences.expect(not missing, f"{name}: lacks the metadata {[item[0] for item in missing]}")
    beside = annotated(volumes[0])
    if beside:
        digest = hashlib.sha256(beside.read_bytes()).hexdigest()
        differences.expect(("annotation.json", digest) in {(a[0], a[4]) for a in own_attachments}, f"{name}: lacks annotation.json")
    differences.expect(any(m[0] == "exportd.dataset" for m in own_metadata), f"{name}: lacks the metadata exportd.dataset")


def check_parts(name, root, volumes, options, differences):
    rows = [row for row in csv.DictReader(open(root / "parts.csv", newline="", encoding="utf-8")) if row["part"].startswith(f"{name}_part_")]
    present = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.mcap") if p.relative_to(root).as_posix().startswith(f"{name}_part_"))
    differences.expect([row["part"] for row in rows] == present, f"parts.csv lists {len(rows)} parts of {name}, and there are {len(present)}")
    found, attachments, metadata, channels = source_messages(volumes)
    expected, takes = wanted(found, options, options.segment_times)
    everything, all_attachments = [], []
    latest = {}
    last_end = None
    for row in rows:
        path = root / row["part"]
        content, summary = messages(path, differences)
        own_attachments, own_metadata = extras(path)
        repeats, counted = listed(own_metadata, "exportd.repeats")
        differences.expect(counted, f"{path.name}: exportd.repeats miscounts")
        differences.expect(int(row["repeated"]) == len(repeats), f"{path.name}: parts.csv says {row['repeated']} repeats, not {len(repeats)}")
        differences.expect(int(row["bytes"]) == path.stat().st_size, f"{path.name}: parts.csv gives another size")
        rest, taken = without_repeats(path, content, repeats, differences)
        own = [message for message in rest if message[0] != ANNOTATIONS or options.has_annotations]
        differences.expect(int(row["messages"]) == len(own), f"{path.name}: parts.csv says {row['messages']} messages, not {len(own)}")
        differences.expect(int(row["annotations"]) == len(rest) - len(own), f"{path.name}: parts.csv miscounts the annotation's messages")
        if own:
            ends = (own[0][4], own[-1][4])
            differences.expect((int(row["first_ns"]), int(row["last_ns"])) == ends, f"{path.name}: parts.csv gives other times")
            if options.max_size is None:
                differences.expect(last_end is None or ends[0] > last_end, f"{path.name}: begins at {ends[0]}, not behind the part before")
            last_end = ends[1]
            if options.max_duration_ns:
                differences.expect(ends[1] - content[0][1][4] < options.max_duration_ns, f"{path.name}: is longer than allowed")
        for message, original in taken:
            if message[0] == ANNOTATIONS and not options.has_annotations:
                continue
            source = {item for item in found if item[4] == original and item[0] == message[0]}
            same = {item[:4] + item[5:] for item in source}
            differences.expect(message[:4] + message[5:] in same, f"{path.name}: a repeated {message[0]} is not the one recorded at {original}")
        repeated_topics = {message[0] for message, _ in taken}
        for topic in options.latched:
            earlier = any(item[0].lstrip("/") == topic.lstrip("/") and item[4] < content[0][1][4] for item in found) if content else False
            here = {message[0].lstrip("/") for message in own} | {topic.lstrip("/") for topic in repeated_topics}
            differences.expect(not earlier or topic.lstrip("/") in here, f"{path.name}: lacks {topic}")
        if options.max_size is not None and len({(m[4]) for m in own}) > 1:
            differences.expect(path.stat().st_size <= options.max_size, f"{path.name}: {path.stat().st_size} bytes, more than {options.max_size}")
        check_definitions(path, summary, channels, takes, differences)
        check_annotation(path, content, own_metadata, differences)
        missing = Counter(metadata) - Counter(own_metadata)
        differences.expect(not missing, f"{path.name}: lacks metadata")
        everything += own
        all_attachments += own_attachments
    compare(f"the parts of {name}", everything, expected, differences)
    check_records(name, attachments, [], all_attachments, [("exportd.dataset", ())], volumes, differences)
    doubled = [item for item, count in Counter(all_attachments).items() if count > Counter(attachments)[item] and item[0] != "annotation.json"]
    differences.expect(not doubled, f"{name}: attachments stand in several parts")
    if options.parts is not None:
        differences.expect(len(rows) == options.parts, f"{name}: {len(rows)} parts, not {options.parts}")
    return len(everything)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("package", type=Path)
    p.add_argument("datasets", nargs="+", metavar="NAME=VOLUME[,VOLUME]")
    p.add_argument("--include", action="append", default=[])
    p.add_argument("--exclude", action="append", default=[])
    p.add_argument("--from-ns", type=int, help="nanoseconds after the first message, inclusive")
    p.add_argument("--to-ns", type=int, help="nanoseconds after the first message, exclusive")
    p.add_argument("--segments", action="append", default=[], metavar="FIRST-LAST", help="nanoseconds, both included")
    p.add_argument("--max-duration-ns", type=int)
    p.add_argument("--max-size", type=int)
    p.add_argument("--parts", type=int, help="so many parts must there be")
    p.add_argument("--preroll", type=int, help="so many messages must precede the start for decoding")
    p.add_argument("--latched", action="append", default=[], help="a topic that every part must hold once it was published")
    p.add_argument("--has-annotations", action="store_true", help="the recording itself has the annotation channel")
    options = p.parse_args()
    options.segment_times = [tuple(int(end) for end in segment.split("-")) for segment in options.segments]
    differences = Differences()
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        root = opened(options.package, Path(folder))
        for dataset in options.datasets:
            name, _, volumes = dataset.partition("=")
            paths = [Path(volume) for volume in volumes.split(",")]
            check = check_parts if (root / "parts.csv").is_file() else check_full
            total += check(name, root, paths, options, differences)
    for line in differences.lines[:20]:
        print(f"differs: {line}")
    print(f"{len(options.datasets)} datasets, {total} messages, {len(differences.lines)} differences")
    return 1 if differences.lines else 0


if __name__ == "__main__":
    sys.exit(main())
