"""What the reports on alignment and drops cost, against reading the recording's indexes and against reading all of it."""
import sys
import tempfile
from pathlib import Path

import measuring
from harness import programs
from mcap_rows import STORES, Export, measured, recording
from measuring import MB, say

HERE = Path(__file__).resolve().parent
ALIGNMENT = {"timeAlignment": {"_0": {"clock": "log_time", "tolerance": {"auto": {}}}}}
DROPS = {"frameDrops": {"_0": {"clock": "log_time", "verify": False, "failOnLimits": False, "limits": {}}}}
STAMPS = {"timeAlignment": {"_0": {"clock": "header_stamp", "tolerance": {"auto": {}}}}}


def quality(options, table):
    STORES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-", dir=STORES) as folder:
        for compression in ("zstd", "none"):
            store, data = recording(compression, options.quality_seconds)
            what = f"of {data.stat().st_size / MB:.0f} MB, {compression}"
            say(f"quality: reading {what}")
            inspect = [programs() / "exportctl", "inspect"]
            # What starting programs costs stands on neither side: not with a worker, which goes on from part to part.
            start = measured([*inspect, "--help"], options.repeat).cpu
            index = measured([*inspect, data], options.repeat)
            index.cpu -= start
            library = measured([sys.executable, HERE / "peer_index.py", data], options.repeat)
            everything = measured([*inspect, "--verify", data], options.repeat)
            everything.cpu -= start
            table.add(f"reading the indexes {what}", f"{index.cpu:.3f} s", f"Python library {library.cpu:.3f} s", f"{library.cpu / index.cpu:.1f}×", "")
            for name, export in (("time_alignment", ALIGNMENT), ("frame_drops", DROPS), ("time_alignment by header stamps", STAMPS)):
                with Export(folder, store, export) as job:
                    say(f"quality: {name}, {compression}")
                    ours = measuring.median([job.run() for _ in range(options.repeat)])
                baseline = everything if export is STAMPS else index
                against = "reading everything" if export is STAMPS else "reading the indexes"
                table.add(
                    f"{name} {what}: CPU", f"{ours.cpu:.3f} s, {ours.memory / MB:.0f} MB",
                    f"{against} {baseline.cpu:.3f} s; everything {everything.cpu:.3f} s",
                    f"{ours.cpu / baseline.cpu:.2f}× of it", "≤ 1.2× of it",
                )
