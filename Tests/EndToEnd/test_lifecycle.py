"""Jobs and the daemon over time: cancel, retry, drop again, stop and start, and what a second daemon may not do."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time

from harness import DATASETS, TRUTH, SiteTest, generate, long_store, programs, running, until

FOLDER = DATASETS["folder"]


class Manager(SiteTest):
    """A stand-in for systemd, which the daemon tells how it is."""

    def prepare(self):
        path = str(self.site.folder / "notify")
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.line.close)
        self.line.bind(path)
        self.site.environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000000"}

    def next(self, word, timeout=20):
        """Waits for the next message with a word in it."""
        self.line.settimeout(timeout)
        while word not in (message := self.line.recv(4096).decode()):
            pass
        return message

    def silence(self):
        """Takes what has been said so far, and then waits for two times as long as the manager would: nothing is said."""
        self.line.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.line.recv(4096)
        self.line.settimeout(2)
        with self.assertRaises(TimeoutError):
            self.line.recv(4096)

    def test_a_daemon_that_hangs_pings_no_more_and_one_that_stops_says_so(self):
        self.next("READY=1")
        for _ in range(3):
            self.next("WATCHDOG=1")
        self.site.daemon.send_signal(signal.SIGSTOP)
        self.silence()
        self.site.daemon.send_signal(signal.SIGCONT)
        self.next("WATCHDOG=1")
        self.site.daemon.send_signal(signal.SIGTERM)
        self.next("STOPPING=1")
        self.next("EXTEND_TIMEOUT_USEC")
        self.assertEqual(self.site.daemon.wait(40), 0)


class LongJobs(SiteTest):
    """Jobs that take long enough to be stopped on the way."""

    example_store = False
    copies = 60

    def prepare(self):
        self.datasets, self.truth = long_store(self.site.store, self.copies)
        self.expected = [f"{dataset}={self.truth}" for dataset in self.datasets]

    def under_way(self, name):
        """Waits until a job has begun and finished at least one dataset."""
        return until(
            lambda: (s := self.site.status(name)) and s["state"] == "processing" and s["progress"]["datasets_done"] >= 1 and s,
            120, f"{name} under way\n{self.site.log_tail()}")

    def test_cancel_takes_effect_within_two_seconds_and_leaves_nothing_behind(self):
        self.site.export("long", title="Long")
        job = self.under_way("long")["job"]
        asked = time.monotonic()
        self.site.submit("stop", {"kind": "cancel", "jobs": ["long"]})
        status = self.site.wait("long", timeout=10)
        self.assertEqual(status["state"], "cancelled")
        self.assertLess(time.monotonic() - asked, 3.0)  # two seconds, and one for polling on a busy machine
        self.assertEqual(self.site.wait("stop")["state"], "completed")
        self.assertIsNone(self.site.error("long"))
        until(lambda: job not in os.listdir(self.site.folder / "state" / "work"), 10, "the work folder's removal")
        self.assertEqual(self.site.jobs_in_outbox(), [j for j in [self.site.status("stop")["job"]] if j in self.site.jobs_in_outbox()])

    def test_a_cancelled_job_runs_to_its_end_when_retried(self):
        self.site.export("long", title="Long")
        job = self.under_way("long")["job"]
        self.site.submit("stop", {"kind": "cancel", "jobs": [job]})
        self.site.wait("long", "cancelled")
        self.site.submit("again", {"kind": "retry", "jobs": ["long"]})
        self.assertEqual(self.site.wait("again")["state"], "completed")
        status = self.site.wait("long", "completed", "failed", timeout=300)
        self.assertPackage(status, *self.expected)
        self.assertEqual((status["job"], status["attempt"]), (job, 2))

    def test_cancelling_what_does_not_run_says_so(self):
        self.site.submit("stop", {"kind": "cancel", "jobs": ["no-such-job"]})
        error = self.assertFailed("stop", "request_invalid", mentions=["no-such-job"])
        self.assertTrue(error["message"])

    def test_stopped_and_started_again_the_daemon_finishes_the_job(self):
        self.site.export("long", title="Long")
        job = self.under_way("long")["job"]
        workers = self.site.workers()
        self.assertEqual(self.site.stop(), 0, self.site.log_tail())
        self.assertIn(self.site.status("long")["state"], ("pending", "processing"))
        self.assertEqual(self.site.jobs_in_outbox(), [])
        until(lambda: not any(map(running, workers)), 5, "the workers' end")
        self.site.start()
        status = self.site.wait("long", timeout=300)
        self.assertPackage(status, *self.expected)
        self.assertEqual(status["job"], job)
        self.assertOutboxHoldsOnly(status)

    def test_progress_never_goes_back_and_is_kept_fresh(self):
        self.site.export("long", title="Long")
        percents, stamps = [], []

        def ended():
            status = self.site.status("long")
            if status:
                percents.append(status["progress"]["percent"])
                stamps.append(status["progress"]["updated_at"])
            return status and status["state"] in ("completed", "failed")

        until(ended, 300, "long")
        self.assertEqual(percents, sorted(percents))
        self.assertEqual(percents[-1], 100)
        self.assertGreater(len(set(percents)), 2)

    def test_jobs_of_a_queue_all_end_and_a_running_one_does_not_block_the_rest(self):
        for number in range(6):
            self.site.export(f"job-{number}", self.datasets[number])
        for number in range(6):
            self.assertPackage(self.site.wait(f"job-{number}", timeout=120), self.expected[number])


class LongAndShortJobs(SiteTest):
    """One place for jobs, and jobs that hold it for long."""

    example_store = False
    configuration = {"workers": 1, "limits": {"min_free_bytes": "0B", "long_job": "1s"}}

    def prepare(self):
        self.datasets, self.truth = long_store(self.site.store, 60)
        elsewhere = self.site.folder / "elsewhere"
        name = generate(elsewhere, self.site.folder / "small.json", "--size", "64x48", "--seconds", 2, "--seed", 9)
        self.small = "a_small_one"
        (elsewhere / name).rename(self.site.store / self.small)

    def test_a_small_export_is_done_while_huge_ones_are_not(self):
        for name in ("huge", "huger"):
            self.site.export(name, *self.datasets, title=name)
        self.site.wait("huge", "processing")
        self.site.export("small", self.small)
        small = self.site.wait("small", timeout=120)
        states = [self.site.status(name)["state"] for name in ("huge", "huger")]
        self.assertPackage(small, f"{self.small}={self.site.folder / 'small.json'}")
        self.assertIn("processing", states)
        self.assertNotIn("completed", states)
        # A kill forgets neither the order nor who is long.
        self.site.kill()
        self.site.start()
        for name in ("huge", "huger"):
            self.assertPackage(self.site.wait(name, timeout=300), *(f"{dataset}={self.truth}" for dataset in self.datasets))
        self.assertLess(self.site.status("huge")["finished_at"], self.site.status("huger")["finished_at"])


class Daemon(SiteTest):
    def test_a_request_dropped_again_is_a_new_job_and_replaces_the_sidecars(self):
        self.site.submit("twice", "nonsense: true\n")
        self.assertFailed("twice", "request_invalid")
        first = self.site.status("twice")["job"]
        self.site.export("twice", FOLDER)
        status = until(lambda: (s := self.site.status("twice")) and s["job"] != first and s["state"] == "completed" and s, 60, "twice")
        self.assertPackage(status, TRUTH / "folder.json")
        self.assertIsNone(self.site.error("twice"), "the old error sidecar is still there")

    def test_a_failed_job_succeeds_when_retried_after_the_repair(self):
        recording = self.site.store / FOLDER / "data.mcap"
        recording.rename(recording.with_name("aside"))
        recording.write_bytes(b"broken")
        self.site.export("mend", FOLDER)
        self.assertFailed("mend", "dataset_unreadable")
        recording.with_name("aside").replace(recording)
        self.site.submit("retry", {"kind": "retry", "jobs": ["mend"]})
        self.site.wait("retry", "completed")
        self.assertPackage(self.site.wait("mend", "completed"), TRUTH / "folder.json")
        self.assertIsNone(self.site.error("mend"))

    def test_a_second_daemon_on_the_same_spool_refuses_to_start(self):
        self.site.export("one", FOLDER)
        self.site.wait("one", "completed")
        command = [programs() / "exportd", "--config", self.site.folder / "exportd.yaml"]
        second = subprocess.run(command, capture_output=True, text=True, timeout=20)
        self.assertNotEqual(second.returncode, 0)
        self.assertTrue(second.stderr.strip(), "it says nothing")
        self.site.export("two", FOLDER)
        self.site.wait("two", "completed")

    def test_requests_dropped_while_the_daemon_is_away_are_served_when_it_is_back(self):
        self.site.export("before", FOLDER)
        self.site.wait("before", "completed")
        self.assertEqual(self.site.stop(), 0)
        for number in range(5):
            self.site.export(f"away-{number}", FOLDER)
        self.site.start()
        for number in range(5):
            self.assertPackage(self.site.wait(f"away-{number}"), TRUTH / "folder.json")

    def test_hangup_reloads_the_configuration_and_a_broken_one_is_refused(self):
        self.site.export("before", FOLDER)
        self.site.wait("before", "completed")
        path = self.site.folder / "exportd.yaml"
        good = path.read_text()
        path.write_text("nonsense: [")
        self.site.daemon.send_signal(signal.SIGHUP)
        self.site.export("during", FOLDER)
        self.site.wait("during", "completed")
        second = self.site.folder / "second"
        shutil.copytree(self.site.store / FOLDER, second / "another_recording")
        path.write_text(json.dumps(json.loads(good) | {"stores": ["store", "second"]}))
        self.site.daemon.send_signal(signal.SIGHUP)
        until(lambda: "The configuration was read again." in self.site.log.read_text(errors="replace"), 20, "the new configuration")
        self.site.export("after", "another_recording")
        self.assertPackage(self.site.wait("after"), f"another_recording={TRUTH / 'folder.json'}")

    def test_a_broken_configuration_is_refused_with_its_place(self):
        broken = self.site.folder / "broken.yaml"
        broken.write_text("spool: x\nworkerz: 2\n")
        run = subprocess.run([programs() / "exportd", "--check", "--config", broken], capture_output=True, text=True, timeout=20)
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("broken.yaml:2:", run.stdout + run.stderr)
        self.assertIn("workers", run.stdout + run.stderr)
