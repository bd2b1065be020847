"""A provider that is found by name, demands registration and digest, and has two sites."""

import json
import os
import re
import signal
import subprocess
import unittest

import harness

SITES = {"a": harness.address("itsp", 2), "b": harness.address("itsp", 3)}
CALLED = harness.address("itsp", 4)
USER, PASSWORD = "4420794600", "correct horse"
NAME = "provider.example"

# Registers whoever knows the password, and passes an INVITE on to CALLED after the same question.
KAMAILIO = """#!KAMAILIO
debug=1
log_stderror=yes
fork=no
children=1
listen=udp:{address}:5060
mpath="{modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "xlog.so"
loadmodule "auth.so"
modparam("auth", "nonce_expire", 300)
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", 120)
request_route {{
  if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
  if (has_totag()) {{
    if (!loose_route()) {{
      if (is_method("ACK")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
      sl_send_reply("404", "Not here"); exit;
    }}
    t_relay(); exit;
  }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) {{ t_relay(); }} exit; }}
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("{name}", "{password}", "0")) {{
      www_challenge("{name}", "0"); exit;
    }}
    xlog("L_ALERT", "REGISTERED $aU\\n");
    save("location"); exit;
  }}
  if (!is_method("INVITE")) {{ exit; }}
  if (t_check_trans()) {{ exit; }}
  if (!pv_proxy_authenticate("{name}", "{password}", "0")) {{
    proxy_challenge("{name}", "0"); exit;
  }}
  consume_credentials();
  xlog("L_ALERT", "CALLED $rU by $aU\\n");
  record_route();
  $du = "sip:{called}:5060";
  t_relay();
}}
"""


def modules():
    for folder in ("/usr/lib/x86_64-linux-gnu/kamailio/modules",
                   "/usr/lib/aarch64-linux-gnu/kamailio/modules"):
        if os.path.isdir(folder):
            return folder
    raise AssertionError("there is no Kamailio here")


class Site(harness.Program):
    """One Kamailio of the provider's."""

    count = 0

    def __init__(self, name):
        Site.count += 1
        path = f"{harness.RUN}/kamailio-{name}.cfg"
        with open(path, "w", encoding="ascii") as file:
            file.write(KAMAILIO.format(address=SITES[name], modules=modules(), name=NAME,
                                       password=PASSWORD, called=CALLED))
        super().__init__(f"kamailio-{name}-{Site.count}", "itsp",
                         ["kamailio", "-DD", "-E", "-f", path, "-Y", harness.RUN, "-P",
                          f"{harness.RUN}/kamailio-{name}.pid", "-m", "64"])
        harness.wait_for(lambda: f"{self.name}: {self.log_text()[-500:]}", self.is_bound)

    def is_bound(self):
        listed = subprocess.run(
            ["ip", "netns", "exec", harness.namespace("itsp"), "ss", "-Hlun", "sport = :5060"],
            capture_output=True, text=True, check=True).stdout
        return f"{self.address()}:5060" in listed

    def address(self):
        return SITES[self.name.split("-")[1]]

    def stop(self):
        self.signal(signal.SIGTERM)
        self.wait()

    def kill(self):
        """A site that dies answers nothing, and its host says nothing either."""
        subprocess.run(["ip", "-n", harness.namespace("itsp"), "addr", "del",
                        f"{self.address()}/24", "dev", "eth0"], check=False)
        self.signal(signal.SIGKILL)
        self.process.wait()

    def count_of(self, word):
        return len(re.findall(rf"\b{word} ", self.log_text()))


