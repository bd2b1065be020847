"""What relays RTP between the lab's two veth pairs: demarc, rtpengine, dpdk-testpmd. Each is
started on one CPU, says what processor time it took and what it counted, and is ended."""

import contextlib
import glob
import json
import os
import resource
import subprocess
import sys
import time

import figures

os.environ.setdefault("DEMARC_LAB_PREFIX", "demarc-bench")
os.environ.setdefault("DEMARC_LAB_RUN", "/run/demarc-bench")
os.environ.setdefault("DEMARC_LAB_STATE", "/var/lib/demarc-bench")
sys.path.insert(0, os.path.join(figures.ROOT, "deploy", "lab"))

import api  # noqa: E402  (it lives beside the lab)
from media_calls import NgCalls, SipCalls  # noqa: E402  (after the paths)

PREFIX, RUN, STATE = (os.environ[f"DEMARC_LAB_{name}"] for name in ("PREFIX", "RUN", "STATE"))
LAB = os.path.join(figures.ROOT, "deploy", "lab", "lab")
START_SECONDS = 60
NG = ("127.0.0.1", 2223)
SIDES = ("pbx", "itsp")


def namespace(side):
    return f"{PREFIX}-{side}"


def inside(side, *command):
    """Runs a command in a namespace; what it printed."""
    return figures.run(["ip", "netns", "exec", namespace(side), *command])


def wait_for(what, condition):
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited in vain: {what}")
        time.sleep(0.05)


