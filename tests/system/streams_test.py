"""SIP over TCP and TLS: real peers on either side or both, over IPv4 and IPv6, and a key that
changes."""

import os
import signal
import subprocess
import unittest

import harness
from stream_lab import CALLS, StreamsLab
from stream_peer import HandLab


class Streams(StreamsLab):

    def start_tcp(self, *sides):
        self.start(trunks={side: 'transport = "tcp"\n' for side in sides})

    def place(self, origin, transports, calls=CALLS):
        uas = harness.Sipp("uas", harness.other(origin), transports[1], "-m", str(calls))
        # SIPp wants to be allowed as many files as it might open connections.
        uac = harness.Sipp("uac", origin, transports[0], "-m", str(calls), "-r", "10", "-d", "500",
                           "-max_socket", "200")
        return uac, uas

    def test_calls_from_tcp_to_udp(self):
        self.start_tcp("pbx")
        self.assert_calls(*self.place("pbx", ("t1", "u1")))
        self.assertEqual(self.streams()["accepted"], 1)

    def test_calls_from_udp_to_tcp(self):
        self.start_tcp("pbx")
        self.assert_calls(*self.place("itsp", ("u1", "t1")))
        self.assertEqual(self.streams()["connected"], 1)

    def test_calls_from_tcp_to_tcp_with_a_connection_each(self):
        self.start_tcp("pbx", "itsp")
        self.assert_calls(*self.place("pbx", ("tn", "t1")))
        self.assertGreaterEqual(self.streams()["accepted"], CALLS)

    def test_nobody_listens(self):
        """503 at once, not after timer B."""
        self.start_tcp("itsp")
        # What happened before the control plane looked for the first time says nothing to it.
        uac = harness.Probe("uac", "pbx", "--calls", str(CALLS), "--rate", "10")
        summary = uac.result(20)
        self.assertEqual(summary["refused"], {"503": CALLS}, summary)
        self.wait_for_reason("itsp", "connection refused")

    # --- TLS ---

    def test_calls_from_tls_to_udp_and_a_key_that_changes_meanwhile(self):
        self.start_tls()
        tunnel = self.stunnel("client", self.peer)
        again = self.authority.sign("again", "sbc.example.com")
        # All of them live until the key has changed, which sanitized programs take their time for.
        length_ms = 30000 if harness.IS_SANITIZED else 12000
        uas = harness.Sipp("uas", "itsp", "u1", "-m", str(CALLS))
        uac = harness.Sipp("uac", "pbx", "t1", "-m", str(CALLS), "-r", "10", "-d", str(length_ms),
                           to="127.0.0.1:5070", host="127.0.0.1")
        harness.wait_for("all calls", lambda: len(self.directory()) == CALLS)
        self.assertEqual(self.shown_serial(), "0B")
        for new, old in zip(again, self.own):
            os.replace(new, old)
        self.controlplane.signal(signal.SIGHUP)
        harness.wait_for("the new certificate", lambda: self.shown_serial() == "0E")
        self.assertEqual(len(self.directory()), CALLS)
        self.assert_calls(uac, uas)
        self.assertEqual(self.streams()["lost"], 0)
        self.stop(tunnel)

    def place_by_tls(self, origin, transports):
        """Calls from one side to the other, each through stunnel where its transport is "l1"."""
        target = harness.other(origin)
        tunnels, ends = [], []
        for side, role, transport in ((target, "server", transports[1]),
                                      (origin, "client", transports[0])):
            is_client = role == "client"
            places = {}
            if transport == "l1":
                tunnels.append(self.stunnel(role, self.peer, side))
                places = {"host": "127.0.0.1", "to": "127.0.0.1:5070" if is_client else None}
            ends.append(harness.Sipp("uac" if is_client else "uas", side,
                                     transport.replace("l", "t"), "-m", str(CALLS), "-r", "10",
                                     "-d", "500", **places))
        uas, uac = ends
        self.assert_calls(uac, uas)
        for tunnel in tunnels:
            self.stop(tunnel)

    def test_calls_from_udp_to_tls(self):
        self.start_tls()
        self.place_by_tls("itsp", ("u1", "l1"))
        self.assertEqual(self.streams()["secured"], 1)

    def test_calls_from_tcp_to_tls_and_back(self):
        self.start_tls({"pbx": 'transport = "tcp"\n', "itsp": self.trunk})
        self.place_by_tls("pbx", ("t1", "l1"))
        self.assertEqual(self.streams()["secured"], 1)
        self.place_by_tls("itsp", ("l1", "t1"))
        self.assertEqual(self.streams()["secured"], 2)

    def test_calls_from_tls_to_tls(self):
        self.start_tls({"pbx": self.trunk, "itsp": self.trunk})
        self.place_by_tls("pbx", ("l1", "l1"))
        self.assertEqual(self.streams()["secured"], 2)

    def shown_serial(self):
        _, text = self.client("-cert", self.peer[0], "-key", self.peer[1], "-showcerts")
        begin = text.find("-----BEGIN")
        pem = text[begin:text.find("-----END CERTIFICATE-----") + 26]
        shown = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem.encode("ascii"),
                               capture_output=True, check=True).stdout.decode("ascii")
        return shown.strip().partition("=")[2]

class StreamsByHand(HandLab):
    """SIPp writes no SDP of IPv6 that holds."""

    def test_calls_by_tls_over_ipv6_both_ways(self):
        self.play_tls(family=6)
        line = self.connect()
        calls = [self.call_in(line), self.call_out(), self.call_in(line)]
        self.wait_calls(3, 0)
        for call in calls:
            self.end(call)
        self.wait_calls(0, 3)
        self.wait_streams(accepted=1, connected=1, secured=2, lost=0)


class StreamsOnThreeThreads(Streams):
    """The same, with one thread that accepts and another one that has the connections."""

    platform = "stream_threads = 3\n"


if __name__ == "__main__":
    unittest.main(verbosity=2)
