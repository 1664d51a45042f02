"""The formats json and csv: packages of the example store, compared with what the PyPI decoders read in its recordings."""
import json
import subprocess
import sys

from harness import DATASETS, ROOT, TRUTH, SiteTest, until

CHECK_TABLES = ROOT / "Tests" / "Peers" / "check_tables.py"
ALL = [TRUTH / f"{name}.json" for name in DATASETS]


class Tables(SiteTest):
    def submit(self, name, **options):
        self.site.submit(name, {"exports": [options]})

    def assertTables(self, name, *arguments):
        status = self.site.wait(name)
        self.assertEqual(status["state"], "completed", f"{status['error']}\n{self.site.log_tail()}")
        recordings = []
        for dataset in DATASETS.values():
            volumes = [self.site.store / f"{dataset}.mcap"] if (self.site.store / f"{dataset}.mcap").exists() else sorted((self.site.store / dataset).glob("*.mcap"))
            recordings += ["--recording", f"{dataset}={','.join(map(str, volumes))}"]
        command = [sys.executable, str(CHECK_TABLES), str(self.site.package(status)), *map(str, ALL), *recordings, *arguments]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return status

    def test_every_cell_is_what_the_recordings_hold(self):
        self.submit("csv", format="csv", messages=["*"])
        self.submit("json", format="json", messages=["*joint*", "/tf", "*robot_description"], array_columns=3, binary="base64")
        self.assertTables("csv")
        self.assertTables("json", "--array-columns", "3", "--binary", "base64")

    def test_tables_without_samples_need_no_topic_that_can_be_mapped(self):
        self.submit("facts", format="json", samples=False)
        status = self.assertTables("facts")
        self.assertEqual(status["exports"][0]["frames"], 0)

    def test_a_topic_that_no_recording_has_is_a_warning(self):
        self.submit("missing", format="csv", samples=False, messages=["/nowhere", "/tf"])
        warnings = self.assertTables("missing")["warnings"]
        self.assertEqual({warning["code"] for warning in warnings if "/nowhere" in warning["message"]}, {"topic_missing"})
        self.assertIn("/nowhere", json.dumps(warnings))

    def test_the_same_request_gives_the_same_bytes(self):
        hashes, last = set(), None
        for _ in range(2):
            self.submit("again", format="csv", messages=["*"])
            status = until(lambda: (s := self.site.status("again")) and s["job"] != last and s["state"] == "completed" and s, 60, "again")
            last = status["job"]
            hashes.add(status["exports"][0]["sha256"])
        self.assertEqual(len(hashes), 1)
