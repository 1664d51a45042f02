"""What lies in examples/: every request does what it says on the store beside it, and the nightly script tells cron the truth."""
import json
import os
import shutil
import subprocess
import unittest

from harness import DATASETS, EXAMPLES, Site, SiteTest, programs, until

REQUESTS = EXAMPLES / "requests"
# These name jobs, people or a day that a store of examples does not have; they are tested where that is.
ABOUT_OTHER_THINGS = {"cancel", "retry", "retry-failed", "history", "on-behalf-of", "queue-pause", "quota-set", "quota-show", "nightly-frame-drops"}


class ExampleRequests(unittest.TestCase):
    def test_each_request_for_an_export_completes_on_the_store_of_examples(self):
        site = Site(example_store=False)
        self.addCleanup(site.close)
        shutil.rmtree(site.store)
        site.configuration["stores"] = [str(EXAMPLES / "store")]
        site.write_configuration()
        site.start()
        names = {path.stem for path in REQUESTS.glob("*.yaml")}
        self.assertLess(ABOUT_OTHER_THINGS, names)
        for name in sorted(names - ABOUT_OTHER_THINGS):
            site.submit(name, (REQUESTS / f"{name}.yaml").read_text())
        for name in sorted(names - ABOUT_OTHER_THINGS):
            with self.subTest(name):
                status = site.wait(name, timeout=180)
                self.assertEqual((status["state"], status["error"]), ("completed", None))
                for index, export in enumerate(status["exports"] if status["kind"] == "export" else []):
                    self.assertEqual(site.package(status, index).stat().st_size, export["bytes"])


class NightlyScript(SiteTest):
    def prepare(self):
        self.folder = self.site.folder / "nightly"
        self.folder.mkdir()
        self.site.start()

    def request(self, name, **keys):
        path = self.folder / f"{name}.yaml"
        lines = ["title: Nightly", "select:", "  projects: [kitchen]", *(f"  {key}: {value}" for key, value in keys.items())]
        path.write_text("\n".join([*lines, "exports:", "  - format: csv", ""]))
        return path

    def night(self, request, *arguments):
        environment = {**os.environ, "PATH": f"{programs()}:{os.environ['PATH']}", "EXPORTD_CONFIG": str(self.site.folder / "exportd.yaml")}
        run = subprocess.run(
            [str(EXAMPLES / "nightly" / "export-nightly"), str(request), *arguments], cwd=self.folder, env=environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        self.assertEqual(run.stderr, "")
        return run.returncode, run.stdout

    def test_a_night_prints_warnings_only_and_one_without_anything_new_prints_nothing(self):
        request = self.request("new", changed_since="last-success")
        status, printed = self.night(request)
        self.assertEqual(status, 0, printed)
        self.assertTrue(all(line.startswith("warning") for line in printed.splitlines()), printed)
        job = self.site.status("new")["job"]
        self.assertEqual(self.night(request), (0, ""))
        self.assertNotEqual(self.site.status("new")["job"], job, "the second night was not asked for")
        self.assertEqual(self.site.error("new")["code"], "selection_empty")

    def test_an_empty_selection_is_a_failure_where_nothing_asks_for_changes(self):
        status, printed = self.night(self.request("none", datasets="[no_such_*]"))
        self.assertEqual(status, 1)
        self.assertIn("selection_empty", printed)

    def test_invalid_requests_and_failed_jobs_print_why_and_keep_their_exit_status(self):
        status, printed = self.night(self.request("wrong", colour="red"))
        self.assertEqual(status, 2)
        self.assertIn("colour", printed)
        broken = self.site.store / DATASETS["folder"] / "data.mcap"
        broken.write_bytes(b"no recording at all")
        status, printed = self.night(self.request("broken", datasets=f"[{DATASETS['folder']}]"))
        self.assertEqual(status, 1)
        self.assertIn("dataset_unreadable", printed)

    def test_a_job_of_the_night_before_is_left_to_end(self):
        request = self.request("slow")
        self.site.submit("pause", json.dumps({"kind": "queue", "action": "pause"}))
        until(lambda: (self.site.status("pause") or {}).get("state") == "completed", 30, "the queue paused")
        status, printed = self.night(request, "1s")
        self.assertNotEqual(status, 0, printed)
        job = self.site.status("slow")["job"]
        status, printed = self.night(request)
        self.assertEqual(status, 1)
        self.assertIn("still pending", printed)
        self.assertEqual(self.site.status("slow")["job"], job)
