"""Many users, many mixed jobs, cancels, retries and kill -9 on a real spool; then everything that counts must agree.

Run by root it submits as several accounts of the machine, else as the caller alone.
"""
import argparse
import json
import os
import random
import sqlite3
import sys
import time

from harness import DATASETS, Site, read_json, sha256

# Accounts that every Debian has.
ACCOUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]


def requests(count, generator):
    """(name, request) of mixed jobs: exports of one or two formats, previews, and what can't succeed."""
    for number in range(count):
        datasets = generator.choice([[DATASETS["folder"]], [DATASETS["flat"]], [DATASETS["rosbag2"]], list(DATASETS.values())])
        exports = [{"format": "frame_drops"}] if generator.random() < 0.7 else [{"format": "frame_drops"}, {"format": "mcap"}]
        request = {"title": f"Set {number % 7}", "select": {"datasets": datasets}, "exports": exports}
        kind = generator.random()
        if kind < 0.1:
            request["kind"] = "preview"
        elif kind < 0.15:
            request["select"]["datasets"] = ["nowhere"]
        elif kind < 0.2:
            request["exports"][0]["format"] = "nope"
        yield f"job-{number:05}", request


class Soak:
    def __init__(self, jobs, users, kills, seed):
        self.generator = random.Random(seed)
        self.jobs, self.kills = jobs, kills
        self.users = ACCOUNTS[:users] if os.geteuid() == 0 else [os.geteuid()]
        self.site = Site(workers=4, retries=1)
        self.site.folder.chmod(0o755)
        self.controls = 0

    def submit(self, name, request, user):
        hidden = self.site.inbox / f".{name}.new"
        hidden.write_text(json.dumps(request))
        hidden.chmod(0o644)
        if os.geteuid() == 0:
            os.chown(hidden, user, -1)
        hidden.rename(self.site.inbox / f"{name}.yaml")

    def control(self, kind, target):
        """Someone who may (root, or the caller) cancels or retries a job."""
        self.controls += 1
        self.submit(f"control-{self.controls:05}", {"kind": kind, "jobs": [target]}, os.geteuid())

    def run(self, timeout):
        site, generator = self.site, self.generator
        site.start()
        names = []
        killed = sorted(generator.sample(range(1, self.jobs), min(self.kills, self.jobs - 1)))
        for number, (name, request) in enumerate(requests(self.jobs, generator)):
            self.submit(name, request, generator.choice(self.users))
            names.append(name)
            if generator.random() < 0.08:
                self.control("cancel", generator.choice(names[-20:]))
            if generator.random() < 0.05:
                self.control("retry", generator.choice(names))
            if killed and number == killed[0]:
                killed.pop(0)
                time.sleep(generator.random())
                site.kill()
                site.start()
            time.sleep(0.002)
        deadline = time.monotonic() + timeout
        everything = names + [f"control-{number:05}" for number in range(1, self.controls + 1)]
        while time.monotonic() < deadline:
            open_jobs = [name for name in everything if (site.status(name) or {"state": "pending"})["state"] in ("pending", "processing")]
            if not open_jobs:
                break
            time.sleep(0.5)
        else:
            raise AssertionError(f"{len(open_jobs)} jobs have not ended within {timeout} s, such as {open_jobs[:5]}\n{site.log_tail()}")
        if site.stop() != 0:
            raise AssertionError("the daemon did not stop in good order")
        return everything


