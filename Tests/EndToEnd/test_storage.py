"""Storage that fails under a running job: a store that vanishes, a disk that fills up, a spool without room."""
import os
import shutil
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
