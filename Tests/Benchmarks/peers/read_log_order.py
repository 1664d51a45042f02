#!/usr/bin/env python3
"""Peer of `exportctl inspect --verify`: reads every message of a recording by log time with the format's own Python library."""
import sys

from mcap.reader import make_reader

with open(sys.argv[1], "rb") as file:
    messages = size = 0
    for _, _, message in make_reader(file, validate_crcs=True).iter_messages():
        messages += 1
        size += len(message.data)
print(f"{messages} messages, {size} bytes")
