"""Many standing calls through a relay, both of their ends played here: by SIP through demarc, by
the ng protocol through rtpengine. Only where their RTP has to be sent is of interest."""

import base64
import ctypes
import os
import re
import select
import socket
import threading

CLONE_NEWNET = 0x40000000
# Calls that are being set up at once: as many as no socket buffer is too small for.
WINDOW = 32
# Nothing is lost on a veth pair, so whoever is silent for that long has a reason.
SILENCE_SECONDS = 10
A_PORT, B_PORT = 40000, 40002  # of all RTP of an end
SUITE = "AES_CM_128_HMAC_SHA1_80"


def udp_socket(namespace, local):
    """A UDP socket in a network namespace."""
    made = []

    def make():
        with open(f"/run/netns/{namespace}", "rb") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        one.bind(local)
        made.append(one)

    # setns is a thread's own affair: a thread of its own leaves this one where it is.
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if not made:
        raise SystemExit(f"no socket {local} in {namespace}")
    return made[0]


def description(address, port, key=None):
    profile, crypto = ("RTP/AVP", "")
    if key is not None:
        text = base64.b64encode(bytes.fromhex(key)).decode("ascii")
        profile, crypto = "RTP/SAVP", f"a=crypto:1 {SUITE} inline:{text}\r\n"
    return (f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
            f"m=audio {port} {profile} 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\n{crypto}"
            "a=sendrecv\r\n")


def target_of(text):
    """Where a description wants RTP."""
    address = re.search(r"^c=IN IP4 (\S+)", text, re.MULTILINE).group(1)
    return f"{address}:{re.search(r'^m=audio ([0-9]+)', text, re.MULTILINE).group(1)}"


class Message:
    """As much of a SIP message as these calls need."""

    def __init__(self, octets):
        head, _, self.body = octets.decode("utf-8").partition("\r\n\r\n")
        self.first, *self.lines = head.split("\r\n")

    def fields(self, name):
        """The lines of a field, names and all."""
        return [line for line in self.lines if line.lower().startswith(name.lower() + ":")]

    def value(self, name):
        return self.fields(name)[0].partition(":")[2].strip()

    def number(self):
        """The call's: it is in the number that was called."""
        return int(re.search(r"sip:\+4420([0-9]+)@", self.value("To")).group(1)) - 10_000_000


