"""The files under status/: page, queue and metrics; what watches them; and the manual pages."""
import json
import re
import shutil
import subprocess
import unittest
from html.parser import HTMLParser

from harness import SiteTest, programs, read_json, until

# What would turn a line around or ring a bell is refused with the request; the page's unit tests have those.
HOSTILE = "</script><img src=x onerror=alert(1)> 'quoted' \"twice\" &amp; {{policy}}"


class Page(HTMLParser):
    """Counts elements, and remembers handlers and what is loaded from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.suspects = {}, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.suspects += [(tag, name) for name, value in attributes if name.startswith("on") or name == "src"]


class StatusPageTests(SiteTest):
    def page(self):
        path = self.site.spool / "status" / "index.html"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def metrics(self):
        text = (self.site.spool / "status" / "metrics.prom").read_text(encoding="utf-8")
        return text, {m[1]: float(m[2]) for m in re.finditer(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", text, re.M)}

    def test_page_queue_and_metrics_tell_of_jobs_with_hostile_titles(self):
        self.site.export("good", title=HOSTILE)
        self.site.submit("bad", {"title": HOSTILE, "exports": [{"format": "hdf5"}], "select": {"datasets": ["nowhere"]}})
        good, bad = self.site.wait("good"), self.site.wait("bad")
        until(lambda: good["job"] in self.page() and bad["job"] in self.page() and "badge completed" in self.page(), 20, "both jobs on the page")
        text = self.page()
        page = Page(text)
        self.assertEqual((page.tags["script"], page.tags.get("img", 0), page.suspects), (1, 0, []))
        self.assertLess(len(text), 1 << 20)
        self.assertIn(f'href="../outbox/{good["job"]}/"', text)
        queue = read_json(self.site.spool / "status" / "queue.json")
        self.assertEqual({entry["job"]: entry["state"] for entry in queue["recent"]}, {good["job"]: "completed", bad["job"]: "failed"})
        metrics, values = self.metrics()
        self.assertEqual(values['exportd_jobs{state="completed"}'], 1)
        self.assertEqual(values[f'exportd_failures{{code="{bad["error"]["code"]}"}}'], 1)
        self.assertEqual(values["exportd_published_bytes_total"], good["exports"][0]["bytes"])
        if shutil.which("promtool"):
            run = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True)
            self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_watch_prints_the_queue_as_plain_lines_where_there_is_no_terminal(self):
        self.site.export("good", title=HOSTILE)
        job = self.site.wait("good")["job"]
        until(lambda: job in self.page() and "badge completed" in self.page(), 20, "the job on the page")
        run = subprocess.run(
            [str(programs() / "exportctl"), "watch", "--once", "--config", str(self.site.folder / "exportd.yaml")],
            capture_output=True,
            text=True,
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("completed", run.stdout)
        self.assertNotIn("\x1b", run.stdout)

    def test_a_daemon_that_stopped_says_so(self):
        until(lambda: self.page(), 20, "a page")
        self.assertEqual(self.site.stop(), 0)
        self.assertEqual(read_json(self.site.spool / "status" / "queue.json")["health"]["state"], "stopped")


class ManualTests(unittest.TestCase):
    def test_manual_pages_are_good_roff(self):
        pages = {"exportctl": ["exportctl", "manual", "exportctl"], "exportd": ["exportd", "--manual"]}
        pages |= {page: ["exportctl", "manual", page] for page in ("exportd.yaml", "export-request")}
        for page, (program, *arguments) in pages.items():
            with self.subTest(page):
                run = subprocess.run([str(programs() / program), *arguments], capture_output=True, text=True)
                self.assertEqual(run.returncode, 0, run.stderr)
                for section in ("NAME", "DESCRIPTION", "SEE ALSO"):
                    self.assertIn(f'.SH "{section}"', run.stdout)
                if shutil.which("mandoc"):
                    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=run.stdout, capture_output=True, text=True)
                    complaints = [line for line in lint.stdout.splitlines() if "missing date" not in line and "lower case" not in line]
                    self.assertEqual(complaints, [])


if __name__ == "__main__":
    unittest.main()
