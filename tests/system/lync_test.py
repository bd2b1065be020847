"""What the preset "lync2013" means on the wire: a Mediation Server at 5067 for TLS, certificates on
both sides, and at 5068 for TCP, with us at 5066."""

import re
import unittest

import harness
from stream_lab import CALLS, Authority, StreamsLab


class Lync(StreamsLab):

    # SIPp has no SRTP, which the preset requires over TLS.
    trunk = 'preset = "lync2013"\ntls = "main"\nsrtp = "off"\n'
    tls_port = peer_port = 5067

    def write(self, text):
        """Nobody but the preset says at which port the peer listens."""
        peer = harness.endpoint("pbx")
        self.assertIn(f'"{peer}"', text)
        super().write(text.replace(f'"{peer}"', f'"{harness.address("pbx")}"'))

    def refuse(self, *arguments):
        """It opens its connection with those certificates, and gets no SIP through."""
        before = self.streams()
        options = (b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TLS 10.20.1.2;branch=z9hG4bKx\r\n"
                   b"From: <sip:a@b>;tag=1\r\nTo: <sip:x>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
                   b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n")
        _, text = self.client("-quiet", *arguments, stdin=options)
        self.assertIsNone(re.search(r"^SIP/2\.0 ", text, re.M), text)
        harness.wait_for(lambda: f"a refusal, has {self.streams()}",
                         lambda: self.streams()["handshake_failed"] > before["handshake_failed"])
        self.assertEqual(self.streams()["secured"], before["secured"])

    def test_tls_wants_a_certificate_of_the_mediation_server(self):
        self.start_tls()
        self.refuse()
        other = Authority(f"{harness.RUN}/tls-other", "other").sign("wrong", "sip.example.com")
        self.refuse("-cert", other[0], "-key", other[1])
        tunnel = self.stunnel("client", self.peer)
        uas = harness.Sipp("uas", "itsp", "u1", "-m", str(CALLS))
        uac = harness.Sipp("uac", "pbx", "t1", "-m", str(CALLS), "-r", "10", "-d", "500",
                           to="127.0.0.1:5070", host="127.0.0.1")
        self.assert_calls(uac, uas)
        self.stop(tunnel)

    def test_tls_shows_ours_to_the_mediation_server_at_5067(self):
        """It asks for a certificate, too, and lets nobody in without."""
        self.start_tls()
        tunnel = self.stunnel("server", self.peer)
        uas = harness.Sipp("uas", "pbx", "t1", "-m", str(CALLS), host="127.0.0.1")
        uac = harness.Sipp("uac", "itsp", "u1", "-m", str(CALLS), "-r", "10", "-d", "500")
        self.assert_calls(uac, uas)
        self.stop(tunnel)

    def start_tcp(self):
        self.start(trunks={"pbx": 'preset = "lync2013"\ntransport = "tcp"\n'})

    def test_tcp_to_the_mediation_server_at_5068(self):
        self.start_tcp()
        uas = harness.Sipp("uas", "pbx", "t1", "-m", str(CALLS), port=5068)
        uac = harness.Sipp("uac", "itsp", "u1", "-m", str(CALLS), "-r", "10", "-d", "500")
        self.assert_calls(uac, uas)

    def test_tcp_from_the_mediation_server_to_our_5066(self):
        self.start_tcp()
        uas = harness.Sipp("uas", "itsp", "u1", "-m", str(CALLS))
        uac = harness.Sipp("uac", "pbx", "t1", "-m", str(CALLS), "-r", "10", "-d", "500",
                           to=f"{harness.address('pbx', 1)}:5066")
        self.assert_calls(uac, uas)


if __name__ == "__main__":
    unittest.main(verbosity=2)
