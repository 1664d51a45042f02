"""An export-worker, spoken to in JSON lines."""
import json
import os
import subprocess
import sys
from pathlib import Path

from harness import programs

HERE = Path(__file__).resolve().parent


class Worker:
    """A running worker."""

    def __init__(self):
        self.process = subprocess.Popen([programs() / "export-worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(self, **order):
        """Gives one order and waits for its answer."""
        name, content = next(iter(order.items()))
        self.process.stdin.write(json.dumps({"id": 1, "order": {name: {"_0": content}}}) + "\n")
        self.process.stdin.flush()
        while True:
            line = self.process.stdout.readline()
            if not line:
                sys.exit("the worker ended without an answer")
            event = json.loads(line)["event"]
            if "failed" in event:
                sys.exit(f"{name} failed: {event['failed']}")
            if "progress" not in event:
                return next(iter(event.values()))["_0"]

    def cpu(self):
        """CPU time of its threads so far, by the scheduler's own clock."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("[0-9]*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9

    def close(self):
        """Ends the worker and returns its CPU time."""
        self.process.stdin.close()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime


def plan(work, store, catalog, export=None):
    """Plans a job of one export in an empty work folder; the export is the one of plan_order.json unless another is given."""
    order = json.loads((HERE / "plan_order.json").read_text())
    if export is not None:
        order["request"]["exports"] = [export]
    site = {"stores": [str(store)], "catalog": str(catalog), "robots": {}, "maximumDatasets": 10}
    worker = Worker()
    worker.order(plan=order | {"site": site, "work": str(work)})
    worker.close()
