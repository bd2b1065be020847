"""A PBX without an address of its own: baresip registers with us, is called and calls."""

import glob
import json
import os
import shutil
import signal
import socket
import unittest

import harness
from baresip_test import write_tone
from stream_lab import Authority

# It takes the calls of its own number alone.
USER, PASSWORD = "442079460018", "correct-horse"

# It knows one challenge with MD5, and numbers without a plus sign.
MORE = r"""registrar = true
sources = "10.20.2.0/24"
registrar_digest = "md5"
called_out = '^\+(\d+)$ -> $1'
"""

CONFIG = """sip_listen {address}:5070
{ca}net_interface eth0
rtp_ports 20000-20100
audio_path {folder}
audio_source aufile,{folder}/in.wav
audio_player aubridge,none
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:4444
"""


class Pbx(harness.Program):
    """One baresip on the provider's side, whose files are in RUN/branch-N."""

    count = 0

    def __init__(self, port, transport, password=PASSWORD):
        Pbx.count += 1
        self.folder = f"{harness.RUN}/branch-{Pbx.count}"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        modules = glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules")
        server = f"{harness.address('itsp', 1)}:{port}"
        # It does not start when the file is not there.
        ca = f"sip_cafile {harness.RUN}/tls/ca.pem\n" if transport == "tls" else ""
        for name, text in (
                ("config", CONFIG.format(address=harness.address("itsp"), folder=self.folder,
                                         ca=ca, modules=modules[0])),
                ("accounts", f"<sip:{USER}@{server};transport={transport}>;auth_user={USER};"
                             f"auth_pass={password};regint=60;answermode=auto;"
                             f"outbound=\"sip:{server};transport={transport}\";"
                             "audio_codecs=PCMU/8000/1,PCMA/8000/1\n"),
                ("contacts", "")):
            with open(f"{self.folder}/{name}", "w", encoding="ascii") as file:
                file.write(text)
        write_tone(f"{self.folder}/in.wav", 1000)
        super().__init__(f"branch-{Pbx.count}", "itsp",
                         ["baresip", "-f", self.folder, "-t", "120"])

    def dial(self, number):
        """Has it call, by the command that its module ctrl_tcp takes: JSON in a netstring."""
        command = json.dumps({"command": "dial",
                              "params": f"sip:{number}@{harness.address('itsp', 1)}"})
        with harness.inside("itsp",
                            lambda: socket.create_connection(("127.0.0.1", 4444))) as line:
            line.sendall(f"{len(command)}:{command},".encode())
            line.recv(4096)

    def stop(self):
        self.signal(signal.SIGTERM)
        self.wait()


class RegistrarLab(harness.LabTest):

    def setUp(self):
        super().setUp()
        self.programs = []

    def tearDown(self):
        for program in self.programs:
            if program.is_running():
                program.signal(signal.SIGKILL)
                program.process.wait()
        super().tearDown()

    def keep(self, program):
        self.programs.append(program)
        return program

    def start_with(self, more="", blocks=""):
        """The lab in which whoever knows the password is the other side."""
        self.up()
        text = harness.configuration(trunks={"itsp": more}, more=blocks)
        peer = f"peer = {json.dumps(harness.endpoint('itsp'))}\n"
        self.assertIn(peer, text)
        text = text.replace(peer, MORE)
        self.write(f"{text}\n[user.branch7]\nname = \"{USER}\"\ntrunk = \"itsp\"\n"
                   f"password = \"{PASSWORD}\"\n")
        self.start_dataplane()
        self.start_controlplane()
        self.wait_ready()

    def bindings(self):
        return self.api("bindings")["bindings"]

    def wait_bound(self, program):
        def found():
            rows = [row for row in self.bindings() if row["state"] == "bound"]
            return rows[0] if rows else None
        return harness.wait_for(
            lambda: f"a binding, has {self.bindings()}: {program.log_text()[-1500:]}", found)

    def call_it(self):
        """Calls from the other side to whoever registered."""
        harness.Sipp("uac", "pbx", "u1", "-m", "3", "-l", "1", "-d", "300").assert_done()


