#!/usr/bin/env python3
"""Kill the daemon and its workers with SIGKILL at random moments, and check what is left when the dust has settled.

Each round drops a few requests, waits for a random moment, kills the daemon or one of its workers (or both), and starts the
daemon again where it is gone. At the end every request must be in exactly one terminal state that never changes again, with
exactly one folder in the outbox if it completed and none if not, and every package must hold what the truth files say.
A job may fail for having brought down its worker or the daemon twice: that is the rule against poison, and such jobs are counted.
"""
import argparse
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import yaml

from harness import CHECK_HDF5, ROOT, TERMINAL, Site, long_store, running, sha256, until

POISON = {"dataset_unreadable", "internal"}


def drop(site, rng, name, datasets, requests):
    chosen = sorted(rng.sample(datasets, rng.randint(1, 6)))
    site.export(name, *chosen, chunk_size=rng.choice([1, 3]))
    requests[name] = chosen


def strike(site, rng, counts):
    """One SIGKILL; returns the processes that must be gone in the end."""
    workers = site.workers()
    target = rng.choice(["daemon", "worker", "both"])
    if target != "daemon" and workers:
        try:
            os.kill(rng.choice(workers), signal.SIGKILL)
            counts["workers killed"] += 1
        except ProcessLookupError:
            pass
    if target != "worker" or not workers:
        site.kill()
        counts["daemons killed"] += 1
    return workers


def verify(site, requests, truth, counts):
    """Everything that must hold once all jobs have ended. Returns sentences about what does not."""
    problems, final, packages = [], {}, {}
    for name in requests:
        status = site.wait(name, timeout=300)
        final[name] = (status["job"], status["state"])
        counts[status["state"]] += 1
        if status["state"] == "failed":
            counts[f"failed: {status['error']['code']}"] += 1
            if status["error"]["code"] not in POISON:
                problems.append(f"{name} failed: {status['error']['code']}: {status['error']['message']}")
            if site.error(name) is None:
                problems.append(f"{name} failed and has no error sidecar")
        elif site.error(name) is not None:
            problems.append(f"{name} is {status['state']} and has an error sidecar")
    completed = {job for job, state in final.values() if state == "completed"}
    outbox = site.jobs_in_outbox()
    if sorted(completed) != outbox:
        problems.append(f"the outbox holds {sorted(set(outbox) ^ completed)} too many or too few")
    if len({job for job, _ in final.values()}) != len(final):
        problems.append("two requests share a job")

    for name, (job, state) in final.items():
        if state != "completed":
            continue
        status = site.status(name)
        package = site.package(status)
        if sha256(package) != status["exports"][0]["sha256"]:
            problems.append(f"{name}: the package is not what its status says")
        hidden = [p.name for p in package.parent.iterdir() if p.name.startswith(".") or p.name.endswith((".tmp", ".part"))]
        if hidden or sum(p.name.endswith(".tar.gz") for p in package.parent.iterdir()) != 1:
            problems.append(f"{name}: {job} holds {sorted(p.name for p in package.parent.iterdir())}")
        packages[name] = package
    for name, package in packages.items():
        request = yaml.safe_load((package.parent / "request.yaml").read_text())
        if request["select"]["datasets"] != requests[name]:
            problems.append(f"{name}: its folder holds another request's package")
        arguments = [f"{dataset}={truth}" for dataset in requests[name]]
        size = request["exports"][0]["chunk_size"]
        run = subprocess.run(
            [sys.executable, str(CHECK_HDF5), str(package), *arguments, "--chunk-size", str(size)], capture_output=True, text=True)
        if run.returncode:
            problems.append(f"{name}: {run.stdout}{run.stderr}")

    work = [p for p in (site.folder / "state" / "work").iterdir() if p.name in {job for job, _ in final.values()}]
    if work:
        problems.append(f"work folders of ended jobs are left: {[p.name for p in work]}")
    left = [p.name for p in (site.spool / "claimed").rglob("*") if p.is_file() and not p.name.startswith(".")]
    if left:
        problems.append(f"requests are left in claimed/: {left}")

    site.stop()
    site.start()
    site.export("afterwards", requests[next(iter(requests))][0])
    site.wait("afterwards", "completed")
    for name, outcome in final.items():
        status = site.status(name)
        if (status["job"], status["state"]) != outcome:
            problems.append(f"{name} changed from {outcome} to {(status['job'], status['state'])} after a restart")
    return problems


def run(rounds, seed):
    """All rounds; returns (counts, problems)."""
    rng = random.Random(seed)
    counts, problems, requests, orphans = collections.Counter(), [], {}, []
    # Without a cache of parts every job does its own work, so that there is something to kill.
    site = Site(example_store=False, cache={"path": "state/cache", "max_bytes": "0B"}, settle="200ms", rescan="300ms")
    try:
        datasets, truth = long_store(site.store, 12)
        site.start()
        for number in range(rounds):
            for extra in range(rng.randint(0, 2)):
                drop(site, rng, f"r{number:04}-{extra}", datasets, requests)
            time.sleep(rng.choice([0.02, 0.1, 0.3, 1.0]) * rng.random() * 2)
            orphans += strike(site, rng, counts)
            if not site.alive():
                site.start()
            while sum((site.status(name) or {"state": "pending"})["state"] not in TERMINAL for name in requests) > 8:
                time.sleep(0.1)  # let the queue drain a little, as it would on a site
                if not site.alive():
                    problems.append(f"the daemon ended by itself with {site.daemon.returncode}\n{site.log_tail()}")
                    site.start()
        problems += verify(site, requests, truth, counts)
        alive = set(site.workers())
        until(lambda: not [pid for pid in orphans if running(pid) and pid not in alive], 10, "the end of workers whose daemon was killed")
        if site.stop() != 0:
            problems.append("the daemon did not stop cleanly in the end")
    except AssertionError as failure:
        problems.append(str(failure))
    finally:
        if problems:
            kept = ROOT / ".build" / "kill9.log"
            shutil.copy(site.log, kept)
            print(f"the daemon's log: {kept}", file=sys.stderr)
        site.close()
    counts["requests"] = len(requests)
    return counts, problems


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=200)
    p.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = p.parse_args()
    started = time.monotonic()
    counts, problems = run(options.rounds, options.seed)
    for problem in problems:
        print(problem, file=sys.stderr)
    tally = ", ".join(f"{value} {name}" for name, value in counts.items())
    print(f"seed {options.seed}, {options.rounds} rounds in {time.monotonic() - started:.0f} s: {tally}; {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
