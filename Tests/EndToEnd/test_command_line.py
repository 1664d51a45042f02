"""The command line: what exportctl prints, what it leaves in files, and what it exits with, beside a daemon and without one."""
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import time

from harness import DATASETS, EXAMPLES, TRUTH, Site, SiteTest, children, long_store, programs, read_json, running, until

ALL = [TRUTH / f"{name}.json" for name in DATASETS]
FOLDER = DATASETS["folder"]
FOLDER_RECORDING = EXAMPLES / "store" / FOLDER / "data.mcap"
PREVIEW_KEYS = {"datasets", "exports", "skipped", "eta_seconds", "allowed", "refusals"}
STATUS_KEYS = {
    "schema", "request", "job", "kind", "title", "user", "role", "state", "created_at", "started_at", "finished_at", "queue_position", "attempt",
    "progress", "exports", "selection", "quota", "preview", "warnings", "error",
}


class CommandLineTest(SiteTest):
    """A site on which exportctl is run as its user would: from a folder of the user's own, with a cache of the user's own."""

    with_daemon = False

    def setUp(self):
        self.site = Site(self.example_store, **self.configuration)
        self.addCleanup(self.site.close)
        self.home = self.site.folder / "home"
        self.home.mkdir()
        self.prepare()
        if self.with_daemon:
            self.site.start()

    def environment(self):
        return {**os.environ, "HOME": str(self.home), "XDG_CACHE_HOME": str(self.home / "cache")}

    def command(self, *arguments, config=True):
        site = ["--config", str(self.site.folder / "exportd.yaml")] if config else []
        return [str(programs() / "exportctl"), *map(str, arguments), *site]

    def begin(self, *arguments, **options):
        """Starts exportctl; it is ended with the test."""
        process = subprocess.Popen(
            self.command(*arguments), cwd=self.home, env=self.environment(), stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options})

        def end():
            if process.poll() is None:
                process.kill()
            process.communicate()

        self.addCleanup(end)
        return process

    def run_ctl(self, *arguments, expect=0, config=True, stdin=None, timeout=120):
        """Runs exportctl to its end and checks its exit code."""
        run = subprocess.run(
            self.command(*arguments, config=config), cwd=self.home, env=self.environment(), input=stdin, capture_output=True, text=True,
            timeout=timeout)
        self.assertEqual(run.returncode, expect, f"{arguments}\n{run.stdout}{run.stderr}")
        return run

    def run_json(self, *arguments, **options):
        return json.loads(self.run_ctl(*arguments, "--json", **options).stdout)

    def request(self, name="mine", *datasets, **top):
        """Writes a request into the user's folder; returns its path."""
        request = {"exports": [{"format": "hdf5"}], **top}
        if datasets:
            request["select"] = {"datasets": list(datasets)}
        path = self.home / f"{name}.yaml"
        path.write_text(json.dumps(request, indent=1))
        return path

    def assertResult(self, folder, status, *truths, options=()):
        """A run's folder holds what the outbox would, and the package is right."""
        export = status["exports"][0]
        names = {p.name for p in folder.iterdir()}
        self.assertEqual(names, {export["file"], "manifest.json", "request.yaml", "status.json"})
        self.assertEqual(read_json(folder / "status.json"), status)
        self.assertLessEqual(STATUS_KEYS, status.keys())
        self.site.package = lambda status: folder / status["exports"][0]["file"]
        self.assertPackage(status, *truths, options=options)

    def assertNothingLeft(self, destination):
        """No package, nothing half-made beside it, no work, no worker."""
        self.assertFalse(destination.exists(), "a stopped run left its destination")
        self.assertEqual([p.name for p in destination.parent.iterdir() if p.name.endswith(".tmp")], [])
        for work in [*self.home.glob("cache/exportd/*/work"), self.site.folder / "state" / "work"]:
            self.assertEqual(list(work.iterdir()) if work.exists() else [], [], "a stopped run left its work")


