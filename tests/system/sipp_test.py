"""SIPp's own scenarios, as its package has them, with the appliance in the middle."""

import csv
import os
import subprocess
import unittest

import harness

PCAPS = "/usr/share/sip-tester"  # where Debian has what uac_pcap plays


class Sipp(harness.Program):
    """One SIPp; `wait()` is its exit code, `counts()` its (successful, failed) calls."""

    count = 0

    def __init__(self, side, scenario, *options, host=2, port=5060):
        Sipp.count += 1
        name = f"sipp-{Sipp.count}-{os.path.basename(scenario)}-{side}"
        self.statistics = f"{harness.RUN}/{name}.csv"
        source = ["-sf", scenario] if scenario.endswith(".xml") else ["-sn", scenario]
        address = harness.address(side, host)
        super().__init__(name, side, [
            "sipp", *source, "-i", address, "-p", str(port), "-mi", address, "-nostdin",
            "-trace_stat", "-stf", self.statistics, "-fd", "1",
            "-trace_err", "-error_file", f"{harness.RUN}/{name}.errors", *options])

    def counts(self):
        with open(self.statistics, encoding="ascii", errors="replace") as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        return int(last["SuccessfulCall(C)"]), int(last["FailedCall(C)"])

    def wait_listening(self, port=5060):
        def listening():
            if not self.is_running():
                raise AssertionError(f"{self.name} ended: {self.log_text()[-2000:]}")
            listed = subprocess.run(
                ["ip", "netns", "exec", self.process.args[3], "ss", "-Hlunp", f"sport = :{port}"],
                capture_output=True, text=True, check=True).stdout
            return f"pid={self.process.pid}," in listed
        harness.wait_for(f"{self.name} listening", listening)
        return self


class StockScenarios(harness.LabTest):

    def assert_played(self, sipp, calls):
        """SIPp's own word: exit status 0 and that many calls, none failed."""
        self.assertEqual(sipp.wait(harness.PATIENCE * 3), 0, sipp.log_text()[-3000:])
        self.assertEqual(sipp.counts(), (calls, 0), sipp.name)

    def assert_over(self, records, end="released_by_caller"):
        """No call is left anywhere, and each has its record."""
        harness.wait_for("the directory to be empty", lambda: self.directory() == [])
        for name, trunk in self.trunk_counters().items():
            self.assertEqual(trunk["live"], 0, name)
        harness.wait_for(lambda: f"{records} records, has {len(self.records())}",
                         lambda: len(self.records()) == records)
        for record in self.records():
            self.assertEqual((record["end"], record["status"]), (end, 200), record)

    def play(self, scenario, calls, *options, answering=()):
        """`calls` of a scenario from the PBX's side to the stock uas of the provider's."""
        called = Sipp("itsp", "uas", "-m", str(calls), *answering).wait_listening()
        caller = Sipp("pbx", scenario, "-m", str(calls), "-s", "+442079460018", *options,
                      f"{harness.address('pbx', 1)}:5060")
        self.assert_played(caller, calls)
        self.assert_played(called, calls)

    def test_uac_and_uas(self):
        self.start()
        self.play("uac", 50, "-r", "25", "-d", "400")
        self.assert_over(50)

    def test_uac_pcap(self):
        """Its RTP reaches the other side, which sends it back."""
        self.start()
        scenario = stock("uac_pcap", *recordings())
        wire = harness.Capture("itsp", "udp and dst host 10.20.2.2 and not port 5060")
        self.play(scenario, 4, "-r", "4", answering=("-rtp_echo",))
        arrived = [payload for _, payload in wire.stop() if payload[:1] == b"\x80"]
        self.assertGreater(len(arrived), 4 * 200)  # 8 s of 20 ms packets, and a digit
        self.assertEqual({payload[1] & 127 for payload in arrived}, {8, 101})
        self.assert_over(4)
        rtp = {name: trunk["rtp"] for name, trunk in self.trunk_counters().items()}
        self.assertGreaterEqual(rtp["pbx"]["packets_in"], len(arrived))
        self.assertGreater(rtp["itsp"]["packets_in"], 0)  # what the other side sent back
        self.assert_ledger(is_lossless=False)

    def test_regexp(self):
        """It reads our Contact and o= and writes them into its ACK. RFC 8866 section 5.2 has "-"
        for a user without a name, for which the stock expression has no character."""
        self.start()
        self.play(stock("regexp", ("o=([[:alnum:]]*)", "o=([[:alnum:]-]*)")), 20, "-r", "20")
        self.assert_over(20)

    def test_third_party_call_control(self):
        """One controller calls two sides, each through the appliance: A without an offer, B with
        A's, and B's answer goes to A in the ACK. What the two halves say to each other is their own
        affair, so both are on one side."""
        self.up()
        namespace = harness.namespace("itsp")
        subprocess.run(["ip", "-n", namespace, "address", "add",
                        f"{harness.address('itsp', 3)}/24", "dev", "eth0"], check=True)
        text = harness.configuration(routes=[])
        text += ('\n[trunk.second]\nrealm = "outside"\n'
                 f'peer = "{harness.endpoint("itsp", 3)}"\n')
        for prefix, trunk in (("+1", "itsp"), ("+2", "second")):
            text += f'\n[[route]]\nfrom = "pbx"\nto = "{trunk}"\nprefix = "{prefix}"\n'
        self.write(text)
        self.start_dataplane()
        self.start_controlplane()
        self.wait_ready()
        calls, box = 5, f"{harness.address('pbx', 1)}:5060"
        a = Sipp("itsp", "3pcc-A", "-m", str(calls)).wait_listening()
        b = Sipp("itsp", "3pcc-B", "-m", str(calls), host=3).wait_listening()
        meeting = ("-3pcc", f"{harness.address('pbx')}:7060")
        to_b = Sipp("pbx", "3pcc-C-B", "-m", str(calls), "-s", "+200", *meeting, box, port=5062)
        to_b.wait_listening(5062)
        # It binds its own port first, then the one at which its twin finds it.
        harness.wait_for("the twin's port", lambda: harness.is_listening("pbx", 7060, "t1"))
        to_a = Sipp("pbx", "3pcc-C-A", "-m", str(calls), "-r", "5", "-s", "+100", *meeting, box,
                    port=5061)
        for one in (to_a, to_b, a, b):
            self.assert_played(one, calls)
        self.assert_over(2 * calls)


def recordings():
    """What uac_pcap plays, where it finds it: changes of that scenario."""
    folder = f"{harness.RUN}/pcap"
    os.makedirs(folder, exist_ok=True)
    for name in ("g711a.pcap", "dtmf_2833_1.pcap"):
        path = os.path.join(folder, name)
        if not os.path.lexists(path):
            os.symlink(os.path.join(PCAPS, name), path)
    return [(f"pcap/{name}", f"{folder}/{name}") for name in ("g711a", "dtmf_2833_1")]


def stock(name, *changes):
    """A file with one of SIPp's own scenarios, with pieces of it changed."""
    text = subprocess.run(["sipp", "-sd", name], capture_output=True, text=True, check=False).stdout
    for old, new in changes:
        if old not in text:
            raise AssertionError(f"{old} is not in SIPp's {name}")
        text = text.replace(old, new)
    path = f"{harness.RUN}/{name}.xml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text[text.index("<?xml"):])
    return path


if __name__ == "__main__":
    unittest.main(verbosity=2)
