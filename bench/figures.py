"""What the scripts of bench/ share: the build, the machine, the JSON form, counted instructions."""

import atexit
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The function of peers/loop.cc in which nothing but the counted work happens.
COUNTED = "demarc_bench_counted"


def install(*lists):
    """Installs the packages of deploy/packages where this is root; else what is there must do."""
    if os.geteuid() == 0:
        run([os.path.join(ROOT, "deploy", "packages", "install"), *lists])


def build(folder, targets):
    """Sets the build folder up if need be and brings the targets up to date."""
    rules = os.path.join(folder, "build.ninja")
    if not os.path.exists(rules):
        run(["meson", "setup", folder, ROOT, "--buildtype=release"])
    with open(rules, encoding="utf-8") as file:
        text = file.read()
    # A package that came after the folder was set up is looked for again.
    if any(f"build {target}:" not in text for target in targets):
        run(["meson", "setup", "--reconfigure", folder, ROOT])
    run(["ninja", "-C", folder, *targets])


def run(command, **environment):
    """Runs a command; what it printed is shown when it fails, and ends this program."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, env={**os.environ, **environment})
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        sys.exit(f"{' '.join(command)}: failed")
    return done.stdout


def processor():
    """What /proc/cpuinfo says of the first CPU."""
    facts = {}
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            facts.setdefault(name.strip(), value.strip())
    return facts


def machine():
    facts = processor()
    flags = facts.get("flags", "").split()
    return {
        "cpu": facts.get("model name", platform.machine()),
        "cpus": os.cpu_count(),
        "simd": [name for name in ("avx2", "avx512f", "avx512bw", "avx512vbmi2", "vaes")
                 if name in flags],
        "kernel": platform.release(),
    }


def commit():
    """The commit that was measured; "-dirty" when the tree has changes on top."""
    try:
        done = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12"],
                              capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def figure(name, value, unit, **more):
    """One figure. `more`: peer, peer_value, ratio ("times better than the peer"), spread."""
    return {"name": name, "value": value, "unit": unit, **more}


def write_json(path, figures):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": machine(), "commit": commit(), "figures": figures}, file, indent=1)
        file.write("\n")


def spread(values):
    """Between the quartiles, over the median: 0.02 means that half of all lie within 2 %."""
    if len(values) < 2:
        return 0
    low, middle, high = statistics.quantiles(values, n=4)
    return round((high - low) / middle, 4)


AUTOGROUP = "/proc/self/autogroup"  # "/autogroup-7 nice 0"; the session's weight among others


def set_autogroup(nice):
    try:
        with open(AUTOGROUP, "w", encoding="ascii") as file:
            file.write(nice)
    except OSError:
        print("note: not root, so other sessions weigh as much as this one", file=sys.stderr)


def claim_the_cpu(cpu):
    """From here on this program and what it starts run on one CPU, before other sessions."""
    os.sched_setaffinity(0, {cpu})
    try:
        with open(AUTOGROUP, encoding="ascii") as file:
            before = file.read().split()[-1]
    except OSError:
        return  # a kernel without groups: nothing stands between this session and others
    atexit.register(set_autogroup, before)
    # Who is killed by a time limit gives the weight back, too: it is the whole session's.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("killed"))
    set_autogroup("-19")


def callgrind(command, out, is_dumped=True):
    """Runs a program under callgrind, which counts inside COUNTED; the lines that it printed.

    A program of peers/loop.h calls that once for each thing it counts, and prints a line: a part of
    the result is in out.N for each. Of others (not is_dumped) all of it is in out."""
    dump = [f"--dump-after={COUNTED}"] if is_dumped else []
    return run(["valgrind", "-q", "--tool=callgrind", f"--toggle-collect={COUNTED}", *dump,
                f"--callgrind-out-file={out}", *command]).splitlines()


def total(path):
    """All instructions of one result of callgrind."""
    with open(path, encoding="utf-8") as file:
        return int(re.search(r"^totals: (\d+)", file.read(), re.MULTILINE).group(1))


def instructions(program, stages, inputs, count):
    """{(stage, input): instructions per message}, start-up not among them."""
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "counts")
        command = [program, "--count", str(count)]
        if stages:
            command += ["--stages", ",".join(stages)]
        for part, line in enumerate(callgrind([*command, *inputs], out), 1):
            counts[tuple(line.split("\t"))] = total(f"{out}.{part}") / count
    return counts
