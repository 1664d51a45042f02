"""What reading and copying MCAP recordings costs, against cp, the format's C++ library and its Python one.

Reading is `exportctl inspect` from start to end; exports are orders to a worker that runs already.

The C++ peers need a compiler and the library's headers: MCAP_CPP_INCLUDE names the folder that holds `mcap/reader.hpp`.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import measuring
from harness import ROOT, generate, programs
from measuring import MB, Cost, say, warm
from worker import Worker, plan

PEERS = Path(__file__).resolve().parent / "peers"
STORES = ROOT / ".build" / "benchmarks"
CAMERA = "/camera_01/color/image_raw/compressed"
SECOND = 1_000_000_000


def messages(topics=(), window=None, compression="keep"):
    """Which messages an export takes, in the words of plans."""
    points = {"from": {"offset": {"_0": window[0] * SECOND}}, "to": {"offset": {"_0": window[1] * SECOND}}} if window else None
    return {
        "topics": {"include": list(topics), "exclude": []}, "time": {"window": points} if points else {"recording": {}},
        "compression": compression,
    }


def whole(**selection):
    return {"mcap": {"_0": {"messages": messages(**selection)}}}


def parts(seconds):
    high, low = divmod(seconds * 10**18, 1 << 64)  # how Swift writes a duration: attoseconds in two words
    return {"mcapChunks": {"_0": {"maximumDuration": [high, low], "messages": messages()}}}


def recording(compression, seconds):
    """A recording of about 1.3 GB, made once."""
    store = STORES / f"mcap-{compression}-{seconds}"
    truth = STORES / f"mcap-{compression}-{seconds}.json"
    if not truth.exists():
        say(f"mcap: making a recording of {seconds} s with 8 cameras, compression {compression}")
        store.mkdir(parents=True, exist_ok=True)
        generate(store, truth, "--seconds", seconds, "--cameras", 8, "--seed", 4, "--compression", compression)
    data = next(store.glob("*/data.mcap"))
    warm(data)
    return store, data


class Export:
    """A planned export of one recording, which can be encoded again and again."""

    # What it costs to start a worker, which then carries out many orders.
    start = None

    def __init__(self, folder, store, export):
        self.temporary = tempfile.TemporaryDirectory(prefix="exportd-benchmark-", dir=folder)
        self.folder, self.store, self.export = Path(self.temporary.name), store, export

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def run(self, packaged=False):
        """What encoding costs a running worker, or encoding and packaging."""
        if Export.start is None:
            Export.start = statistics.median(Worker().close() for _ in range(5))
        with tempfile.TemporaryDirectory(dir=self.folder) as temporary:
            work, destination = Path(temporary) / "work", Path(temporary) / "out"
            work.mkdir()
            destination.mkdir()
            plan(work, self.store, self.folder / "catalog.sqlite", self.export)
            worker = Worker()
            watch = measuring.Watch(worker.process.pid)
            worker.order(encode={"work": str(work), "part": 0, "threads": 1})
            if packaged:
                worker.order(assemble={"work": str(work), "export": 0, "destination": str(destination), "threads": 1})
            watch.stop()
            return Cost(0, worker.close() - Export.start, watch.peak)

    def run_again(self):
        """What encoding costs a worker that has done the same before: the CPU time of the second of two."""
        with tempfile.TemporaryDirectory(dir=self.folder) as temporary:
            work = Path(temporary) / "work"
            work.mkdir()
            plan(work, self.store, self.folder / "catalog.sqlite", self.export)
            worker = Worker()
            order = {"work": str(work), "part": 0, "threads": 1}
            worker.order(encode=order)
            # What lies there finished would be taken as it is.
            shutil.rmtree(work / "parts")
            before = worker.cpu()
            worker.order(encode=order)
            seconds = worker.cpu() - before
            worker.close()
            return seconds


def cpp(name, folder):
    """A C++ peer, compiled; None where the library isn't at hand."""
    include = os.environ.get("MCAP_CPP_INCLUDE")
    if include is None:
        say(f"mcap: MCAP_CPP_INCLUDE is not set, so {name}.cpp is left out")
        return None
    program = folder / name
    subprocess.run(["g++", "-O3", "-std=c++17", f"-I{include}", PEERS / f"{name}.cpp", "-llz4", "-lzstd", "-o", program], check=True)
    return program


def measured(command, repeat):
    return measuring.median([measuring.run(list(map(str, command)), stdout=subprocess.DEVNULL) for _ in range(repeat)])


def mcap(options, table):
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-", dir=STORES if STORES.exists() else None) as temporary:
        folder = Path(temporary)
        peers = {name: cpp(name, folder) for name in ("read_log_order", "copy_window")}
        for compression in ("zstd", "none"):
            measure_reading(compression, folder, peers, options, table)
            measure_exports(compression, folder, peers, options, table)


def measure_reading(compression, folder, peers, options, table):
    _, data = recording(compression, 110)
    what = f"MCAP of {data.stat().st_size / MB:.0f} MB, {compression}"
    say(f"{what}: reading")
    ours = measured([programs() / "exportctl", "inspect", "--verify", data], options.repeat)
    table.add(f"{what}: every message by log time, all checksums", f"{ours.cpu:.2f} s, {ours.memory / MB:.0f} MB")
    if peers["read_log_order"]:
        theirs = measured([peers["read_log_order"], data], options.repeat)
        table.compare("the same, its checksums unchecked", ours.cpu, "C++", theirs.cpu, "≥ 1.0×")
    theirs = measured([sys.executable, PEERS / "read_log_order.py", data], options.repeat)
    table.compare("the same, chunks' checksums checked", ours.cpu, "Python", theirs.cpu, "")


def measure_exports(compression, folder, peers, options, table):
    store, data = recording(compression, 110)
    what = f"{data.stat().st_size / MB:.0f} MB, {compression}"
    copies = []
    for _ in range(options.repeat):
        copies.append(measuring.run(["cp", data, folder / "copy"]))
        (folder / "copy").unlink()
    cp = measuring.median(copies)
    say(f"mcap: {what}: exports")

    def against_cp(name, export, goal, packaged=False):
        with Export(folder, store, export) as planned:
            ours = measuring.median([planned.run(packaged) for _ in range(options.repeat)])
        table.add(
            f"{name} of {what}", f"{ours.cpu:.2f} s, {ours.memory / MB:.0f} MB", f"cp {cp.cpu:.2f} s", f"{ours.cpu / cp.cpu:.1f}× cp", goal)

    against_cp("mcap, everything kept, encoding alone", whole(), "≤ 1.5× cp")
    against_cp("the same with its package and SHA-256", whole(), "≤ 4× cp", packaged=True)
    against_cp("mcap_chunks of 30 s, encoding alone", parts(30), "≤ 2× cp")
    with Export(folder, store, whole(topics=[CAMERA], window=(30, 60))) as planned:
        ours = measuring.median([planned.run() for _ in range(options.repeat)])
    table.add(f"mcap, one camera, 30 of 110 s of {what}", f"{ours.cpu:.2f} s, {ours.memory / MB:.0f} MB")
    if peers["copy_window"]:
        theirs = measured([peers["copy_window"], data, folder / "window.mcap", CAMERA, 30, 60], options.repeat)
        table.compare("the same", ours.cpu, "C++", theirs.cpu, "≥ 1.0×")
