"""SRTP on real wires: off, optional and required on either side, by the probe's own library."""

import unittest

import harness

USUAL = "AES_CM_128_HMAC_SHA1_80"
PLAIN_OCTETS = 172   # of the probe's RTP
TAG_OCTETS = {USUAL: 10, "AES_CM_128_HMAC_SHA1_32": 4, "AES_256_CM_HMAC_SHA1_80": 10,
              "AEAD_AES_128_GCM": 16, "AEAD_AES_256_GCM": 16}


def trunk_lines(use, suite):
    return f'srtp = "{use}"\nsrtp_suites = "{suite}"\n'


def probe_options(use, suite):
    return ("--srtp", use, "--suite", suite)


class Srtp(harness.LabTest):

    def start_with(self, suite=USUAL, **uses):
        """`uses`: pbx and itsp, as their trunks have it."""
        self.start(trunks={side: trunk_lines(use, suite) for side, use in uses.items()})

    def place(self, origin, suite=USUAL, **uses):
        """`uses`: as the players have it."""
        target = harness.other(origin)
        return self.call(origin, calls=10, duration=2,
                         uac_options=probe_options(uses[origin], suite),
                         uas_options=probe_options(uses[target], suite))

    def check(self, suite=USUAL, peers=None, **trunks):
        """Calls from either side; both wires are looked at: RTP has a tag where it should."""
        self.start_with(suite, **trunks)
        peers = peers or trunks
        captures = {side: harness.Capture(side, "udp and not port 5060")
                    for side in ("pbx", "itsp")}
        for origin in ("pbx", "itsp"):
            uac, uas = self.place(origin, suite, **peers)
            self.assert_clean(uac, uas, 10)
        self.assert_ledger()
        for side, capture in captures.items():
            is_secret = "off" not in (trunks[side], peers[side])
            wanted = PLAIN_OCTETS + (TAG_OCTETS[suite] if is_secret else 0)
            # The port is even for RTP, which the payload type tells as well.
            audio = [payload for _, payload in capture.stop() if payload[1] & 0x7f == 8]
            self.assertGreater(len(audio), 500)
            self.assertEqual({len(payload) for payload in audio}, {wanted}, side)

    def test_required_on_one_side(self):
        self.check(pbx="required", itsp="off")

    def test_required_on_the_other_side(self):
        self.check(pbx="off", itsp="required")

    def test_required_on_both_sides_under_different_keys(self):
        self.check(pbx="required", itsp="required")

    def test_optional_is_taken_by_who_has_it(self):
        self.check(pbx="optional", itsp="optional")

    def test_optional_is_no_matter_for_who_has_it_not(self):
        self.check(pbx="optional", itsp="optional", peers={"pbx": "off", "itsp": "off"})

    def test_gcm(self):
        self.check(suite="AEAD_AES_256_GCM", pbx="required", itsp="off")

    def test_gcm_of_short_keys(self):
        self.check(suite="AEAD_AES_128_GCM", pbx="off", itsp="required")

    def test_short_tags(self):
        self.check(suite="AES_CM_128_HMAC_SHA1_32", pbx="required", itsp="off")

    def test_long_keys(self):
        self.check(suite="AES_256_CM_HMAC_SHA1_80", pbx="required", itsp="required")

    def test_required_refuses_who_has_none(self):
        self.start_with(pbx="required", itsp="off")
        uac, uas = self.place("pbx", pbx="off", itsp="off")
        self.assertEqual((uac["refused"], uas["offered"]), ({"488": 10}, 0))
        uac, _ = self.place("itsp", pbx="off", itsp="off")
        self.assertEqual(uac["refused"], {"488": 10})

    def test_a_wrong_key_is_named_as_the_reason_of_silence(self):
        self.start_with(pbx="required", itsp="off")
        called = harness.Probe("uas", "itsp")
        caller = harness.Probe("uac", "pbx", "--control", "--lie-about-key",
                               *probe_options("required", USUAL))
        caller.command("place 1")
        caller.wait_live(1)
        row = harness.wait_for("the call's row", self.directory)[0]
        media = None

        def is_named():
            nonlocal media
            media = self.api(f"calls/{row['id']}")["media"]
            return media[0]["verdict"] == "wrong_key"
        harness.wait_for(lambda: f"verdict wrong_key: {media}", is_named)
        self.assertGreater(media[0]["drops"]["unauthenticated"], 0)
        self.assertIn("no SRTP made with the key", media[0]["why"])
        self.assertEqual(media[1]["verdict"], "flowing")
        caller.command("end")
        caller.wait_live(0)
        caller.command("quit")
        caller.result()
        called.stop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
