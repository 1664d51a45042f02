#!/usr/bin/env python3
"""Read the summary and all message indexes of an MCAP file with the format's Python library, and say how many messages they list."""
import sys

from mcap.data_stream import ReadDataStream
from mcap.reader import make_reader
from mcap.records import MessageIndex

with open(sys.argv[1], "rb") as file:
    listed = 0
    for chunk in make_reader(file).get_summary().chunk_indexes:
        file.seek(chunk.chunk_start_offset + chunk.chunk_length)
        end = file.tell() + chunk.message_index_length
        stream = ReadDataStream(file)
        while file.tell() < end:
            stream.read1()
            stream.read8()
            listed += len(MessageIndex.read(stream).records)
print(listed)
