"""SIP peers that a test plays by hand, over UDP, TCP and TLS: what no decent peer does to its
connection is done by these."""

import re
import socket
import ssl
import struct
import time

import harness
from stream_lab import StreamsLab


class Message:
    """One SIP message, with what a test asks of it."""

    def __init__(self, text):
        self.text = text
        self.head, _, self.body = text.partition("\r\n\r\n")
        self.first = self.head.split("\r\n", 1)[0]
        is_response = self.first.startswith("SIP/2.0 ")
        self.status = int(self.first.split()[1]) if is_response else 0
        self.method = self.field("CSeq").split()[1]

    def fields(self, name):
        return re.findall(rf"^{name}: *(.*?)\r?$", self.head, re.M)

    def field(self, name):
        return (self.fields(name) or [""])[0]


class Line:
    """A peer's end of one connection; messages come and go whole."""

    def __init__(self, line, own, transport, family=4):
        self.socket = line
        self.own = own  # where the peer listens, as Via and Contact have it
        self.transport = transport
        self.family = family
        self.received = b""
        self.socket.settimeout(harness.PATIENCE)

    def send(self, text):
        self.socket.sendall(text.encode("ascii"))

    def ask(self, text):
        """Sends a request that is answered."""
        self.send(text)

    def reply(self, message, text):
        """Sends what `message` of the box is answered by."""
        self.send(text)

    def next(self):
        """The next message; None when the box has ended the connection."""
        while True:
            head, end, rest = self.received.partition(b"\r\n\r\n")
            found = re.search(rb"^Content-Length: *(\d+)", head, re.M)
            length = int(found.group(1)) if found else 0
            if end and len(rest) >= length:
                self.received = rest[length:]
                return Message((head + end + rest[:length]).decode("ascii"))
            octets = self.socket.recv(65536)
            if not octets:
                return None
            self.received += octets

    def wait(self, label, method):
        """The next message of that status or method; provisional ones are passed over."""
        while True:
            message = self.next()
            if message is None:
                raise AssertionError(f"the connection ended before {label} {method}")
            if 100 <= message.status < 200:
                continue
            if (message.status or message.method) != label or message.method != method:
                raise AssertionError(f"{message.first} instead of {label} {method}")
            return message

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends it by RST, whatever was sent or not."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Without a goodbye of TLS.
        socket.socket(fileno=self.socket.detach()).close()

    def sdp(self):
        host = self.own.rpartition(":")[0].strip("[]")
        kind = f"IP{self.family}"
        return (f"v=0\r\no=- 1 1 IN {kind} {host}\r\ns=-\r\nc=IN {kind} {host}\r\nt=0 0\r\n"
                "m=audio 30000 RTP/AVP 0\r\n")

    def contact(self):
        suffix = "" if self.transport == "UDP" else f";transport={self.transport.lower()}"
        return f"Contact: <sip:peer@{self.own}{suffix}>"

    def answer(self, request, status, has_sdp=False):
        to = request.field("To")
        to += "" if ";tag=" in to else ";tag=peer"
        lines = [f"SIP/2.0 {status} -", *(f"Via: {via}" for via in request.fields("Via")),
                 f"From: {request.field('From')}", f"To: {to}",
                 f"Call-ID: {request.field('Call-ID')}", f"CSeq: {request.field('CSeq')}",
                 self.contact()]
        self.reply(request, with_body(lines, self.sdp() if has_sdp else ""))

    def take_call(self):
        """Answers the next INVITE; returns the call."""
        invite = self.wait("INVITE", "INVITE")
        self.answer(invite, 200, has_sdp=True)
        self.wait("ACK", "ACK")
        return Call(self, invite.field("Call-ID"), local=invite.field("To") + ";tag=peer",
                    remote=invite.field("From"),
                    target=re.search(r"<(.*)>", invite.field("Contact")).group(1))


