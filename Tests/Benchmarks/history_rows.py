"""The row `history`: searches of a ledger of a million jobs, each as its user meets it: the whole command."""
import os
import signal
import sqlite3
import statistics
import subprocess
import time
from pathlib import Path

import measuring
from measuring import say

PROGRESS = '{"percent": 100, "datasets_done": 1, "datasets_total": 1, "bytes_read": 0, "bytes_written": 0, "updated_at": "x"}'
FILL = """
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
    INSERT INTO jobs (seq, id, request, name, kind, title, uid, user, role, priority, state, created_ns, started_ns, finished_ns, updated_ns,
        attempt, transient_failures, daemon_crashes, progress, exports, warnings, error, cancel_requested)
    SELECT i, 'job-' || i, 'nightly/r' || i || '.yaml', 'nightly/r' || i, 'export', iif(i % 100000, 'Nightly set', 'The red cup'),
        1000 + i % 40, 'user' || i % 40, 'training_engineer', 1, iif(i % 10, 'completed', 'failed'), i * 100000000000, i * 100000000000,
        i * 100000000000 + 500000000, i, 1, 0, 0, ?,
        '[{"format": "' || iif(i % 5000, 'hdf5', 'mcap') || '", "state": "completed", "bytes": 10, "warnings": 0}]', '[]',
        iif(i % 10, NULL, '{"code": "internal", "message": "It broke.", "retryable": false, "details": []}'), 0
    FROM n
"""
SEARCHES = {
    "the newest": [],
    "a user": ["--user", "user7"],
    "failures of a user": ["--user", "user7", "--state", "failed"],
    "a rare format": ["--format", "mcap"],
    "a project": ["--project", "kitchen"],
    "a dataset": ["--dataset", "store/special*"],
    "a rare text": ["--text", "red cup"],
    "a common text": ["--text", "nightly"],
    "a week ten years ago": ["--from", "1972-01-01", "--to", "1972-01-08"],
    "all at once": ["--user", "user7", "--state", "completed", "--format", "hdf5", "--text", "nightly", "--from", "1972-01-01"],
}


def ledger(programs, folder, jobs):
    """A site with a ledger of so many jobs, made once and kept in .build/benchmarks."""
    configuration = folder / "exportd.yaml"
    path = folder / "state" / "ledger.sqlite"
    if (folder / "filled").exists():
        return configuration
    say(f"Making a ledger of {jobs} jobs")
    (folder / "store").mkdir(parents=True, exist_ok=True)
    configuration.write_text("{spool: spool, stores: [store], ledger: state/ledger.sqlite, limits: {min_free_bytes: 0B}}")
    daemon = subprocess.Popen([programs / "exportd", "--config", configuration], stderr=subprocess.DEVNULL)
    while not (folder / "spool" / "status" / "queue.json").exists():
        time.sleep(0.1)
    daemon.send_signal(signal.SIGTERM)
    daemon.wait()
    with sqlite3.connect(path) as db:
        db.execute(FILL, (jobs, PROGRESS))
        db.execute("INSERT INTO job_projects SELECT iif(seq % 1000, 'open', 'kitchen'), seq FROM jobs")
        db.execute("INSERT INTO job_datasets SELECT id, iif(seq % 250000, 'store/d' || seq % 1000, 'store/special'), 'f', 1 FROM jobs")
    (folder / "filled").touch()
    return configuration


def history(options, table):
    programs = Path(os.environ["EXPORTD_PROGRAMS"])
    folder = Path(__file__).resolve().parents[2] / ".build" / "benchmarks" / f"history-{options.jobs}"
    configuration = ledger(programs, folder, options.jobs)
    for name, search in SEARCHES.items():
        say(f"history: {name}")
        command = [programs / "exportctl", "history", "--json", "--config", configuration, *search]
        costs = [measuring.run(command, stdout=subprocess.DEVNULL) for _ in range(options.repeat + 1)][1:]
        wall = statistics.median(cost.wall for cost in costs)
        table.add(f"history of {options.jobs} jobs, {name}: the whole command", f"{wall * 1000:.0f} ms", "", "", "≤ 100 ms")