class Requests(CommandLineTest):
    """What is checked before anything is done."""

    def test_every_one_of_ten_mistakes_is_printed_with_its_place(self):
        request = self.home / "ten.yaml"
        request.write_text("\n".join([
            "kind: export", "titel: misspelt", "priority: urgent", "package: zip", "select:", "  project: [kitchen]", "  review: [maybe]",
            "  quality: {min_score: 120}", "exports:", "  - format: hdf5", "    rate_hz: -1", "    chunk_size: many", "    strict_match: perhaps",
            "    face_blurr: true", "",
        ]))
        for command in ("validate", "run", "preview", "submit"):
            with self.subTest(command):
                config = command != "validate"
                run = self.run_ctl(command, request, expect=2, config=config)
                places = [line.removeprefix(f"{request}:").split(":") for line in run.stderr.splitlines() if line.startswith(f"{request}:")]
                self.assertEqual({int(line) for line, *_ in places}, {2, 3, 4, 6, 7, 8, 11, 12, 13, 14}, run.stderr)
                self.assertTrue(all(int(column) >= 1 for _, column, *_ in places))
                self.assertIn("title", run.stderr)
                self.assertEqual(run.stdout, "")
        results = self.run_json("validate", request, expect=2, config=False)
        self.assertEqual((results[0]["valid"], len(results[0]["problems"])), (False, 10))
        self.assertEqual(list(self.site.inbox.iterdir()), [], "an invalid request was submitted")

    def test_good_requests_are_valid_from_files_and_from_standard_input(self):
        good = EXAMPLES / "requests" / "kitchen-hdf5.yaml"
        self.assertIn("valid", self.run_ctl("validate", good, config=False).stdout)
        self.run_ctl("validate", "-", config=False, stdin=good.read_text())
        results = self.run_json("validate", good, EXAMPLES / "requests" / "cancel.yaml", config=False)
        self.assertEqual([result["valid"] for result in results], [True, True])
        self.run_ctl("validate", good, self.home / "no-such.yaml", expect=2, config=False)

    def test_wrong_usage_is_2_and_help_is_0(self):
        request = self.request()
        for arguments in (["frobnicate"], ["run"], ["run", request, "--frob"], ["submit", "-"], ["wait", "x", "--timeout", "soon"]):
            with self.subTest(arguments):
                self.assertTrue(self.run_ctl(*arguments, expect=2, config=False).stderr.strip(), "it says nothing")
        for arguments in (["--help"], ["help", "run"], ["--version"], ["schema"]):
            with self.subTest(arguments):
                self.assertTrue(self.run_ctl(*arguments, config=False).stdout.strip())

    def test_a_request_about_jobs_needs_the_daemon(self):
        run = self.run_ctl("run", EXAMPLES / "requests" / "cancel.yaml", expect=2)
        self.assertIn("submit", run.stderr)

    def test_the_schema_is_the_one_in_the_examples(self):
        schema = self.run_ctl("schema", config=False).stdout
        self.assertEqual(json.loads(schema), json.loads((EXAMPLES / "export-request.schema.json").read_text()))


