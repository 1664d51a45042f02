"""Storage that fails under a running job: a store that vanishes, a disk that fills up, a spool without room."""
import json
import os
import shutil
import sqlite3
import subprocess
import unittest

from harness import DATASETS, TERMINAL, TRUTH, SiteTest, long_store, until

FOLDER = DATASETS["folder"]


class Store(SiteTest):
    example_store = False
    configuration = {"retries": 1}

    def prepare(self):
        self.datasets, self.truth = long_store(self.site.store, 60)

    def test_a_store_that_vanishes_under_a_job_fails_it_and_serves_again_when_it_is_back(self):
        self.site.export("vanish", title="Vanish")
        until(lambda: (s := self.site.status("vanish")) and s["state"] == "processing" and s["progress"]["datasets_done"] >= 1, 120, "vanish under way")
        away = self.site.store.with_name("away")
        self.site.store.rename(away)
        try:
            self.assertFailed("vanish", "io_error", "dataset_unreadable", timeout=180)
        finally:
            if self.site.store.exists():
                shutil.rmtree(self.site.store)
            away.rename(self.site.store)
        self.site.export("back", self.datasets[0])
        self.assertPackage(self.site.wait("back"), self.truth)
        self.assertEqual(len([job for job in self.site.jobs_in_outbox() if job == self.site.status("vanish")["job"]]), 0)


class Ledger(SiteTest):
    """A ledger that can't be used is told where people look, and takes no request with it."""

    def ledger(self):
        return self.site.folder / "state" / "ledger.sqlite"

    def problems(self):
        return " ".join(json.loads((self.site.spool / "status" / "queue.json").read_text())["health"]["problems"])

    def assertRefusesToStart(self, *words):
        self.site.start()
        self.assertNotEqual(self.site.daemon.wait(30), 0)
        for word in words:
            self.assertIn(word, self.problems())
            self.assertIn(word, (self.site.spool / "status" / "index.html").read_text())
        self.assertIn("exportd_ledger_up 0", (self.site.spool / "status" / "metrics.prom").read_text())

    def test_a_damaged_ledger_is_refused_on_the_page_and_requests_wait_for_its_repair(self):
        self.site.export("before", FOLDER)
        self.site.wait("before", "completed")
        self.site.stop()
        good = self.ledger().read_bytes()
        self.ledger().write_bytes(good[:8192] + bytes(byte ^ 0x5A for byte in good[8192:]))
        self.assertRefusesToStart("damaged", "Restore it from a backup")
        self.site.export("meanwhile", FOLDER)
        self.ledger().write_bytes(good)
        self.site.start()
        self.assertPackage(self.site.wait("meanwhile"), TRUTH / "folder.json")
        until(lambda: not self.problems(), 10, "the page without problems")

    @unittest.skipUnless(os.geteuid() == 0, "only root can mount a file system")
    def test_a_ledger_on_a_read_only_disk_is_refused_on_the_page(self):
        self.site.export("before", FOLDER)
        self.site.wait("before", "completed")
        self.site.stop()
        state = self.site.folder / "state"
        subprocess.run(["mount", "--bind", str(state), str(state)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(state)], check=False)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(state)], check=True)
        self.assertRefusesToStart("ledger.sqlite", "ead-only")
        self.site.export("meanwhile", FOLDER)
        subprocess.run(["mount", "-o", "remount,bind,rw", str(state)], check=True)
        self.site.start()
        self.assertPackage(self.site.wait("meanwhile"), TRUTH / "folder.json")

    def test_a_locked_ledger_takes_no_request_and_goes_on_when_it_is_free(self):
        self.site.export("before", FOLDER)
        self.site.wait("before", "completed")
        lock = sqlite3.connect(self.ledger(), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        self.site.export("meanwhile", FOLDER)
        until(lambda: "locked" in self.problems(), 60, "the page's complaint")
        self.assertIsNone(self.site.status("meanwhile"))
        self.assertEqual(self.site.status("before")["state"], "completed")
        self.assertTrue(self.site.alive())
        lock.execute("ROLLBACK")
        lock.close()
        self.assertPackage(self.site.wait("meanwhile"), TRUTH / "folder.json")
        until(lambda: not self.problems(), 10, "the page without problems")

    def test_a_ledger_that_is_damaged_under_a_running_daemon_is_told_on_the_page(self):
        self.site.export("before", FOLDER)
        before = self.site.wait("before", "completed")
        with open(self.ledger(), "r+b") as file:
            file.write(b"\x5a" * self.ledger().stat().st_size)
        for companion in ("-wal", "-shm"):
            path = self.ledger().with_name(self.ledger().name + companion)
            with open(path, "r+b") as file:
                file.write(b"\x5a" * path.stat().st_size)
        self.site.export("meanwhile", FOLDER)
        until(lambda: "ledger" in self.problems(), 60, "the page's complaint")
        self.assertTrue(self.site.alive())
        self.assertEqual(self.site.status("before"), before)
        self.assertNotEqual((self.site.status("meanwhile") or {}).get("state"), "completed")


@unittest.skipUnless(os.geteuid() == 0, "only root can mount a small file system")
class FullDisk(SiteTest):
    configuration = {"retries": 1}

    def mount(self, folder, size):
        folder.mkdir(parents=True, exist_ok=True)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "exportd-test", str(folder)], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest(f"cannot mount a small file system: {made.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=False)

    def prepare(self):
        self.mount(self.site.folder / "small", "1m")
        self.site.configuration |= {"work": "small/work", "cache": {"path": "small/cache"}}
        self.site.write_configuration()

    def test_a_full_disk_fails_the_job_in_words_and_the_next_one_runs_when_there_is_room(self):
        filler = self.site.folder / "small" / "filler"
        filler.write_bytes(b"x" * (300 << 10))
        self.site.export("full")
        self.assertFailed("full", "storage_full", timeout=180)
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.site.folder / "small")], check=True)
        self.site.export("room", FOLDER)
        self.assertPackage(self.site.wait("room"), TRUTH / "folder.json")

    def test_nothing_partial_is_visible_where_the_outbox_is_full(self):
        self.site.kill()
        self.mount(self.site.folder / "tiny", "200k")
        self.site.configuration |= {"spool": "tiny/spool", "work": "state/work", "cache": {"path": "state/cache"}}
        self.site.write_configuration()
        self.site.spool = self.site.folder / "tiny" / "spool"
        self.site.inbox, self.site.outbox = self.site.spool / "inbox", self.site.spool / "outbox"
        self.site.inbox.mkdir(parents=True)
        self.site.start()
        self.site.export("big")
        status = self.site.wait("big", *TERMINAL, timeout=180)
        self.assertEqual((status["state"], status["error"]["code"]), ("failed", "storage_full"))
        self.assertEqual(self.site.jobs_in_outbox(), [])
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.site.folder / "tiny")], check=True)
        self.site.export("room", FOLDER)
        self.assertPackage(self.site.wait("room"), TRUTH / "folder.json")
