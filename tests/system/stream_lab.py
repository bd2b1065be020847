"""A lab with TCP or TLS: an authority and its certificates, stunnel between SIPp and the box."""

import json
import os
import signal
import subprocess

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

    def request(self, name, host):
        """A key, and what it is signed by: paths of request, key, and extensions."""
        key, request, extensions = (self.path(f"{name}.{end}") for end in ("key", "csr", "ext"))
        self.run("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={host}", "-keyout", key,
                 "-out", request)
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
        return request, key, extensions

    def sign(self, name, host, days=30):
        """NAME.pem and NAME.key for a host; returns their paths. `days` below 0 has expired."""
        self.serial += 1
        request, key, extensions = self.request(name, host)
        pem = self.path(f"{name}.pem")
        self.run("x509", "-req", "-in", request, "-CA", self.path(f"{self.name}.pem"), "-CAkey",
                 self.path(f"{self.name}.key"), "-set_serial", str(self.serial), "-extfile",
                 extensions, "-out", pem, "-days", str(days))
        return pem, key

    def sign_for_later(self, name, host):
        """The same, but nobody who reads this lives when it is valid."""
        request, key, extensions = self.request(name, host)
        pem = self.path(f"{name}.pem")
        self.run("ca", *self.signer(), "-batch", "-in", request, "-extfile", extensions, "-out",
                 pem, "-startdate", "22000101000000Z", "-enddate", "22010101000000Z", "-notext")
        return pem, key

    def signer(self):
        """Arguments of `openssl ca`, whose files are made where they are not."""
        config = self.path("ca.cnf")
        with open(config, "w", encoding="ascii") as file:
            file.write(f"[ca]\ndefault_ca=it\n[it]\ndatabase={self.path('index.txt')}\n"
                       "default_md=sha256\ndefault_crl_days=30\nrand_serial=yes\n"
                       f"new_certs_dir={self.folder}\npolicy=any\n"
                       "[any]\ncommonName=supplied\n")
        with open(self.path("index.txt"), "a", encoding="ascii"):
            pass
        return ["-config", config, "-cert", self.path(f"{self.name}.pem"), "-keyfile",
                self.path(f"{self.name}.key")]

    def revoke(self, pem):
        """crl.pem with this certificate on it, beside those of before; returns its path."""
        self.run("ca", *self.signer(), "-revoke", pem)
        self.run("ca", *self.signer(), "-gencrl", "-out", self.path("crl.pem"))
        return self.path("crl.pem")


class StreamsLab(harness.LabTest):
    """A lab with TCP, or TLS of an authority of its own."""

    platform = ""
    trunk = 'transport = "tls"\ntls = "main"\nport = 5061\n'
    tls_port = 5061   # ours
    peer_port = 5060  # where the PBX's side listens for TLS

    def start(self, **options):
        super().start(platform=self.platform, **options)
        for side in ("pbx", "itsp"):
            subprocess.run(["ip", "-n", harness.namespace(side), "link", "set", "lo", "up"],
                           check=True)

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

    def start_tls(self, trunks=None, lab=None, **options):
        """`trunks`: further lines of each, where not the PBX alone has TLS; `lab`: as start() has
        it; `options`: of the profile."""
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
        self.start(trunks=trunks or {"pbx": self.trunk}, more=block, **(lab or {}))

    def stunnel(self, role, identity, side="pbx", trusted=None):
        """Between SIPp on the loopback of a side and the box; `trusted`: by whose authority the
        box has to be known, where that is not ours."""
        box, here = harness.address(side, 1), harness.address(side)
        is_client = role == "client"
        ends = (("127.0.0.1:5070", f"{box}:{self.tls_port}") if is_client
                else (f"{here}:{self.peer_port}", "127.0.0.1:5060"))
        path = f"{harness.RUN}/stunnel-{role}-{side}.conf"
        lines = ["foreground = yes", "pid =", "syslog = no", "debug = 5", "[sip]",
                 f"client = {'yes' if is_client else 'no'}", f"accept = {ends[0]}",
                 f"connect = {ends[1]}", f"cert = {identity[0]}", f"key = {identity[1]}",
                 f"CAfile = {trusted or self.authority.path('ca.pem')}", "verifyChain = yes"]
        if is_client:
            lines += [f"local = {here}", "checkHost = sbc.example.com"]
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        program = harness.Program(f"stunnel-{role}-{side}", side, ["stunnel4", path])
        port = 5070 if is_client else self.peer_port
        harness.wait_for("stunnel", lambda: harness.is_listening(side, port, "t"))
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