class UdpLine(Line):
    """A UDP socket to the box, where either end says again what may be lost (RFC 3261 section 17).

    A copy of what came before is no news: it gets the same reply, and a test does not see it."""

    repeat_after = 0.5

    def __init__(self, line, own, transport, family=4):
        super().__init__(line, own, transport, family)
        self.socket.settimeout(self.repeat_after)
        self.said = {}          # by message of the box: our reply, "" as long as there is none
        self.unanswered = None  # a request or a 2xx of ours that nothing has come upon yet
        self.waiting = []       # came while an answer was waited for

    def ask(self, text):
        """A request is with the box when the first answer is here, be it provisional."""
        self.send(text)
        self.unanswered = Message(text)
        while self.unanswered:
            self.waiting.append(self.receive())

    def reply(self, message, text):
        self.send(text)
        self.said[self.key(message)] = text
        # A 2xx is said again until its ACK comes (RFC 3261 section 13.3.1.4).
        if message.method == "INVITE" and text.startswith("SIP/2.0 2"):
            self.unanswered = Message(text)

    def next(self):
        return self.waiting.pop(0) if self.waiting else self.receive()

    def receive(self):
        """The next message that is no copy."""
        deadline = time.monotonic() + harness.PATIENCE
        while True:
            try:
                message = Message(self.socket.recv(65536).decode("ascii"))
            except TimeoutError:
                if time.monotonic() > deadline:
                    raise AssertionError("waited in vain for a message of the box") from None
                if self.unanswered:
                    self.send(self.unanswered.text)
                continue
            key = self.key(message)
            if key not in self.said:
                self.said[key] = ""
                if self.unanswered and self.is_answer(message):
                    self.unanswered = None
                return message
            if self.said[key]:
                self.send(self.said[key])

    @staticmethod
    def key(message):
        return (message.first, *(message.field(name) for name in ("Call-ID", "CSeq", "Via")))

    def is_answer(self, message):
        """Of a request, or the ACK of a 2xx, to what nothing has come upon yet."""
        ours = self.unanswered
        same = [(one.field("Call-ID"), one.field("CSeq").split()[0]) for one in (message, ours)]
        return same[0] == same[1] and (message.status or message.method == "ACK")


def with_body(lines, body=""):
    if body:
        lines = [*lines, "Content-Type: application/sdp"]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body


class Call:
    """A dialog of a peer with the box; `line` may become another one meanwhile."""

    count = 0

    def __init__(self, line, call_id, local, remote, target):
        self.line = line
        self.call_id = call_id
        self.local = local
        self.remote = remote
        self.target = target
        self.sequence = 0

    @staticmethod
    def begin(line, box):
        """A call to the box at `box` ("10.20.1.1:5061"), not yet sent."""
        Call.count += 1
        return Call(line, f"by-hand-{Call.count}", f"<sip:+442079469999@{line.own}>;tag=caller",
                    f"<sip:+442079460018@{box}>", f"sip:+442079460018@{box}")

    def request(self, method):
        if method != "ACK":
            self.sequence += 1
        branch = f"z9hG4bK{self.call_id}-{self.sequence}{method}"
        lines = [f"{method} {self.target} SIP/2.0",
                 f"Via: SIP/2.0/{self.line.transport} {self.line.own};branch={branch}",
                 f"From: {self.local}", f"To: {self.remote}", f"Call-ID: {self.call_id}",
                 f"CSeq: {self.sequence} {method}", "Max-Forwards: 70", self.line.contact()]
        return with_body(lines, self.line.sdp() if method == "INVITE" else "")

    def invite(self):
        self.line.ask(self.request("INVITE"))
        return self

    def confirm(self):
        """Waits for its answer, and acknowledges that."""
        answer = self.line.wait(200, "INVITE")
        self.remote = answer.field("To")
        self.target = re.search(r"<(.*)>", answer.field("Contact")).group(1)
        self.line.reply(answer, self.request("ACK"))
        return self

    def hang_up(self):
        self.line.ask(self.request("BYE"))
        self.line.wait(200, "BYE")

    def be_hung_up(self):
        self.line.answer(self.line.wait("BYE", "BYE"), 200)


