#!/usr/bin/env python3
"""The configurations of docs/examples are good, and route calls as their comments say.

configurations.py DEMARC   the program `demarc`

Files are named by paths of a machine that runs one: for the test certificates are made, and
numbers are those beside the examples.
"""

import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "docs", "examples")

# Of each file: from, called, calling, and lines of `demarc trace-route` in their order.
TRACES = {
    "teams.toml": (
        ("teams", "112", "+4930901825", ("emergency: 112, an emergency call",)),
        ("provider", "030901825", "017012345",
         ("called: +4930901825", "calling: +4917012345", "route in teams.toml:")),
    ),
    "lync2013.toml": (
        ("mediation", "4930123456", "",
         ("called: +4930123456", "national", "1. acme at 198.51.100.7:5060",
          "called: 4930123456", "2. globex at 203.0.113.81:5060")),
        ("mediation", "112", "", ("emergency: 112, an emergency call", "1. acme")),
        ("mediation", "+49900123", "", ("refused with 404: no route",)),
        ("acme", "49309018255", "", ("to the pool: +49309018255", "mediation at 10.1.0.2")),
        ("acme", "+33123456", "", ("refused with 404: no route",)),
    ),
    "pbx-registers.toml": (
        ("branch", "004930123456", "", ("1. provider at 192.0.2.50:5060",)),
    ),
    "cheapest.toml": (
        ("gateway", "0049301234567", "", ("1. alpha at", "2. beta at", "3. gamma at")),
        ("gateway", "+491512345", "", ("1. beta at", "2. alpha at", "3. gamma at")),
        ("gateway", "+493090182110", "",
         ("called: +4930555110 by the rule", "table moved", "1. alpha at")),
        ("gateway", "+881612345678", "", ("cheapest.toml", "satellite", "1. gamma at")),
        ("beta", "+4930555110", "", ("gateway at 10.31.0.2",)),
    ),
}


def make_keys(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec",
                    "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "90", "-subj", "/CN=example",
                    "-keyout", os.path.join(folder, "key"), "-out", os.path.join(folder, "pem")],
                   check=True, capture_output=True)


def with_files(text, keys):
    """The same configuration with files that are there."""
    text = text.replace("/etc/demarc/numbers/", os.path.join(FOLDER, "numbers") + "/")
    lines = []
    for line in text.split("\n"):
        if "/etc/demarc/tls/" in line:
            kind = line.split('"')[1].rsplit(".", 1)[1]
            line = line.split("=")[0] + f'= "{os.path.join(keys, kind)}"'
        lines.append(line)
    return "\n".join(lines)


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return result.returncode, result.stdout + result.stderr


def stand_in_order(wanted, text):
    at = 0
    for piece in wanted:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def faults_of(demarc, path, traces):
    code, told = run(demarc, "check", path)
    if code != 0:
        return [told]
    faults = []
    for source, called, calling, wanted in traces:
        command = [demarc, "trace-route", "--config", path, "--from", source, "--called", called]
        if calling:
            command += ["--calling", calling]
        told = run(*command)[1]
        if not stand_in_order(wanted, told):
            faults.append(f"{' '.join(command)}\nwanted {wanted}, got\n{told}")
    return faults


def main(arguments):
    demarc = arguments[0]
    names = sorted(name for name in os.listdir(FOLDER) if name.endswith(".toml"))
    faults = [f"{name} has no trace" for name in names if name not in TRACES]
    with tempfile.TemporaryDirectory() as keys:
        make_keys(keys)
        for name in names:
            with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
                text = with_files(file.read(), keys)
            path = os.path.join(keys, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            faults += faults_of(demarc, path, TRACES.get(name, ()))
    print("\n".join(faults) or f"{len(names)} configurations are good")
    return 1 if faults or not names else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
