"""The lab as tests use it: namespaces up and down, both programs, the API, the media probe.

Everything waits for something observable with a deadline; nothing sleeps a fixed time and hopes.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("DEMARC_BUILD", os.path.join(ROOT, "build")))
sys.path.insert(0, os.path.join(ROOT, "deploy", "lab"))

import api  # noqa: E402  (it lives beside the lab)

PREFIX = os.environ.setdefault("DEMARC_LAB_PREFIX", "demarc-test")
RUN = os.environ.setdefault("DEMARC_LAB_RUN", "/run/demarc-test")
STATE = os.environ.setdefault("DEMARC_LAB_STATE", "/var/lib/demarc-test")
os.environ["DEMARC_BUILD"] = BUILD
LAB = os.path.join(ROOT, "deploy", "lab", "lab")
DATAPLANE = os.path.join(BUILD, "dataplane", "demarc-dataplane")
CLI = os.path.join(BUILD, "controlplane", "demarc")
CONTROLPLANE = os.path.join(BUILD, "controlplane", "demarc-controlplane")
PROBE = os.path.join(BUILD, "tests", "system", "probe", "media_probe")
LOGS = os.path.join(BUILD, "tests", "system", "logs")
# A sanitizer build starts slower, and this machine may be busy with something else.
PATIENCE = float(os.environ.get("DEMARC_TEST_PATIENCE", "30"))
IS_SANITIZED = os.environ.get("DEMARC_SANITIZED") == "1"   # programs take several times as long
CLONE_NEWNET = 0x40000000

SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


# One lab of this name at a time, also when two builds run their tests on one machine.
lock = open(f"{RUN}.lock", "w", encoding="ascii")  # held until this process ends
fcntl.flock(lock, fcntl.LOCK_EX)


def wait_for(what, condition, seconds=None):
    """Returns the first true value of condition(); fails with `what` at the deadline."""
    deadline = time.monotonic() + (seconds or PATIENCE)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            shown = what() if callable(what) else what
            raise AssertionError(f"waited in vain: {shown}")
        time.sleep(0.02)


def namespace(side):
    return f"{PREFIX}-{side}"


def address(side, host=2, family=4):
    net = {"pbx": 1, "itsp": 2}[side]
    return f"10.20.{net}.{host}" if family == 4 else f"fd20:{net}::{host}"


def endpoint(side, host=2, family=4):
    text = address(side, host, family)
    return f"{text}:5060" if family == 4 else f"[{text}]:5060"


def other(side):
    return {"pbx": "itsp", "itsp": "pbx"}[side]


def family_of(family, side):
    """Of one side, where `family` may be that of both."""
    return family[side] if isinstance(family, dict) else family


def inside(side, make):
    """What make() returns, called inside a side's namespace: its sockets stay there."""
    made = []

    def run():
        libc = ctypes.CDLL(None, use_errno=True)
        with open(f"/run/netns/{namespace(side)}", "rb") as file:
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        made.append(make())

    # setns is a thread's own affair: a thread of its own leaves this one where it is.
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return made[0]


def udp_socket(side, local):
    """A UDP socket inside a side's namespace, bound to (host, port)."""
    def make():
        family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
        one = socket.socket(family, socket.SOCK_DGRAM)
        one.bind(local)
        return one
    return inside(side, make)


def configuration(driver="af_xdp", queues=1, workers=1, family=4, advertise=None, routes=None,
                  media_ports="16384-32767", trunks=None, more="", platform="", media=()):
    """The TOML file of a lab; `family` is 4, 6 or {side: 4 or 6}, `routes` is a list of (from, to),
    `trunks` has further lines of each side's trunk, `platform` further lines of that block, `more`
    further blocks, `media` the hosts of each realm's own media addresses (IPv4)."""
    quote = json.dumps
    text = ("[platform]\n"
            f"workers = {workers}\ncores = {quote(','.join(str(n) for n in range(workers)))}\n"
            "memory_mb = 512\nhugepages = \"no\"\nidle = \"sleep\"\n" + platform)
    for side in ("pbx", "itsp"):
        text += (f"\n[port.{side}]\ndevice = {quote(driver + ':demarc-' + side)}\n"
                 f"twin = {quote(side + '0')}\nqueues = {queues}\n")
    for side, realm in (("pbx", "inside"), ("itsp", "outside")):
        text += (f"\n[realm.{realm}]\nport = {quote(side)}\n"
                 f"address = {quote(address(side, 1, family_of(family, side)))}\n"
                 f"media_ports = {quote(media_ports)}\n")
        if media:
            text += f"media = {quote([address(side, host) for host in media])}\n"
        if advertise and realm == "outside":
            text += f"advertise = {quote(advertise)}\n"
    for side, realm in (("pbx", "inside"), ("itsp", "outside")):
        text += (f"\n[trunk.{side}]\nrealm = {quote(realm)}\n"
                 f"peer = {quote(endpoint(side, 2, family_of(family, side)))}\n")
        text += (trunks or {}).get(side, "")
    for origin, target in routes if routes is not None else [("pbx", "itsp"), ("itsp", "pbx")]:
        text += f"\n[[route]]\nfrom = {quote(origin)}\nto = {quote(target)}\n"
    return text + more


