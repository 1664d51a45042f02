"""Writes four recordings with the format's own Python writer: chunks without compression, in lz4 and in zstd, and no chunks.

usage: write_recordings.py NONE LZ4 ZSTD UNCHUNKED
"""

import random
import sys

from mcap.writer import CompressionType, IndexType, Writer

VARIANTS = [
    dict(compression=CompressionType.NONE),
    dict(compression=CompressionType.LZ4),
    dict(compression=CompressionType.ZSTD, index_types=IndexType.ALL),
    dict(use_chunking=False),
]

for path, options in zip(sys.argv[1:], VARIANTS):
    chance = random.Random(1)
    writer = Writer(path, chunk_size=2000, **options)
    writer.start("ros2", "peer")
    schema = writer.register_schema("demo/Text", "ros2msg", b"string text\n")
    channels = [writer.register_channel(f"/{name}", "cdr", schema, {"name": name}) for name in ("a", "b", "é")]
    for sequence in range(200):
        time = 10**18 + sequence * 1000 + chance.randrange(-5000, 5000)
        writer.add_message(chance.choice(channels), time, chance.randbytes(chance.randrange(80)), time - 1, sequence)
    writer.add_attachment(5, 6, "notes.txt", "text/plain", b"hello")
    writer.add_metadata("weather", {"sky": "grey", "rain": "\u2602"})
    writer.finish()