class ProviderLab(harness.LabTest):

    def setUp(self):
        super().setUp()
        self.programs = []
        self.dns, self.dns_starts = None, 0

    def tearDown(self):
        for program in self.programs:
            if program.is_running():
                program.signal(signal.SIGKILL)
                program.process.wait()
        super().tearDown()

    def keep(self, program):
        self.programs.append(program)
        return program

    def add_address(self, address):
        subprocess.run(["ip", "-n", harness.namespace("itsp"), "addr", "replace",
                        f"{address}/24", "dev", "eth0"], check=True)

    def start_with(self, peer, more, pbx="", blocks=""):
        """The lab with this peer on the provider's side; `pbx`: lines of the other trunk."""
        self.up()
        # The address that is taken away may be the first of its network.
        subprocess.run(["ip", "netns", "exec", harness.namespace("itsp"), "sysctl", "-q",
                        "net.ipv4.conf.all.promote_secondaries=1",
                        "net.ipv4.conf.eth0.promote_secondaries=1"], check=True)
        for address in (*SITES.values(), CALLED):
            self.add_address(address)
        subprocess.run(["ip", "-n", harness.namespace("sbc"), "link", "set", "lo", "up"],
                       check=True)
        self.start_dns(SITES)
        text = harness.configuration(trunks={"itsp": more, "pbx": pbx}, more=blocks)
        text = text.replace(f"peer = \"{harness.endpoint('itsp')}\"", f"peer = {json.dumps(peer)}")
        text = text.replace("[platform]\n", "[platform]\ndns_servers = \"127.0.0.1\"\n")
        self.write(text)
        self.start_dataplane()
        self.start_controlplane()
        self.wait_ready()

    def start_dns(self, sites):
        """Its answers hold for five seconds, the shortest time that is kept to."""
        self.dns_starts += 1
        self.dns = self.keep(harness.Program(f"dnsmasq-{self.dns_starts}", "sbc", [
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv",
            "--no-hosts", "--listen-address=127.0.0.1", "--bind-interfaces", "--user=root",
            "--pid-file=", "--local-ttl=5",
            f"--host-record=a.{NAME},{sites['a']}", f"--host-record=b.{NAME},{sites['b']}",
            f"--srv-host=_sip._udp.{NAME},a.{NAME},5060,10,0",
            f"--srv-host=_sip._udp.{NAME},b.{NAME},5060,20,0"]))

    def questions(self):
        return self.api("dns")["questions"]

    def targets(self):
        row = harness.api.rows(self.api("trunks"), "trunks")["itsp"]
        return {target["address"] for target in row["targets"]}

    def registration(self):
        rows = self.api("registrations")["registrations"]
        return rows[0] if rows else {"registered": False, "target": None, "state": "none"}

    def wait_registered(self, at, seconds=None):
        harness.wait_for(
            lambda: f"a registration at {at}: {self.registration()}",
            lambda: self.registration()["registered"] and self.registration()["target"] == at,
            seconds)

    def health(self):
        row = harness.api.rows(self.api("trunks"), "trunks")["itsp"]
        return {target["address"]: target["health"] for target in row["targets"]}

    def first_target(self):
        row = harness.api.rows(self.api("trunks"), "trunks")["itsp"]
        return min(row["targets"], key=lambda target: target["priority"])["address"]

    def wait_first(self, at):
        """Calls go where the registration is, as soon as that is published."""
        harness.wait_for(lambda: f"{at} tried first, not {self.first_target()}",
                         lambda: self.first_target() == at)

    def call(self, count=3):
        uac = harness.Sipp("uac", "pbx", "u1", "-m", str(count), "-l", "1", "-d", "100")
        uac.assert_done()


class Provider(ProviderLab):

    def test_calls_and_registration_move_to_the_other_site_and_back(self):
        probe_ms = 2000 if harness.IS_SANITIZED else 500
        self.start_with(NAME, f"register = true\nuser = \"{USER}\"\npassword = \"{PASSWORD}\"\n"
                              "expires_s = 60\nprobe_interval_s = 1\n"
                              f"probe_timeout_ms = {probe_ms}\nprobe_failures = 2\n"
                              "failover_ms = 1500\nno_response_ms = 3000\n")
        self.keep(harness.Sipp("uas", "itsp", "u1", host=CALLED, seconds=600))
        first, second = self.keep(Site("a")), self.keep(Site("b"))
        place = {name: f"{address}:5060" for name, address in SITES.items()}
        self.wait_registered(place["a"], 60)
        # A site that was not there yet when it was probed for the first time has to prove itself.
        harness.wait_for(lambda: f"both sites up: {self.health()}",
                         lambda: all(self.health().get(at) == "up" for at in place.values()), 60)
        self.wait_first(place["a"])
        self.call()
        self.assertEqual((first.count_of("CALLED"), second.count_of("CALLED")), (3, 0))

        first.kill()
        self.call()  # whatever is known of the site by now: within failover_ms
        self.assertEqual(second.count_of("CALLED"), 3)
        self.wait_registered(place["b"], 60)
        self.assertGreater(second.count_of("REGISTERED"), 0)

        self.add_address(SITES["a"])
        again = self.keep(Site("a"))
        harness.wait_for(lambda: f"both sites up: {self.health()}",
                         lambda: self.health().get(place["a"]) == "up", 60)
        self.wait_registered(place["a"], 60)
        self.wait_first(place["a"])
        self.call()
        self.assertEqual((again.count_of("CALLED"), second.count_of("CALLED")), (3, 3))
        self.assertTrue(self.registration()["registered"])


