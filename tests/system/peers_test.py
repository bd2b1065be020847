"""TLS with other people's software: Kamailio as the PBX, with client certificates both ways, and
baresip and linphone as telephones with SRTP, whose audio is listened to on the wire of the other
side."""

import glob
import math
import os
import shutil
import signal
import struct
import subprocess
import unittest
import wave

import harness
from stream_lab import Authority

CALLS = 20
MODULES = "/usr/lib/x86_64-linux-gnu/kamailio/modules"
# Between the box on TLS and SIPp on UDP of the loopback; whoever sends is told by the transport.
KAMAILIO = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
auto_aliases=no
listen=udp:127.0.0.1:5060
listen=tls:{here}:5060
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "tls.so"
modparam("rr", "enable_double_rr", 1)
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "{certificate}")
modparam("tls", "private_key", "{key}")
modparam("tls", "ca_list", "{ca}")
modparam("tls", "verify_certificate", 1)
modparam("tls", "require_certificate", 1)
request_route {{
  if (!has_totag()) record_route();
  if (loose_route()) {{ t_relay(); exit; }}
  if (proto == TLS) $du = "sip:127.0.0.1:5080";
  else $du = "sip:{box}:5061;transport=tls";
  t_relay();
}}
"""


class TlsPeer(harness.LabTest):
    """A PBX on TLS that knows our certificate as we know its own."""

    trunk = 'transport = "tls"\ntls = "main"\nport = 5061\n'

    def start_tls(self, **options):
        self.authority = Authority(f"{harness.RUN}/tls")
        self.own = self.authority.sign("own", "sbc.example.com")
        self.peer = self.authority.sign("peer", "sip.example.com")
        block = (f'\n[tls.main]\ncertificate = "{self.own[0]}"\nkey = "{self.own[1]}"\n'
                 f'ca = "{self.authority.path("ca.pem")}"\npeer_names = ["sip.example.com"]\n')
        self.start(trunks={"pbx": self.trunk}, more=block, **options)
        for side in ("pbx", "itsp"):
            subprocess.run(["ip", "-n", harness.namespace(side), "link", "set", "lo", "up"],
                           check=True)

    def streams(self):
        return self.api("counters")["streams"]

    def stop(self, program):
        program.signal(signal.SIGTERM)
        program.wait()


class Kamailio(TlsPeer):

    def kamailio(self):
        path = f"{harness.RUN}/kamailio.cfg"
        with open(path, "w", encoding="ascii") as file:
            file.write(KAMAILIO.format(here=harness.address("pbx"), box=harness.address("pbx", 1),
                                       modules=MODULES, certificate=self.peer[0],
                                       key=self.peer[1], ca=self.authority.path("ca.pem")))
        program = harness.Program("kamailio", "pbx", ["kamailio", "-DD", "-E", "-m", "32", "-M",
                                                      "8", "-Y", harness.RUN, "-f", path])
        harness.wait_for("Kamailio", lambda: harness.is_listening("pbx", 5060, "t"))
        return program

    def sipp(self, scenario, side, port, *options, **places):
        program = harness.Sipp(scenario, side, "u1", "-p", str(port), *options, **places)
        if scenario == "uas":
            harness.wait_for("SIPp", lambda: harness.is_listening(side, port, "u"))
        return program

    def assert_calls(self, uac, uas):
        uac.assert_done()
        uas.assert_done()
        harness.wait_for("an empty directory", lambda: self.directory() == [])
        harness.wait_for(lambda: f"{CALLS} records, has {len(self.records())}",
                         lambda: len(self.records()) >= CALLS)
        self.assertEqual(self.api("counters")["total"]["allocated_octets"], 0)

    def test_calls_from_kamailio(self):
        self.start_tls()
        kamailio = self.kamailio()
        uas = self.sipp("uas", "itsp", 5060, "-m", str(CALLS))
        uac = self.sipp("uac", "pbx", 5070, "-m", str(CALLS), "-r", "10", "-d", "500",
                        to="127.0.0.1:5060", host="127.0.0.1")
        self.assert_calls(uac, uas)
        self.assertGreaterEqual(self.streams()["secured"], 1)
        self.stop(kamailio)

    def test_calls_to_kamailio(self):
        """The record routes of two transports lead its requests back to us, and ours to it."""
        self.start_tls()
        kamailio = self.kamailio()
        uas = self.sipp("uas", "pbx", 5080, "-m", str(CALLS), host="127.0.0.1")
        uac = self.sipp("uac", "itsp", 5060, "-m", str(CALLS), "-r", "10", "-d", "500")
        self.assert_calls(uac, uas)
        self.assertEqual(self.streams()["secured"], 1)
        self.stop(kamailio)

    def test_a_kamailio_that_comes_late_is_found(self):
        """Nobody listens: 503 at once. Then somebody does, and calls go there."""
        self.start_tls()
        probe = harness.Probe("uac", "itsp", "--calls", "1")
        self.assertEqual(probe.result(20)["refused"], {"503": 1})
        kamailio = self.kamailio()
        uas = self.sipp("uas", "pbx", 5080, "-m", str(CALLS), host="127.0.0.1")
        uac = self.sipp("uac", "itsp", 5060, "-m", str(CALLS), "-r", "10", "-d", "500")
        self.assert_calls(uac, uas)
        self.stop(kamailio)


RATE = 8000
TONE_HZ = 440


def tone(hertz, seconds):
    """16-bit samples."""
    return b"".join(struct.pack("<h", round(8000 * math.sin(2 * math.pi * hertz * i / RATE)))
                    for i in range(round(seconds * RATE)))


def linear(octet):
    """What an octet of G.711 mu-law means, on the scale of 16 bits."""
    octet ^= 0xFF
    value = ((((octet & 15) << 3) + 0x84) << (octet >> 4 & 7)) - 0x84
    return -value if octet & 0x80 else value


def share_of(hertz, samples):
    """How much of the power of 16-bit samples is at that frequency, 0 to 1 (Goertzel)."""
    values = [value for (value,) in struct.iter_unpack("<h", samples)]
    power = sum(value * value for value in values)
    factor = 2 * math.cos(2 * math.pi * hertz / RATE)
    one = two = 0.0
    for value in values:
        one, two = value + factor * one - two, one
    found = one * one + two * two - factor * one * two
    return 2 * found / (len(values) * power) if power else 0.0


# It listens for TLS at the port behind the one that it is given.
BARESIP = """sip_listen {here}:{port_before}
sip_certificate {certificate}
sip_cafile {ca}
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
module srtp.so
module aufile.so
module sndfile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:4444
audio_source aufile,{tone}
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
snd_path {folder}
rtp_ports 30000-30100
"""


def speak(path):
    """A tone of half a minute, as a telephone reads it from a file."""
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "NONE"))
        file.writeframes(tone(TONE_HZ, 30))


class Telephone(TlsPeer):
    """One with TLS and mandatory SRTP, and a plain RTP player at the other side."""

    trunk = TlsPeer.trunk + 'srtp = "required"\n'

    def player(self):
        """SIPp with a tone instead of a voice, which it plays as RTP, at the provider's side."""
        return harness.Sipp("uas", "itsp", "u1", "-m", "1", "-rtp_echo")

    def assert_heard(self, capture):
        """What the provider's side got is the tone that baresip spoke, unencrypted."""
        spoken = [payload for source, payload in capture.stop()
                  if source == bytes((10, 20, 2, 1)) and len(payload) > 160 and
                  payload[0] >> 6 == 2 and payload[1] & 0x7F == 0]
        self.assertGreater(len(spoken), 50)
        samples = [b"".join(struct.pack("<h", linear(octet)) for octet in payload[12:])
                   for payload in spoken]
        # The best second: a telephone whose sound ran dry begins its tone anew.
        shares = [share_of(TONE_HZ, b"".join(samples[at:at + 50]))
                  for at in range(0, len(samples) - 49, 25)]
        self.assertGreater(max(shares), 0.8)

    def assert_tone(self, kept):
        """What came back is what it spoke, since SIPp echoes."""
        with wave.open(kept, "rb") as file:
            rate = file.getframerate()
            heard = file.readframes(file.getnframes())
        self.assertEqual(rate, RATE)
        # A second of it: a busy machine makes a telephone stumble.
        seconds = [heard[at:at + 2 * RATE] for at in range(0, len(heard) - 2 * RATE, RATE)]
        self.assertGreater(max(share_of(TONE_HZ, second) for second in seconds), 0.8)

    def wait_for_audio(self):
        harness.wait_for("audio both ways", lambda: all(
            trunk["rtp"]["packets_in"] > 150 for trunk in self.trunk_counters().values()))


