"""G.711 on real wires, A-law on one side and mu-law on the other: each octet of the probe's audio,
by tables that are not the product's, and a recording that went there and back."""

import audioop
import math
import unittest

import harness
import sipp_test

SIDES = {"pbx": "pcma", "itsp": "pcmu"}
# Each peer has its law only; to the other one audio is offered in both, and transcoded.
TRUNKS = {"pbx": 'codecs = ["PCMA", "telephone-event"]\nadd_codecs = "PCMA"\n',
          "itsp": 'codecs = ["PCMU", "telephone-event"]\nadd_codecs = "PCMU"\n'}
# The probe's answer has one key, which fits an offer of one suite.
SRTP = 'srtp = "required"\nsrtp_suites = "AES_CM_128_HMAC_SHA1_80"\n'
PCMA, PCMU = 8, 0


def payload_types(datagrams):
    return {payload[1] & 127 for _, payload in datagrams if len(payload) >= 172}


class Codec(harness.LabTest):

    def check(self, family=4, srtp=()):
        """Calls from either side; `srtp` names the sides that have it."""
        trunks = {side: lines + (SRTP if side in srtp else "")
                  for side, lines in TRUNKS.items()}
        self.start(trunks=trunks, family=family)
        captures = {side: harness.Capture(side, "udp and not port 5060") for side in SIDES}
        for origin in SIDES:
            target = harness.other(origin)
            uac, uas = self.call(origin, calls=20, duration=2, family=family,
                                 uac_options=self.options(origin, srtp),
                                 uas_options=self.options(target, srtp))
            self.assert_clean(uac, uas, 20)
        self.assert_ledger()
        self.assertEqual(payload_types(captures["pbx"].stop()), {PCMA})
        self.assertEqual(payload_types(captures["itsp"].stop()), {PCMU})

    def options(self, side, srtp):
        secret = ("--srtp", "required") if side in srtp else ()
        return ("--codec", SIDES[side], "--peer-codec", SIDES[harness.other(side)], *secret)

    def test_a_law_and_mu_law(self):
        self.check()

    def test_with_srtp_on_one_side(self):
        self.check(srtp=("pbx",))

    def test_from_ipv4_to_ipv6_with_srtp_on_both_sides(self):
        self.check(family={"pbx": 4, "itsp": 6}, srtp=("pbx", "itsp"))

    def test_a_recording_comes_back_within_half_a_decibel(self):
        """SIPp's own recording in A-law; the other side is sent mu-law and sends that back."""
        self.start(trunks=TRUNKS)
        scenario = sipp_test.stock("uac_pcap", *sipp_test.recordings())
        wires = {side: harness.Capture(side, "udp and not port 5060") for side in SIDES}
        called = sipp_test.Sipp("itsp", "uas", "-m", "1", "-rtp_echo").wait_listening()
        caller = sipp_test.Sipp("pbx", scenario, "-m", "1", "-s", "+442079460018",
                                f"{harness.address('pbx', 1)}:5060")
        for sipp in (caller, called):
            self.assertEqual(sipp.wait(harness.PATIENCE * 3), 0, sipp.log_text()[-3000:])
        datagrams = wires["pbx"].stop()
        self.assertIn(PCMU, payload_types(wires["itsp"].stop()))
        sent = self.audio(datagrams, harness.address("pbx", 2))
        back = self.audio(datagrams, harness.address("pbx", 1))
        both = sorted(sent.keys() & back.keys())
        self.assertGreater(len(both), 100)
        self.assertGreater(len(both), 0.95 * len(sent))
        self.assert_alike(b"".join(sent[key] for key in both), b"".join(back[key] for key in both))

    def audio(self, datagrams, source):
        """{sequence number: octets of A-law} of what one host sent."""
        octets = bytes(int(part) for part in source.split("."))
        return {payload[2:4]: payload[12:] for host, payload in datagrams
                if host == octets and payload[0] == 0x80 and payload[1] & 127 == PCMA}

    def assert_alike(self, sent, back):
        """As loud to half a decibel, and what differs is far below what is heard."""
        before, after = audioop.alaw2lin(sent, 2), audioop.alaw2lin(back, 2)
        self.assertGreater(audioop.rms(before, 2), 200)  # a recording, not silence
        level = 20 * math.log10(audioop.rms(after, 2) / audioop.rms(before, 2))
        self.assertLess(abs(level), 0.5)
        rest = audioop.rms(audioop.add(after, audioop.mul(before, 2, -1), 2), 2)
        self.assertLess(20 * math.log10(max(rest, 1) / audioop.rms(before, 2)), -25)


if __name__ == "__main__":
    unittest.main(verbosity=2)