class Peer:
    """One side's peer: opens and takes connections; with TLS where it has an identity."""

    def __init__(self, side, transport, authority=None, identity=None, family=4):
        self.side = side
        self.transport = transport
        self.family = family
        self.own = harness.endpoint(side, 2, family)
        self.contexts = None
        if transport == "TLS":
            self.contexts = {}
            for role, purpose in (("client", ssl.PROTOCOL_TLS_CLIENT),
                                  ("server", ssl.PROTOCOL_TLS_SERVER)):
                context = ssl.SSLContext(purpose)
                context.load_cert_chain(*identity)
                context.load_verify_locations(authority.path("ca.pem"))
                context.verify_mode = ssl.CERT_REQUIRED
                self.contexts[role] = context

    def line(self, plain):
        kind = UdpLine if self.transport == "UDP" else Line
        return kind(plain, self.own, self.transport, self.family)

    def connect(self, port):
        box = (harness.address(self.side, 1, self.family), port)
        plain = harness.inside(self.side, lambda: socket.create_connection(
            box, harness.PATIENCE, (harness.address(self.side, 2, self.family), 0)))
        if self.contexts:
            plain = self.contexts["client"].wrap_socket(plain, server_hostname="sbc.example.com")
        return self.line(plain)

    def udp(self):
        box = (harness.address(self.side, 1, self.family), 5060)
        plain = harness.udp_socket(self.side, (harness.address(self.side, 2, self.family), 5060))
        plain.connect(box)
        return self.line(plain)

    def listen(self):
        own = (harness.address(self.side, 2, self.family), 5060)
        family = socket.AF_INET if self.family == 4 else socket.AF_INET6
        listener = harness.inside(
            self.side, lambda: socket.create_server(own, family=family, backlog=16))
        listener.settimeout(harness.PATIENCE)
        return listener

    def accept(self, listener):
        plain, _ = listener.accept()
        if self.contexts:
            plain = self.contexts["server"].wrap_socket(plain, server_side=True)
        return self.line(plain)


class HandLab(StreamsLab):
    """A lab whose peers are played by hand: the PBX over TCP or TLS, the provider over UDP."""

    def play_tls(self, family=4, **options):
        self.start_tls(lab={"family": {"pbx": family, "itsp": 4}}, **options)
        self.pbx = Peer("pbx", "TLS", self.authority, self.peer, family)
        self.play(self.tls_port)

    def play_tcp(self, trunk=""):
        self.start(trunks={"pbx": 'transport = "tcp"\n' + trunk})
        self.pbx = Peer("pbx", "TCP")
        self.play(5060)

    def play(self, port):
        self.port = port
        self.listener = self.keep(self.pbx.listen())
        self.outside = self.keep(Peer("itsp", "UDP").udp())

    def keep(self, one):
        """It is closed when the test is over."""
        self.addCleanup(one.close)
        return one

    def connect(self):
        return self.keep(self.pbx.connect(self.port))

    def accept(self):
        return self.keep(self.pbx.accept(self.listener))

    def call_in(self, line):
        """From the PBX, over that connection; both ends of it."""
        caller = Call.begin(line, harness.endpoint("pbx", 1, self.pbx.family)).invite()
        called = self.outside.take_call()
        return caller.confirm(), called

    def call_out(self, line=None):
        """From the provider; over a new connection where none is given."""
        caller = Call.begin(self.outside, harness.endpoint("itsp", 1)).invite()
        called = (line or self.accept()).take_call()
        return caller.confirm(), called

    @staticmethod
    def end(call):
        """By the caller."""
        call[0].hang_up()
        call[1].be_hung_up()

    def wait_streams(self, **wanted):
        def is_so():
            self.seen = self.streams()
            return all(self.seen[name] == value for name, value in wanted.items())
        harness.wait_for(lambda: f"{wanted}, has {self.seen}", is_so, 60)

    def wait_calls(self, live, over):
        """So many in the directory, and so many records."""
        harness.wait_for(lambda: f"{live} calls, {over} records, has {self.found}",
                         lambda: self.counts() == (live, over))

    def counts(self):
        self.found = len(self.directory()), len(self.records())
        return self.found
