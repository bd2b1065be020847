"""A stream of SRTP over more than two wraps of its sequence number, on real wires."""

import json
import unittest

import harness

SUITE = ("--suite", "AES_CM_128_HMAC_SHA1_80")
PACKETS = 140_000   # more than two wraps from any beginning


class Wraps(harness.LabTest):

    def test_srtp_goes_on_over_two_wraps(self):
        """Ten thousand packets a second each way, begun just below a wrap. The players share the
        cores with the box, so a socket of theirs may run over: what is lost so is no harm, what
        were refused or decrypted wrongly would be, and a counter that is out of step loses all."""
        self.start(trunks={"pbx": 'srtp = "required"\n', "itsp": 'srtp = "off"\n'})
        fast = ("--packet-time", "100")
        uac, uas = self.call("pbx", calls=1, duration=16,
                             uac_options=("--srtp", "required", *SUITE, *fast),
                             uas_options=("--srtp", "off", *fast))
        shown = json.dumps({"uac": uac, "uas": uas})
        for end, far in ((uac, uas), (uas, uac)):
            self.assertEqual((end["answered"], end["failed"]), (1, 0), shown)
            self.assertGreater(end["rtp"]["sent"], PACKETS, shown)
            self.assertEqual((end["rtp"]["corrupt"], end["rtp"]["foreign"]), (0, 0), shown)
            self.assertGreater(end["rtp"]["received"], 0.5 * far["rtp"]["sent"], shown)
        self.assert_ledger(is_lossless=False)
        refused = ("unauthenticated", "replayed", "no_key", "key_spent")
        for rtp in self.ledger.values():
            self.assertEqual([rtp["drops"][reason] for reason in refused], [0] * 4, shown)


if __name__ == "__main__":
    unittest.main(verbosity=2)