class Foreground(CommandLineTest):
    """`run` and `preview`, which need no daemon."""

    def test_a_run_makes_the_packages_of_the_request_and_says_so(self):
        request = self.request("nightly", title="Mine")
        run = self.run_ctl("run", request)
        folder = self.home / "nightly.export"
        status = read_json(folder / "status.json")
        self.assertResult(folder, status, *ALL)
        self.assertEqual((folder / "request.yaml").read_bytes(), request.read_bytes())
        self.assertEqual((status["state"], status["kind"], status["title"], status["attempt"]), ("completed", "export", "Mine", 1))
        self.assertEqual((status["selection"]["datasets"], status["progress"]["percent"]), (3, 100))
        self.assertIn("nightly.export", run.stdout)
        self.assertIn(status["exports"][0]["sha256"], run.stdout)
        self.assertNotIn("\r", run.stderr, "a bar was drawn where there is no terminal")
        self.assertIn("%", run.stderr)
        self.assertEqual(list(self.site.inbox.iterdir()), [], "a run in the foreground touched the spool")
        again = self.run_ctl("run", request, expect=1)
        self.assertIn("there already", again.stderr)

    def test_a_run_prints_its_status_as_json_and_a_second_one_reuses_its_parts(self):
        first = self.run_json("run", self.request(), "--output", "deep/first")
        second = self.run_json("run", self.request(), "--output", "second")
        self.assertResult(self.home / "deep" / "first", first, *ALL)
        self.assertResult(self.home / "second", second, *ALL)
        self.assertEqual(first["exports"], second["exports"])
        self.assertNotEqual(first["job"], second["job"])
        self.assertTrue(list(self.home.glob("cache/exportd/*/cache/parts/*/*/part.json")), "no part was kept")
        self.assertEqual(list(self.home.glob("cache/exportd/*/work/*")), [])

    def test_a_run_from_standard_input_as_a_folder(self):
        status = self.run_json("run", "-", "--output", "out", stdin=self.request(package="directory").read_text())
        self.assertResult(self.home / "out", status, *ALL)
        self.assertTrue(self.site.package(status).is_dir())

    def test_a_bar_is_drawn_on_a_terminal(self):
        ours, theirs = pty.openpty()
        process = self.begin("run", self.request(), stderr=theirs, stdout=subprocess.DEVNULL)
        os.close(theirs)
        shown = b""
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            if not select.select([ours], [], [], 0.1)[0]:
                continue
            try:
                block = os.read(ours, 4096)
            except OSError:  # what Linux says once nobody has the other end any more
                break
            if not block:
                break
            shown += block
        os.close(ours)
        self.assertEqual(process.wait(60), 0)
        self.assertIn(b"\r\x1b[K[", shown)
        self.assertIn(b"100.0 %", shown)
        self.assertTrue(shown.endswith(b"\n"), "the bar's line was left open")

    def test_a_failed_run_exits_with_1_and_leaves_nothing(self):
        run = self.run_ctl("run", self.request("x", "no_such_dataset"), expect=1)
        self.assertIn("no_such_dataset", run.stderr)
        self.assertNothingLeft(self.home / "x.export")
        (self.site.store / FOLDER / "data.mcap").write_bytes(b"broken")
        run = self.run_ctl("run", self.request("x"), expect=1)
        self.assertIn(FOLDER, run.stderr)
        self.assertNothingLeft(self.home / "x.export")
        status = self.run_json("run", self.request("x", on_dataset_error="skip"))
        self.assertIn(FOLDER, json.dumps(status["warnings"]))
        self.assertResult(self.home / "x.export", status, *(TRUTH / f"{name}.json" for name in ("flat", "rosbag2")))

    def test_a_preview_tells_what_a_run_would_make_and_writes_nothing(self):
        status = self.run_json("preview", self.request())
        self.assertEqual((status["kind"], status["state"], status["selection"]["datasets"]), ("preview", "completed", 3))
        self.assertEqual(set(status["preview"]), PREVIEW_KEYS)
        self.assertEqual([dataset["id"] for dataset in status["preview"]["datasets"]], sorted(DATASETS.values()))
        # A preview opens no message, so holes in the streams, which split episodes, are not in its estimate.
        self.assertEqual(status["preview"]["exports"][0]["episodes"], status["selection"]["segments"])
        text = self.run_ctl("preview", self.request()).stdout
        for dataset in DATASETS.values():
            self.assertIn(dataset, text)
        self.run_ctl("preview", self.request("x", "no_such_dataset"), expect=1)
        self.assertEqual(sorted(p.name for p in self.home.iterdir()), ["cache", "mine.yaml", "x.yaml"])

    def test_the_catalogue_is_scanned_listed_and_shown(self):
        summary = self.run_json("catalog", "scan")
        self.assertEqual((summary["datasets"], summary["problems"]), (3, []))
        entries = self.run_json("catalog", "list")
        self.assertEqual([entry["dataset"]["id"] for entry in entries], sorted(DATASETS.values()))
        self.assertEqual([entry["dataset"]["id"] for entry in self.run_json("catalog", "list", FOLDER[:12] + "*")], [FOLDER])
        self.assertEqual(self.run_json("catalog", "list", "--project", "no-such-project"), [])
        entry, = self.run_json("catalog", "show", FOLDER)
        self.assertTrue(entry["dataset"]["segments"] and entry["dataset"]["topics"])
        text = self.run_ctl("catalog", "show", FOLDER).stdout
        for word in ("topic", "segment", "recorded", "data.mcap"):
            self.assertIn(word, text)
        self.assertIn(FOLDER, self.run_ctl("catalog", "list").stdout)
        self.assertIn("no_such_dataset", self.run_ctl("catalog", "show", "no_such_dataset", expect=1).stderr)

    def test_the_doctor_finds_a_missing_store_and_nothing_where_all_is_well(self):
        findings = {finding["subject"]: finding for finding in self.run_json("doctor")}
        for subject in ("account", "inbox", "store", "worker"):
            self.assertEqual(findings[subject]["state"], "ok", findings[subject])
        shutil.rmtree(self.site.store)
        run = self.run_ctl("doctor", expect=1)
        self.assertIn("broken", run.stdout)
        self.assertIn(str(self.site.store), run.stdout)

    def test_a_recording_is_inspected_verified_and_decoded(self):
        recording = FOLDER_RECORDING
        text = self.run_ctl("inspect", recording, config=False).stdout
        self.assertIn("sensor_msgs/CompressedImage", text)
        self.assertIn("index        complete", text)
        summary = json.loads(self.run_ctl("inspect", "--verify", "--json", recording, config=False).stdout)
        self.assertEqual([], summary["problems"])
        topic = min((topic for topic in summary["topics"] if "JointState" in topic["type"]), key=lambda topic: topic["messages"])
        lines = self.run_ctl("inspect", "--decode", topic["name"], recording, config=False).stdout.splitlines()
        self.assertEqual(topic["messages"], len(lines))
        self.assertIn("position", json.loads(lines[0])["data"])

    def test_a_damaged_recording_is_3_wrong_usage_2_and_no_recording_1(self):
        damaged = self.home / "damaged.mcap"
        data = bytearray(FOLDER_RECORDING.read_bytes())
        data[len(data) // 2] ^= 1
        damaged.write_bytes(data)
        self.run_ctl("inspect", damaged, config=False)
        self.assertIn("problem", self.run_ctl("inspect", "--verify", damaged, expect=3, config=False).stdout)
        self.run_ctl("inspect", "--json", "--json-records", damaged, expect=2, config=False)
        self.run_ctl("inspect", expect=2, config=False)
        self.run_ctl("inspect", self.home / "nothing.mcap", expect=1, config=False)
        self.assertIn("--json-indexed", self.run_ctl("inspect", "--help", config=False).stdout)

    def test_what_nobody_knows_is_1(self):
        for command in ("status", "show"):
            self.assertIn("no-such-job", self.run_ctl(command, "no-such-job", expect=1).stderr)
        self.assertEqual(self.run_json("status"), [])
        self.run_ctl("wait", "never", "--timeout", "1", expect=1)
        waiting = self.run_ctl("cancel", "x", "--timeout", "1", expect=1)
        self.assertIn("daemon", waiting.stderr)
        self.run_ctl("run", self.home / "no-such.yaml", expect=1)


class Interrupted(CommandLineTest):
    """Runs in the foreground that are stopped on the way."""

    example_store = False

    def prepare(self):
        self.datasets, self.truth = long_store(self.site.store, 40)

    def test_signals_end_a_run_that_leaves_nothing_but_finished_parts_for_the_next(self):
        request = self.request("long")
        destination = self.home / "long.export"
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                process = self.begin("run", request, "--json")
                until(lambda: list(self.home.glob("cache/exportd/*/work/*/parts/*/part.json")), 60, "a finished part")
                workers = children(process.pid)
                self.assertTrue(workers)
                process.send_signal(number)
                asked = time.monotonic()
                out, err = process.communicate(timeout=20)
                self.assertLess(time.monotonic() - asked, 5)
                self.assertEqual(process.returncode, 1, err)
                self.assertEqual(out, "")
                self.assertIn("Interrupted", err)
                self.assertNothingLeft(destination)
                until(lambda: not any(map(running, workers)), 5, "the workers' end")
        self.assertTrue(list(self.home.glob("cache/exportd/*/cache/parts/*/*/part.json")), "finished parts were thrown away")
        status = self.run_json("run", request, timeout=300)
        self.assertResult(destination, status, *(f"{dataset}={self.truth}" for dataset in self.datasets))

    def test_a_crashed_worker_is_replaced(self):
        process = self.begin("run", self.request("long"), "--json")
        until(lambda: list(self.home.glob("cache/exportd/*/work/*/parts/*/part.json")), 60, "a finished part")
        os.kill(children(process.pid)[0], signal.SIGKILL)
        out, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, err)
        self.assertResult(self.home / "long.export", json.loads(out), *(f"{dataset}={self.truth}" for dataset in self.datasets))