def run_ns(task):
    """Processor time of a thread, in ns, system calls and what interrupted it with it."""
    with contextlib.suppress(OSError), open(f"{task}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])
    return 0


def softirq_threads(cpu):
    """The kernel's thread that works off what interrupts on a CPU left over."""
    for comm in glob.glob("/proc/[0-9]*/comm"):
        with contextlib.suppress(OSError), open(comm, encoding="ascii") as file:
            if file.read().strip() == f"ksoftirqd/{cpu}":
                return [os.path.dirname(comm)]
    return []


def interface_counts(side, name):
    """{counter: n} of an interface, those of its queues among them."""
    counts = {}
    for line in inside(side, "ethtool", "-S", name).splitlines():
        key, _, value = line.strip().partition(":")
        if value.strip().isdigit():
            counts[key] = int(value)
    text = inside(side, "ip", "-s", "-j", "link", "show", "dev", name)
    for way, values in json.loads(text)[0]["stats64"].items():
        counts.update({f"{way}_{key}": value for key, value in values.items()})
    return counts


def kernel_drops():
    """{where: packets} that the kernel lost so far, before and behind the relay."""
    found = {}
    for side in SIDES:
        port = interface_counts("sbc", f"demarc-{side}")
        found[f"{side} -> relay: wire"] = interface_counts(side, "eth0")["tx_dropped"]
        found[f"{side} -> relay: ring"] = sum(
            value for key, value in port.items()
            if key.startswith("rx_queue_") and key.endswith(("_drops", "xdp_errors")))
        found[f"relay -> {side}: wire"] = port["tx_dropped"]
        udp = inside(side, "cat", "/proc/net/snmp").splitlines()
        names, values = (line.split() for line in udp if line.startswith("Udp:"))
        found[f"relay -> {side}: socket"] = int(values[names.index("RcvbufErrors")])
    return found


class Relay:
    """A relay between both pairs, on one CPU; `name` and `key` are set by those that follow."""

    driver = "af_xdp"

    def __init__(self, options, key=None):
        self.options, self.key, self.programs = options, key, []
        figures.run([LAB, "up", "--driver", self.driver])

    def spawn(self, name, *command, side="sbc"):
        log = open(f"{RUN}/{name}.log", "wb")  # noqa: SIM115  (the process keeps it)
        process = subprocess.Popen(["ip", "netns", "exec", namespace(side), *command],
                                   stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)
        self.programs.append(process)
        return process

    def log_of(self, name):
        with open(f"{RUN}/{name}.log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_running(self, name, condition):
        def seen():
            for program in self.programs:
                if program.poll() is not None:
                    raise SystemExit(f"{name} ended at once:\n{self.log_of(name)[-2000:]}")
            return condition()
        wait_for(f"{name}: {RUN}/{name}.log", seen)

    def cpu_ns(self):
        """Processor time so far of all its threads and of its CPU's thread for interrupts."""
        tasks = [task for program in self.programs
                 for task in glob.glob(f"/proc/{program.pid}/task/*")]
        return sum(map(run_ns, tasks + softirq_threads(self.options.cpu)))

    def busy_ns(self):
        """What of that was work, where it polls; else all of it."""
        return self.cpu_ns()

    def ledger(self):
        """{"in", "out", "drops"} so far; None where it does not say."""
        return None

    def delay_p99(self):
        return None

    def stop(self):
        for program in reversed(self.programs):
            program.terminate()
        for program in self.programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                program.wait(15)
            if program.poll() is None:
                program.kill()
                program.wait()
        figures.run([LAB, "down"])


class Demarc(Relay):
    name = "demarc"

    def __init__(self, options, key=None):
        self.driver = options.driver
        super().__init__(options, key)
        self.write_configuration()
        programs = {"dataplane": ("--socket", f"{RUN}/dataplane.sock"),
                    "controlplane": ("--config", f"{RUN}/demarc.toml", "--run-dir", RUN)}
        for name, arguments in programs.items():
            self.spawn(name, os.path.join(options.build, name, f"demarc-{name}"), *arguments,
                       "--state-dir", STATE)
        self.wait_running("dataplane", lambda: api.is_ready(f"{RUN}/api.sock"))
        self.calls = SipCalls((namespace("pbx"), namespace("itsp")), key)

    def write_configuration(self):
        options = self.options
        text = (f'[platform]\nworkers = 1\ncores = "{options.cpu}"\nmemory_mb = 512\n'
                f'hugepages = "no"\nidle = "{options.idle}"\ncalls_per_worker = 8192\n'
                'drain_seconds = 0\n')
        for side, realm, net in (("pbx", "inside", 1), ("itsp", "outside", 2)):
            text += (f'[port.{side}]\ndevice = "{options.driver}:demarc-{side}"\n'
                     f'twin = "{side}0"\nqueues = 1\n'
                     f'[realm.{realm}]\nport = "{side}"\naddress = "10.20.{net}.1"\n'
                     'media_ports = "16384-49151"\n'
                     f'[trunk.{side}]\nrealm = "{realm}"\npeer = "10.20.{net}.2:5060"\n'
                     'media_timeout_ms = 0\n')
            if side == "pbx" and self.key is not None:
                text += 'srtp = "required"\n'
        text += '[[route]]\nfrom = "pbx"\nto = "itsp"\n'
        with open(f"{RUN}/demarc.toml", "w", encoding="ascii") as file:
            file.write(text)

    def cpu_ns(self):
        """The data plane's: the control plane has no part in a packet."""
        tasks = glob.glob(f"/proc/{self.programs[0].pid}/task/*")
        return sum(map(run_ns, tasks + softirq_threads(self.options.cpu)))

    def get(self, resource):
        code, body = api.get(f"{RUN}/api.sock", f"/api/v1/{resource}")
        if code != 200:
            raise SystemExit(f"/api/v1/{resource}: {code} {body}")
        return body

    def busy_ns(self):
        """Turns of the worker that found work: received, relayed, sent, system calls and all."""
        return sum(worker["busy_seconds"] for worker in self.get("workers")["workers"]) * 1e9

    def ledger(self):
        """Once nothing has moved for a while: a worker adds each stream up once a second."""
        seen, before = self.counted(), None
        for _ in range(25):
            if seen == before:
                break
            time.sleep(1.2)
            seen, before = self.counted(), seen
        return seen

    def counted(self):
        rows = [row["rtp"] for row in api.rows(self.get("counters"), "trunks").values()]
        return {"in": sum(row["packets_in"] for row in rows),
                "out": sum(row["packets_out"] for row in rows),
                "drops": sum(sum(row["drops"].values()) for row in rows)}

    def delay_p99(self):
        """From in memory to out again, of all packets since the start, in us; its own histogram."""
        return self.get("workers")["relay_delay_us"]["p99"]


class Rtpengine(Relay):
    name = "rtpengine"
    driver = "none"

    def __init__(self, options, key=None):
        super().__init__(options, key)
        # The kernel's own interfaces at the same ends of the same pairs.
        for side, net in (("pbx", 1), ("itsp", 2)):
            inside("sbc", "ip", "link", "del", f"{side}0")
            inside("sbc", "ip", "addr", "add", f"10.20.{net}.1/24", "dev", f"demarc-{side}")
            inside("sbc", "ip", "link", "set", f"demarc-{side}", "arp", "on")
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # a socket is a file, it needs many
        self.spawn("rtpengine", "prlimit", f"--nofile={most}", "taskset", "-c",
                   str(options.cpu), "rtpengine", "--config-file=none", "--table=-1",
                   "--foreground", "--log-stderr", "--log-level=3",
                   "--interface=pbx/10.20.1.1", "--interface=itsp/10.20.2.1",
                   f"--listen-ng={NG[0]}:{NG[1]}", "--port-min=16384", "--port-max=49151",
                   "--num-threads=1", "--timeout=3600", "--silent-timeout=3600",
                   "--delete-delay=0")
        self.wait_running("rtpengine", lambda: str(NG[1]) in inside(
            "sbc", "ss", "-Hlun", f"sport = :{NG[1]}"))
        self.calls = NgCalls(namespace("sbc"), NG, key)


class StraightCalls:
    """No calls at all: each end sends to the other one."""

    def place(self, count):
        return [("10.20.2.2:40002", "10.20.1.2:40000")] * count

    def end(self):
        pass


class Testpmd(Relay):
    """Frames go on as they came: each end knows the other one's MAC address."""

    name = "testpmd"

    def __init__(self, options, key=None):
        super().__init__(options, key)
        for side, peer, net in (("pbx", "itsp", 2), ("itsp", "pbx", 1)):
            mac = inside(peer, "cat", "/sys/class/net/eth0/address").strip()
            inside(side, "ip", "route", "add", f"10.20.{net}.0/24", "dev", "eth0")
            inside(side, "ip", "neigh", "add", f"10.20.{net}.2", "lladdr", mac, "dev", "eth0",
                   "nud", "permanent")
        vdevs = []
        for number, side in enumerate(SIDES):
            how = ("busy_budget=0" if options.driver == "af_xdp" else
                   "qpairs=1,blocksz=65536,framesz=16384,framecnt=512,qdisc_bypass=1")
            vdevs += ["--vdev", f"net_{options.driver}{number},iface=demarc-{side},{how}"]
        self.spawn("testpmd", "dpdk-testpmd", "--lcores", f"0@{options.cpu},1@{options.cpu}",
                   "--no-huge", "-m", "512", "--no-pci", "--no-telemetry",
                   "--file-prefix", "demarc-bench", *vdevs,
                   "--", "--forward-mode=io", "--auto-start", "--total-num-mbufs=32768",
                   "--stats-period=1", "--no-mlockall")
        self.wait_running("testpmd", lambda: "Rx-pps" in self.log_of("testpmd"))
        self.calls = StraightCalls()
