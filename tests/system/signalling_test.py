"""The calls that are not answered, who hangs up, and what is no call at all."""

import socket
import unittest

import harness


def options_request(origin, number, host=None):
    """An OPTIONS request from a side's address, as text with a branch of its own."""
    local = f"{host or harness.address(origin)}:5060"
    return (f"OPTIONS sip:{harness.address(origin, 1)}:5060 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {local};branch=z9hG4bK-options-{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{local}>;tag=o{number}\r\n"
            f"To: <sip:{harness.address(origin, 1)}>\r\nCall-ID: options-{number}@{local}\r\n"
            f"CSeq: {number} OPTIONS\r\nContent-Length: 0\r\n\r\n").encode("ascii")


class Signalling(harness.LabTest):

    def assert_no_calls_left(self):
        harness.wait_for("an empty directory", lambda: self.directory() == [])

    def test_cancel_reaches_the_other_side(self):
        self.start()
        for origin in ("pbx", "itsp"):
            uac, uas = self.call(origin, calls=10, uac_options=("--cancel-after", "300"),
                                 uas_options=("--no-answer",))
            self.assertEqual((uac["cancelled"], uas["cancelled"]), (10, 10), (uac, uas))
            self.assertEqual(uac["problems"] + uas["problems"], [])
        self.assert_no_calls_left()

    def test_cancel_before_anything_rang(self):
        self.start()
        uac, uas = self.call("pbx", calls=10, uac_options=("--cancel-after", "0"),
                             uas_options=("--no-answer",))
        self.assertEqual(uac["cancelled"], 10, uac)
        self.assertEqual(uac["problems"] + uas["problems"], [])
        self.assert_no_calls_left()

    def test_a_refusal_is_passed_on(self):
        self.start()
        for code in ("486", "404", "603"):
            uac, uas = self.call("pbx", calls=5, uas_options=("--refuse", code))
            self.assertEqual((uac["refused"], uas["refused"]), ({code: 5}, {code: 5}))
            self.assertEqual(uac["problems"] + uas["problems"], [])
        self.assert_no_calls_left()

    def test_the_called_side_hangs_up(self):
        self.start()
        for origin in ("pbx", "itsp"):
            who = ("--bye-from", "uas")
            uac, uas = self.call(origin, calls=10, duration=1, uac_options=who,
                                 uas_options=("--duration", "1", *who))
            self.assert_clean(uac, uas, 10)
        self.assert_no_calls_left()

    def test_ringing_with_sdp(self):
        self.start()
        uac, uas = self.call("pbx", calls=10, duration=1, uas_options=("--ring-with-sdp",))
        self.assert_clean(uac, uas, 10)

    def test_a_peer_that_is_not_there(self):
        """Nobody listens at the ITSP: the caller still gets a final answer (408, 480 or 503)."""
        self.start(trunks={"itsp": "no_response_ms = 2000\n"})
        uac = harness.Probe("uac", "pbx", "--calls", "2")
        summary = uac.result(60)
        self.assertEqual(sum(summary["refused"].values()), 2, summary)
        self.assertTrue(set(summary["refused"]) <= {"408", "480", "500", "503", "504"}, summary)
        self.assert_no_calls_left()

    def call_on_bad_wires(self, origin):
        """One in eight of the messages that either peer sends is lost."""
        self.start()
        for side in ("pbx", "itsp"):
            harness.lose(side, harness.LOSE_SIP)
        uac, uas = self.call(origin, calls=40, rate=40)
        self.assert_clean(uac, uas, 40)
        self.assertGreater(uac["resent"] + uas["resent"], 0)
        self.assert_no_calls_left()

    def test_lost_signalling_from_the_pbx_is_sent_again(self):
        self.call_on_bad_wires("pbx")

    def test_lost_signalling_from_the_itsp_is_sent_again(self):
        self.call_on_bad_wires("itsp")

    def test_options_is_answered(self):
        self.start()
        for origin in ("pbx", "itsp"):
            with harness.udp_socket(origin, (harness.address(origin), 5060)) as one:
                one.settimeout(harness.PATIENCE)
                one.sendto(options_request(origin, 1), (harness.address(origin, 1), 5060))
                answer = one.recv(65536).decode("ascii")
                self.assertTrue(answer.startswith("SIP/2.0 200 "), answer)
                self.assertIn("branch=z9hG4bK-options-1", answer)
                self.assertIn("CSeq: 1 OPTIONS", answer)

    def test_an_unknown_source_hears_nothing_and_is_counted(self):
        self.start()
        here = (harness.address("pbx", 1), 5060)
        before = self.counted("sip_unknown_source")
        with harness.udp_socket("pbx", (harness.address("pbx", 9), 5060)) as stranger, \
                harness.udp_socket("pbx", (harness.address("pbx"), 5060)) as peer:
            stranger.sendto(options_request("pbx", 1, harness.address("pbx", 9)), here)
            stranger.sendto(b"hello", here)
            harness.wait_for("two datagrams counted as of an unknown source",
                             lambda: self.counted("sip_unknown_source") >= before + 2)
            # The peer's answer comes after whatever the stranger would have got.
            peer.settimeout(harness.PATIENCE)
            peer.sendto(options_request("pbx", 2), here)
            self.assertTrue(peer.recv(65536).startswith(b"SIP/2.0 200 "))
            stranger.setblocking(False)
            with self.assertRaises(BlockingIOError):
                stranger.recv(65536)

    def test_malformed_datagrams_are_counted_or_answered(self):
        self.start()
        here = (harness.address("pbx", 1), 5060)
        good = options_request("pbx", 100)
        bad = [b"\x00" * 40, b"hello", good[:60], good.replace(b"SIP/2.0\r", b"SIP/3.0\r", 1),
               good.replace(b"CSeq: 100 OPTIONS", b"CSeq: 100 INVITE"),
               good.replace(b"CSeq: 100", b"CSeq: 99999999999"),
               good.replace(b"Call-ID", b"Call ID"), good.replace(b"\r\nFrom: ", b"\r\nX: ", 1),
               good.replace(b"Content-Length: 0", b"Content-Length: 500"),
               good.replace(b"Via: SIP/2.0/UDP ", b"Via: "), b"\xff" * 1400,
               b"OPTIONS " + b"a" * 1200]
        names = ("sip_unparsable", "sip_malformed_request", "sip_malformed_response",
                 "sip_too_long", "sip_stray_response")
        before = self.counted(*names)
        with harness.udp_socket("pbx", (harness.address("pbx"), 5060)) as peer:
            peer.settimeout(harness.PATIENCE)
            for datagram in bad:
                peer.sendto(datagram, here)
            peer.sendto(options_request("pbx", 101), here)
            refused = 0  # a request that is refused is both answered and counted
            while True:
                answer = peer.recv(65536)
                if answer.startswith(b"SIP/2.0 200 "):
                    self.assertIn(b"options-101", answer)
                    break
                self.assertRegex(answer, rb"^SIP/2\.0 (4\d\d|505|501) ")
                refused += 1
            harness.wait_for(
                lambda: f"{len(bad)} bad datagrams counted, {self.counted(*names) - before} were, "
                        f"{refused} answered",
                lambda: self.counted(*names) - before >= len(bad), 10)
            self.assertGreater(refused, 0)
        uac, uas = self.call("pbx", calls=5, duration=1)
        self.assert_clean(uac, uas, 5)

    def test_empty_datagrams_and_keepalives_are_harmless(self):
        """RFC 5626 section 4.4.1 keepalives and empty datagrams get no answer and do no harm."""
        self.start()
        with harness.udp_socket("pbx", (harness.address("pbx"), 5060)) as peer:
            peer.settimeout(harness.PATIENCE)
            for datagram in (b"", b"\r\n", b"\r\n\r\n"):
                peer.sendto(datagram, (harness.address("pbx", 1), 5060))
            peer.sendto(options_request("pbx", 1), (harness.address("pbx", 1), 5060))
            self.assertTrue(peer.recv(65536).startswith(b"SIP/2.0 200 "))
            peer.setblocking(False)
            with self.assertRaises(BlockingIOError):
                peer.recv(65536)
        self.assertGreaterEqual(self.counted("sip_keepalive"), 2)


