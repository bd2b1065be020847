"""The players themselves, without demarc: what they say can be believed."""

import socket
import subprocess
import threading
import unittest
from unittest import mock

import harness
from stream_peer import Call, Message, UdpLine


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


class QuickLine(UdpLine):
    repeat_after = 0.01


class ByHand(unittest.TestCase):
    """A peer that is played by hand, over UDP, and what the box may say to it."""

    def setUp(self):
        ours, self.box = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        for one in (ours, self.box):
            self.addCleanup(one.close)
        self.line = QuickLine(ours, harness.endpoint("itsp"), "UDP")
        self.theirs = UdpLine(self.box, harness.endpoint("itsp", 1), "UDP")
        self.box.settimeout(harness.PATIENCE)

    def say(self, *texts):
        for text in texts:
            self.box.send(text.encode("ascii"))

    def heard(self):
        return Message(self.box.recv(65536).decode("ascii"))

    def test_a_copy_gets_the_same_reply_and_is_not_seen(self):
        call = Call.begin(self.theirs, harness.endpoint("itsp"))
        invite = call.request("INVITE")
        self.say(invite, invite, call.request("ACK"))
        self.line.take_call()
        first, again = self.heard(), self.heard()
        self.assertEqual(first.status, 200, first.text)
        self.assertEqual(first.text, again.text)

    def test_what_is_lost_is_said_again(self):
        """Our INVITE, two times, and our 200 or the ACK to it."""
        placed = Call.begin(self.line, harness.endpoint("itsp", 1))
        taken = Call.begin(self.theirs, harness.endpoint("itsp"))

        def answer_the_third():
            for _ in range(3):
                invite = self.heard()
            self.theirs.answer(invite, 100)
            self.theirs.answer(invite, 200, has_sdp=True)
            message = invite
            while message.method == "INVITE":
                message = self.heard()
            self.assertEqual(message.method, "ACK")
            self.say(taken.request("INVITE"))
            self.assertEqual(self.heard().text, self.heard().text)
            self.say(taken.request("ACK"))

        box = threading.Thread(target=answer_the_third)
        box.start()
        placed.invite().confirm()
        self.line.take_call()
        box.join()

    def test_a_wrong_message_is_not_passed_over(self):
        call = Call.begin(self.theirs, harness.endpoint("itsp"))
        self.say(call.request("INVITE"), call.request("BYE"))
        with self.assertRaisesRegex(AssertionError, "^BYE .* instead of ACK"):
            self.line.take_call()

    def test_nothing_is_not_waited_for_without_end(self):
        with mock.patch.object(harness, "PATIENCE", 0.05), \
                self.assertRaisesRegex(AssertionError, "in vain"):
            self.line.take_call()


if __name__ == "__main__":
    unittest.main(verbosity=2)
