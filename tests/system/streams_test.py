"""SIP over TCP and TLS: real peers on either side, certificates of every kind, keys that change."""

import json
import os
import signal
import subprocess
import unittest

import harness

CALLS = 20


class Authority:
    """A CA of openssl's making in a folder, and what it signs."""

    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.name = name
        self.serial = 10
        os.makedirs(folder, exist_ok=True)
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", f"/CN={name}", "-days", "30", "-keyout", self.path(f"{name}.key"),
                 "-out", self.path(f"{name}.pem"))

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def sign(self, name, host, days=30):
        """NAME.pem and NAME.key for a host; returns their paths. `days` below 0 has expired."""
        self.serial += 1
        key, request, pem = (self.path(f"{name}.{end}") for end in ("key", "csr", "pem"))
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}", "-keyout", key,
                 "-out", request)
        extensions = self.path(f"{name}.ext")
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
        ends = ["-days", str(days)]
        self.run("x509", "-req", "-in", request, "-CA", self.path(f"{self.name}.pem"), "-CAkey",
                 self.path(f"{self.name}.key"), "-set_serial", str(self.serial), "-extfile",
                 extensions, "-out", pem, *ends)
        return pem, key

    def revoke(self, pem):
        """crl.pem with this certificate on it; returns its path."""
        with open(self.path("index.txt"), "w", encoding="ascii"):
            pass
        config = self.path("ca.cnf")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[ca]\ndefault_ca=it\n[it]\ndatabase={self.path('index.txt')}\n"
                       "default_md=sha256\ndefault_crl_days=30\n")
        signer = ["-config", config, "-cert", self.path(f"{self.name}.pem"), "-keyfile",
                  self.path(f"{self.name}.key")]
        self.run("ca", *signer, "-revoke", pem)
        self.run("ca", *signer, "-gencrl", "-out", self.path("crl.pem"))
        return self.path("crl.pem")