class Ports(harness.LabTest):

    def test_the_kernel_answers_for_the_box(self):
        """ping goes to the TAP twin: once answered, not twice; UDP is never answered with ICMP."""
        self.start()
        self.assertTrue(self.ping("pbx", harness.address("pbx", 1)))
        self.assertTrue(self.ping("itsp", harness.address("itsp", 1, family=6)))
        with harness.udp_socket("pbx", (harness.address("pbx"), 5060)) as peer:
            peer.connect((harness.address("pbx", 1), 16390))
            peer.settimeout(harness.PATIENCE)
            for _ in range(3):
                peer.send(b"nobody reads this")
            # ping after it: the same path, so an ICMP error would be here by now.
            self.assertTrue(self.ping("pbx", harness.address("pbx", 1)))
            self.assertEqual(peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 0)

    def ping(self, side, target):
        ping = harness.Program("ping", side, ["python3", "-c", PING, target])
        return ping.wait() == 0


# One echo request from a raw socket and exactly one reply, so that no ping package is needed.
PING = """
import os, select, socket, struct, sys, time
target = sys.argv[1]
six = ":" in target
one = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW,
                    58 if six else 1)
def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
def request(sequence):
    head = struct.pack("!BBHHH", 128 if six else 8, 0, 0, os.getpid() & 0xffff, sequence)
    value = 0 if six else checksum(head)
    return head[:2] + struct.pack("!H", value) + head[4:]
seen = {1: 0, 2: 0}
for sequence in (1, 2):
    one.sendto(request(sequence), (target, 0))
    deadline = time.monotonic() + 10
    def is_there():
        return select.select([one], [], [], max(0, deadline - time.monotonic()))[0]
    while not seen[sequence] and is_there():
        data = one.recv(2048)
        data = data if six else data[(data[0] & 15) * 4:]
        if data[0] == (129 if six else 0) and data[4:6] == struct.pack("!H", os.getpid() & 0xffff):
            seen[struct.unpack("!H", data[6:8])[0]] += 1
# The second reply came after any double of the first.
sys.exit(0 if seen[1] == 1 and seen[2] >= 1 else 1)
"""


if __name__ == "__main__":
    unittest.main(verbosity=2)
