"""What never leaves the two programs: passwords, digests, private keys and SRTP keys, whatever is
configured, mistaken or sent; and no core dump, which would have all of them."""

import base64
import hashlib
import json
import os
import re
import signal
import stat
import subprocess
import unittest

import harness
from provider_test import CALLED, NAME, ProviderLab, SITES, USER, Site
from provider_test import PASSWORD as PROVIDER_PASSWORD
from registrar_test import PASSWORD as BRANCH_PASSWORD
from registrar_test import USER as BRANCH
from registrar_test import Pbx
from stream_lab import Authority

REALM = "branches.example"
WRONG_PASSWORD = "battery-staple-7"
MISTAKEN = "zanzibar-42-secret"
PASSPHRASE = "the-phrase-of-the-key"
OUR_KEY = bytes(range(100, 130))        # of the caller's SRTP, 30 octets as AES_CM_128 has
BROKEN_KEY = "A" * 12 + "notbase64!" + "B" * 12
SUITE = "AES_CM_128_HMAC_SHA1_80"

# The state that is a secret itself: the credentials of revisions, for its owner alone.
KEEPERS = ("credentials.json",)


def digests(user, realm, password):
    """HA1 of a digest, as RFC 8760 has its algorithms."""
    text = f"{user}:{realm}:{password}".encode()
    return [hashlib.new(name, text).hexdigest() for name in ("md5", "sha256", "sha512_256")]


def forms_of_key(octets):
    return [base64.b64encode(octets).decode().rstrip("="), octets.hex()]


def lines_of_pem(path):
    with open(path, encoding="ascii") as file:
        return [line for line in file.read().split() if len(line) > 40]


