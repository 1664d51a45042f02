"""A temporary site (store, spool, configuration) and the real daemon on it, for the end-to-end tests."""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRUTH = ROOT / "Tests" / "EndToEnd" / "truth"
EXAMPLES = ROOT / "examples"
GENERATOR = ROOT / "Tests" / "Generator" / "make_recording.py"
CHECK_HDF5 = ROOT / "Tests" / "Peers" / "check_hdf5.py"
TERMINAL = {"completed", "failed", "cancelled"}

# The datasets of the example store, by the name of their truth file.
DATASETS = {
    "folder": "20260302_kitchen_table_pickcup_s017_101500",
    "flat": "RM_AIDAL_260303_101500_0",
    "rosbag2": "episode_00007_2026_03_04_10_15_00",
}


def programs():
    """The folder of the built programs: EXPORTD_PROGRAMS, or where `swift build` puts them."""
    chosen = os.environ.get("EXPORTD_PROGRAMS")
    if chosen is None:
        chosen = subprocess.run(["swift", "build", "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
        os.environ["EXPORTD_PROGRAMS"] = chosen
    return Path(chosen)


def until(condition, timeout, what):
    """Polls a condition and returns its first true value; fails with `what` after a timeout in seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(0.05)


def read_json(path):
    """A sidecar, or None where there is none (or a link, which is never one); it is replaced by rename, so it is always whole."""
    if Path(path).is_symlink():
        return None
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def children(pid):
    """Process ids of the running children of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def running(pid):
    """Whether a process still runs (a zombie doesn't)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def long_store(store, copies, *options):
    """Fills a store with copies of one generated recording, as hard links: much work in little space. Returns (ids, truth file)."""
    truth = Path(store).parent / "long.json"
    name = generate(store, truth, "--size", "320x240", "--seconds", 10, "--seed", 5, *options)
    names = [name]
    for number in range(1, copies):
        copy = name.replace("_s017_", f"_s{100 + number}_")
        shutil.copytree(Path(store) / name, Path(store) / copy, copy_function=os.link)
        names.append(copy)
    return names, truth


def generate(store, truth, *options):
    """Makes one recording below a store; returns its dataset id."""
    command = [sys.executable, str(GENERATOR), str(store), "--truth", str(truth), *map(str, options)]
    subprocess.run(command, check=True, capture_output=True)
    return json.loads(Path(truth).read_text(encoding="utf-8"))["name"]


class Site:
    """A store, a spool and a configuration in a folder of their own, and the daemon that runs on them."""

    def __init__(self, example_store=True, **configuration):
        self.folder = Path(tempfile.mkdtemp(prefix="exportd-test-"))
        self.spool, self.store = self.folder / "spool", self.folder / "store"
        self.inbox, self.outbox = self.spool / "inbox", self.spool / "outbox"
        self.log = self.folder / "daemon.log"
        self.daemon = None
        self.prefix, self.environment = [], {}  # a command that runs the daemon, and what it is told besides
        self.inbox.mkdir(parents=True)  # the daemon makes the rest; requests may be dropped before it starts
        if example_store:
            # The tests of recordings count datasets; those of image sets make their own.
            shutil.copytree(EXAMPLES / "store", self.store, ignore=shutil.ignore_patterns("drawn_shapes"))
        else:
            self.store.mkdir()
        self.configuration = {
            "spool": "spool",
            "stores": ["store"],
            "ledger": "state/ledger.sqlite",
            "work": "state/work",
            "cache": {"path": "state/cache"},
            "rescan": "500ms",
            "settle": "500ms",
            "limits": {"min_free_bytes": "0B"},
            **configuration,
        }
        (self.folder / "state").mkdir()
        self.write_configuration()

    def write_configuration(self):
        (self.folder / "exportd.yaml").write_text(json.dumps(self.configuration))  # JSON is YAML

    # The daemon

    def start(self):
        """Starts the daemon. It is ready when it takes requests; nothing here needs to wait for that."""
        with open(self.log, "ab") as log:
            command = [*self.prefix, str(programs() / "exportd"), "--config", str(self.folder / "exportd.yaml")]
            environment = {**os.environ, **self.environment}
            self.daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, env=environment)

    def stop(self, timeout=40):
        """SIGTERM, as systemd does it. Returns the exit status."""
        self.daemon.send_signal(signal.SIGTERM)
        try:
            return self.daemon.wait(timeout)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()
            raise AssertionError(f"the daemon did not stop within {timeout} s of SIGTERM") from None

    def kill(self):
        """SIGKILL to the daemon alone: its workers must notice by themselves."""
        self.daemon.kill()
        self.daemon.wait()

    def alive(self):
        return self.daemon is not None and self.daemon.poll() is None

    def workers(self):
        """Process ids of the daemon's workers."""
        return children(self.daemon.pid) if self.alive() else []

    # Requests

    def submit(self, name, request):
        """Writes a request under a dot name and renames it into the inbox. `request`: text, bytes, or a value for JSON."""
        target = self.inbox / f"{name}.yaml"
        data = request if isinstance(request, bytes) else request.encode() if isinstance(request, str) else json.dumps(request).encode()
        hidden = target.with_name(f".{target.name}")
        hidden.write_bytes(data)
        hidden.rename(target)

    def export(self, name, *datasets, title=None, **options):
        """Submits an hdf5 export of the given datasets, or of all of them."""
        top = {key: options.pop(key) for key in ("package", "on_dataset_error", "priority") if key in options}
        request = {"exports": [{"format": "hdf5", **options}], **top}
        if title:
            request["title"] = title
        if datasets:
            request["select"] = {"datasets": list(datasets)}
        self.submit(name, request)

    def status(self, name):
        return read_json(self.inbox / f"{name}.status.json")

    def error(self, name):
        return read_json(self.inbox / f"{name}.error.json")

    def wait(self, name, *states, timeout=60, job=None):
        """Waits until a request's status shows one of the states (any terminal one if none is given), and returns it."""
        wanted = set(states) or TERMINAL

        def reached():
            status = self.status(name)
            if status and (job is None or status["job"] == job) and status["state"] in wanted:
                return status
            if not self.alive():
                raise AssertionError(f"the daemon ended with status {self.daemon.returncode} while {name} was waited for")
            return None

        try:
            return until(reached, timeout, f"{name} {' or '.join(sorted(wanted))}")
        except AssertionError as failure:
            raise AssertionError(f"{failure}; its status: {self.status(name)}\n{self.log_tail()}") from None

    # What came out

    def package(self, status, export=0):
        return self.outbox / status["job"] / status["exports"][export]["file"]

    def jobs_in_outbox(self):
        return sorted(p.name for p in self.outbox.iterdir()) if self.outbox.exists() else []

    def log_tail(self, lines=30):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def close(self):
        if self.alive():
            self.daemon.kill()
            self.daemon.wait()
        subprocess.run(["chmod", "-R", "u+rwX", str(self.folder)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SiteTest(unittest.TestCase):
    """A test on a site of its own, with the daemon running."""

    configuration = {}
    example_store = True

    def setUp(self):
        self.site = Site(self.example_store, **self.configuration)
        self.addCleanup(self.site.close)
        self.prepare()
        self.site.start()

    def prepare(self):
        """What must be there before the daemon starts."""

    def assertPackage(self, status, *truths, options=()):
        """The package is whole, is what the status says, and holds what the truth files say."""
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        package = self.site.package(status)
        export = status["exports"][0]
        if package.is_file():
            self.assertEqual((package.stat().st_size, sha256(package)), (export["bytes"], export["sha256"]))
        run = subprocess.run(
            [sys.executable, str(CHECK_HDF5), str(package), *map(str, truths), *map(str, options)], capture_output=True, text=True
        )
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def assertFailed(self, name, *codes, timeout=60, mentions=(), published=False):
        """The request failed with one of the codes, and both sidecars say so in words that a person can act on.

        Nothing of it is in the outbox, unless it is one of those that are published nevertheless.
        """
        status = self.site.wait(name, "failed", "completed", timeout=timeout)
        self.assertEqual(status["state"], "failed", f"{name} should have failed: {status}")
        error = until(lambda: self.site.error(name), 5, f"{name}.error.json")
        self.assertIn(error["code"], codes, error)
        self.assertEqual(error["code"], status["error"]["code"])
        self.assertGreaterEqual(len(error["message"].split()), 4, f"no sentence: {error['message']!r}")
        for key in ("hint", "retryable", "attempt", "location", "details"):
            self.assertIn(key, error)
        for text in mentions:
            self.assertIn(text, json.dumps(error, ensure_ascii=False))
        self.assertEqual(status["job"] in self.site.jobs_in_outbox(), published, "what a failed job left in the outbox")
        self.assertTrue(self.site.alive(), "the daemon is gone")
        return error

    def assertOutboxHoldsOnly(self, *statuses):
        """Nothing is in the outbox but the finished jobs, and nothing half-written is in those."""
        self.assertEqual(self.site.jobs_in_outbox(), sorted(status["job"] for status in statuses))
        for status in statuses:
            hidden = [p.name for p in (self.site.outbox / status["job"]).iterdir() if p.name.startswith(".") or p.name.endswith((".tmp", ".part"))]
            self.assertEqual(hidden, [])
