"""The soak in small; `Tests/EndToEnd/soak` runs it in full."""
import unittest

from soak import Soak, check


class SoakTests(unittest.TestCase):
    def test_ledger_quota_sidecars_and_outbox_agree_after_cancels_retries_and_kills(self):
        soak = Soak(jobs=60, users=4, kills=2, seed=3)
        self.addCleanup(soak.site.close)
        faults, counts = check(soak.site, soak.run(timeout=240))
        self.assertEqual(faults, [])
        self.assertGreater(counts["completed"], 20)


if __name__ == "__main__":
    unittest.main()
