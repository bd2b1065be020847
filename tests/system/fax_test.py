"""T.38 on real wires: UDPTL both ways, of a peer that is where it says and of one behind NAT."""

import struct
import unittest

import harness

FAX_PORT = 24_000
NOBODY = 9   # a host of each side's wire at which nothing listens
CALLED = "+442071234567"


def udptl(sequence):
    """Four octets that only this packet has, as an IFP packet with nothing to recover behind it."""
    return struct.pack("!HBI", sequence, 4, sequence * 2654435761 % 2**32) + b"\0\0"


class Terminal:
    """A fax terminal of a side, with just enough SIP over UDP; it says that it is at `claim`."""

    def __init__(self, side, claim):
        self.side = side
        self.claim = claim
        self.name = f"{harness.address(side)}:5060"
        self.box = (harness.address(side, 1), 5060)
        self.sip = harness.udp_socket(side, (harness.address(side), 5060))
        self.fax = harness.udp_socket(side, (harness.address(side), FAX_PORT))
        for one in (self.sip, self.fax):
            one.settimeout(harness.PATIENCE)
        self.peer = None   # where our SDP of the other side says that fax goes

    def close(self):
        self.sip.close()
        self.fax.close()

    def sdp(self):
        return (f"v=0\r\no=fax 1 1 IN IP4 {self.claim}\r\ns=-\r\nc=IN IP4 {self.claim}\r\n"
                f"t=0 0\r\nm=image {FAX_PORT} udptl t38\r\na=T38FaxVersion:0\r\n"
                "a=T38MaxBitRate:14400\r\na=T38FaxRateManagement:transferredTCF\r\n"
                "a=T38FaxUdpEC:t38UDPRedundancy\r\n")

    def send(self, head, body=""):
        more = "Content-Type: application/sdp\r\n" if body else ""
        text = f"{head}{more}Content-Length: {len(body)}\r\n\r\n{body}"
        self.sip.sendto(text.encode("ascii"), self.box)

    def request(self, method, number, to, uri, body=""):
        self.send(f"{method} {uri} SIP/2.0\r\n"
                  f"Via: SIP/2.0/UDP {self.name};branch=z9hG4bK-fax-{method}\r\n"
                  f"Max-Forwards: 70\r\nFrom: <sip:+442079460000@{self.name}>;tag=fax\r\n"
                  f"To: {to}\r\nCall-ID: fax@{self.name}\r\nCSeq: {number} {method}\r\n"
                  f"Contact: <sip:fax@{self.name}>\r\n", body)

    def respond(self, message, body=""):
        kept = [line for line in message.split("\r\n\r\n")[0].split("\r\n")[1:]
                if line.split(":")[0] in ("Via", "From", "Call-ID", "CSeq", "Record-Route")]
        to = field(message, "To")
        tag = "" if ";tag=" in to else ";tag=called"
        self.send("SIP/2.0 200 OK\r\n" + "\r\n".join(kept) + f"\r\nTo: {to}{tag}\r\n"
                  f"Contact: <sip:fax@{self.name}>\r\n", body)

    def receive(self, first):
        """The next message that begins so; what comes again or is provisional is passed over."""
        while True:
            message = self.sip.recv(65536).decode("ascii")
            if message.startswith(first):
                return message

    def take_place(self, message):
        line = next(line for line in message.split("\r\n") if line.startswith("m=image "))
        host = next(line for line in message.split("\r\n") if line.startswith("c=IN IP4 "))
        self.peer = (host.split()[2], int(line.split()[1]))

    def send_fax(self, sequence):
        self.fax.sendto(udptl(sequence), self.peer)

    def receive_fax(self):
        packet, source = self.fax.recvfrom(2048)
        return packet, source


def field(message, name):
    return next(line.split(": ", 1)[1] for line in message.split("\r\n")
                if line.startswith(f"{name}: "))


def uri_in(text):
    return text[text.index("<") + 1:text.index(">")]


class Fax(harness.LabTest):

    def setUp(self):
        super().setUp()
        self.terminals = []

    def tearDown(self):
        for terminal in self.terminals:
            terminal.close()
        super().tearDown()

    def place(self, claim_of_called):
        """A call of the PBX's terminal to the ITSP's that is a fax from the beginning."""
        caller = Terminal("pbx", harness.address("pbx"))
        called = Terminal("itsp", claim_of_called)
        self.terminals = [caller, called]
        uri = f"sip:{CALLED}@{caller.box[0]}:5060"
        caller.request("INVITE", 1, f"<{uri}>", uri, caller.sdp())
        invite = called.receive("INVITE ")
        called.take_place(invite)
        called.respond(invite, called.sdp())
        called.receive("ACK ")
        answer = caller.receive("SIP/2.0 200 ")
        caller.take_place(answer)
        self.to = field(answer, "To")
        self.uri = uri_in(field(answer, "Contact"))
        caller.request("ACK", 1, self.to, self.uri)
        return caller, called

    def end(self, caller, called):
        caller.request("BYE", 2, self.to, self.uri)
        called.respond(called.receive("BYE "))
        caller.receive("SIP/2.0 200 ")
        harness.wait_for("an empty directory", lambda: self.directory() == [])

    def assert_crosses(self, sender, receiver, sequences):
        for sequence in sequences:
            sender.send_fax(sequence)
            packet, source = receiver.receive_fax()
            self.assertEqual((packet, source), (udptl(sequence), receiver.peer))

    def test_udptl_crosses_octet_by_octet(self):
        self.start()
        caller, called = self.place(harness.address("itsp"))
        self.assert_crosses(caller, called, range(100))
        self.assert_crosses(called, caller, range(100))
        self.end(caller, called)
        self.assert_ledger()

    def test_a_terminal_behind_nat_is_learnt(self):
        """It says an address at which nothing listens; its second packet shows where it is."""
        self.start(trunks={"itsp": 'media_source = "latching"\n'})
        caller, called = self.place(harness.address("itsp", NOBODY))
        called.send_fax(0)
        self.assert_crosses(called, caller, range(1, 50))
        self.assert_crosses(caller, called, range(50))
        self.end(caller, called)
        self.assert_ledger(is_lossless=False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
