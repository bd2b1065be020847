#!/usr/bin/env python3
"""Every #include points down: which folder may include which, and which third party it may use.

A folder may always include itself, and everything may include sip-parser/base. A new folder needs
a row here. Unit tests obey the same table and may use GoogleTest and tests/support besides.
"""

import posixpath
import re
import sys

import sources

CONTRACT, MEMORY, SIP = "dataplane/contract", "dataplane/memory", "sip-parser"
TRACE = "dataplane/trace"
TRANSACTION, DIALOG, CALL = "dataplane/transaction", "dataplane/dialog", "dataplane/call"
HEADERS, TRANSFERS = "dataplane/call/headers", "dataplane/call/transfers"
NUMBER, NUMBERS = "dataplane/number", "controlplane/numbers"
ROUTE, MEDIA, ENGINE = "dataplane/route", "dataplane/media", "dataplane/engine"
OUTSIDE, POST = "dataplane/outside", "dataplane/post"
WIRE, STEER, LCORE = "dataplane/wire", "dataplane/steer", "dataplane/lcore"
BOOT, STREAM, SRTP = "dataplane/boot", "dataplane/stream", "dataplane/media/srtp"
SDP, DIGEST = "sip-parser/sdp", "sip-parser/digest"
RUNTIME, CONFIG = "controlplane/runtime", "controlplane/config"
LINK, TRUNKS, RECORDS = "controlplane/link", "controlplane/trunks", "controlplane/records"
REST, CLI = "controlplane/rest", "controlplane/cli"
MEDIA_REPORT = "controlplane/media"
DNS, HEALTH, REGISTRATION = "controlplane/dns", "controlplane/health", "controlplane/registration"
UPKEEP, WHATIF = "controlplane/upkeep", "controlplane/whatif"
CHANGE = "controlplane/change"
REGISTRAR = "controlplane/registrar"
METRICS = "controlplane/metrics"
EVENTS = "controlplane/events"
ANYTHING = None

# folder: (folders of ours, third parties)
LAYERS = {
    "sip-parser/base": ((), ()),
    SIP: ((), ()),
    SDP: ((SIP,), ()),
    DIGEST: ((SIP,), ("openssl",)),
    MEMORY: ((), ()),
    CONTRACT: ((), ()),
    TRACE: ((CONTRACT,), ()),
    TRANSACTION: ((SIP, TRACE, CONTRACT, MEMORY), ()),
    POST: ((TRANSACTION, CONTRACT), ()),
    DIALOG: ((TRANSACTION, SIP, SDP, CONTRACT, MEMORY), ()),
    NUMBER: ((SIP, CONTRACT), ("hyperscan", "pcre2")),
    ROUTE: ((NUMBER, SIP, CONTRACT, MEMORY), ()),
    SRTP: ((CONTRACT, MEMORY), ("openssl", "ipsec-mb")),
    MEDIA: ((SRTP, CONTRACT, MEMORY), ()),
    HEADERS: ((ROUTE, NUMBER, SIP, CONTRACT), ()),
    # Two folders of one class, which include one another.
    TRANSFERS: ((CALL, POST, DIALOG, TRANSACTION, ROUTE, MEDIA, SIP, SDP, CONTRACT, MEMORY),
                ()),
    CALL: ((TRANSFERS, HEADERS, POST,
            DIALOG, TRANSACTION, ROUTE, NUMBER, MEDIA, SRTP, SIP, SDP, DIGEST,
            TRACE, CONTRACT, MEMORY), ()),
    OUTSIDE: ((CALL, TRANSACTION, SIP, CONTRACT, MEMORY), ()),
    ENGINE: ((OUTSIDE, CALL, POST, DIALOG, TRANSACTION, ROUTE, NUMBER, MEDIA, SRTP, SIP, SDP, TRACE,
              CONTRACT, MEMORY), ()),
    WIRE: ((CONTRACT,), ("dpdk",)),
    STEER: ((WIRE, CONTRACT, SIP), ("dpdk",)),
    STREAM: ((POST, STEER, ROUTE, TRANSACTION, CONTRACT, SIP), ("openssl",)),
    LCORE: ((STREAM, TRANSACTION, ENGINE, POST, MEDIA, WIRE, STEER, CONTRACT, MEMORY, SIP),
            ("dpdk",)),
    BOOT: ((LCORE, STREAM, ENGINE, POST, MEDIA, STEER, WIRE, ROUTE, NUMBER, CONTRACT, MEMORY),
           ("dpdk",)),
    "dataplane": ((BOOT, WIRE, CONTRACT), ()),
    RUNTIME: ((), ("fmt",)),
    NUMBERS: ((NUMBER, CONTRACT, RUNTIME, SIP), ("hyperscan", "pcre2")),
    CONFIG: ((NUMBERS, RUNTIME, CONTRACT, SIP), ("openssl", "toml", "json")),
    CHANGE: ((CONFIG, RUNTIME), ("json", "sqlite")),
    EVENTS: ((RUNTIME,), ()),
    LINK: ((EVENTS, CONTRACT, RUNTIME), ()),
    DNS: ((RUNTIME, CONTRACT), ("unbound", "json")),
    TRUNKS: ((NUMBERS, NUMBER, CONFIG, DNS, LINK, CONTRACT, ROUTE, SIP, RUNTIME), ("json",)),
    HEALTH: ((CONTRACT,), ()),
    REGISTRATION: ((RUNTIME, CONTRACT, SIP, DIGEST), ("json",)),
    REGISTRAR: ((TRUNKS, CONFIG, RUNTIME, CONTRACT, SIP, DIGEST), ("sqlite",)),
    UPKEEP: ((EVENTS, HEALTH, REGISTRATION, REGISTRAR, TRUNKS, CONFIG, LINK, CONTRACT, SIP,
              RUNTIME), ("json",)),
    MEDIA_REPORT: ((CONTRACT, RUNTIME), ("json",)),
    RECORDS: ((EVENTS, MEDIA_REPORT, CONTRACT, LINK, RUNTIME), ("json",)),
    METRICS: ((EVENTS, MEDIA_REPORT, UPKEEP, REGISTRAR, HEALTH, REGISTRATION, TRUNKS, RECORDS,
               CONFIG, LINK, CONTRACT, RUNTIME), ("prometheus",)),
    REST: ((EVENTS, METRICS, WHATIF, MEDIA_REPORT, UPKEEP, REGISTRAR, HEALTH, REGISTRATION, DNS,
            TRUNKS, RECORDS, CHANGE, CONFIG, LINK, CONTRACT, RUNTIME),
            ("boost", "json")),
    WHATIF: ((TRUNKS, CONFIG, RECORDS, LINK, RUNTIME, ROUTE, NUMBER, SIP, CONTRACT), ("json",)),
    CLI: ((EVENTS, METRICS, WHATIF, RUNTIME, CONFIG), ("cli11", "json", "boost")),
    "controlplane": ((RUNTIME, EVENTS, NUMBERS, CONFIG, CHANGE, DNS, UPKEEP, REGISTRAR, WHATIF,
                      LINK, METRICS, TRUNKS, RECORDS, MEDIA_REPORT, REST, CLI, CONTRACT),
                     ("cli11", "json", "toml", "boost")),
}
FREE = ("tests", "bench")  # these may include and use anything

