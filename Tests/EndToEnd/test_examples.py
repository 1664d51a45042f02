"""The requests in examples/ do what they say on the store beside them."""
import shutil
import unittest

from harness import EXAMPLES, Site

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
