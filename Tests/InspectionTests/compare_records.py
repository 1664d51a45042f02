"""Compares what `exportctl inspect --json-records` and `--json-indexed` print with the format's own Python readers.

usage: compare_records.py (FILE RECORDS INDEXED)...    one line a file
"""

import json
import sys

from mcap.reader import make_reader
from mcap.records import (
    Attachment,
    AttachmentIndex,
    Channel,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    Message,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)
from mcap.stream_reader import StreamReader

SHOWN = (
    Attachment,
    AttachmentIndex,
    Channel,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    Message,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)


def value(item):
    if isinstance(item, bytes):
        return [str(byte) for byte in item]
    if isinstance(item, dict):
        return {str(key): value(entry) for key, entry in item.items()}
    return item if isinstance(item, str) else str(int(item))


def described(record):
    fields = {name: value(item) for name, item in vars(record).items() if name != "crc"}
    return {"type": type(record).__name__, "fields": sorted([name, item] for name, item in fields.items())}


def records(path):
    with open(path, "rb") as stream:
        found = [described(record) for record in StreamReader(stream).records if isinstance(record, SHOWN)]
    return {"records": found}


def indexed(path):
    with open(path, "rb") as stream:
        reader = make_reader(stream)
        messages = [described(message) for _, _, message in reader.iter_messages(log_time_order=True)]
        summary = reader.get_summary()
        return {
            "schemas": [described(summary.schemas[key]) for key in sorted(summary.schemas)],
            "channels": [described(summary.channels[key]) for key in sorted(summary.channels)],
            "messages": messages,
            "statistics": [described(summary.statistics)] if summary.statistics else [],
        }


def verdict(expected, listing):
    with open(listing, encoding="utf-8") as stream:
        return "equal" if json.load(stream) == expected else "different"


files = sys.argv[1:]
for path, in_order, by_time in zip(files[::3], files[1::3], files[2::3]):
    print(f"{path}: {verdict(records(path), in_order)}, {verdict(indexed(path), by_time)}")