# Classic BPF on what a side sends, over IPv4: RTP of the probe (UDP length 180) with a sequence
# number of 3 modulo 32; one in eight datagrams to port 5060.
LOSE_RTP = "7,40 0 0 38,21 0 4 180,40 0 0 44,84 0 0 31,21 0 1 3,6 0 0 2,6 0 0 0"
LOSE_SIP = "6,40 0 0 36,21 0 3 5060,32 0 0 4294963256,37 1 0 536870911,6 0 0 2,6 0 0 0"


def lose(side, bytecode):
    """From now on the side's wire loses what the filter chooses."""
    inside = ["ip", "netns", "exec", namespace(side), "tc"]
    subprocess.run([*inside, "qdisc", "add", "dev", "eth0", "clsact"], check=True)
    subprocess.run([*inside, "filter", "add", "dev", "eth0", "egress", "protocol", "ip",
                    "bpf", "da", "bytecode", bytecode], check=True)


def sever(side):
    """From now on nothing comes or goes on the side's wire, and nobody is told."""
    inside = ["ip", "netns", "exec", namespace(side), "tc"]
    subprocess.run([*inside, "qdisc", "add", "dev", "eth0", "clsact"], check=True)
    for way in ("ingress", "egress"):
        subprocess.run([*inside, "filter", "add", "dev", "eth0", way, "protocol", "all",
                        "bpf", "da", "bytecode", "1,6 0 0 2"], check=True)


def mend(side):
    """The end of what lose() or sever() began."""
    subprocess.run(["ip", "netns", "exec", namespace(side), "tc", "qdisc", "del", "dev", "eth0",
                    "clsact"], check=True)


