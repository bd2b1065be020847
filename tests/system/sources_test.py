"""Who may send media: forged audio moves no stream, and a peer behind NAT is learnt alone."""

import itertools
import socket
import struct
import unittest

import harness

MEDIA_PORTS = (16384, 18600)   # of 1,000 calls and some
# A host of each side's wire that no trunk knows.
ATTACKER = 9


class Attacker:
    """Audio as a peer could send it, to every media port of a side, from a host beside the peer."""

    def __init__(self, side):
        self.target = harness.address(side, 1)
        self.socket = harness.udp_socket(side, (harness.address(side, ATTACKER), 0))
        self.sequence = itertools.count()

    def spray(self):
        """One packet a port; returns how many were sent."""
        sequence = next(self.sequence)
        header = struct.pack("!BBHII", 0x80, 8, sequence & 0xffff, sequence * 160, 0xbad)
        packet = header + b"x" * 160
        for port in range(*MEDIA_PORTS):
            self.socket.sendto(packet, (self.target, port))
        return MEDIA_PORTS[1] - MEDIA_PORTS[0]

    def heard(self):
        """How many datagrams it got so far: nothing of a call is for it."""
        count = 0
        try:
            while True:
                self.socket.recv(2048, socket.MSG_DONTWAIT)
                count += 1
        except BlockingIOError:
            return count


class Sources(harness.LabTest):

    def setUp(self):
        super().setUp()
        self.attackers = []

    def tearDown(self):
        for attacker in self.attackers:
            attacker.socket.close()
        super().tearDown()

    def attack(self, *sides):
        self.attackers = [Attacker(side) for side in sides]

    def media(self):
        """Both directions of every live call."""
        return [self.api(f"calls/{row['id']}")["media"] for row in self.directory()]

    def live(self, count, uac_options=(), uas_options=(), rate=50):
        called = harness.Probe("uas", "itsp", *uas_options)
        caller = harness.Probe("uac", "pbx", "--control", "--rate", str(rate), *uac_options)
        caller.command(f"place {count}")
        caller.wait_live(count)
        harness.wait_for("all calls answered", lambda: called.progress["live"] == count)
        return caller, called

    def end(self, caller, called):
        caller.command("end")
        caller.wait_live(0)
        harness.wait_for("the called side to see the end", lambda: called.progress["live"] == 0)
        caller.command("quit")
        return caller.result(), called.stop()

    def test_forged_audio_at_every_port_moves_no_stream(self):
        count = 100 if harness.IS_SANITIZED else 1000
        self.start(media_ports="-".join(str(port) for port in (MEDIA_PORTS[0], MEDIA_PORTS[1] - 1)))
        # Five packets a second: the players share the cores with the box.
        slow = ("--packet-time", "200000")
        caller, called = self.live(count, slow, slow, rate=200)
        self.attack("pbx", "itsp")
        ids = {row["id"] for row in self.directory()}
        self.assertEqual(len(ids), count)
        media = []

        def is_refused_everywhere():
            for attacker in self.attackers:
                attacker.spray()
            for one in sorted(ids):
                call = self.api(f"calls/{one}")["media"]
                if all(direction["drops"]["wrong_source"] > 0 for direction in call):
                    ids.remove(one)
                    media.append(call)
            return not ids
        harness.wait_for(lambda: f"forged packets refused at every stream, not yet: {len(ids)}",
                         is_refused_everywhere, 4 * harness.PATIENCE)
        for call in media:
            for direction in call:
                self.assertEqual(direction["verdict"], "flowing", direction)
                self.assertEqual(direction["source"], "signalled")
                host = harness.address("pbx" if direction["from"] == "caller" else "itsp")
                self.assertTrue(direction["seen"].startswith(host + ":"), direction)
        uac, uas = self.end(caller, called)
        for end in (uac, uas):
            self.assertEqual((end["ended"], end["unfinished"]), (count, 0), end)
            self.assertEqual(end["problems"], [])
            for kind in ("rtp", "rtcp"):
                self.assertEqual((end[kind]["corrupt"], end[kind]["foreign"]), (0, 0), end)
        self.assertEqual([attacker.heard() for attacker in self.attackers], [0, 0])
        self.assert_ledger(is_lossless=False)

    def test_a_peer_behind_nat_is_learnt_and_an_attacker_beside_it_is_not(self):
        self.start(trunks={"itsp": 'media_source = "latching"\n'})
        # What it says of itself is an address at which nobody listens.
        caller, called = self.live(5, uas_options=("--claim", harness.address("itsp", ATTACKER)))
        media = []

        def is_learnt():
            nonlocal media
            media = [call[1] for call in self.media()]
            return len(media) == 5 and all(one["source"] == "learnt" for one in media)
        harness.wait_for(lambda: f"learnt sources: {media}", is_learnt)
        self.attack("itsp")

        def is_refused():
            nonlocal media
            self.attackers[0].spray()
            media = [call[1] for call in self.media()]
            return all(one["drops"]["wrong_source"] > 0 for one in media)
        harness.wait_for(lambda: f"an attacker refused: {media}", is_refused)
        for one in media:
            self.assertTrue(one["seen"].startswith(harness.address("itsp") + ":"), one)
            self.assertEqual(one["source"], "learnt")
        uac, uas = self.end(caller, called)
        for end in (uac, uas):
            # The last packet reached either end: audio went both ways.
            self.assertEqual((end["ended"], end["problems"], end["unfinished"]), (5, [], 0), end)
            self.assertEqual((end["rtp"]["corrupt"], end["rtp"]["foreign"]), (0, 0), end)
        self.assertEqual(self.attackers[0].heard(), 0)
        self.assert_ledger(is_lossless=False)

    def test_without_latching_a_peer_behind_nat_is_told_why_it_is_silent(self):
        # Nobody hears anything: the call has to last until it was looked at.
        timeout = "media_timeout_ms = 5000\n"
        self.start(trunks={"pbx": timeout, "itsp": timeout})
        caller, called = self.live(1, uas_options=("--claim", harness.address("itsp", ATTACKER)))
        media = []

        def is_named():
            nonlocal media
            media = [call[1] for call in self.media()]
            return media and media[0]["verdict"] == "wrong_source"
        harness.wait_for(lambda: f"verdict wrong_source: {media}", is_named)
        self.assertIn(harness.address("itsp"), media[0]["why"])
        self.assertTrue(media[0]["refused"].startswith(harness.address("itsp") + ":"), media)
        # Nobody's last word will come: the call ends by the silence of both.
        called.stop()
        caller.stop()
        harness.wait_for(lambda: f"no live call: {self.directory()}",
                         lambda: self.directory() == [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
