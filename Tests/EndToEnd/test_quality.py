"""The quality formats: tables that agree with what the generator left out, a report, and a gate that names what failed."""
import csv
import json
import sqlite3
import subprocess
import sys
from contextlib import closing

from harness import ROOT, SiteTest, generate, programs, until

CHECK = ROOT / "Tests" / "Peers" / "check_quality.py"
CAMERA = "/camera_01/color/image_raw/compressed"


class Quality(SiteTest):
    def recorded(self, *options):
        """A recording of its own in an otherwise empty store."""
        truth = self.site.folder / "truth.json"
        return generate(self.site.store, truth, "--size", "64x48", "--project", "drops", *options), truth

    def ask(self, name, dataset, **options):
        self.site.submit(name, {"exports": [options], "select": {"datasets": [dataset]}, "package": "directory"})

    def assertAgrees(self, status, truth):
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        package = self.site.package(status)
        run = subprocess.run([sys.executable, str(CHECK), str(package), str(truth)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return package

    def test_frames_that_were_left_out_are_found_and_no_others(self):
        dataset, truth = self.recorded("--seconds", 12, "--drop", f"{CAMERA}=30%", "--gap", "/camera_02*=5:1")
        self.ask("drops", dataset, format="frame_drops", verify=True)
        self.ask("aligned", dataset, format="time_alignment")
        self.ask("gate", dataset, format="frame_drops", fail_on_limits=True)
        package = self.assertAgrees(self.site.wait("drops"), truth)
        with open(package / "frame_drop_stats.csv", newline="") as file:
            rows = {row["stream"]: row for row in csv.DictReader(file)}
        self.assertEqual((rows[CAMERA]["verdict"], rows[CAMERA]["duplicates"], rows[CAMERA]["undecodable"]), ("failed", "0", "0"))
        report = json.loads((package / "report.json").read_text())
        self.assertEqual([r["dataset"] for r in report["recordings"]], [dataset])
        self.assertAgrees(self.site.wait("aligned"), truth)
        self.assertFailed("gate", "dataset_unreadable", mentions=(dataset, "max_drops", CAMERA), published=True)
        # The report is there although the job failed, and makes room for that of another run.
        for attempt in (1, 2):
            status = self.site.status("gate")
            self.assertEqual((status["attempt"], [export["state"] for export in status["exports"]]), (attempt, ["failed"]))
            gate = self.site.package(status)
            self.assertEqual(json.loads((gate / "report.json").read_text())["recordings"][0]["verdict"], "failed")
            self.assertTrue((gate / "report.html").exists())
            published = json.loads((gate.parent / "status.json").read_text())
            self.assertEqual((published["state"], published["attempt"]), ("failed", attempt))
            self.assertEqual(published["error"]["code"], "dataset_unreadable")
            if attempt == 1:
                self.site.submit("again", {"kind": "retry", "jobs": [status["job"]]})
                self.assertEqual(self.site.wait("again")["state"], "completed")
                until(lambda: (now := self.site.status("gate"))["attempt"] == 2 and now["state"] == "failed", 60, "the gate's second run")

        self.assertEqual(self.place_in_history(status["job"]), str(gate.parent))
        # Killed between publishing and the ledger's entry, the daemon takes what it published for the truth, and makes it no second time.
        before, made = self.site.status("gate"), (gate / "report.json").stat().st_ino
        self.site.kill()
        ledger = self.site.folder / "state" / "ledger.sqlite"
        with closing(sqlite3.connect(ledger)) as db, db:
            db.execute("UPDATE jobs SET state = 'processing', finished_ns = NULL, error = NULL WHERE id = ?", [status["job"]])
        self.site.start()
        until(lambda: self.place_in_history(status["job"]), 60, "the gate's end in the ledger")
        after = self.site.status("gate")
        self.assertEqual([after[key] for key in ("state", "attempt", "exports", "error")], [before[key] for key in ("state", "attempt", "exports", "error")])
        self.assertEqual((gate / "report.json").stat().st_ino, made)

    def place_in_history(self, job):
        """Where the packages of a failed job lie; None where it has not failed."""
        command = [programs() / "exportctl", "history", "--json", "--state", "failed", "--config", self.site.folder / "exportd.yaml"]
        jobs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return next((entry["place"] for entry in jobs if entry["job"] == job), None)

    def test_a_recording_that_keeps_its_limits_passes_the_gate(self):
        dataset, truth = self.recorded("--seconds", 6)
        self.ask("gate", dataset, format="frame_drops", fail_on_limits=True)
        self.assertAgrees(self.site.wait("gate"), truth)