class Baresip(Telephone):

    box_port = 5061
    port = 5060

    def baresip(self, *options):
        self.folder = f"{harness.RUN}/baresip"
        os.makedirs(self.folder, exist_ok=True)
        spoken = f"{self.folder}/tone.wav"
        speak(spoken)
        identity = f"{self.folder}/identity.pem"
        with open(identity, "wb") as out:
            for part in self.peer:
                with open(part, "rb") as file:
                    shutil.copyfileobj(file, out)
        with open(f"{self.folder}/config", "w", encoding="ascii") as file:
            file.write(BARESIP.format(here=harness.address("pbx"), port_before=self.port - 1,
                                      certificate=identity, ca=self.authority.path("ca.pem"),
                                      tone=spoken, folder=self.folder))
        with open(f"{self.folder}/accounts", "w", encoding="ascii") as file:
            file.write(f"<sip:+442079460018@{harness.address('pbx')};transport=tls>;regint=0;"
                       "answermode=auto;mediaenc=srtp-mand;audio_codecs=PCMU/8000/1\n")
        program = harness.Program("baresip", "pbx",
                                  ["baresip", "-f", self.folder, "-v", *options])
        harness.wait_for("baresip", lambda: harness.is_listening("pbx", self.port, "t"))
        return program

    def assert_kept(self):
        """It keeps what it decodes."""
        kept = glob.glob(f"{self.folder}/*-dec.wav")
        self.assertEqual(len(kept), 1, os.listdir(self.folder))
        self.assert_tone(kept[0])

    def test_a_call_with_srtp_to_a_provider_without(self):
        self.start_tls()
        uas = self.player()
        capture = harness.Capture("itsp", "udp")
        box = f"{harness.address('pbx', 1)}:{self.box_port}"
        phone = self.baresip("-e", f"/dial sip:+442079460018@{box}", "-t", "60")
        harness.wait_for("the call", lambda: [row for row in self.directory()
                                              if row.get("phase") == "answered"])
        self.wait_for_audio()
        self.assert_heard(capture)
        self.stop(phone)
        harness.wait_for("an empty directory", lambda: self.directory() == [])
        self.assert_kept()
        uas.wait()

    def test_a_call_from_a_provider_without_srtp(self):
        """The box makes the connection, and baresip answers by itself."""
        self.start_tls()
        phone = self.baresip()
        capture = harness.Capture("itsp", "udp")
        uac = harness.Sipp("uac", "itsp", "u1", "-m", "1", "-d", "15000", "-rtp_echo")
        self.wait_for_audio()
        self.assert_heard(capture)
        uac.assert_done()
        harness.wait_for("an empty directory", lambda: self.directory() == [])
        self.assertEqual(self.streams()["secured"], 1)
        self.stop(phone)
        self.assert_kept()