class Program:
    """A process in a namespace, with its output in RUN/NAME.log."""

    def __init__(self, name, side, arguments, stdin=subprocess.DEVNULL, stdout=None):
        self.name = name
        self.log = f"{RUN}/{name}.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", namespace(side), *arguments], stdin=stdin,
                stdout=stdout or log, stderr=log, env={**os.environ, **SANITIZERS})

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=None):
        """The exit code."""
        try:
            return self.process.wait(seconds or PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end: {self.log}") from None

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


class Probe(Program):
    """One end of the media probe; `progress` is its last word so far, `result()` its summary."""

    count = 0

    def __init__(self, role, side, *options, family=4):
        Probe.count += 1
        arguments = [PROBE, role, "--bind", endpoint(side, 2, family), "--progress", *options]
        if role == "uac" and "--to" not in options:
            arguments += ["--to", endpoint(side, 1, family)]
        super().__init__(f"probe-{Probe.count}-{role}-{side}", side, arguments,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.progress = {"placed": 0, "offered": 0, "answered": 0, "ended": 0, "live": 0,
                         "refused": 0, "cancelled": 0, "failed": 0}
        self.summary = None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_bound(side)

    def wait_bound(self, side):
        def bound():
            if not self.is_running():
                return True
            listed = subprocess.run(
                ["ip", "netns", "exec", namespace(side), "ss", "-Hlunp", "sport = :5060"],
                capture_output=True, text=True, check=True).stdout
            return "media_probe" in listed
        wait_for(f"{self.name} binding its address", bound)

    def read(self):
        for line in self.process.stdout:
            try:
                document = json.loads(line)
            except ValueError:
                continue
            if "progress" in document:
                self.progress = document["progress"]
            else:
                self.summary = document

    def command(self, text):
        self.process.stdin.write(f"{text}\n".encode("ascii"))
        self.process.stdin.flush()

    def wait_live(self, count, seconds=None):
        wait_for(lambda: f"{count} live calls at {self.name}, has {self.progress}",
                 lambda: self.progress["live"] == count, seconds)

    def wait_over(self, count):
        """At the called side: so many calls came at least, and all that came are over, also those
        that were not answered."""
        def is_so():
            now = self.progress
            over = sum(now[end] for end in ("ended", "refused", "cancelled", "failed"))
            return now["live"] == 0 and count <= now["offered"] <= over
        wait_for(lambda: f"{count} calls over at {self.name}, has {self.progress}", is_so)

    def result(self, seconds=None):
        """Waits for the end of the process; returns the summary."""
        self.wait(seconds)
        self.reader.join(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()
        if self.summary is None:
            raise AssertionError(f"{self.name} ended without a summary: {self.log}")
        return self.summary

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.result()


class Sipp(Program):
    """SIPp with one of its own scenarios; `transport` is "u1" or "t1". `seconds`: how long it may
    take, and the life of one that is given no number of calls."""

    count = 0

    def __init__(self, scenario, side, transport, *options, to=None, host=None, port=5060,
                 seconds=60):
        Sipp.count += 1
        remote = [to or endpoint(side, 1)] if scenario == "uac" else []
        super().__init__(f"sipp-{Sipp.count}-{scenario}-{side}", side,
                         ["sipp", "-sn", scenario, "-i", host or address(side), "-p", str(port),
                          "-t", transport, "-nostdin", "-timeout", str(seconds), "-timeout_error",
                          "-s", "+442079460018", *options, *remote])
        if scenario == "uas":
            wait_for(f"{self.name} listening", lambda: is_listening(side, port, transport))

    def assert_done(self):
        code = self.wait(90)
        if code != 0:
            raise AssertionError(f"{self.name} ended with {code}: {self.log_text()[-1500:]}")


def is_listening(side, port, transport):
    listed = subprocess.run(
        ["ip", "netns", "exec", namespace(side), "ss", f"-Hln{transport[0]}", f"sport = :{port}"],
        capture_output=True, text=True, check=True).stdout
    return str(port) in listed


class Capture(Program):
    """tcpdump on a side's wire; `datagrams()` after `stop()`."""

    def __init__(self, side, what="udp port 5060"):
        self.path = f"{RUN}/{side}.pcap"
        super().__init__(f"tcpdump-{side}", side,
                         ["tcpdump", "-i", "eth0", "-n", "-U", "-Z", "root", "--immediate-mode",
                          "-w", self.path, what])
        wait_for("tcpdump", lambda: "listening on" in self.log_text())

    def stop(self):
        self.signal(signal.SIGINT)
        self.wait()
        return self.datagrams()

    def datagrams(self):
        """[(source host octets, UDP payload)] of an Ethernet capture."""
        with open(self.path, "rb") as file:
            data = file.read()
        found = []
        at = 24
        while at + 16 <= len(data):
            length = int.from_bytes(data[at + 8:at + 12], sys.byteorder)
            frame = data[at + 16:at + 16 + length]
            at += 16 + length
            if frame[12:14] == b"\x08\x00":
                header = 14 + (frame[14] & 15) * 4
                source = frame[26:30]
            else:
                header = 54
                source = frame[22:38]
            found.append((source, frame[header + 8:]))
        return found


class LabTest(unittest.TestCase):
    """A test with a lab of its own. Call self.start(...) first."""

    runner = ()  # a command that both programs are started by

    def setUp(self):
        self.assertEqual(os.geteuid(), 0, "system tests need root: network namespaces")
        self.dataplane = None
        self.controlplane = None
        # What a test that was killed may have left.
        subprocess.run([LAB, "down"], check=True)

    def tearDown(self):
        try:
            self.check_programs()
        finally:
            self.keep_logs()
            subprocess.run([LAB, "down"], check=True)

    def check_programs(self):
        """Both programs end with 0 at SIGTERM, and no sanitizer said anything."""
        for program in (self.dataplane, self.controlplane):
            if program is None:
                continue
            if program.is_running():
                program.signal(signal.SIGTERM)
            self.assertEqual(program.wait(), 0, f"{program.name}: exit code; {program.log}")
            for word in ("AddressSanitizer", "runtime error:", "LeakSanitizer"):
                self.assertNotIn(word, program.log_text(), program.log)

    def keep_logs(self):
        folder = os.path.join(LOGS, self.id())
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for parent in (RUN, f"{STATE}/records"):
            with contextlib.suppress(FileNotFoundError):
                for entry in os.scandir(parent):
                    if entry.is_file(follow_symlinks=False):
                        shutil.copy(entry.path, folder)

    # --- the lab ---

    def up(self, driver="af_xdp", queues=1):
        subprocess.run([LAB, "up", "--queues", str(queues), "--driver", driver], check=True)

    def write(self, text):
        with open(f"{RUN}/demarc.toml", "w", encoding="utf-8") as file:
            file.write(text)

    def start(self, **options):
        """Namespaces, configuration and both programs, ready to take calls."""
        self.up(options.get("driver", "af_xdp"), options.get("queues", 1))
        for side in ("pbx", "itsp"):
            for host in options.get("media", ()):  # the twin answers ARP for what it has
                subprocess.run(["ip", "-n", namespace("sbc"), "addr", "replace",
                                f"{address(side, host)}/24", "dev", f"{side}0"], check=True)
        self.write(configuration(**options))
        self.start_dataplane()
        self.start_controlplane()
        self.wait_ready()

    def start_dataplane(self):
        self.dataplane = Program("dataplane", "sbc",
                                 [*self.runner, DATAPLANE, "--socket", f"{RUN}/dataplane.sock",
                                  "--state-dir", STATE])

    def start_controlplane(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{RUN}/api.sock")
        self.controlplane = Program(
            "controlplane", "sbc", [*self.runner, CONTROLPLANE, "--config",
                                    f"{RUN}/demarc.toml", "--run-dir", RUN,
                                    "--state-dir", STATE])

    def wait_ready(self):
        def ready():
            for program in (self.dataplane, self.controlplane):
                if not program.is_running():
                    raise AssertionError(f"{program.name} ended with {program.process.poll()}:\n"
                                         + program.log_text()[-2000:])
            return api.is_ready(f"{RUN}/api.sock")
        wait_for("/api/v1/status saying ready", ready)

    # --- what can be seen ---

    def api(self, resource):
        code, body = api.get(f"{RUN}/api.sock", f"/api/v1/{resource}", PATIENCE)
        self.assertEqual(code, 200, f"/api/v1/{resource}: {body}")
        return body

    def trunk_counters(self):
        return api.rows(self.api("counters"), "trunks")

    def counted(self, *names):
        """The sum of these counters over all workers."""
        total = self.api("counters")["total"]
        return sum(total[name] for name in names)

    def directory(self):
        """The rows of the live calls, all pages of them."""
        rows, cursor = [], "0"
        while cursor is not None:
            page = self.api(f"calls?limit=1000&cursor={cursor}")
            rows += page["calls"]
            cursor = page["next_cursor"]
        return rows

    def records(self):
        try:
            with open(f"{STATE}/records/records.jsonl", encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    # --- what is claimed ---

    def assert_ledger(self, is_lossless=True):
        """What came in on a trunk was relayed on or is accounted for by reason."""
        def closes():
            self.ledger = {name: trunk["rtp"] for name, trunk in self.trunk_counters().items()}
            return all(rtp["packets_in"] == rtp["packets_out"] + sum(rtp["drops"].values())
                       for rtp in self.ledger.values())
        wait_for(lambda: f"the ledger: {self.ledger}", closes, 10)
        for rtp in self.ledger.values():
            self.assertGreater(rtp["packets_in"], 0)
            if is_lossless:
                self.assertEqual(sum(rtp["drops"].values()), 0, self.ledger)
        # The hook behind this counter sees every malloc of a worker after its start.
        self.assertEqual(self.api("counters")["total"]["allocated_octets"], 0)

    def assert_clean(self, uac, uas, calls):
        """Every call answered and hung up; every packet of either end at the other, unharmed."""
        shown = json.dumps({"uac": uac, "uas": uas})
        self.assertEqual(uac["placed"], calls, shown)
        for end in (uac, uas):
            self.assertEqual(end["answered"], calls, shown)
            self.assertEqual(end["ended"], calls, shown)
            self.assertEqual(end["failed"], 0, shown)
            self.assertEqual(end["unfinished"], 0, shown)
            self.assertEqual(end["problems"], [], shown)
            for kind in ("rtp", "rtcp"):
                for wrong in ("lost", "reordered", "duplicated", "corrupt", "foreign"):
                    self.assertEqual(end[kind][wrong], 0, f"{kind} {wrong}: {shown}")
        for kind in ("rtp", "rtcp"):
            self.assertGreater(uac[kind]["sent"], 0, shown)
            self.assertEqual(uac[kind]["sent"], uas[kind]["received"], shown)
            self.assertEqual(uas[kind]["sent"], uac[kind]["received"], shown)

    def call(self, origin, calls=20, rate=20, duration=2, family=4, uac_options=(),
             uas_options=()):
        """Places calls from one side to the other; returns both summaries."""
        uas = Probe("uas", other(origin), *uas_options, family=family_of(family, other(origin)))
        uac = Probe("uac", origin, "--calls", str(calls), "--rate", str(rate),
                    "--duration", str(duration), *uac_options,
                    family=family_of(family, origin))
        placed = uac.result(calls / rate + duration + PATIENCE * 2)
        # What was refused may have been refused before it came there.
        uas.wait_over(placed["answered"] + placed["cancelled"])
        return placed, uas.stop()
