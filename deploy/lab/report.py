#!/usr/bin/env python3
"""The quickstart's report: what SIPp says about the calls, what demarc says about the packets.

report.py RUN_FOLDER STATE_FOLDER
    exit code 0 when every call was answered and ended, SRTP went both ways and the ledger closes
"""

import csv
import json
import os
import sys
import time

import api

DIRECTIONS = [("pbx", "itsp"), ("itsp", "pbx")]
SECURE = "securepbx"  # the trunk with TLS and SRTP
LEDGERS = [("pbx", "itsp"), ("itsp", "both"), (SECURE, "itsp")]


def last_row(path):
    with open(path, encoding="ascii", errors="replace", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return rows[-1] if rows else {}


def percentile(values, share):
    """The nearest-rank percentile; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * share // 100) - 1))]


def post_dial_delays(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="ascii", errors="replace", newline="") as file:
        return [float(row["response_time_ms"]) for row in csv.DictReader(file, delimiter=";")]


def calls_of(folder, origin, target):
    """What SIPp's caller counted. A call that failed after the answer counts as failed only."""
    row = last_row(f"{folder}/calls/{origin}-{target}.uac.stat.csv")
    placed = int(row.get("TotalCallCreated") or 0)
    good = int(row.get("SuccessfulCall(C)") or 0)
    delays = post_dial_delays(f"{folder}/calls/{origin}-{target}.rtt.csv")
    return placed, good, int(row.get("FailedCall(C)") or 0), delays


def ledger_of(counters, origin):
    """(in, out, {reason: n}): what came from origin's peer, what of it was relayed on, the rest."""
    rtp = api.rows(counters, "trunks")[origin]["rtp"]
    return rtp["packets_in"], rtp["packets_out"], {k: v for k, v in rtp["drops"].items() if v}


def settled_counters(socket):
    """Counters once no packet moved for 0.2 s; at most thirty seconds."""
    previous = None
    for _ in range(150):
        code, counters = api.get(socket, "/api/v1/counters")
        if code != 200:
            raise RuntimeError(f"/api/v1/counters answered {code}")
        ledgers = [ledger_of(counters, origin) for origin, _ in LEDGERS]
        if ledgers == previous:
            break
        previous = ledgers
        time.sleep(0.2)
    return ledgers, counters["total"].get("media_no_slot", 0)


def secure_calls(folder):
    """[(what, placed, answered, failed)] of both ways, as SIPp at the plain side counted."""
    rows = []
    for what, file, placed in (("tls -> itsp", "tls-itsp.uas", "IncomingCall(C)"),
                               ("itsp -> tls", "itsp-tls.uac", "TotalCallCreated")):
        row = last_row(f"{folder}/calls/{file}.stat.csv")
        rows.append((what, int(row.get(placed) or 0), int(row.get("SuccessfulCall(C)") or 0),
                     int(row.get("FailedCall(C)") or 0)))
    return rows


def srtp_packets(path, calls):
    """(received, sent) over all calls of the trunk with SRTP, once their records are there."""
    for _ in range(150):
        with open(path, encoding="utf-8") as file:
            records = [json.loads(line) for line in file if line.endswith("\n")]
        records = [record for record in records if SECURE in (record["from"], record["to"])]
        if len(records) >= calls:
            break
        time.sleep(0.2)
    received = sent = 0
    for record in records:
        side = "caller" if record["from"] == SECURE else "called"
        for stream in record["media"]:
            if stream["from"] == side:
                received += stream["packets_in"]
            else:
                sent += stream["packets_relayed"]
    return received, sent


def show(milliseconds):
    if milliseconds is None:
        return "-"
    return "<1 ms" if milliseconds < 1 else f"{milliseconds:.0f} ms"


def main(folder, state):
    socket = f"{folder}/api.sock"
    everything_good = True
    print("\ncalls          placed  answered  failed   post-dial delay p50 / p99")
    for origin, target in DIRECTIONS:
        placed, good, failed, delays = calls_of(folder, origin, target)
        everything_good &= placed > 0 and good == placed
        print(f"{origin:>4} -> {target:<6} {placed:>6}  {good:>8}  {failed:>6}   "
              f"{show(percentile(delays, 50))} / {show(percentile(delays, 99))}")
    secure = secure_calls(folder)
    for what, placed, good, failed in secure:
        everything_good &= placed > 0 and good == placed
        print(f"{what:<14} {placed:>6}  {good:>8}  {failed:>6}   TLS, SRTP at that side only")
    received, sent = srtp_packets(f"{state}/records/records.jsonl", sum(row[1] for row in secure))
    everything_good &= received > 0 and sent > 0
    print(f"\nSRTP packets   {received:>8} from the PBX, {sent} to it")
    print("\nRTP packets              in       out   dropped")
    ledgers, strays = settled_counters(socket)
    for (origin, target), (came, left, drops) in zip(LEDGERS, ledgers):
        closes = came > 0 and came == left + sum(drops.values())
        everything_good &= closes
        reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(drops.items())) or "none"
        print(f"{origin:>9} -> {target:<6} {came:>8}  {left:>8}   {reasons}   "
              f"({'the ledger closes' if closes else 'THE LEDGER DOES NOT CLOSE'})")
    if strays:
        print(f"besides        {strays} packets to media ports that no call used")
    return 0 if everything_good else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], sys.argv[2]))
    except (OSError, RuntimeError, KeyError, json.JSONDecodeError) as error:
        print(f"report: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
