"""The example for cron: a request is dropped, waited for, and answered by an exit status and, where it failed, by words."""
import json
import subprocess

from harness import DATASETS, EXAMPLES, SiteTest

SCRIPT = EXAMPLES / "nightly" / "export-and-wait"


class Nightly(SiteTest):
    configuration = {"quota": {"default": {"exports": 1}}}

    def run_script(self, request, seconds="60"):
        path = self.site.folder / "night.yaml"
        path.write_text(json.dumps(request))
        return subprocess.run([SCRIPT, self.site.spool, path, seconds], capture_output=True, text=True, timeout=120)

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
