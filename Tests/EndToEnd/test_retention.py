"""What is kept and for how long: packages and sidecars go, what the ledger knows stays."""
import os
import signal
import sqlite3

from harness import DATASETS, SiteTest, until

FOLDER = DATASETS["folder"]


class Retention(SiteTest):
    def ask(self, name):
        self.site.submit(name, {"title": name, "select": {"datasets": [FOLDER]}, "exports": [{"format": "json"}]})
        return self.site.wait(name, "completed")

    def restart(self, **retention):
        self.site.stop()
        self.site.configuration["retention"] = retention
        self.site.write_configuration()
        self.site.start()

    def age(self, job, days):
        """Puts a job's end into the past."""
        with sqlite3.connect(self.site.folder / "state" / "ledger.sqlite") as database:
            database.execute("UPDATE jobs SET finished_ns = finished_ns - ? WHERE id = ?", (days * 86_400 * 10**9, job))

    def test_old_packages_expire_and_the_job_stays_known(self):
        old, new = self.ask("old"), self.ask("new")
        self.site.stop()
        self.age(old["job"], 31)
        self.site.start()
        self.restart(packages="30d")
        until(lambda: not (self.site.outbox / old["job"]).exists(), 20, "the old packages' end")
        status = self.site.status("old")
        self.assertEqual(status["state"], "completed")
        self.assertEqual([e["file"] for e in status["exports"]], [None])
        self.assertEqual([e["sha256"] for e in status["exports"]], [e["sha256"] for e in old["exports"]])
        self.assertIn("expired", [w["code"] for w in status["warnings"]])
        self.assertTrue((self.site.outbox / new["job"] / new["exports"][0]["file"]).is_file())
        with sqlite3.connect(self.site.folder / "state" / "ledger.sqlite") as database:
            self.assertEqual(database.execute("SELECT count(*) FROM job_files WHERE job = ?", (old["job"],)).fetchone(), (1,))
            self.assertIsNotNone(database.execute("SELECT expired_ns FROM jobs WHERE id = ?", (old["job"],)).fetchone()[0])

    def test_the_oldest_packages_make_room_when_told(self):
        jobs = [self.ask(f"job{number}") for number in range(3)]
        most = sum(e["bytes"] for job in jobs[1:] for e in job["exports"])
        self.site.configuration["retention"] = {"max_bytes": f"{most}B"}
        self.site.write_configuration()
        self.site.daemon.send_signal(signal.SIGHUP)
        self.site.daemon.send_signal(signal.SIGUSR1)

        def kept():
            # The first signal may have come before the configuration was read; the timer's next one would find it.
            self.site.daemon.send_signal(signal.SIGUSR1)
            return [(self.site.outbox / job["job"]).exists() for job in jobs]

        until(lambda: kept() == [False, True, True], 20, "the oldest packages' end")
        self.assertEqual([name for name in os.listdir(self.site.spool / "claimed") if name.startswith(".expired")], [])

    def test_old_sidecars_go_unless_a_newer_request_has_their_name(self):
        gone, reused = self.ask("gone"), self.ask("reused")
        self.site.submit("reused", {"title": "again", "select": {"datasets": [FOLDER]}, "exports": [{"format": "csv"}]})
        until(lambda: (s := self.site.status("reused")) and s["job"] != reused["job"] and s["state"] == "completed", 60, "the second job")
        self.site.stop()
        for status in (gone, reused):
            self.age(status["job"], 100)
        self.site.start()
        self.restart(sidecars="90d")
        until(lambda: self.site.status("gone") is None, 20, "the old sidecar's end")
        self.assertEqual(self.site.status("reused")["title"], "again")
        self.assertTrue((self.site.outbox / gone["job"]).exists())