class Secrets(ProviderLab):

    def setUp(self):
        super().setUp()
        self.seen = {}

    # --- what is secret ---

    def collect_secrets(self):
        """{what it is: its forms}."""
        return {
            "the provider's password": [PROVIDER_PASSWORD,
                                        *digests(USER, NAME, PROVIDER_PASSWORD)],
            "the branch's password": [BRANCH_PASSWORD, *digests(BRANCH, REALM, BRANCH_PASSWORD)],
            "a wrong password": [WRONG_PASSWORD, *digests(USER, NAME, WRONG_PASSWORD)],
            "a password with a mistake around it": [MISTAKEN],
            "the passphrase of a key": [PASSPHRASE],
            "the key of the certificate": lines_of_pem(self.own[1]),
            "the encrypted key": lines_of_pem(self.encrypted),
            "the caller's SRTP key": forms_of_key(OUR_KEY),
            "a key that is none": [BROKEN_KEY],
        }

    @staticmethod
    def secrets_of_traffic(captures):
        """The same of what the wire carried: keys of both sides, answers to challenges."""
        found = {"SRTP keys on the wire": set(), "answers to challenges": set()}
        for capture in captures:
            for _, octets in capture.stop():
                text = octets.decode("latin-1")
                found["SRTP keys on the wire"].update(
                    re.findall(r"inline:([A-Za-z0-9+/]{40})", text))
                found["answers to challenges"].update(re.findall(r'response="(\w{32,})"', text))
        return found

    # --- where it may not be ---

    def note(self, name, text):
        self.seen[name] = self.seen.get(name, "") + text

    def cli(self, *arguments, stdin=None):
        done = subprocess.run([harness.CLI, "--socket", f"{harness.RUN}/api.sock", *arguments],
                              input=stdin, capture_output=True, text=True, check=False)
        self.note(f"demarc {' '.join(arguments)}", done.stdout + done.stderr)
        return done.returncode

    def ask_everything(self, call):
        for resource in ("status", "trunks", "tls", "counters", "workers", "calls", "dns",
                         "registrations", "bindings", f"calls/{call}", "config",
                         "config?all=true", "config?format=toml", "config?format=files",
                         "config/revisions", "config/revisions/1",
                         "config/revisions/1?format=toml",
                         "trace-route?from=pbx&called=%2B442079460018"):
            code, body = harness.api.get(f"{harness.RUN}/api.sock", f"/api/v1/{resource}")
            self.assertEqual(code, 200, f"{resource}: {body}")
            self.note(f"GET {resource}", body if isinstance(body, str) else json.dumps(body))
        for form in ("table", "json"):
            for verb in ("status", "calls", "workers", "trunks", "dns", "registrations",
                         "bindings", "counters", "revisions", "config"):
                self.assertEqual(self.cli("-o", form, verb), 0, verb)
            self.cli("-o", form, "audio", call)
            self.cli("-o", form, "trace-route", "--from", "pbx", "--called", "+442079460018")
            self.cli("-o", form, "diff", f"{harness.RUN}/demarc.toml")
            self.cli("-o", form, "replay-routes", "--config", f"{harness.RUN}/demarc.toml")

    def note_files(self):
        """Logs of both programs, and all that they keep but what is there to keep secrets."""
        for program in (self.dataplane, self.controlplane):
            self.note(program.name, program.log_text())
        for folder, _, names in os.walk(harness.STATE):
            for name in names:
                path = os.path.join(folder, name)
                status = os.stat(path)
                if name in KEEPERS:
                    self.assertEqual(stat.S_IMODE(status.st_mode), 0o600, path)
                elif stat.S_ISREG(status.st_mode):
                    with open(path, "rb") as file:
                        self.note(path, file.read().decode("latin-1"))

    def assert_kept(self, secrets):
        for what, forms in secrets.items():
            self.assertTrue(forms, what)
            for form in forms:
                for where, text in self.seen.items():
                    # Not the text itself: a report is a log, too.
                    self.assertFalse(form in text, f"{what} is shown by {where}")

    # --- what happens meanwhile ---

    def start_all(self):
        self.authority = Authority(f"{harness.RUN}/tls")
        self.own = self.authority.sign("own", "sbc.example.com")
        self.encrypted = self.authority.path("encrypted.key")
        Authority.run("pkcs8", "-topk8", "-in", self.own[1], "-out", self.encrypted, "-passout",
                      f"pass:{PASSPHRASE}")
        self.blocks = f"""
[tls.main]
certificate = {json.dumps(self.own[0])}
key = {json.dumps(self.own[1])}
verify = "off"

[trunk.branch]
realm = "outside"
port = 5061
transport = "tls"
tls = "main"
registrar = true
sources = "10.20.2.0/24"
registrar_realm = "{REALM}"
registrar_digest = "md5"

[user.branch7]
name = "{BRANCH}"
trunk = "branch"
password = "{BRANCH_PASSWORD}"
"""
        self.start_with(SITES["a"], f'register = true\nuser = "{USER}"\n'
                                    f'password = "{PROVIDER_PASSWORD}"\nno_response_ms = 3000\n',
                        pbx=f'srtp = "required"\nsrtp_suites = "{SUITE}"\n', blocks=self.blocks)
        self.keep(harness.Sipp("uas", "itsp", "u1", host=CALLED, seconds=600))
        self.keep(Site("a"))
        harness.wait_for(lambda: f"a registration: {self.registration()}",
                         lambda: self.registration()["registered"], 60)
        self.keep(Pbx(5061, "tls"))
        harness.wait_for("a binding", lambda: any(
            row["state"] == "bound" for row in self.api("bindings")["bindings"]), 60)

    @staticmethod
    def message(method, call, lines, body="", to_tag=""):
        here = harness.endpoint("pbx")
        number = 2 if method == "BYE" else 1
        head = [f"{method} sip:+442079460018@{harness.address('pbx', 1)} SIP/2.0",
                f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{call}{method if to_tag else ''}",
                "From: <sip:+442079469999@pbx.example>;tag=caller",
                f"To: <sip:+442079460018@{harness.address('pbx', 1)}>{to_tag}",
                f"Call-ID: {call}", f"CSeq: {number} {method}", "Max-Forwards: 70",
                f"Contact: <sip:caller@{here}>", *lines, f"Content-Length: {len(body)}"]
        return ("\r\n".join(head) + "\r\n\r\n" + body).encode()

    @staticmethod
    def offer(key):
        here = harness.address("pbx")
        return (f"v=0\r\no=- 1 1 IN IP4 {here}\r\ns=-\r\nc=IN IP4 {here}\r\nt=0 0\r\n"
                f"m=audio 30000 RTP/SAVP 0\r\na=crypto:1 {SUITE} inline:{key}\r\n")

    def await_answer(self, line, status, method):
        wanted = re.compile(rf"SIP/2.0 {status} .*^CSeq: \d+ {method}\r$", re.S | re.M)
        while True:
            text = line.recv(65535).decode("latin-1")
            if wanted.match(text):
                return text

    def call_by_hand(self, line, key, call, status):
        """Sends an INVITE with that key, which names it in an Authorization of its own, too."""
        box = (harness.address("pbx", 1), 5060)
        credentials = f'Authorization: Digest username="{USER}", response="{MISTAKEN}"'
        sdp = ["Content-Type: application/sdp", credentials]
        line.sendto(self.message("INVITE", call, sdp, self.offer(key)), box)
        answer = self.await_answer(line, status, "INVITE")
        tag = re.search(r"^To: .*?(;tag=[^;\r]+)", answer, re.M).group(1)
        line.sendto(self.message("ACK", call, [], to_tag=tag), box)
        return tag

    def break_the_configuration(self):
        """Files with mistakes around a secret: checked, applied, and read at SIGHUP."""
        path = f"{harness.RUN}/demarc.toml"
        with open(path, encoding="utf-8") as file:
            good = file.read()
        password = f'password = "{PROVIDER_PASSWORD}"'
        self.assertIn(password, good)
        mistakes = [good.replace(password, wrong) for wrong in (
            f'password = "{MISTAKEN}',                # no end
            f"password = {MISTAKEN}",                 # no string
            f'password = ["{MISTAKEN}"]',             # a list
            f'password = "{MISTAKEN * 20}"',          # too long
            f'pasword = "{MISTAKEN}"',                # a name that is none
            f'password = "{MISTAKEN}" "more"',        # too much
            f'password = "{MISTAKEN}"\npassword = ""',  # twice
            f'user = "{USER}"\n{password}',           # another field twice
            f'password = {{ value = "{MISTAKEN}" }}',
        )]
        mistakes.append(good.replace(json.dumps(self.own[1]), json.dumps(self.encrypted)))
        for number, text in enumerate(mistakes):
            wrong = f"{harness.RUN}/wrong-{number}.toml"
            with open(wrong, "w", encoding="utf-8") as file:
                file.write(text)
            for arguments in (["check", wrong], ["diff", wrong], ["apply", wrong],
                              ["-o", "json", "check", wrong]):
                self.assertNotEqual(self.cli(*arguments), 0, f"{arguments} {number}")
            os.replace(wrong, path)
            self.controlplane.signal(signal.SIGHUP)
            harness.wait_for("a word on the mistake", lambda number=number: (
                self.controlplane.log_text().count("configuration in force stays") == number + 1))
        # A password that is wrong only at the other end.
        with open(path, "w", encoding="utf-8") as file:
            file.write(good.replace(password, f'password = "{WRONG_PASSWORD}"'))
        self.assertEqual(self.cli("diff", path), 0)
        self.assertEqual(self.cli("apply", path), 0)
        self.assertEqual(self.cli("register", "refresh", "itsp"), 0)
        harness.wait_for(lambda: f"a refusal: {self.registration()}",
                         lambda: self.registration()["state"] == "backing_off", 60)

    def test_nothing_shows_them(self):
        self.start_all()
        captures = [self.keep(harness.Capture(side)) for side in ("pbx", "itsp")]
        line = harness.udp_socket("pbx", (harness.address("pbx"), 5060))
        line.settimeout(harness.PATIENCE)
        key = base64.b64encode(OUR_KEY).decode()
        self.call_by_hand(line, BROKEN_KEY, "broken", 488)
        tag = self.call_by_hand(line, key, "good", 200)
        call = harness.wait_for("the call's row", self.directory)[0]["id"]
        self.break_the_configuration()
        self.ask_everything(call)
        line.sendto(self.message("BYE", "good", [], to_tag=tag),
                    (harness.address("pbx", 1), 5060))
        self.await_answer(line, 200, "BYE")
        line.close()
        harness.wait_for("a record", self.records)
        traffic = self.secrets_of_traffic(captures)
        self.check_programs()
        self.note_files()
        self.assert_kept(traffic)
        self.assert_kept(self.collect_secrets())


class CoreDumps(harness.LabTest):
    """Both programs run with a group that is nobody else's. /proc shows what a process may be read
    by as of that group, unless it can not be dumped: then as of root (proc(5))."""

    GROUP = 54321
    runner = ("setpriv", "--regid", str(GROUP), "--clear-groups")

    def group_of(self, process):
        return os.stat(f"/proc/{process.pid}/maps").st_gid

    def core_limits(self, process):
        with open(f"/proc/{process.pid}/limits", encoding="ascii") as file:
            return re.search(r"^Max core file size +(\S+) +(\S+)", file.read(), re.M).groups()

    def test_both_programs_leave_none(self):
        self.start()
        other = harness.Program("sleep", "sbc", [*self.runner, "sleep", "600"])
        harness.wait_for("a process that can be dumped",
                         lambda: self.group_of(other.process) == self.GROUP)
        other.signal(signal.SIGKILL)
        other.process.wait()
        for program in (self.dataplane, self.controlplane):
            process = program.process
            self.assertEqual(os.stat(f"/proc/{process.pid}").st_gid, self.GROUP, program.name)
            self.assertEqual(self.group_of(process), 0, program.name)
            self.assertEqual(self.core_limits(process), ("0", "0"), program.name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
