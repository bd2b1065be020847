"""The players themselves, on one wire without demarc: what they say about it can be believed."""

import subprocess
import unittest

import harness


class Players(harness.LabTest):

    def setUp(self):
        super().setUp()
        subprocess.run([harness.LAB, "up", "--direct"], check=True)

    def direct(self, family, uac_options=(), **options):
        return self.call("pbx", family=family, uac_options=(
            "--to", harness.endpoint("itsp", 2, family), *uac_options), **options)

    def test_the_probe_finds_nothing_wrong_with_a_wire(self):
        for family in (4, 6):
            uac, uas = self.direct(family, calls=100, rate=100)
            self.assert_clean(uac, uas, 100)

    def test_the_probe_notices_lost_audio(self):
        harness.lose("pbx", harness.LOSE_RTP)
        uac, uas = self.direct(4, calls=20)
        self.assertEqual((uac["ended"], uas["ended"]), (20, 20))
        self.assertGreater(uas["rtp"]["lost"], 20)
        self.assertLess(uas["rtp"]["received"], uac["rtp"]["sent"])
        self.assertEqual(uac["rtp"]["lost"], 0)

    def test_the_probe_overcomes_lost_signalling(self):
        for side in ("pbx", "itsp"):
            harness.lose(side, harness.LOSE_SIP)
        uac, uas = self.direct(4, calls=40)
        self.assert_clean(uac, uas, 40)
        self.assertGreater(uac["resent"] + uas["resent"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
