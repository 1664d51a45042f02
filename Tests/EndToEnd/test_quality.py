"""The quality formats: tables that agree with what the generator left out, a report, and a gate that names what failed."""
import csv
import json
import subprocess
import sys

from harness import ROOT, SiteTest, generate, until

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

    def test_a_recording_that_keeps_its_limits_passes_the_gate(self):
        dataset, truth = self.recorded("--seconds", 6)
        self.ask("gate", dataset, format="frame_drops", fail_on_limits=True)
        self.assertAgrees(self.site.wait("gate"), truth)