def check(site, names):
    """All that disagrees between ledger, quota, sidecars and outbox, as sentences; and counts."""
    faults = []
    ledger = sqlite3.connect(f"file:{site.folder}/state/ledger.sqlite?mode=ro", uri=True)
    ledger.row_factory = sqlite3.Row
    jobs = {row["name"]: row for row in ledger.execute("SELECT * FROM jobs")}

    def expect(condition, fault):
        if not condition:
            faults.append(fault)

    rows = ledger.execute("SELECT count(*) FROM jobs").fetchone()[0]
    expect(sorted(jobs) == sorted(names) and rows == len(names), f"{rows} jobs on the ledger, {len(names)} requests")
    published = set()
    for name, row in jobs.items():
        status, error = site.status(name), site.error(name)
        expect(status is not None and status["job"] == row["id"], f"{name}: its sidecar is of another job")
        if status is None:
            continue
        expect(status["state"] == row["state"], f"{name}: {row['state']} on the ledger, {status['state']} in the sidecar")
        expect((error is not None) == (row["state"] == "failed"), f"{name}: {row['state']}, and error.json is {error}")
        files = ledger.execute("SELECT * FROM job_files WHERE job = ?", (row["id"],)).fetchall()
        if row["kind"] != "export" or row["state"] != "completed":
            expect(not files, f"{name}: {row['state']} with files on the ledger")
            continue
        published.add(row["id"])
        expect(len(files) == len(status["exports"]), f"{name}: {len(files)} files for {len(status['exports'])} exports")
        inner = read_json(site.outbox / row["id"] / "status.json")
        expect(inner is not None and inner["state"] == "completed", f"{name}: its status in the outbox")
        for file in files:
            path = site.outbox / row["id"] / file["file"]
            whole = path.is_file() and (path.stat().st_size, sha256(path)) == (file["bytes"], file["sha256"])
            expect(whole, f"{name}: {file['file']} is not what the ledger says")
    expect(set(site.jobs_in_outbox()) == published, f"the outbox differs in {set(site.jobs_in_outbox()) ^ published}")

    used = dict(ledger.execute("SELECT user, sum(used_exports) FROM quota_entries GROUP BY user HAVING sum(used_exports) <> 0"))
    done = dict(
        ledger.execute(
            "SELECT user, sum(json_array_length(exports)) FROM jobs WHERE kind = 'export' AND state = 'completed' GROUP BY user"
        )
    )
    expect(used == done, f"quota says {used}, completed exports are {done}")
    bytes_used = ledger.execute("SELECT coalesce(sum(used_bytes), 0) FROM quota_entries").fetchone()[0]
    bytes_out = ledger.execute("SELECT coalesce(sum(bytes), 0) FROM job_files").fetchone()[0]
    expect(bytes_used == bytes_out, f"quota says {bytes_used} bytes, {bytes_out} were published")
    reserved = ledger.execute("SELECT user, sum(reserved_exports), sum(reserved_bytes) FROM quota_entries GROUP BY user").fetchall()
    expect(all(row[1] == 0 and row[2] == 0 for row in reserved), f"reserved though nothing runs: {[tuple(row) for row in reserved]}")
    days = dict(ledger.execute("SELECT user, sum(used_exports) FROM quota_days GROUP BY user HAVING sum(used_exports) <> 0"))
    expect(days == {**used, "": sum(used.values())} or not used, f"the days' sums are {days}")

    left = [str(path.relative_to(site.spool)) for path in (site.spool / "claimed").rglob("*") if path.name != ".lock"]
    expect(not left, f"left behind: {left[:10]}, of {[tuple(row)[1:11] for row in jobs.values() if any(row['id'] in path for path in left)][:3]}")
    work = site.folder / "state" / "work"
    expect(not work.exists() or not list(work.iterdir()), "something is left in work/")
    temporary = [str(path.relative_to(site.spool)) for path in site.spool.rglob(".*.tmp")]
    expect(not temporary, f"half-written files are left: {temporary}")
    expect(not list(site.inbox.glob("*.yaml")), "requests are left in the inbox")
    states = dict(ledger.execute("SELECT state, count(*) FROM jobs GROUP BY state"))
    return faults, {"jobs": rows, **states, "exports": sum(used.values()), "bytes": bytes_out, "users": len(done)}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--jobs", type=int, default=2000)
    p.add_argument("--users", type=int, default=10)
    p.add_argument("--kills", type=int, default=12)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--timeout", type=int, default=3600)
    options = p.parse_args()
    soak = Soak(options.jobs, options.users, options.kills, options.seed)
    try:
        faults, counts = check(soak.site, soak.run(options.timeout))
    finally:
        soak.site.close()
    print(counts)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
