"""The example for cron: a request is dropped, waited for, and answered by an exit status and, where it failed, by words."""
import json
import subprocess

from harness import DATASETS, EXAMPLES, SiteTest

SCRIPT = EXAMPLES / "nightly" / "export-and-wait"


class NightlyTest(SiteTest):
    def run_script(self, request, seconds="60"):
        path = self.site.folder / "night.yaml"
        path.write_text(json.dumps(request, indent=1).replace('"changed_since"', "changed_since"))
        return subprocess.run([SCRIPT, self.site.spool, path, seconds], capture_output=True, text=True, timeout=120)


class Nightly(NightlyTest):
    configuration = {"quota": {"default": {"exports": 1}}}

    def test_a_nightly_run_is_silent_where_it_went_well_and_says_why_where_not(self):
        export = {"select": {"datasets": [DATASETS["folder"]]}, "exports": [{"format": "mcap"}]}
        outcomes = [
            (export, 0, ""),
            (export, 4, "quota_exceeded"),
            ({"exports": [{"format": "nope"}]}, 2, "request_invalid"),
            ({"kind": "preview", **export, "select": {"datasets": ["missing"]}}, 1, "selection_empty"),
        ]
        for request, status, word in outcomes:
            run = self.run_script(request)
            self.assertEqual((run.returncode, run.stdout), (status, ""), run.stderr)
            self.assertIn(word, run.stderr)
            self.assertEqual(bool(run.stderr), status != 0)
        self.site.stop()
        self.assertEqual(self.run_script(export, "2").returncode, 75)
        self.assertEqual(subprocess.run([SCRIPT, self.site.folder], capture_output=True).returncode, 2)


class NightlyWarnings(NightlyTest):
    configuration = {}

    def test_a_nightly_run_prints_warnings_and_nothing_where_nothing_is_new(self):
        # A broken recording beside a sound one gives a warning.
        (self.site.store / DATASETS["folder"] / "data.mcap").write_bytes(b"no recording at all")
        export = {
            "title": "Nightly", "on_dataset_error": "skip", "exports": [{"format": "mcap"}],
            "select": {"datasets": [DATASETS["folder"], DATASETS["flat"]], "changed_since": "last-success"},
        }
        first = self.run_script(export)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertIn(DATASETS["folder"], first.stdout)
        export["select"]["datasets"] = [DATASETS["flat"]]
        second = self.run_script(export)
        self.assertEqual((second.returncode, second.stdout, second.stderr), (0, "", ""))
