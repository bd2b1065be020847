"""The control plane may change, fail, die and come back while calls go on."""

import collections
import json
import re
import signal
import subprocess
import time
import unittest

import harness

BROKEN = """[platform]
workers = "two"
[realm.inside]
port = "nowhere"
address = "10.20.1.300"
[trunk.pbx]
realm = "outside"
peer = "10.20.1.2:99999"
colour = "blue"
[[route]]
from = "pbx"
to = "nobody"
"""


def numbers_of(records):
    """How often each number called is in the records, whatever the fields are named."""
    return collections.Counter(
        number for record in records
        for number in set(re.findall(r"\+4420\d{7}\b", json.dumps(record))))


class Control(harness.LabTest):

    def reload(self, text):
        self.write(text)
        self.controlplane.signal(signal.SIGHUP)

    def test_sighup_publishes_a_route_without_touching_calls(self):
        self.start(routes=[("pbx", "itsp")])
        pbx = harness.Probe("uac", "pbx", "--control")
        itsp = harness.Probe("uac", "itsp", "--control", "--first", "8000000")
        pbx.command("place 20")
        pbx.wait_live(20)
        itsp.command("place 1")
        harness.wait_for("a refusal", lambda: itsp.progress["refused"] == 1)

        self.reload(harness.configuration())
        # The new route is in force when a call by it comes up.
        placed = 1
        deadline = time.monotonic() + harness.PATIENCE
        while itsp.progress["live"] < 21:
            self.assertLess(time.monotonic(), deadline, "the route of the new file never worked")
            itsp.command("place 1")
            placed += 1
            harness.wait_for("an answer or a refusal", lambda n=placed: n == (
                itsp.progress["refused"] + itsp.progress["answered"] - 20))
        pbx.wait_live(21)
        pbx.command("end")
        for end in (pbx, itsp):
            end.wait_live(0)
            end.command("quit")
        one, two = pbx.result(), itsp.result()
        for end in (one, two):
            self.assertEqual((end["ended"], end["problems"], end["unfinished"]), (21, [], 0), end)
            self.assertEqual((end["rtp"]["lost"], end["rtp"]["corrupt"]), (0, 0), end)
        self.assertEqual(one["rtp"]["sent"], two["rtp"]["received"])
        self.assertEqual(two["rtp"]["sent"], one["rtp"]["received"])

    def test_a_call_without_a_route_is_refused(self):
        self.start(routes=[("pbx", "itsp")])
        uac = harness.Probe("uac", "itsp", "--calls", "3")
        summary = uac.result()
        self.assertEqual(sum(summary["refused"].values()), 3, summary)
        self.assertEqual(summary["problems"], [])

    def test_a_broken_file_at_sighup_keeps_the_old_one(self):
        self.start()
        self.reload(BROKEN)
        harness.wait_for("mistakes in the log", lambda: "nowhere" in self.controlplane.log_text())
        self.assertTrue(self.controlplane.is_running())
        for origin in ("pbx", "itsp"):
            uac, uas = self.call(origin, calls=5, duration=1)
            self.assert_clean(uac, uas, 5)
        self.assertTrue(self.api("status")["ready"])

    def test_mistakes_exit_with_3_and_are_all_listed(self):
        self.up()
        self.write(BROKEN)
        self.start_controlplane()
        self.assertEqual(self.controlplane.wait(), 3)
        text = self.controlplane.log_text()
        self.controlplane = None
        for line in (2, 4, 5, 7, 8, 9, 12):
            self.assertRegex(text, rf"demarc\.toml:{line}:\d+", f"line {line}")

    def test_check_says_the_same_without_starting_anything(self):
        self.up()
        self.write(BROKEN)
        demarc = f"{harness.BUILD}/controlplane/demarc"
        bad = subprocess.run([demarc, "check", f"{harness.RUN}/demarc.toml"], text=True,
                             capture_output=True, check=False)
        self.assertNotEqual(bad.returncode, 0)
        self.assertRegex(bad.stdout + bad.stderr, r"demarc\.toml:12:\d+")
        self.write(harness.configuration())
        good = subprocess.run([demarc, "check", f"{harness.RUN}/demarc.toml"], text=True,
                              capture_output=True, check=False)
        self.assertEqual(good.returncode, 0, good.stdout + good.stderr)

    def test_the_command_line_reads_the_api(self):
        self.start()
        demarc = [f"{harness.BUILD}/controlplane/demarc", "--socket", f"{harness.RUN}/api.sock"]
        for word in ("status", "calls", "trunks", "counters"):
            plain = subprocess.run([*demarc, word], text=True, capture_output=True, check=False)
            self.assertEqual(plain.returncode, 0, plain.stderr)
            as_json = subprocess.run([*demarc, word, "-o", "json"], text=True,
                                     capture_output=True, check=False)
            self.assertEqual(as_json.returncode, 0, as_json.stderr)
            json.loads(as_json.stdout)
        code, body = harness.api.get(f"{harness.RUN}/api.sock", "/api/v1/nothing")
        self.assertEqual(code, 404)
        self.assertEqual(body["status"], 404)

    def test_metrics_say_what_the_calls_did(self):
        self.start()
        uac, uas = self.call("pbx", calls=5, duration=1)
        self.assert_clean(uac, uas, 5)
        demarc = [f"{harness.BUILD}/controlplane/demarc", "--socket", f"{harness.RUN}/api.sock"]

        def samples():
            text = subprocess.run([*demarc, "metrics"], text=True, capture_output=True, check=True)
            lines = [line.rsplit(" ", 1) for line in text.stdout.splitlines() if line[0] != "#"]
            return {series: float(value) for series, value in lines}

        # Records come a moment after their calls.
        ended = ('demarc_trunk_calls_ended_total{trunk="pbx",direction="in",'
                 'end="released_by_caller"}')
        harness.wait_for("the records of 5 calls", lambda: samples()[ended] == 5)
        found = samples()
        self.assertEqual(found["demarc_ready"], 1)
        for trunk, direction in (("pbx", "in"), ("itsp", "out")):
            labels = f'{{trunk="{trunk}",direction="{direction}"}}'
            self.assertEqual(found[f"demarc_trunk_calls_answered_total{labels}"], 5)
            self.assertEqual(found[f"demarc_trunk_calls{labels}"], 0)
            self.assertGreater(found[f"demarc_trunk_rtp_packets_total{labels}"], 0)
            self.assertEqual(found[f"demarc_trunk_setup_seconds_count{labels}"], 5)
        relayed = sum(value for series, value in found.items()
                      if series.startswith("demarc_worker_relay_delay_seconds_count"))
        self.assertGreater(relayed, 0)
        # Numbers of people are in no label.
        self.assertFalse([series for series in found if "+44" in series])

    def test_events_go_on_over_a_restart_of_the_control_plane(self):
        self.start()
        before = self.api("events")
        kinds = [event["kind"] for event in before["events"]]
        self.assertIn("controlplane_started", kinds)
        self.assertIn("dataplane_attached", kinds)
        self.assertNotIn("dataplane_restarted", kinds)
        # Each is one line of the log.
        texts = collections.Counter(event["text"] for event in before["events"])
        log = self.controlplane.log_text()
        self.assertEqual({text: log.count(f'msg="{text}"') for text in texts}, texts)
        self.controlplane.signal(signal.SIGTERM)
        self.controlplane.wait()
        self.start_controlplane()
        self.wait_ready()
        after = self.api(f"events?after={before['last']}")
        self.assertEqual(after["lost"], 0)
        self.assertIn("controlplane_started", [event["kind"] for event in after["events"]])
        demarc = [f"{harness.BUILD}/controlplane/demarc", "--socket", f"{harness.RUN}/api.sock"]
        text = subprocess.run([*demarc, "events"], text=True, capture_output=True, check=True)
        self.assertIn("controlplane_started", text.stdout)

    def test_a_port_that_cannot_be_opened_is_explained(self):
        self.up()
        self.write(harness.configuration().replace(":demarc-itsp", ":no-such-if"))
        self.start_dataplane()
        self.start_controlplane()
        self.assertNotEqual(self.dataplane.wait(), 0)
        self.assertIn("no-such-if", self.dataplane.log_text())
        self.dataplane = None
        self.controlplane.signal(signal.SIGTERM)

    def test_sigterm_drains(self):
        self.start()
        called = harness.Probe("uas", "itsp")
        caller = harness.Probe("uac", "pbx", "--control")
        caller.command("place 10")
        caller.wait_live(10)
        self.dataplane.signal(signal.SIGTERM)
        harness.wait_for("the API saying that it drains",
                         lambda: self.api("status")["dataplane"]["state"] == "draining")
        caller.command("place 3")
        harness.wait_for("13 placed", lambda: caller.progress["placed"] == 13)
        self.assertTrue(self.dataplane.is_running())
        caller.command("end")
        self.assertEqual(self.dataplane.wait(60), 0)
        caller.command("quit")
        uac, uas = caller.result(60), called.stop()
        self.assertEqual((uac["answered"], uac["ended"], uas["ended"]), (10, 10, 10), uac)
        self.assertEqual(uac["refused"], {"503": 3}, uac)
        for end in (uac, uas):
            self.assertEqual((end["rtp"]["lost"], end["rtp"]["corrupt"]), (0, 0), end)
        # Every call has its record, also those that were refused.
        harness.wait_for(lambda: f"records: {len(self.records())}",
                         lambda: len(self.records()) == 13)


