#!/usr/bin/env python3
"""Measure exportd against plain peers on this machine, in one run, and print a table. Numbers are medians.

Rows: hdf5 (an export against a plain h5py script and against cp), package (the tar.gz packager against gzip, pigz and igzip), spool
(from a dropped request to its pending status, a flood of requests, and what an idle daemon costs), mcap (reading and copying recordings
against cp, the format's C++ library and its Python one), memory (of every format, as recordings grow), lerobot (video
against the codec alone, pictures against cp, both against the official library, and a nightly run), tables (messages as CSV against pandas),
quality (reports on alignment and drops against reading what they need of the recording), images (a million annotations to each format of images
against ultralytics' converter), faces (exports with face blur beside those without), history (searches of a ledger of a million jobs).
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "EndToEnd")]

import measuring
from faces_rows import faces
from harness import Site, generate, programs, until
from eta_rows import eta
from history_rows import history
from images_rows import images
from lerobot import lerobot
from measuring import MB, Cost, say, warm
from mcap_rows import mcap
from memory_rows import memory
from quality_rows import quality
from service_rows import catalogue, queue
from table import Table
from tables_rows import tables
from worker import Worker, plan

def recording(options):
    """The big recording, made once for a length and kept in .build/benchmarks."""
    store = ROOT / ".build" / "benchmarks" / f"store-{options.seconds}"
    truth = store.parent / f"truth-{options.seconds}.json"
    if not truth.exists():
        say(f"Making a recording of {options.seconds} s with 4 cameras")
        store.mkdir(parents=True, exist_ok=True)
        generate(store, truth, "--seconds", options.seconds, "--cameras", 4, "--seed", 4)
    return store, next(store.glob("*/data.mcap"))


# HDF5


def our_export(store):
    """One job on a fresh site: from the drop to completed, with everything the daemon and its workers used."""
    site = Site(example_store=False, stores=[str(store)], cache={"path": "state/cache", "max_bytes": "0B"})
    try:
        site.start()
        watch = measuring.Watch(site.daemon.pid)
        started = time.monotonic()
        site.export("benchmark")
        status = site.wait("benchmark", timeout=600)
        wall = time.monotonic() - started
        if status["state"] != "completed":
            sys.exit(f"the export failed: {status['error']}")
        cpu = watch.stop()
        site.stop()
        return Cost(wall, cpu, watch.peak), watch.largest, status["exports"][0]["bytes"]
    finally:
        site.close()


def peer_export(data):
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as folder:
        return measuring.run([sys.executable, ROOT / "Tests" / "Benchmarks" / "peer_hdf5.py", data, Path(folder) / "package.tar.gz"])


def copied(data):
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as folder:
        return measuring.run(["cp", data, Path(folder) / "copy"])


def hdf5(options, table):
    store, data = recording(options)
    size = data.stat().st_size / MB
    warm(data)
    ours, largest = [], 0
    for number in range(options.repeat):
        say(f"hdf5: exportd, run {number + 1}")
        cost, one, package = our_export(store)
        ours.append(cost)
        largest = max(largest, one)
    say("hdf5: cp")
    cp = measuring.median([copied(data) for _ in range(options.repeat)])
    peer = []
    for number in range(options.repeat):
        say(f"hdf5: h5py script, run {number + 1}")
        peer.append(peer_export(data))
    ours, peer = measuring.median(ours), measuring.median(peer)
    what = f"HDF5 of {size:.0f} MB, 4 cameras, to {package / MB:.0f} MB"
    table.compare(f"{what}: CPU", ours.cpu, "h5py script", peer.cpu, "≥ 15×")
    table.compare(f"{what}: wall", ours.wall, "h5py script", peer.wall, "")
    table.add(f"{what}: CPU against cp", f"{ours.cpu:.2f} s", f"cp {cp.cpu:.2f} s", f"{ours.cpu / cp.cpu:.1f}× cp", "≤ 8× cp")
    table.add(f"{what}: memory of all processes", f"{ours.memory / MB:.0f} MB", f"h5py script {peer.memory / MB:.0f} MB", f"{peer.memory / ours.memory:.1f}×", "")
    table.add(f"{what}: memory of the largest process", f"{largest / MB:.0f} MB", "", "", "≤ 400 MB")
    table.add(f"{what}: time for 1 GB", f"{ours.wall / size * 1000:.1f} s", "", "", "≤ 10 s")


# Packaging


def finished_part(folder, store):
    """A job of one part, planned and encoded; returns (work folder, the part's file)."""
    work = folder / "work"
    work.mkdir()
    plan(work, store, folder / "catalog.sqlite")
    worker = Worker()
    worker.order(encode={"work": str(work), "part": 0, "threads": 1})
    worker.close()
    return work, next((work / "parts").glob("*/episodes.hdf5"))


def our_package(work, destination, threads):
    worker = Worker()
    started = time.monotonic()
    answer = worker.order(assemble={"work": str(work), "export": 0, "destination": str(destination), "threads": threads})
    wall = time.monotonic() - started
    return Cost(wall, worker.close(), 0), answer["bytes"]


def peer_package(part, command):
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as folder:
        target = Path(folder) / "package.tar.gz"
        script = f"tar -cf - -C '{part.parent}' '{part.name}' | {command} > '{target}'"
        cost = measuring.run(["sh", "-c", script])
        return cost, target.stat().st_size


def csv_text(path, megabytes):
    """Samples of a robot as CSV: nanosecond times and joint positions."""
    import numpy as np

    rng = np.random.default_rng(9)
    with open(path, "w") as file:
        start, written = 1_772_360_000_000_000_000, 0
        while written < megabytes * MB:
            steps = np.arange(20_000)
            joints = np.sin(steps[:, None] * rng.uniform(0.001, 0.01, 7)) + rng.normal(0, 2e-4, (len(steps), 7))
            text = "".join(f"{start + int(k) * 33_333_333},{','.join(f'{v:.6f}' for v in row)}\n" for k, row in zip(steps, joints))
            start += 20_000 * 33_333_333
            written += file.write(text)


def package(options, table):
    store, _ = recording(options)
    with tempfile.TemporaryDirectory(prefix="exportd-benchmark-") as temporary:
        folder = Path(temporary)
        work, part = finished_part(folder, store)
        destination = folder / "out"
        destination.mkdir()
        for content, goal in (("JPEG-heavy", "≥ 700 MB/s"), ("CSV-heavy", "≥ 250 MB/s")):
            if content == "CSV-heavy":
                part.unlink()
                csv_text(part, 300)
            warm(part)
            size = part.stat().st_size / MB
            for threads in sorted({1, os.cpu_count()}):
                say(f"package: {content}, exportd with {threads} threads")
                runs = [our_package(work, destination, threads) for _ in range(options.repeat)]
                cost, bytes_out = measuring.median([run[0] for run in runs]), runs[0][1]
                table.add(
                    f"tar.gz of {size:.0f} MB, {content}, {threads} threads", f"{size / cost.cpu:.0f} MB per CPU s, {size / cost.wall:.0f} MB/s, "
                    f"{bytes_out / size / MB:.1%}", "", "", f"{goal} per core")
            for command in ("gzip -1", f"pigz -1 -p {os.cpu_count()}", "igzip -1"):
                if shutil.which(command.split()[0]) is None:
                    say(f"package: {command} is not installed")
                    continue
                say(f"package: {content}, {command}")
                repeat = 1 if command.startswith("gzip") else options.repeat
                runs = [peer_package(part, command) for _ in range(repeat)]
                theirs = measuring.median([run[0] for run in runs])
                table.add(
                    f"the same, {command}", "", f"{size / theirs.cpu:.0f} MB per CPU s, {size / theirs.wall:.0f} MB/s, {runs[0][1] / size / MB:.1%}",
                    f"{theirs.cpu / cost.cpu:.1f}×", "")


# Spool


def spool(options, table):
    nothing = {"select": {"projects": ["no-such-project"]}, "exports": [{"format": "hdf5"}]}
    site = Site(rescan="10s", settle="2s")
    try:
        site.start()
        site.export("first")
        site.wait("first", "completed")

        say("spool: idle")
        time.sleep(3)
        before, started = measuring.process_seconds(site.daemon.pid), time.monotonic()
        time.sleep(options.idle)
        share = (measuring.process_seconds(site.daemon.pid) - before) / (time.monotonic() - started)
        table.add(f"idle CPU over {options.idle:.0f} s", f"{share:.3%}", "", "", "≤ 0.1 %")
        table.add("daemon's memory, idle", f"{measuring.own_memory(site.daemon.pid) / MB:.0f} MB own, {resident(site.daemon.pid) / MB:.0f} MB resident", "", "", "≤ 60 MB")

        say("spool: latency")
        latencies = []
        for number in range(300):
            name = f"latency-{number:03}"
            status = site.inbox / f"{name}.status.json"
            site.submit(name, nothing)
            began = time.monotonic()
            while not status.exists():
                if time.monotonic() - began > 30:
                    sys.exit(f"{name} was not accepted within 30 s")
                time.sleep(0.0002)
            latencies.append(time.monotonic() - began)
            time.sleep(0.02)
        latencies.sort()
        p99 = latencies[int(len(latencies) * 0.99)]
        table.add("rename-in to pending, 300 requests", f"p50 {statistics.median(latencies) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms", "", "", "p99 ≤ 50 ms")
        until(lambda: (site.status("latency-299") or {})["state"] == "failed", 120, "the last of them")

        say("spool: flood")
        count = options.flood
        started = time.monotonic()
        for number in range(count):
            site.submit(f"flood-{number:05}", nothing)

        def accepted():
            return sum(entry.name.startswith("flood-") and entry.name.endswith(".status.json") for entry in os.scandir(site.inbox)) == count

        until(accepted, 600, "acceptance of the flood")
        wall = time.monotonic() - started
        table.add(f"{count} requests accepted", f"{wall:.1f} s", "", "", "10,000 in ≤ 60 s")
        table.add("daemon's memory after them", f"{measuring.own_memory(site.daemon.pid) / MB:.0f} MB own, {resident(site.daemon.pid) / MB:.0f} MB resident", "", "", "≤ 60 MB")
        site.stop(timeout=60)
    finally:
        site.close()


def resident(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * measuring.PAGE


ROWS = {"hdf5": hdf5, "package": package, "spool": spool, "mcap": mcap, "memory": memory, "lerobot": lerobot, "tables": tables, "quality": quality, "images": images, "faces": faces, "history": history, "queue": queue, "catalogue": catalogue, "eta": eta}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("rows", nargs="*", help=f"which of {', '.join(ROWS)}; all if none is given")
    p.add_argument("--seconds", type=int, default=160, help="length of the recording; 160 s are 1 GB")
    p.add_argument("--repeat", type=int, default=3, help="runs of each measurement, of which the median counts")
    p.add_argument("--idle", type=float, default=60, help="seconds to watch an idle daemon")
    p.add_argument("--flood", type=int, default=10_000, help="requests to drop at once")
    p.add_argument("--gigabytes", type=int, default=10, help="size of the long recording of which memory is measured; 0 to leave that out")
    p.add_argument("--messages", type=int, default=1_000_000, help="messages that become rows of a table")
    p.add_argument("--images", type=int, default=100_000, help="images of the set of annotations, ten of these to an image")
    p.add_argument("--quality-seconds", type=int, default=110, help="length of the recording of the quality rows; 110 s are 1.3 GB")
    p.add_argument("--datasets", type=int, default=100_000, help="datasets of the store that the catalogue is measured with")
    p.add_argument("--eta-recordings", type=int, default=150, help="recordings of the jobs whose time left is compared with the truth")
    p.add_argument("--jobs", type=int, default=1_000_000, help="jobs of the ledger that the history is searched of")
    p.add_argument("--lerobot-seconds", type=float, default=20, help="length of the recording of the lerobot row")
    p.add_argument("--lerobot-peers", default="", help="versions of the official library to measure too, such as 0.4.4; installed where missing, gigabytes")
    p.add_argument("--nightly-recordings", type=int, default=101, help="recordings in the store of the nightly run")
    p.add_argument("--nightly-seconds", type=float, default=5, help="the length of each")
    options = p.parse_args()
    unknown = set(options.rows) - set(ROWS)
    if unknown:
        p.error(f"no such rows: {', '.join(sorted(unknown))}")
    table = Table()
    for name in options.rows or ROWS:
        ROWS[name](options, table)
    print(f"\n{os.cpu_count()} cores; medians of {options.repeat}; ratio: how many times as much the peer takes\n\n{table.markdown()}")


if __name__ == "__main__":
    main()
