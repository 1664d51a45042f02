"""The row `memory`: the largest process while recordings of two sizes are read and exported in every format.

Disk: up to twice the larger size, since packages are folders that share their files' bytes with nothing but the work folder.
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import measuring
from harness import ROOT, Site, generate, programs
from measuring import MB, say

STORES = ROOT / ".build" / "benchmarks"
EXPORTS = {
    "mcap": {"format": "mcap"},
    "mcap_chunks": {"format": "mcap_chunks"},
    "hdf5": {"format": "hdf5"},
    "lerobot, H.264 at 5 Hz": {"format": "lerobot", "codec": "h264", "rate_hz": 5},
    "lerobot, pictures": {"format": "lerobot", "images": "image", "rate_hz": 30},
    "csv, all messages": {"format": "csv", "messages": ["*"]},
    "json, all messages": {"format": "json", "messages": ["*"]},
    "time_alignment": {"format": "time_alignment"},
    "frame_drops, pictures read": {"format": "frame_drops", "verify": True},
}


def long_recording(store, gigabytes):
    """A recording of any size: one of 20 s with 4 JPEG cameras and its segments, again and again, each time 20 s later."""
    from mcap.reader import make_reader
    from mcap.writer import CompressionType, Writer

    with tempfile.TemporaryDirectory(dir=STORES) as temporary:
        short = Path(temporary)
        name = generate(short, short / "truth.json", "--seconds", 20, "--cameras", 4, "--seed", 9)
        dataset = store / name
        dataset.mkdir(parents=True)
        with open(dataset / "data.mcap", "wb") as out, open(short / name / "data.mcap", "rb") as file:
            reader = make_reader(file)
            writer = Writer(out, chunk_size=4 << 20, compression=CompressionType.NONE)
            writer.start(profile=reader.get_header().profile)
            channels = {}
            loop = list(reader.iter_messages())
            for schema, channel, _ in loop:
                if channel.id not in channels:
                    schema_id = writer.register_schema(schema.name, schema.encoding, schema.data)
                    channels[channel.id] = writer.register_channel(channel.topic, channel.message_encoding, schema_id, channel.metadata)
            period = -(-(loop[-1][2].log_time - loop[0][2].log_time + 1) // 10**9) * 10**9
            rounds = max(1, gigabytes * 1000 * MB // sum(len(message.data) for _, _, message in loop))
            for round_ in range(rounds):
                shift = round_ * period
                for _, channel, message in loop:
                    writer.add_message(
                        channels[channel.id], message.log_time + shift, message.data, message.publish_time + shift, message.sequence)
            writer.finish()
        annotation = json.loads((short / name / "annotation.json").read_text())
        segments = annotation["subtasks"]
        annotation["subtasks"] = [
            segment | {key: str(int(segment[key]) + round_ * period) for key in ("start_timestamp", "end_timestamp")}
            for round_ in range(rounds) for segment in segments
        ]
        (dataset / "annotation.json").write_text(json.dumps(annotation))
        shutil.copy(short / name / "dataset.yaml", dataset)
    return dataset / "data.mcap"


def largest(store, export):
    """The most memory that one process of an export had."""
    site = Site(example_store=False, stores=[str(store)], cache={"path": "state/cache", "max_bytes": "0B"})
    try:
        request = site.folder / "request.yaml"
        request.write_text(json.dumps({"exports": [export], "package": "directory"}))
        command = [programs() / "exportctl", "run", request, "--config", site.folder / "exportd.yaml", "--output", site.folder / "out"]
        return measuring.run([str(part) for part in command], stdout=subprocess.DEVNULL).largest
    finally:
        site.close()


def memory(options, table):
    sizes = (1, options.gigabytes)
    if options.gigabytes <= 1:
        return
    STORES.mkdir(parents=True, exist_ok=True)
    peaks = {}
    for gigabytes in sizes:
        with tempfile.TemporaryDirectory(prefix="memory-", dir=STORES) as temporary:
            say(f"memory: making a recording of {gigabytes} GB")
            data = long_recording(Path(temporary), gigabytes)
            verify = measuring.run([str(programs() / "exportctl"), "inspect", "--verify", str(data)], stdout=subprocess.DEVNULL)
            peaks.setdefault("inspect --verify", []).append(verify.largest)
            for name, export in EXPORTS.items():
                say(f"memory: {gigabytes} GB, {name}")
                peaks.setdefault(name, []).append(largest(temporary, export))
                print(f"memory: {name}: {peaks[name][-1] / MB:.0f} MB", file=sys.stderr, flush=True)
    for name, (small, large) in peaks.items():
        table.add(
            f"peak memory of {name}: {sizes[0]} GB against {sizes[1]} GB", f"{small / MB:.0f} MB, {large / MB:.0f} MB", "",
            f"{large / small:.2f}×", "≤ 1.1×, ≤ 400 MB; mcap ≤ 150 MB")
