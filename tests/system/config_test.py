"""The configuration is changed while calls go on: applied, confirmed and taken back by `demarc`."""

import json
import signal
import subprocess
import unittest

import harness

PASSWORD = "a password of ours"


class Config(harness.LabTest):

    def demarc(self, *words, code=0):
        """Its standard output."""
        done = subprocess.run([harness.CLI, "--socket", f"{harness.RUN}/api.sock", *words],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def candidate(self, **options):
        path = f"{harness.RUN}/candidate.toml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(harness.configuration(**options))
        return path

    def running_file(self):
        with open(f"{harness.RUN}/demarc.toml", encoding="utf-8") as file:
            return file.read()

    def test_what_is_not_confirmed_is_taken_back_though_the_control_plane_died(self):
        self.start()
        before = self.running_file()
        path = self.candidate(trunks={"itsp": "max_calls = 7\n"})
        self.assertIn("~ /trunk/itsp/max_calls: 0 -> 7", self.demarc("diff", path))
        said = self.demarc("apply", path, "--confirm", "15s")
        self.assertIn("registrations touched: none", said)
        self.assertIn("max_calls = 7", self.running_file())
        self.controlplane.signal(signal.SIGKILL)
        self.controlplane.process.wait()
        self.start_controlplane()
        harness.wait_for("the file that was", lambda: self.running_file() == before, 45)
        self.wait_ready()
        rows = json.loads(self.demarc("-o", "json", "revisions"))["revisions"]
        self.assertEqual(rows[-1]["how"], "start")
        self.assertEqual(rows[-2]["how"], "apply")

    def test_a_confirmed_change_stays_and_a_rollback_brings_the_old_one_back(self):
        self.start()
        before = self.running_file()
        path = self.candidate(trunks={"itsp": f"user = \"me\"\npassword = \"{PASSWORD}\"\n"})
        self.demarc("apply", path, "--confirm", "1h", "--comment", "an account")
        self.demarc("apply", path, code=4)
        self.demarc("confirm")
        shown = self.demarc("config")
        self.assertIn("password = \"***\"", shown)
        self.assertNotIn(PASSWORD, shown + self.demarc("-o", "json", "config"))
        with open(f"{harness.STATE}/revisions.db", "rb") as file:
            self.assertNotIn(PASSWORD.encode(), file.read())
        self.demarc("rollback", "1")
        self.assertEqual(self.running_file(), before)
        self.demarc("rollback", "2")
        self.assertIn(PASSWORD, self.running_file())
        self.assertIn("an account", self.demarc("revisions"))

    def test_mistakes_are_said_at_once_and_change_nothing(self):
        self.start()
        path = self.candidate(trunks={"itsp": "max_calls = -1\ncolour = \"blue\"\n"})
        said = self.demarc("apply", path, code=3)
        self.assertIn("max_calls", said)
        self.assertIn("colour", said)
        self.assertNotIn("colour", self.running_file())

    def test_calls_of_a_trunk_that_is_removed_go_on_to_their_end(self):
        self.start()
        uas = harness.Probe("uas", "itsp", "--control")
        uac = harness.Probe("uac", "pbx", "--control")
        uac.command("place 10")
        uac.wait_live(10)
        text = harness.configuration(routes=[("pbx", "pbx")])
        start = text.index("\n[trunk.itsp]")
        text = text[:start] + text[text.index("\n[[route]]"):]
        path = f"{harness.RUN}/candidate.toml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.assertIn("- /trunk/itsp", self.demarc("apply", path))
        # The side whose trunk is gone hangs up, and is heard.
        uas.command("end")
        uac.wait_live(0)
        uas.wait_live(0)
        for end in (uac, uas):
            end.command("quit")
            summary = end.result()
            self.assertEqual((summary["ended"], summary["problems"], summary["unfinished"]),
                             (10, [], 0), summary)


if __name__ == "__main__":
    unittest.main()