class Registrar(RegistrarLab):

    def test_it_is_called_where_it_registered_also_after_a_restart_of_the_control_plane(self):
        self.start_with()
        pbx = self.keep(Pbx(5060, "udp"))
        row = self.wait_bound(pbx)
        self.assertEqual(row["user"], USER)
        self.assertEqual(row["target"], f"{harness.address('itsp')}:5070")
        self.call_it()
        self.controlplane.signal(signal.SIGKILL)
        self.controlplane.process.wait()
        self.call_it()
        self.start_controlplane()
        self.wait_ready()
        self.assertEqual(self.wait_bound(pbx)["target"], row["target"])
        self.call_it()
        harness.wait_for("nine records", lambda: len(self.records()) == 9)
        self.assertEqual({(row["to"], row["status"]) for row in self.records()}, {("itsp", 200)})
        pbx.stop()
        harness.wait_for(lambda: f"no binding, has {self.bindings()}",
                         lambda: all(row["state"] != "bound" for row in self.bindings()))

    def test_it_calls(self):
        self.start_with()
        uas = self.keep(harness.Sipp("uas", "pbx", "u1", seconds=600))
        pbx = self.keep(Pbx(5060, "udp"))
        self.wait_bound(pbx)
        self.assert_calls(pbx, uas)

    def assert_calls(self, pbx, uas):
        pbx.dial("442079469999")
        harness.wait_for(
            lambda: f"a call of the PBX: {self.directory()} {pbx.log_text()[-1500:]}",
            lambda: any(row["phase"] == "answered" for row in self.directory()))
        self.assertEqual(self.directory()[0]["from"], "itsp")
        pbx.stop()
        harness.wait_for("an empty directory", lambda: self.directory() == [])
        uas.signal(signal.SIGKILL)

    def test_over_tls_it_is_called_by_its_connection_and_calls(self):
        authority = Authority(f"{harness.RUN}/tls")
        certificate, key = authority.sign("own", "sbc.example.com")
        block = (f"\n[tls.main]\ncertificate = {json.dumps(certificate)}\nkey = {json.dumps(key)}\n"
                 "verify = \"off\"\n")
        self.start_with("port = 5061\ntransport = \"tls\"\ntls = \"main\"\n", block)
        pbx = self.keep(Pbx(5061, "tls"))
        row = self.wait_bound(pbx)
        self.assertNotEqual(row["target"], f"{harness.address('itsp')}:5061")
        self.call_it()
        streams = self.api("counters")["streams"]
        self.assertEqual((streams["accepted"], streams["connected"]), (1, 0), streams)
        uas = self.keep(harness.Sipp("uas", "pbx", "u1", seconds=600))
        self.assert_calls(pbx, uas)

    def test_a_wrong_password_binds_nobody_and_its_calls_get_nothing(self):
        self.start_with()
        wire = self.keep(harness.Capture("itsp"))
        pbx = self.keep(Pbx(5060, "udp", password="guess"))

        def is_silent():
            """It answers each challenge at once, until it has failed too often: then nothing comes,
            and it says the same again."""
            said = [text for _, text in wire.datagrams() if text.startswith(b"REGISTER ")]
            return len(said) > 10 and len(set(said)) < len(said)
        harness.wait_for(lambda: f"silence: {pbx.log_text()[-1500:]}", is_silent)
        self.assertEqual(self.bindings(), [])
        socket = harness.udp_socket("itsp", (harness.address("itsp"), 5099))
        server = (harness.address("itsp", 1), 5060)
        socket.sendto(b"OPTIONS sip:x SIP/2.0\r\n"
                      b"Via: SIP/2.0/UDP 10.20.2.2:5099;branch=z9hG4bKx\r\n"
                      b"From: <sip:a@b>;tag=1\r\nTo: <sip:x>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
                      b"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n", server)
        harness.wait_for("a drop that is counted", lambda: self.counted("unregistered_source"))
        socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            socket.recv(65535)
        socket.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
