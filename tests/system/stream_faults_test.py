"""What becomes of calls over TCP and TLS when the control plane dies, a peer breaks off in the
middle of a message, or a peer vanishes without a word."""

import signal
import unittest

import harness
from stream_peer import Call, HandLab


class StreamFaults(HandLab):

    def test_a_control_plane_that_dies_costs_no_connection(self):
        """Calls begin, go on and end over both connections while it is away, and after."""
        self.play_tls()
        theirs = self.connect()
        calls = [self.call_in(theirs), self.call_out()]
        ours = calls[1][1].line
        calls += [self.call_in(theirs), self.call_out(ours)]
        self.wait_calls(4, 0)

        self.controlplane.signal(signal.SIGKILL)
        self.assertEqual(self.controlplane.wait(), -signal.SIGKILL)
        self.end(calls.pop(0))
        self.end(calls.pop(0))
        calls += [self.call_in(theirs), self.call_out(ours)]

        self.start_controlplane()
        self.wait_ready()
        self.wait_calls(4, 2)
        calls += [self.call_in(theirs), self.call_out(ours)]
        for call in calls:
            self.end(call)
        self.wait_calls(0, 8)
        self.wait_streams(accepted=1, connected=1, secured=2, connections=2, lost=0, cut=0,
                          undelivered=0)
        self.assertEqual(self.counted("sip_undelivered", "allocated_octets"), 0)

    def break_off(self, line):
        """A whole message and half of another one, and then RST."""
        options = Call.begin(line, harness.endpoint("pbx", 1)).request("OPTIONS")
        invite = Call.begin(line, harness.endpoint("pbx", 1)).request("INVITE")
        line.send(options + invite[:len(invite) // 2])
        # What was whole is answered before it breaks.
        line.wait(200, "OPTIONS")
        line.reset()

    def test_a_reset_in_the_middle_of_a_message_costs_that_message_alone(self):
        self.play_tls()
        first = self.connect()
        calls = [self.call_in(first), self.call_in(first)]
        self.break_off(first)
        self.wait_streams(connections=0, cut=1, lost=0)
        self.wait_calls(2, 0)
        # The provider hangs up: the BYE goes over a connection of ours.
        caller, called = calls[0]
        called.hang_up()
        caller.line = self.accept()
        caller.be_hung_up()
        # The PBX hangs up over a connection of its own.
        caller, called = calls[1]
        caller.line = second = self.connect()
        self.end((caller, called))
        self.end(self.call_in(second))
        self.wait_calls(0, 3)
        self.wait_streams(accepted=2, connected=1, connections=2, cut=1, lost=0, undelivered=0)

    def test_a_peer_that_vanishes_loses_its_connection_and_is_tried_over_a_new_one(self):
        """What it was sent is not acknowledged for twenty seconds: then the kernel gives up."""
        self.play_tcp()
        call = self.call_out()
        self.wait_streams(connections=1, connected=1)
        harness.sever("pbx")
        call[0].hang_up()
        self.wait_streams(connections=0, connected=1, lost=1)
        self.wait_calls(0, 1)
        harness.mend("pbx")
        # The peer still has the old one, and nothing comes on it.
        self.end(self.call_out())
        self.wait_streams(connections=1, connected=2, lost=1)
        self.wait_calls(0, 2)


class StreamFaultsOnThreeThreads(StreamFaults):
    """The same, with one thread that accepts and another one that has the connections."""

    platform = "stream_threads = 3\n"


if __name__ == "__main__":
    unittest.main(verbosity=2)