class BaresipAsLync(Baresip):
    """The same in the place of a Mediation Server: ports and SRTP are those of the preset."""

    trunk = 'preset = "lync2013"\ntls = "main"\n'
    box_port = port = 5067

    def write(self, text):
        """Nobody but the preset says at which port the peer listens."""
        super().write(text.replace(f'"{harness.endpoint("pbx")}"',
                                   f'"{harness.address("pbx")}"'))

    def test_the_wire_has_srtp_towards_it_alone(self):
        self.start_tls()
        uas = self.player()
        captures = {side: harness.Capture(side, "udp") for side in ("pbx", "itsp")}
        phone = self.baresip("-e", f"/dial sip:+442079460018@{harness.address('pbx', 1)}:5067",
                             "-t", "60")
        self.wait_for_audio()
        lengths = {side: {len(payload) for _, payload in capture.stop()
                          if len(payload) > 160 and payload[0] >> 6 == 2
                          and payload[1] & 0x7F == 0}
                   for side, capture in captures.items()}
        self.assertEqual(lengths, {"pbx": {182}, "itsp": {172}})
        self.stop(phone)
        uas.wait()


# It can not be called over TLS: it listens, and drops every connection that it is made ("New
# connection arriving on TLS, not handled"). What it makes itself serves both ways.
LINPHONE = """[sip]
sip_port=0
sip_tcp_port=0
sip_tls_port=5061
root_ca={ca}
verify_server_certs=1
verify_server_cn=0
client_cert_chain={certificate}
client_cert_key={key}
media_encryption=srtp
media_encryption_mandatory=1
use_ipv6=0
contact="Linphone" <sip:+442079460017@{here}>
[rtp]
audio_rtp_port=30200
"""