THIRD_PARTIES = {
    "dpdk": r"rte_.*|ethdev_.*", "openssl": r"openssl/.*", "ipsec-mb": r"intel-ipsec-mb.*",
    "boost": r"boost/.*",
    "toml": r"toml\+\+/.*|toml\.hpp", "json": r"nlohmann/.*", "cli11": r"CLI/.*",
    "fmt": r"(fmt|spdlog)/.*", "hyperscan": r"hs/.*|hs\.h", "pcre2": r"pcre2.*",
    "unbound": r"unbound\.h", "sqlite": r"(SQLiteCpp/.*|sqlite3\.h)",
    "prometheus": r"prometheus/.*",
    "gtest": r"g(test|mock)/.*", "benchmark": r"benchmark/.*",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def third_party_of(header):
    for name, pattern in THIRD_PARTIES.items():
        if re.fullmatch(pattern, header):
            return name
    return None


def check_ours(path, folder, header, mistakes):
    if "../" in header or "/" not in header:
        mistakes.append(f'{path}: "{header}": include by the path from the root')
        return
    target = posixpath.dirname(header)
    if folder.split("/")[0] in FREE or target in (folder, "sip-parser/base"):
        return
    if target == "tests/support" and sources.is_test(path):
        return
    if target not in LAYERS[folder][0]:
        mistakes.append(f'{path}: "{header}": {folder} may not include {target}')


def check_theirs(path, folder, header, mistakes):
    name = third_party_of(header)
    if name is None or folder.split("/")[0] in FREE:
        return
    if name == "gtest" and sources.is_test(path):
        return
    if name not in LAYERS[folder][1]:
        mistakes.append(f"{path}: <{header}>: {folder} may not use {name}")


def main():
    mistakes = []
    for path in sources.files((".h", ".cc"), ("sip-parser", "dataplane", "controlplane", *FREE)):
        folder = posixpath.dirname(path)
        if folder.split("/")[0] not in FREE and folder not in LAYERS:
            mistakes.append(f"{path}: {folder} has no row in tests/tidy/layers.py")
            continue
        for kind, header in INCLUDE.findall(sources.read(path)):
            check = check_ours if kind == '"' else check_theirs
            check(path, folder, header, mistakes)
    return sources.report("layers", mistakes)


if __name__ == "__main__":
    sys.exit(main())