class StreamsLab(harness.LabTest):
    """A lab with TCP, or TLS of an authority of its own."""

    platform = ""
    trunk = 'transport = "tls"\ntls = "main"\nport = 5061\n'
    tls_port = 5061   # ours
    peer_port = 5060  # where the PBX's side listens for TLS

    def start(self, **options):
        super().start(platform=self.platform, **options)

    def streams(self):
        return self.api("counters")["streams"]

    def assert_calls(self, uac, uas):
        uac.assert_done()
        uas.assert_done()
        harness.wait_for("an empty directory", lambda: self.directory() == [])
        total = self.api("counters")["total"]
        self.assertEqual(total["allocated_octets"], 0)
        self.assertEqual(total["stream_ring_full"], 0)
        harness.wait_for(lambda: f"{CALLS} records, has {len(self.records())}",
                         lambda: len(self.records()) >= CALLS)

    def wait_for_reason(self, name, reason):
        """The one target of that trunk is down, and the API says why."""
        def is_so():
            self.target = harness.api.rows(self.api("trunks"), "trunks")[name]["targets"][0]
            return self.target["health"] == "down" and self.target["proof"]["reason"] == reason
        harness.wait_for(lambda: f"{name} down by {reason}: {self.target}", is_so)

    def start_tls(self, **options):
        self.authority = Authority(f"{harness.RUN}/tls")
        self.own = self.authority.sign("own", "sbc.example.com")
        self.peer = self.authority.sign("peer", "sip.example.com")
        self.revoked = self.authority.sign("revoked", "sip.example.com")
        crl = self.authority.revoke(self.revoked[0])
        block = "\n[tls.main]\n" + "".join(
            f"{name} = {json.dumps(value)}\n" for name, value in {
                "certificate": self.own[0], "key": self.own[1],
                "ca": self.authority.path("ca.pem"), "crl": crl,
                "peer_names": ["sip.example.com"], **options}.items())
        self.start(trunks={"pbx": self.trunk}, more=block)
        for side in ("pbx", "itsp"):
            subprocess.run(["ip", "-n", harness.namespace(side), "link", "set", "lo", "up"],
                           check=True)

    def stunnel(self, role, identity):
        """Between SIPp on the loopback of the PBX's side and the box."""
        box, here = harness.address("pbx", 1), harness.address("pbx")
        is_client = role == "client"
        ends = (("127.0.0.1:5070", f"{box}:{self.tls_port}") if is_client
                else (f"{here}:{self.peer_port}", "127.0.0.1:5060"))
        path = f"{harness.RUN}/stunnel-{role}.conf"
        lines = ["foreground = yes", "pid =", "syslog = no", "debug = 5", "[sip]",
                 f"client = {'yes' if is_client else 'no'}", f"accept = {ends[0]}",
                 f"connect = {ends[1]}", f"cert = {identity[0]}", f"key = {identity[1]}",
                 f"CAfile = {self.authority.path('ca.pem')}", "verifyChain = yes"]
        if is_client:
            lines += [f"local = {here}", "checkHost = sbc.example.com"]
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        program = harness.Program(f"stunnel-{role}", "pbx", ["stunnel4", path])
        port = 5070 if is_client else self.peer_port
        harness.wait_for("stunnel", lambda: harness.is_listening("pbx", port, "t"))
        return program

    def stop(self, program):
        program.signal(signal.SIGTERM)
        program.wait()

    def client(self, *arguments, stdin=b""):
        """openssl s_client from the peer's address; (exit code, output)."""
        done = subprocess.run(
            ["ip", "netns", "exec", harness.namespace("pbx"), "timeout", "20", "openssl",
             "s_client", "-connect", f"{harness.address('pbx', 1)}:{self.tls_port}", "-CAfile",
             self.authority.path("ca.pem"), *arguments], input=stdin, capture_output=True,
            check=False)
        return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


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
        uas = harness.Sipp("uas", "itsp", "u1", "-m", str(CALLS))
        uac = harness.Sipp("uac", "pbx", "t1", "-m", str(CALLS), "-r", "10", "-d", "12000",
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

    def test_calls_from_udp_to_tls(self):
        self.start_tls()
        tunnel = self.stunnel("server", self.peer)
        uas = harness.Sipp("uas", "pbx", "t1", "-m", str(CALLS), host="127.0.0.1")
        uac = harness.Sipp("uac", "itsp", "u1", "-m", str(CALLS), "-r", "10", "-d", "500")
        self.assert_calls(uac, uas)
        self.assertEqual(self.streams()["secured"], 1)
        self.stop(tunnel)

    def test_a_server_with_a_wrong_certificate_is_down_and_says_why(self):
        self.start_tls()
        for what, identity, reason in (
                ("wrong name", self.authority.sign("name", "sip.example.org"),
                 "certificate has a wrong name"),
                ("revoked", self.revoked, "certificate revoked"),
                ("expired", self.authority.sign("late", "sip.example.com", -1),
                 "certificate expired or not valid yet")):
            tunnel = self.stunnel("server", identity)
            uac = harness.Probe("uac", "itsp", "--calls", "1")
            self.assertEqual(uac.result(20)["refused"], {"503": 1}, what)
            self.wait_for_reason("pbx", reason)
            self.stop(tunnel)

    def shown_serial(self):
        _, text = self.client("-cert", self.peer[0], "-key", self.peer[1], "-showcerts")
        begin = text.find("-----BEGIN")
        pem = text[begin:text.find("-----END CERTIFICATE-----") + 26]
        shown = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=pem.encode("ascii"),
                               capture_output=True, check=True).stdout.decode("ascii")
        return shown.strip().partition("=")[2]

    def test_who_is_let_in(self):
        self.start_tls()
        other = Authority(f"{harness.RUN}/tls-other", "other")
        refused = [
            ("no certificate", None, "handshake_failed"),
            ("wrong authority", other.sign("wrong", "sip.example.com"), "handshake_failed"),
            ("wrong name", self.authority.sign("name", "sip.example.org"), "wrong_name"),
            ("revoked", self.revoked, "handshake_failed"),
            ("expired", self.authority.sign("late", "sip.example.com", -1), "handshake_failed"),
        ]
        for what, identity, counter in refused:
            before = self.streams()[counter]
            arguments = () if identity is None else ("-cert", identity[0], "-key", identity[1])
            self.client(*arguments)
            harness.wait_for(f"{what} refused", lambda: self.streams()[counter] > before)
        before = self.streams()["secured"]
        self.client("-cert", self.peer[0], "-key", self.peer[1])
        harness.wait_for("the good one let in", lambda: self.streams()["secured"] > before)
        for version in ("-tls1_2", "-tls1_3"):
            code, text = self.client("-cert", self.peer[0], "-key", self.peer[1], version)
            self.assertIn("Verify return code: 0", text, version)
        for cipher in ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256",
                       "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256"):
            code, text = self.client("-cert", self.peer[0], "-key", self.peer[1], "-tls1_2",
                                     "-cipher", cipher)
            self.assertIn(f"Cipher is {cipher}", text)
        self.assertNotIn("PRIVATE KEY", self.dataplane.log_text() + self.controlplane.log_text())


class StreamsOnThreeThreads(Streams):
    """The same, with one thread that accepts and another one that has the connections."""

    platform = "stream_threads = 3\n"


if __name__ == "__main__":
    unittest.main(verbosity=2)
