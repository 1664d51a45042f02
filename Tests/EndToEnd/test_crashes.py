"""Sudden death, in small; Tests/EndToEnd/kill9 does it at length."""
import os
import signal
import unittest

import kill_at_random
from harness import SiteTest, long_store, running, until


class Crashes(unittest.TestCase):
    def test_kills_at_random_moments_lose_no_request_and_make_none_run_twice(self):
        rounds, seed = int(os.environ.get("EXPORTD_KILL_ROUNDS", "10")), 2026
        counts, problems = kill_at_random.run(rounds, seed)
        self.assertEqual(problems, [], f"seed {seed}: {dict(counts)}")
        self.assertGreater(counts["completed"], 0)


class OneCrash(SiteTest):
    example_store = False

    def prepare(self):
        self.datasets, self.truth = long_store(self.site.store, 40)
        self.expected = [f"{dataset}={self.truth}" for dataset in self.datasets]

    def under_way(self):
        self.site.export("long", title="Long")
        until(lambda: (s := self.site.status("long")) and s["state"] == "processing" and s["progress"]["datasets_done"] >= 1, 120, "long under way")

    def test_a_killed_worker_is_replaced_and_the_job_completes(self):
        self.under_way()
        os.kill(until(self.site.workers, 10, "a worker")[0], signal.SIGKILL)
        self.assertPackage(self.site.wait("long", timeout=300), *self.expected)

    def test_a_killed_daemon_takes_its_workers_along_and_continues_where_it_was(self):
        self.under_way()
        workers = self.site.workers()
        done = self.site.status("long")["progress"]["datasets_done"]
        self.site.kill()
        until(lambda: not any(map(running, workers)), 10, "the workers' end")
        self.assertEqual(self.site.jobs_in_outbox(), [])
        self.site.start()
        status = self.site.wait("long", timeout=300)
        self.assertPackage(status, *self.expected)
        self.assertGreaterEqual(status["progress"]["datasets_done"], done)
        self.assertOutboxHoldsOnly(status)