class BesideTheDaemon(CommandLineTest):
    """Commands that ask the daemon or read what it wrote."""

    with_daemon = True

    def test_a_request_is_submitted_and_waited_for(self):
        request = self.request("mine", title="Mine")
        run = self.run_ctl("submit", request, "--wait", "--timeout", "60")
        self.assertIn("completed", run.stdout)
        status = self.site.status("mine")
        self.assertPackage(status, *ALL)
        self.assertEqual((self.site.outbox / status["job"] / "request.yaml").read_bytes(), request.read_bytes())
        again = self.run_json("submit", request, "--name", "other", "--wait")
        self.assertEqual((again["state"], again["request"]), ("completed", "other.yaml"))
        submitted = self.run_json("submit", request, "--name", "third")
        self.assertTrue(submitted["sidecar"].endswith("third.status.json"))
        waited = self.run_json("wait", "third", "--timeout", "60")
        self.assertEqual((waited["state"], waited["request"]), ("completed", "third.yaml"))

        for command in ("status", "show"):
            for name in ("mine", status["job"]):
                with self.subTest(f"{command} {name}"):
                    shown = self.run_json(command, name)
                    self.assertEqual((shown["job"], shown["state"], shown["exports"]), (status["job"], "completed", status["exports"]))
        text = self.run_ctl("show", "mine").stdout
        self.assertIn(str(self.site.outbox / status["job"]), text)
        self.assertIn("event", text)
        self.assertEqual([job["request"] for job in self.run_json("status")], ["third.yaml", "other.yaml", "mine.yaml"])
        self.assertEqual(len(self.run_json("status", "--limit", "1")), 1)
        self.assertIn("mine.yaml", self.run_ctl("status").stdout)
        findings = {finding["subject"]: finding["state"] for finding in self.run_json("doctor")}
        self.assertEqual((findings["spool"], findings["ledger"]), ("ok", "ok"))

    def test_waiting_exits_with_what_became_of_the_job(self):
        failed = self.run_json("submit", self.request("bad", "no_such_dataset"), "--wait", expect=1)
        self.assertEqual((failed["state"], failed["error"]["code"]), ("failed", "selection_empty"))
        self.run_ctl("wait", "bad", expect=1)
        self.site.submit("ugly", "titel: x\n")
        self.site.wait("ugly", "failed")
        self.assertIn("title", self.run_ctl("wait", "ugly", expect=2).stdout)
        refused = self.run_ctl("cancel", "no-such-job", expect=2)
        self.assertIn("no-such-job", refused.stderr)

    def test_a_run_in_the_foreground_works_beside_the_daemon(self):
        theirs = self.run_json("submit", self.request("mine"), "--wait")
        status = self.run_json("run", self.request("mine"))
        self.assertResult(self.home / "mine.export", status, *ALL)
        self.assertEqual(status["exports"], theirs["exports"])
        self.assertEqual([job["job"] for job in self.run_json("status")], [theirs["job"]], "the run is on the ledger")


class CancelAndRetry(CommandLineTest):
    example_store = False
    with_daemon = True

    def prepare(self):
        self.datasets, self.truth = long_store(self.site.store, 40)

    def test_a_running_job_is_cancelled_and_retried(self):
        self.run_ctl("submit", self.request("long"))
        waiting = self.begin("wait", "long", "--json")
        until(lambda: (s := self.site.status("long")) and s["progress"]["datasets_done"] >= 1, 120, "long under way")
        asked = time.monotonic()
        answer = self.run_json("cancel", "long")
        self.assertEqual((answer["kind"], answer["state"]), ("cancel", "completed"))
        self.assertLess(time.monotonic() - asked, 5)
        out, err = waiting.communicate(timeout=20)
        self.assertEqual((waiting.returncode, json.loads(out)["state"]), (1, "cancelled"), err)
        self.assertIn("already ended", self.run_ctl("cancel", "long").stdout)
        self.assertIn("long", self.run_ctl("retry", "long").stdout)
        status = self.run_json("wait", "long", timeout=300)
        self.assertPackage(status, *(f"{dataset}={self.truth}" for dataset in self.datasets))
        self.assertEqual(status["attempt"], 2)
        self.assertIn("completed", self.run_ctl("retry", "long", expect=2).stderr)
