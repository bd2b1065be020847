"""deploy/quickstart itself: what a new user runs, twice in a row and after a crashed run."""

import os
import signal
import subprocess
import unittest

import harness

QUICKSTART = os.path.join(harness.ROOT, "deploy", "quickstart")


class Quickstart(unittest.TestCase):

    def setUp(self):
        self.environment = {**os.environ, **harness.SANITIZERS, "DEMARC_LAB_CALLS": "10",
                            "DEMARC_LOGS": os.path.join(harness.LOGS, "quickstart")}

    def tearDown(self):
        self.quickstart("--down")

    def quickstart(self, *options):
        done = subprocess.run([QUICKSTART, *options], env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=400,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def assert_report(self, text):
        for way in ("pbx -> itsp", "itsp -> pbx"):
            self.assertRegex(text, rf"{way}\s+10\s+10\s+0")
        self.assertRegex(text, r"tls -> itsp\s+1\s+1\s+0")
        self.assertRegex(text, r"itsp -> tls\s+10\s+10\s+0")
        self.assertRegex(text, r"SRTP packets +[1-9]\d* from the PBX, [1-9]\d* to it")
        self.assertEqual(text.count("(the ledger closes)"), 3, text)
        self.assertRegex(text, r"ports by (af_xdp|af_packet)")

    def test_kept_then_again_after_a_crash_then_removed(self):
        kept = self.quickstart("--keep")
        self.assert_report(kept)
        self.assertTrue(harness.api.is_ready(f"{harness.RUN}/api.sock"))
        # The data plane dies; the next run clears up and works.
        with open(f"{harness.RUN}/dataplane.pid", encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        self.assert_report(self.quickstart())
        for side in ("pbx", "sbc", "itsp"):
            self.assertFalse(os.path.exists(f"/run/netns/{harness.namespace(side)}"))
        self.assertFalse(os.path.exists(harness.RUN))


if __name__ == "__main__":
    unittest.main(verbosity=2)