class Kill(harness.LabTest):

    def test_sigkill_of_the_control_plane_during_calls(self):
        # Not a packet may be lost: sanitized programs are asked for fewer at once.
        before, during, later = (25, 5, 5) if harness.IS_SANITIZED else (100, 20, 10)
        live = before + during
        total = live + later
        self.start()
        called = harness.Probe("uas", "itsp")
        caller = harness.Probe("uac", "pbx", "--control", "--rate", "50")
        caller.command(f"place {before}")
        caller.wait_live(before)

        self.controlplane.signal(signal.SIGKILL)
        self.assertEqual(self.controlplane.wait(), -signal.SIGKILL)
        caller.command(f"place {during}")
        caller.wait_live(live)

        self.start_controlplane()
        self.wait_ready()
        rows = harness.wait_for(lambda: f"{live} calls in the directory: {len(self.directory())}",
                                lambda: len(self.directory()) == live and self.directory())
        self.assertEqual(set(numbers_of(rows).values()), {1})
        self.assertEqual(self.api("status")["calls"]["live"], live)

        # These calls end while it is away a second time: their records wait in the spool.
        self.controlplane.signal(signal.SIGKILL)
        self.controlplane.wait()
        caller.command("end")
        caller.wait_live(0)
        caller.command(f"place {later}")
        caller.wait_live(later)
        self.start_controlplane()
        self.wait_ready()
        caller.command("end")
        caller.wait_live(0)
        caller.command("quit")
        placed = caller.result()
        called.wait_live(0)
        self.assert_clean(placed, called.stop(), total)

        harness.wait_for(lambda: f"{total} records, has {len(self.records())}",
                         lambda: len(self.records()) >= total)
        counted = numbers_of(self.records())
        self.assertEqual(len(self.records()), total)
        self.assertEqual((len(counted), set(counted.values())), (total, {1}))
        self.assert_ledger()

    def test_sigkill_while_records_are_written(self):
        """Killed again and again while calls end: none missing, none twice."""
        self.start()
        called = harness.Probe("uas", "itsp")
        caller = harness.Probe("uac", "pbx", "--calls", "200", "--rate", "50", "--duration", "0.5")
        for goal in (40, 90, 140):
            harness.wait_for(f"{goal} calls ended", lambda: caller.progress["ended"] >= goal)
            self.controlplane.signal(signal.SIGKILL)
            self.controlplane.wait()
            self.start_controlplane()
            self.wait_ready()
        placed = caller.result(60)
        called.wait_live(0)
        self.assert_clean(placed, called.stop(), 200)
        harness.wait_for(lambda: f"200 records, has {len(self.records())}",
                         lambda: len(self.records()) >= 200)
        counted = numbers_of(self.records())
        self.assertEqual((len(self.records()), len(counted)), (200, 200))


if __name__ == "__main__":
    unittest.main(verbosity=2)
