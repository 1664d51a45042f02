"""The row `tables`: messages as CSV against pandas."""
import json
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measuring
from measuring import MB, Cost, say, warm
from worker import HERE, Worker

POSE = "\n".join([
    "std_msgs/Header header", "geometry_msgs/Pose pose", "=" * 80, "MSG: std_msgs/Header", "builtin_interfaces/Time stamp", "string frame_id",
    "=" * 80, "MSG: builtin_interfaces/Time", "int32 sec", "uint32 nanosec", "=" * 80, "MSG: geometry_msgs/Pose",
    "geometry_msgs/Point position", "geometry_msgs/Quaternion orientation", "=" * 80, "MSG: geometry_msgs/Point", "float64 x", "float64 y",
    "float64 z", "=" * 80, "MSG: geometry_msgs/Quaternion", "float64 x", "float64 y", "float64 z", "float64 w", ""])


def poses(store, rows):
    """A recording of poses at 1 kHz and nothing else."""
    import numpy as np
    from mcap.writer import CompressionType, Writer

    folder = store / "poses"
    folder.mkdir(parents=True)
    values = np.random.default_rng(5).normal(size=(rows, 7))
    start, head = 1_772_360_000_000_000_000, b"\x00\x01\x00\x00"
    with open(folder / "data.mcap.part", "wb") as file:
        writer = Writer(file, chunk_size=4 << 20, compression=CompressionType.ZSTD)
        writer.start(profile="ros2")
        schema = writer.register_schema("geometry_msgs/msg/PoseStamped", "ros2msg", POSE.encode())
        channel = writer.register_channel("/pose", "cdr", schema)
        for row in range(rows):
            time = start + row * 1_000_000
            data = head + struct.pack("<iII5s3x", time // 10**9, time % 10**9, 5, b"base\0") + b"\0" * 4 + values[row].tobytes()
            writer.add_message(channel, time, data, time, row)
        writer.finish()
    (folder / "data.mcap.part").rename(folder / "data.mcap")


def our_tables(store, folder):
    """The export of all messages; returns what encoding cost, what all of it cost, and the table."""
    work, destination = folder / "work", folder / "out"
    for place in (work, destination):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
    plan = json.loads((HERE / "plan_order.json").read_text())
    sampling = plan["request"]["exports"][0]["hdf5"]["_0"]["sampling"]
    contents = {"hasSamples": False, "sampling": sampling, "action": "topics", "messages": ["*"], "arrayColumns": 1000, "binary": "length"}
    plan["request"]["exports"] = [{"csv": {"_0": {"contents": contents, "hasByteOrderMark": False, "isExcelSafe": False}}}]
    plan["request"]["package"] = "directory"
    site = {"stores": [str(store)], "catalog": str(folder / "catalog.sqlite"), "robots": {}, "maximumDatasets": 10}
    planner = Worker()
    planner.order(plan=plan | {"site": site, "work": str(work)})
    planner.close()
    worker = Worker()
    watch, started = measuring.Watch(worker.process.pid), time.monotonic()
    worker.order(encode={"work": str(work), "part": 0, "threads": 1})
    encoding = Cost(time.monotonic() - started, measuring.process_seconds(worker.process.pid), 0)
    worker.order(assemble={"work": str(work), "export": 0, "destination": str(destination), "threads": 1})
    wall = time.monotonic() - started
    watch.stop()
    encoding.memory = watch.peak
    return encoding, Cost(wall, worker.close(), watch.peak), next(destination.rglob("messages/pose.csv"))


def tables(options, table):
    store = HERE.parents[1] / ".build" / "benchmarks" / f"poses-{options.messages}"
    if not (store / "poses" / "data.mcap").exists():
        say(f"Making a recording of {options.messages} poses")
        shutil.rmtree(store, ignore_errors=True)
        poses(store, options.messages)
    warm(store / "poses" / "data.mcap")
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as temporary:
        folder, encoding, ours, peer = Path(temporary), [], [], []
        for number in range(options.repeat):
            say(f"tables: exportd, run {number + 1}")
            encoded, whole, path = our_tables(store, folder)
            encoding.append(encoded)
            ours.append(whole)
        for number in range(options.repeat):
            say(f"tables: pandas, run {number + 1}")
            script = [sys.executable, HERE / "peer_tables.py", path, folder / "pandas.csv"]
            peer.append(json.loads(subprocess.run(script, check=True, capture_output=True, text=True).stdout))
        encoding, ours = measuring.median(encoding), measuring.median(ours)
        cpu, wall, memory = (statistics.median(run[key] for run in peer) for key in ("cpu", "wall", "memory"))
        what = f"CSV of {options.messages} messages, {path.stat().st_size / MB:.0f} MB"
        # pandas has its columns in memory when its clock starts; ours starts with the recording and decodes every message.
        table.compare(f"{what}, from the recording to the file: CPU", encoding.cpu, "pandas to_csv from memory", cpu, "≥ 10×")
        table.compare(f"{what}, with the package and SHA-256: CPU", ours.cpu, "pandas to_csv from memory", cpu, "")
        table.compare(f"{what}: wall", ours.wall, "pandas to_csv from memory", wall, "")
        table.add(f"{what}: memory", f"{ours.memory / MB:.0f} MB", f"pandas {memory / MB:.0f} MB", f"{memory / ours.memory:.1f}×", "")