# A provider that hangs up.
HANGS_UP = """<?xml version="1.0"?>
<scenario name="hangs up">
<recv request="INVITE"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>
<ereg regexp="sip:[^>]*" search_in="hdr" header="Contact:" assign_to="contact"/>
</action></recv>
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=x 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
]]></send>
<recv request="ACK"/>
<send retrans="500"><![CDATA[
BYE [$contact] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From:[$to];tag=[call_number]
To:[$from]
[last_Call-ID:]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""


class Linphone(Telephone):
    """The telephone of the package linphone-cli, led by what it reads."""

    def linphone(self):
        # It asks the kernel for the address that leads to the Internet, and takes that for its own.
        subprocess.run(["ip", "-n", harness.namespace("pbx"), "route", "add", "default", "via",
                        harness.address("pbx", 1)], check=True)
        self.folder = f"{harness.RUN}/linphone"
        os.makedirs(f"{self.folder}/.local/share/linphone", exist_ok=True)
        self.spoken = f"{self.folder}/tone.wav"
        speak(self.spoken)
        path = f"{self.folder}/linphonerc"
        with open(path, "w", encoding="ascii") as file:
            file.write(LINPHONE.format(here=harness.address("pbx"), certificate=self.peer[0],
                                       key=self.peer[1], ca=self.authority.path("ca.pem")))
        program = harness.Program("linphonec", "pbx",
                                  ["env", f"HOME={self.folder}", "linphonec", "-c", path, "-d", "6",
                                   "-l", f"{self.folder}/log"], stdin=subprocess.PIPE)
        harness.wait_for("linphone", lambda: harness.is_listening("pbx", 5061, "t"))
        self.say(program, "soundcard use files")
        return program

    def say(self, program, line):
        program.process.stdin.write(line.encode() + b"\n")
        program.process.stdin.flush()

    def dial(self, program, until="connected"):
        """What it says of the call's state is what is waited for."""
        self.say(program, f"call sip:+442079460018@{harness.address('pbx', 1)}:5061;transport=tls")
        harness.wait_for(f"a call that is {until}", lambda: until in program.log_text())

    def hang_up(self, program):
        self.say(program, "quit")
        program.wait()

    def test_a_call_with_srtp_to_a_provider_without(self):
        self.start_tls()
        uas = self.player()
        capture = harness.Capture("itsp", "udp")
        phone = self.linphone()
        self.dial(phone)
        self.say(phone, f"play {self.spoken}")
        kept = f"{self.folder}/kept.wav"
        self.say(phone, f"record {kept}")
        self.wait_for_audio()
        self.assert_heard(capture)
        self.say(phone, "terminate")
        harness.wait_for("an empty directory", lambda: self.directory() == [])
        self.hang_up(phone)
        self.assertEqual(self.streams()["secured"], 1)
        self.assert_tone(kept)
        uas.wait()

    def test_requests_of_the_provider_reach_it_over_its_own_connection(self):
        """Nothing can be connected to, and its Contact names the port that it came from."""
        self.start_tls()
        path = f"{harness.RUN}/hangs_up.xml"
        with open(path, "w", encoding="ascii") as file:
            file.write(HANGS_UP)
        here = harness.address("itsp")
        uas = harness.Program("sipp-hangs-up", "itsp",
                              ["sipp", "-sf", path, "-i", here, "-p", "5060", "-m", "1",
                               "-nostdin", "-timeout", "60", "-timeout_error"])
        harness.wait_for("SIPp", lambda: harness.is_listening("itsp", 5060, "u"))
        phone = self.linphone()
        self.dial(phone, "ended")
        self.assertEqual(uas.wait(), 0, uas.log_text()[-1000:])
        harness.wait_for("an empty directory", lambda: self.directory() == [])
        harness.wait_for("its record", self.records)
        self.assertEqual([record["end"] for record in self.records()], ["released_by_called"])
        self.assertEqual(self.streams()["connected"], 0)
        self.hang_up(phone)


if __name__ == "__main__":
    unittest.main(verbosity=2)
