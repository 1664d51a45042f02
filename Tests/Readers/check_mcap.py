#!/usr/bin/env python3
"""Check MCAP files as strictly as the specification allows, with the official reader and by the bytes.

Usage: check_mcap.py FILE...
Prints a JSON list: for each file its number of messages, a CRC-32 over all messages in the order of the file (channel,
sequence, log time, publish time, data), its topics with their message counts, and what is wrong with it.
"""
import io
import json
import struct
import sys
import zlib

from mcap.opcode import Opcode
from mcap.reader import NonSeekingReader, make_reader
from mcap.records import (
    Attachment, AttachmentIndex, Channel, Chunk, ChunkIndex, DataEnd, Footer, Header, Message, MessageIndex, Metadata,
    MetadataIndex, Schema, Statistics, SummaryOffset,
)
from mcap.stream_reader import StreamReader, get_chunk_data_stream

MAGIC = b"\x89MCAP0\r\n"


class Checker:
    def __init__(self, data):
        self.data = data
        self.problems = []
        self.messages = []
        self.schemas, self.channels = {}, {}
        self.places = {}

    def expect(self, condition, words):
        if not condition and len(self.problems) < 20:
            self.problems.append(words)

    def define(self, known, record):
        self.expect(known.setdefault(record.id, record) == record, f"{type(record).__name__} {record.id} is redefined")
        if isinstance(record, Channel):
            self.expect(record.schema_id == 0 or record.schema_id in self.schemas, f"channel {record.id} precedes its schema")

    def message(self, record):
        self.expect(record.channel_id in self.channels, f"a message precedes its channel {record.channel_id}")
        self.messages.append(record)

    def records(self):
        """Top-level records with their places; the reader gives them in order, the bytes tell where they are."""
        self.expect(self.data[:8] == MAGIC and self.data[-8:] == MAGIC, "magic")
        place = 8
        for record in StreamReader(io.BytesIO(self.data), emit_chunks=True, validate_crcs=True).records:
            opcode, length = struct.unpack_from("<BQ", self.data, place)
            while opcode >= 0x80:
                place += 9 + length
                opcode, length = struct.unpack_from("<BQ", self.data, place)
            self.places[place] = (opcode, 9 + length)
            yield place, record
            place += 9 + length
        self.expect(place == len(self.data) - 8, f"records end at {place}, not before the closing magic")

    def check(self):
        chunk = chunk_place = None
        seen = {}
        indexes = {"chunk": [], "attachment": [], "metadata": [], "offset": []}
        counted = dict(chunk=0, attachment=0, metadata=0)
        statistics = footer = None
        in_summary = False
        order = []
        summary_ids = {Schema: set(), Channel: set()}
        for place, record in self.records():
            opcode, length = self.places[place]
            if in_summary and not isinstance(record, (SummaryOffset, Footer)):
                if not order or order[-1][0] != opcode:
                    self.expect(all(group[0] != opcode for group in order), f"summary records {opcode} are not grouped")
                    order.append([opcode, place, 0])
                order[-1][2] += length
            if isinstance(record, (Schema, Channel)):
                known = self.schemas if isinstance(record, Schema) else self.channels
                self.expect(not in_summary or record.id in known, f"{type(record).__name__} {record.id} is in the summary only")
                if in_summary:
                    summary_ids[type(record)].add(record.id)
                self.define(known, record)
            elif isinstance(record, Message):
                self.expect(False, "a message lies outside chunks")
                self.message(record)
            elif isinstance(record, Chunk):
                counted["chunk"] += 1
                chunk, chunk_place, seen = record, place, {}
                self.expect(record.uncompressed_crc != 0 or not record.data, "a chunk has no checksum")
                stream, _ = get_chunk_data_stream(record, validate_crc=True)
                inner = stream.read(record.uncompressed_size)
                self.expect(len(inner) == record.uncompressed_size, "uncompressed size")
                at = 0
                while at < len(inner):
                    code, size = struct.unpack_from("<BQ", inner, at)
                    body = inner[at + 9 : at + 9 + size]
                    self.expect(len(body) == size, "a record in a chunk is cut")
                    if code == Opcode.MESSAGE:
                        channel, sequence, log_time, publish_time = struct.unpack_from("<HIQQ", body)
                        self.message(Message(channel_id=channel, sequence=sequence, log_time=log_time, publish_time=publish_time, data=body[22:]))
                        seen.setdefault(channel, []).append((log_time, at))
                    elif code in (Opcode.SCHEMA, Opcode.CHANNEL):
                        for definition in StreamReader(io.BytesIO(inner[at : at + 9 + size]), skip_magic=True).records:
                            self.define(self.schemas if isinstance(definition, Schema) else self.channels, definition)
                            break
                    at += 9 + size
                times = [time for entries in seen.values() for time, _ in entries] or [0]
                self.expect((min(times), max(times)) == (record.message_start_time, record.message_end_time), f"times of the chunk at {place}")
                pending = {channel: sorted(entries) for channel, entries in seen.items()}
            elif isinstance(record, MessageIndex):
                self.expect(sorted(record.records) == pending.pop(record.channel_id, []), f"message index at {place}")
            elif isinstance(record, Attachment):
                counted["attachment"] += 1
            elif isinstance(record, Metadata):
                counted["metadata"] += 1
            elif isinstance(record, DataEnd):
                self.expect(record.data_section_crc == zlib.crc32(self.data[:place]), "data section checksum")
                in_summary = True
                summary_start = place + length
            elif isinstance(record, ChunkIndex):
                indexes["chunk"].append(record)
            elif isinstance(record, AttachmentIndex):
                indexes["attachment"].append(record)
            elif isinstance(record, MetadataIndex):
                indexes["metadata"].append(record)
            elif isinstance(record, SummaryOffset):
                indexes["offset"].append(record)
            elif isinstance(record, Statistics):
                statistics = record
            elif isinstance(record, Footer):
                footer, footer_place = record, place
            if chunk is not None and not isinstance(record, (Chunk, MessageIndex)):
                self.expect(not pending, f"the chunk at {chunk_place} lacks indexes of channels {sorted(pending)}")
                chunk = None
        self.expect(summary_ids[Schema] == set(self.schemas), "schemas of the summary")
        self.expect(summary_ids[Channel] == set(self.channels), "channels of the summary")
        self.check_indexes(indexes, counted)
        self.check_statistics(statistics, counted)
        self.expect(footer.summary_start == summary_start, "summary start")
        self.expect(footer.summary_crc == zlib.crc32(self.data[summary_start : footer_place + 9 + 16]), "summary checksum")
        self.expect([[o.group_opcode, o.group_start, o.group_length] for o in indexes["offset"]] == order, "summary offsets")
        self.expect(self.places[footer.summary_offset_start][0] == Opcode.SUMMARY_OFFSET, "summary offset start")
        self.check_reader()

    def check_indexes(self, indexes, counted):
        for kind in counted:
            self.expect(len(indexes[kind]) == counted[kind], f"{len(indexes[kind])} {kind} indexes for {counted[kind]}")
        for index in indexes["chunk"]:
            self.expect(self.places.get(index.chunk_start_offset) == (Opcode.CHUNK, index.chunk_length), "chunk index: place")
            at = index.chunk_start_offset + index.chunk_length
            end = at + index.message_index_length
            found = {}
            while at < end:
                opcode, length = self.places[at]
                self.expect(opcode == Opcode.MESSAGE_INDEX, "chunk index: message index")
                found[struct.unpack_from("<H", self.data, at + 9)[0]] = at
                at += length
            self.expect(at == end and found == index.message_index_offsets, "chunk index: message index offsets")
            start, last, size, _, name = struct.unpack_from("<QQQII", self.data, index.chunk_start_offset + 9)
            name = self.data[index.chunk_start_offset + 41 :][:name].decode()
            stored = index.chunk_length - 9 - 40 - len(name)
            declared = (index.message_start_time, index.message_end_time, index.uncompressed_size, index.compression, index.compressed_size)
            self.expect(declared == (start, last, size, name, stored), "chunk index: fields")
        for index in indexes["attachment"]:
            self.expect(self.places.get(index.offset) == (Opcode.ATTACHMENT, index.length), "attachment index")
        for index in indexes["metadata"]:
            self.expect(self.places.get(index.offset) == (Opcode.METADATA, index.length), "metadata index")

    def check_statistics(self, statistics, counted):
        counts = {}
        for message in self.messages:
            counts[message.channel_id] = counts.get(message.channel_id, 0) + 1
        times = [message.log_time for message in self.messages] or [0]
        self.counts = counts
        self.expect(statistics.message_count == len(self.messages), "statistics: messages")
        self.expect(statistics.channel_message_counts == counts, "statistics: messages of each channel")
        self.expect((statistics.message_start_time, statistics.message_end_time) == (min(times), max(times)), "statistics: times")
        declared = (statistics.schema_count, statistics.channel_count, statistics.chunk_count, statistics.attachment_count, statistics.metadata_count)
        found = (len(self.schemas), len(self.channels), counted["chunk"], counted["attachment"], counted["metadata"])
        self.expect(declared == found, f"statistics: {declared} for {found}")

    def check_reader(self):
        """The official reader, through the index and without it."""
        def key(message):
            return (message.log_time, message.channel_id, message.sequence, message.publish_time, bytes(message.data))

        by_time = sorted(map(key, self.messages))
        indexed = [key(message) for _, _, message in make_reader(io.BytesIO(self.data), validate_crcs=True).iter_messages()]
        self.expect([k[0] for k in indexed] == [k[0] for k in by_time], "indexed reading: order")
        self.expect(sorted(indexed) == by_time, "indexed reading: messages")
        streamed = [key(message) for _, _, message in NonSeekingReader(io.BytesIO(self.data), validate_crcs=True).iter_messages(log_time_order=False)]
        self.expect(streamed == list(map(key, self.messages)), "streamed reading: messages")
        attachments = list(make_reader(io.BytesIO(self.data), validate_crcs=True).iter_attachments())
        metadata = list(make_reader(io.BytesIO(self.data)).iter_metadata())
        self.extras = {
            "attachments": [[a.name, a.media_type, a.log_time, a.create_time, zlib.crc32(a.data)] for a in attachments],
            "metadata": [[m.name, m.metadata] for m in metadata],
        }

    def result(self):
        crc = 0
        for m in self.messages:
            crc = zlib.crc32(struct.pack("<HIQQ", m.channel_id, m.sequence, m.log_time, m.publish_time) + m.data, crc)
        topics = {channel.topic: 0 for channel in self.channels.values()}
        for channel, count in self.counts.items():
            topics[self.channels[channel].topic] += count
        return {"messages": len(self.messages), "crc": crc, "topics": topics, "problems": self.problems, **self.extras}


def check(path):
    try:
        with open(path, "rb") as file:
            checker = Checker(file.read())
        checker.check()
        return checker.result()
    except Exception as error:  # whatever a reader throws is a finding
        return {"messages": 0, "crc": 0, "topics": {}, "attachments": [], "metadata": [], "problems": [f"{type(error).__name__}: {error}"]}


print(json.dumps([check(path) for path in sys.argv[1:]]))
