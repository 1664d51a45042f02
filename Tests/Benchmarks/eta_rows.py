"""The row `eta`: how far the time that is said to be left lies from what it turns out to be, for the first jobs of a daemon."""
import time

from harness import Site, long_store
from measuring import say

JOBS = {
    "hdf5": {"exports": [{"format": "hdf5"}]},
    "mcap, mostly packaging": {"exports": [{"format": "mcap"}]},
    "mcap into a folder": {"exports": [{"format": "mcap"}], "package": "directory"},
    "csv": {"exports": [{"format": "csv"}]},
    "hdf5 and mcap": {"exports": [{"format": "hdf5"}, {"format": "mcap"}]},
}


def watched(site, name):
    """(instant, percent, seconds left) as the sidecar tells them, and the instant of the job's end."""
    told, last = [], None
    while True:
        status = site.status(name)
        if status and status["state"] not in ("pending", "processing"):
            if status["state"] != "completed":
                raise SystemExit(f"{name}: {status['error']}")
            return told, time.monotonic()
        progress = status["progress"] if status else None
        if progress and progress["updated_at"] != last:
            last = progress["updated_at"]
            told.append((time.monotonic(), progress["percent"], progress["eta_seconds"]))
        time.sleep(0.02)


def errors(told, end):
    """How far each time told after the first tenth lies from the truth, in shares of the job's whole time; how many told none."""
    begin = told[0][0]
    late = [(instant, left) for instant, percent, left in told if instant - begin >= (end - begin) / 10 and percent < 100]
    found = sorted(abs(instant + left - end) / (end - begin) for instant, left in late if left is not None)
    return found, len(late) - len(found)


def tell(table, which, name, told, end):
    found, silent = errors(told, end)
    said = f"median {found[len(found) // 2]:.0%}, largest {found[-1]:.0%} of the whole time; " if found else ""
    table.add(
        f"time left, {which}, {name} of {end - told[0][0]:.0f} s: error after the first tenth",
        f"{said}{silent} of {silent + len(found)} not known yet", "", "", "≤ 30 %")


def eta(options, table):
    for name, request in JOBS.items():
        # A daemon of its own for each: nothing is known from earlier jobs.
        site = Site(example_store=False)
        try:
            datasets, _ = long_store(site.store, 2 * options.eta_recordings)
            halves = datasets[: options.eta_recordings], datasets[options.eta_recordings :]
            for which, half in zip(("first job of all", "first job after a restart"), halves):
                site.start()
                say(f"eta: {name}, {which}")
                job = "-".join(which.split())
                site.submit(job, {"select": {"datasets": half}, **request})
                tell(table, which, name, *watched(site, job))
                site.stop(timeout=60)
        finally:
            site.close()
