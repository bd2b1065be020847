"""Calls with audio through both planes: all answered, no packet lost, the ledger closes."""

import unittest

import harness


class Calls(harness.LabTest):

    def test_calls_from_either_side_lose_nothing(self):
        self.start()
        for origin in ("pbx", "itsp"):
            uac, uas = self.call(origin, calls=40, rate=20, duration=3)
            self.assert_clean(uac, uas, 40)
        self.assert_ledger()
        calls = self.api("status")["calls"]
        self.assertEqual((calls["attempts"], calls["answered"], calls["failed"]), (80, 80, 0))

    def test_calls_both_ways_at_once(self):
        self.start()
        ends = {side: harness.Probe("uac", side, "--control", "--first", first)
                for side, first in (("pbx", "7000000"), ("itsp", "8000000"))}
        for end in ends.values():
            end.command("place 25")
        for end in ends.values():
            end.wait_live(50)
        self.assertEqual(len(self.directory()), 50)
        ends["pbx"].command("end")
        for end in ends.values():
            end.wait_live(0)
            end.command("quit")
        one, two = (end.result() for end in ends.values())
        for end in (one, two):
            self.assertEqual((end["placed"], end["offered"], end["ended"]), (25, 25, 50), end)
            self.assertEqual((end["problems"], end["unfinished"]), ([], 0), end)
            for wrong in ("lost", "reordered", "duplicated", "corrupt", "foreign"):
                self.assertEqual(end["rtp"][wrong], 0, end)
        self.assertEqual(one["rtp"]["sent"], two["rtp"]["received"])
        self.assertEqual(two["rtp"]["sent"], one["rtp"]["received"])
        self.assert_ledger()

    def test_one_record_for_each_call(self):
        self.start()
        uac, uas = self.call("pbx", calls=10, duration=1)
        self.assert_clean(uac, uas, 10)
        harness.wait_for(lambda: f"ten records, has {len(self.records())}",
                         lambda: len(self.records()) >= 10)
        self.assertEqual(len(self.records()), 10)
        self.assertEqual(self.directory(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