class SipCalls:
    """`pbx` calls `itsp` through demarc; with a key the caller has SRTP."""

    def __init__(self, namespaces, key=None):
        self.key = key
        self.a = udp_socket(namespaces[0], ("10.20.1.2", 5060))
        self.b = udp_socket(namespaces[1], ("10.20.2.2", 5060))
        self.a_targets, self.b_targets, self.confirmed = {}, {}, {}

    def send_a(self, method, call, to, cseq, body=""):
        text = (f"{method} sip:+4420{10_000_000 + call}@10.20.1.1 SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 10.20.1.2:5060;branch=z9hG4bK{method}{call}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:+4930123@10.20.1.2>;tag=a{call}\r\nTo: {to}\r\n"
                f"Call-ID: bench-{call}-{os.getpid()}\r\nCSeq: {cseq} {method}\r\n"
                "Contact: <sip:bench@10.20.1.2:5060>\r\n")
        if body:
            text += "Content-Type: application/sdp\r\n"
        text += f"Content-Length: {len(body)}\r\n\r\n{body}"
        self.a.sendto(text.encode("ascii"), ("10.20.1.1", 5060))

    def invite(self, call):
        self.send_a("INVITE", call, f"<sip:+4420{10_000_000 + call}@10.20.1.1>", 1,
                    description("10.20.1.2", A_PORT, self.key))

    def on_a(self, message):
        """Responses to the caller."""
        if not message.first.startswith("SIP/2.0 ") or message.first.startswith("SIP/2.0 1"):
            return
        call = message.number()
        if message.value("CSeq").endswith("INVITE"):
            if not message.first.startswith("SIP/2.0 200"):
                raise SystemExit(f"call {call}: {message.first}")
            self.a_targets[call] = target_of(message.body)
            self.confirmed[call] = message.value("To")
            self.send_a("ACK", call, message.value("To"), 1)
        else:
            self.confirmed.pop(call, None)

    def on_b(self, message):
        """Requests to the called end."""
        method = message.first.split(" ")[0]
        if method in ("ACK", "SIP/2.0"):
            return
        to, body = message.fields("To")[0], ""
        if method == "INVITE":
            call = message.number()
            self.b_targets[call] = target_of(message.body)
            to += f";tag=b{call}"
            body = description("10.20.2.2", B_PORT)
        text = "\r\n".join(["SIP/2.0 200 OK", *message.fields("Via"), message.fields("From")[0], to,
                            message.fields("Call-ID")[0], message.fields("CSeq")[0],
                            "Contact: <sip:bench@10.20.2.2:5060>",
                            "Content-Type: application/sdp", f"Content-Length: {len(body)}", "",
                            body])
        self.b.sendto(text.encode("ascii"), ("10.20.2.1", 5060))

    def listen(self, what):
        ready = select.select([self.a, self.b], [], [], SILENCE_SECONDS)[0]
        if not ready:
            raise SystemExit(f"demarc says nothing any more: {what}")
        for one in ready:
            (self.on_a if one is self.a else self.on_b)(Message(one.recv(65535)))

    def place(self, count):
        """[(where A sends to, where B sends to)] of so many answered calls."""
        placed = 0
        while len(self.a_targets) < count:
            while placed < count and placed - len(self.a_targets) < WINDOW:
                self.invite(placed)
                placed += 1
            self.listen(f"{len(self.a_targets)} calls of {count}")
        return [(self.a_targets[call], self.b_targets[call]) for call in range(count)]

    def end(self):
        waiting = list(self.confirmed.items())
        while self.confirmed:
            while waiting and len(self.confirmed) - len(waiting) < WINDOW:
                call, to = waiting.pop()
                self.send_a("BYE", call, to, 2)
            self.listen(f"{len(self.confirmed)} calls not ended")


def encoded(value):
    """Bencode, which ng speaks."""
    if isinstance(value, dict):
        inner = b"".join(encoded(key) + encoded(one) for key, one in sorted(value.items()))
        return b"d" + inner + b"e"
    if isinstance(value, list):
        return b"l" + b"".join(encoded(one) for one in value) + b"e"
    octets = value.encode("utf-8")
    return b"%d:%s" % (len(octets), octets)


def text_in(answer, key):
    """A text of an answer by its key, without reading the rest."""
    mark = b"%d:%s" % (len(key), key.encode("ascii"))
    at = answer.find(mark)
    if at < 0:
        return None
    length, _, rest = answer[at + len(mark):].partition(b":")
    return rest[:int(length)].decode("utf-8")


class NgCalls:
    """The same calls through rtpengine."""

    def __init__(self, namespace, server, key=None):
        self.key, self.server, self.asked, self.calls = key, server, 0, 0
        self.socket = udp_socket(namespace, ("127.0.0.1", 0))
        self.socket.settimeout(SILENCE_SECONDS)

    def ask(self, **fields):
        self.asked += 1
        cookie = b"%d " % self.asked
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        self.socket.sendto(cookie + encoded(fields), self.server)
        answer = self.socket.recv(65535)
        if not answer.startswith(cookie) or text_in(answer, "result") not in ("ok", "pong"):
            raise SystemExit(f"rtpengine: {answer!r}")
        return answer

    def place_one(self, call):
        common = {"call_id": f"bench-{call}", "from_tag": f"a{call}", "ICE": "remove",
                  "DTLS": "off", "flags": ["trust-address"], "replace": ["origin"]}
        offer = self.ask(command="offer", sdp=description("10.20.1.2", A_PORT, self.key),
                         direction=["pbx", "itsp"], transport_protocol="RTP/AVP", **common)
        answer = self.ask(command="answer", to_tag=f"b{call}",
                          sdp=description("10.20.2.2", B_PORT), **common)
        return target_of(text_in(answer, "sdp")), target_of(text_in(offer, "sdp"))

    def place(self, count):
        self.calls = count
        return [self.place_one(call) for call in range(count)]

    def end(self):
        for call in range(self.calls):
            self.ask(command="delete", call_id=f"bench-{call}", from_tag=f"a{call}")
