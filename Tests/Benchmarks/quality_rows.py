"""What the reports on alignment and drops cost, against reading what they need of the recording, and against reading all of it.

The peer reads the index and the head of every message with the format's C++ library, for which chunks that are compressed are
decompressed, and works nothing out. By log time the reports need less: the index, and the heads of the 64 messages of each topic from which
the latency is told; what the peer needs for just that stands beside it. Starting programs counts on neither side. A worker goes on from part
to part, so the ratio is that of its second order; what the first costs, with all that a process does once, stands beside it.
"""
import statistics
import sys
import tempfile
from pathlib import Path

import measuring
from harness import programs
from mcap_rows import STORES, Export, cpp, measured, recording
from measuring import MB, say

HERE = Path(__file__).resolve().parent


def alignment(clock):
    return {"timeAlignment": {"_0": {"clock": clock, "tolerance": {"auto": {}}}}}


def drops(clock):
    return {"frameDrops": {"_0": {"clock": clock, "verify": False, "failOnLimits": False, "limits": {}}}}


# A report, what the peer reads for it, and that in words.
REPORTS = [
    ("time_alignment", alignment("log_time"), "sampled", "indexes and the heads of 64 messages a topic"),
    ("frame_drops", drops("log_time"), "sampled", "indexes and the heads of 64 messages a topic"),
    ("time_alignment by header stamps", alignment("header_stamp"), "heads", "indexes and the head of every message"),
    ("frame_drops by header stamps", drops("header_stamp"), "heads", "indexes and the head of every message"),
]


def quality(options, table):
    STORES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-", dir=STORES) as folder:
        peer = cpp("read_index", Path(folder))
        for compression in ("zstd", "none"):
            store, data = recording(compression, options.quality_seconds)
            what = f"of {data.stat().st_size / MB:.0f} MB, {compression}"
            say(f"quality: reading {what}")
            inspect = [programs() / "exportctl", "inspect"]
            # What starting programs costs stands on neither side: not with a worker, which goes on from part to part.
            start = measured([*inspect, "--help"], options.repeat).cpu
            index = measured([*inspect, data], options.repeat).cpu - start
            everything = measured([*inspect, "--verify", data], options.repeat).cpu - start
            library = measured([sys.executable, HERE / "peer_index.py", data], options.repeat).cpu
            table.add(f"reading the indexes {what}", f"{index:.3f} s", f"Python library {library:.3f} s", f"{library / index:.1f}×", "")
            idle = measured([peer, "nothing", data], options.repeat).cpu if peer else 0
            theirs = {mode: measured([peer, mode, data], options.repeat).cpu - idle for mode in ("sampled", "heads")} if peer else {}
            for name, export, mode, words in REPORTS:
                with Export(folder, store, export) as job:
                    say(f"quality: {name}, {compression}")
                    ours = measuring.median([job.run() for _ in range(options.repeat)])
                    again = statistics.median(job.run_again() for _ in range(options.repeat))
                least, heads = theirs.get(mode), theirs.get("heads")
                ratio = f"{again / heads:.2f}× of every head" if heads else ""
                if least and least != heads:
                    ratio += f", {again / least:.2f}× of what it needs"
                table.add(
                    f"{name} {what}: CPU", f"{again:.3f} s (first order {ours.cpu:.3f} s), {ours.memory / MB:.0f} MB",
                    (f"C++ that reads {words} {least:.3f} s; " if least else "") + f"everything, with checksums {everything:.3f} s",
                    ratio, "≤ 1.2× of every head",
                )