class Names(ProviderLab):

    def test_calls_go_on_without_dns_and_follow_it_when_it_is_back(self):
        self.start_with(NAME, "")
        self.keep(harness.Sipp("uas", "itsp", "u1", host=SITES["a"], seconds=600))
        place = {name: f"{address}:5060" for name, address in SITES.items()}
        harness.wait_for(lambda: f"both sites: {self.targets()}",
                         lambda: self.targets() == set(place.values()))
        self.call()

        self.dns.signal(signal.SIGKILL)
        self.dns.process.wait()
        harness.wait_for(lambda: f"stale answers: {self.questions()}",
                         lambda: any(row["stale"] for row in self.questions()), 60)
        self.assertEqual(self.targets(), set(place.values()))
        self.call()

        # It comes back with the first site elsewhere.
        self.keep(harness.Sipp("uas", "itsp", "u1", host=CALLED, seconds=600))
        self.start_dns({"a": CALLED, "b": SITES["b"]})
        harness.wait_for(lambda: f"the new address: {self.targets()}",
                         lambda: self.targets() == {f"{CALLED}:5060", place["b"]}, 120)
        harness.wait_for(lambda: f"no stale answers: {self.questions()}",
                         lambda: not any(row["stale"] for row in self.questions()), 60)
        self.wait_first(f"{CALLED}:5060")
        self.call()


class Registrar:
    """Answers each REGISTER with the next thing of a script; what is left over is 200."""

    def __init__(self, script):
        self.socket = harness.udp_socket("itsp", (SITES["a"], 5060))
        self.socket.settimeout(harness.PATIENCE * 2)
        self.script = list(script)
        self.seen = []

    @staticmethod
    def field(text, name):
        found = re.search(rf"^{name}: *(.*)\r$", text, re.MULTILINE | re.IGNORECASE)
        return found.group(1) if found else ""

    def answer(self, text, source, status, more=""):
        lines = [f"SIP/2.0 {status}"]
        same = ("Via", "From", "Call-ID", "CSeq")
        lines += [f"{name}: {self.field(text, name)}" for name in same]
        lines += [f"To: {self.field(text, 'To')};tag=r", "Content-Length: 0"]
        self.socket.sendto(("\r\n".join(lines) + "\r\n" + more + "\r\n").encode(), source)

    def serve_until(self, is_done):
        while not is_done():
            octets, source = self.socket.recvfrom(65535)
            text = octets.decode("ascii", "replace")
            if not text.startswith("REGISTER "):
                continue
            known = {(self.field(one, "Call-ID"), self.field(one, "CSeq")) for one in self.seen}
            is_repeated = (self.field(text, "Call-ID"), self.field(text, "CSeq")) in known
            self.seen.append(text)
            if is_repeated:
                continue
            step = self.script.pop(0) if self.script else "good"
            if step == "silence":
                continue
            if step == "good":
                self.answer(text, source, "200 OK",
                            f"Contact: {self.field(text, 'Contact')};expires=60\r\n")
            elif isinstance(step, bytes):
                self.socket.sendto(step, source)
            else:
                self.answer(text, source, *step)


class Registrars(ProviderLab):

    def register_with(self, *script):
        """Starts, and answers until the script is over."""
        self.start_with(SITES["a"], f"register = true\nuser = \"{USER}\"\n"
                                    f"password = \"{PASSWORD}\"\nno_response_ms = 1000\n")
        registrar = Registrar(script)
        registrar.serve_until(lambda: not registrar.script)
        return registrar

    def test_a_longer_time_is_asked_for_after_423(self):
        registrar = self.register_with(("423 Interval Too Brief", "Min-Expires: 7200\r\n"), "good")
        self.assertEqual(Registrar.field(registrar.seen[-1], "Expires"), "7200")
        self.wait_registered(f"{SITES['a']}:5060")

    def assert_backs_off(self, *script):
        self.register_with(*script)
        harness.wait_for(lambda: f"a back-off: {self.registration()}",
                         lambda: self.registration()["state"] == "backing_off")
        row = self.registration()
        self.assertFalse(row["registered"])
        self.assertGreater(row["next_action_s"], 0)
        return row

    def test_500_backs_off(self):
        self.assertIn("500", self.assert_backs_off(("500 Server Error",))["last_answer"])

    def test_a_200_without_our_contact_is_no_registration(self):
        self.assert_backs_off(("200 OK",))

    def test_garbage_and_silence_back_off(self):
        self.assert_backs_off(b"SIP/2.0 200 OK\r\nnonsense\r\n\r\n")


if __name__ == "__main__":
    unittest.main()
