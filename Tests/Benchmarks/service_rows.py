"""The rows `queue` and `catalogue`: ten thousand jobs that wait, and a store of a hundred thousand datasets."""
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

import measuring
from harness import DATASETS, EXAMPLES, Site
from measuring import MB, say

NOTHING = {"select": {"projects": ["no-such-project"]}, "exports": [{"format": "hdf5"}]}
SOMETHING = {"exports": [{"format": "hdf5"}, {"format": "csv"}]}
# What `exportctl catalog list` is asked for; few datasets each, so that printing them costs nothing.
CATALOGUE_SEARCHES = {
    "nothing": ["no/such*"],
    "ids by a glob": ["*/d0421*"],
    "a text in few": ["--text", "ball", "*/d04210"],
    "a project and a text": ["--project", "yard", "--text", "cup", "*/d0421*"],
}


def latencies(site, prefix, count):
    """Sorted seconds from the rename into the inbox to the sidecar, one request at a time."""
    found = []
    for number in range(count):
        sidecar = site.inbox / f"{prefix}-{number:03}.status.json"
        site.submit(f"{prefix}-{number:03}", NOTHING)
        began = time.monotonic()
        while not sidecar.exists():
            time.sleep(0.0002)
        found.append(time.monotonic() - began)
        time.sleep(0.02)
    return sorted(found)


def queue(options, table):
    site = Site(rescan="10s", settle="2s")
    try:
        site.start()
        site.submit("pause", {"kind": "queue", "action": "pause"})
        site.wait("pause", "completed")
        pid, count = site.daemon.pid, options.flood
        say(f"queue: {count} requests at once")
        cpu, began, peak = measuring.process_seconds(pid), time.monotonic(), 0
        for number in range(count):
            site.submit(f"flood-{number:05}", SOMETHING)
        while sum(entry.name.startswith("flood-") and entry.name.endswith(".status.json") for entry in os.scandir(site.inbox)) < count:
            peak = max(peak, measuring.own_memory(pid))
            time.sleep(0.1)
        wall, cpu = time.monotonic() - began, measuring.process_seconds(pid) - cpu
        table.add(f"{count} requests at once, all waiting", f"{wall:.1f} s, {cpu:.1f} CPU s, {peak / MB:.0f} MB", "", "", "10,000 in ≤ 60 s, ≤ 60 MB")
        say("queue: latency behind them")
        found = latencies(site, "late", 200)
        table.add("rename-in to pending behind them", f"p50 {statistics.median(found) * 1000:.1f} ms, p99 {found[197] * 1000:.1f} ms", "", "", "p99 ≤ 50 ms")
        time.sleep(5)
        say("queue: idle with them")
        cpu, began = measuring.process_seconds(pid), time.monotonic()
        time.sleep(options.idle)
        share = (measuring.process_seconds(pid) - cpu) / (time.monotonic() - began)
        table.add(f"idle CPU with them over {options.idle:.0f} s; memory", f"{share:.3%}; {measuring.own_memory(pid) / MB:.0f} MB", "", "", "≤ 0.1 %, ≤ 60 MB")
        sizes = {name: (site.spool / "status" / name).stat().st_size for name in ("index.html", "queue.json", "metrics.prom")}
        table.add("status page with them", f"{max(sizes.values()) / 1000:.0f} kB", "", "", "≤ 1 MB")
        site.stop(timeout=60)
        say("queue: restart")
        began = time.monotonic()
        site.start()
        site.submit("after", NOTHING)
        site.wait("after", "pending")
        table.add("from a restart with them to the next request's acceptance", f"{time.monotonic() - began:.1f} s", "", "", "")
        say("queue: jobs run")
        site.submit("resume", {"kind": "queue", "action": "resume"})
        pid, peak, own, end = site.daemon.pid, 0, 0, time.monotonic() + options.idle
        while time.monotonic() < end:
            peak, own = max(peak, measuring.resident(pid)), max(own, measuring.own_memory(pid))
            time.sleep(0.1)
        table.add(f"daemon's memory with them over {options.idle:.0f} s while jobs run", f"{peak / MB:.0f} MB resident, {own / MB:.0f} MB of them its own", "", "", "≤ 60 MB")
    finally:
        site.close()


def wide_store(folder, datasets):
    """A store of so many datasets: hard links to one recording, each in a folder of its own."""
    source = EXAMPLES / "store" / DATASETS["folder"]
    for number in range(datasets):
        target = folder / f"group{number // 1000:03}" / f"d{number:05}"
        target.mkdir(parents=True)
        # A recording may have only so many names on one file system, so every thousandth is a copy.
        first = folder / f"group{number // 1000:03}" / f"d{number // 1000 * 1000:05}"
        for file in ("data.mcap", "annotation.json"):
            if target == first:
                shutil.copy(source / file, target / file)
            else:
                os.link(first / file, target / file)
        (target / "dataset.yaml").write_text(
            f"project: {'kitchen' if number % 10 else 'yard'}\nreview: {'passed' if number % 3 else 'pending'}\ntask: pick the {'cup' if number % 7 else 'ball'}\n")


def catalogue(options, table):
    programs = Path(os.environ["EXPORTD_PROGRAMS"])
    site = Site(example_store=False)
    try:
        say(f"catalogue: making a store of {options.datasets} datasets")
        wide_store(site.store, options.datasets)
        command = [programs / "exportctl", "catalog", "scan", "--config", site.folder / "exportd.yaml"]
        for what, goal in (("first scan", ""), ("warm rescan", "≤ 10 s")):
            say(f"catalogue: {what}")
            cost = measuring.run(command, stdout=subprocess.DEVNULL)
            table.add(f"{what} of {options.datasets} datasets", f"{cost.wall:.1f} s, {cost.cpu:.1f} CPU s, {cost.memory / MB:.0f} MB", "", "", goal)
        # The command looks through the store before it lists, so what the filter costs is what it takes beyond a rescan.
        scans = [measuring.run(command, stdout=subprocess.DEVNULL).cpu for _ in range(options.repeat)]
        for what, search in CATALOGUE_SEARCHES.items():
            asked = [programs / "exportctl", "catalog", "list", "--config", site.folder / "exportd.yaml", *search]
            costs = [measuring.run(asked, stdout=subprocess.DEVNULL).cpu for _ in range(options.repeat)]
            beyond = statistics.median(costs) - statistics.median(scans)
            table.add(f"catalogue of {options.datasets}, {what}: CPU beyond the rescan", f"{beyond * 1000:.0f} ms", "", "", "≤ 50 ms")
    finally:
        site.close()
