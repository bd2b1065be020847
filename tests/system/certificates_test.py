"""What becomes of peers whose certificate is not good, of calls while it loses our trust, and of
ours: the outcomes that docs/certificates.md states."""

import os
import signal
import unittest

import harness
from stream_lab import CALLS, Authority
from stream_peer import Call, HandLab


class Certificates(HandLab):

    def start_with_bad_ones(self):
        """Sets `bad`: what may be wrong with a peer's certificate, and one of that kind each."""
        self.start_tls()
        self.other = Authority(f"{harness.RUN}/tls-other", "other")
        sign = self.authority.sign
        self.bad = {
            "wrong authority": self.other.sign("wrong", "sip.example.com"),
            "wrong name": sign("name", "sip.example.org"),
            "revoked": self.revoked,
            "expired": sign("late", "sip.example.com", -1),
            "not yet valid": self.authority.sign_for_later("early", "sip.example.com"),
        }

    def replace_own(self, identity):
        for new, old in zip(identity, self.own):
            os.replace(new, old)
        self.controlplane.signal(signal.SIGHUP)

    def wait_log(self, text):
        harness.wait_for(lambda: f"{text} in {self.controlplane.log}",
                         lambda: text in self.controlplane.log_text())

    # --- who connects to us ---

    def test_who_is_let_in(self):
        self.start_with_bad_ones()
        refused = {"no certificate": None, **self.bad}
        for what, identity in refused.items():
            counter = "wrong_name" if what == "wrong name" else "handshake_failed"
            before = self.streams()
            arguments = () if identity is None else ("-cert", identity[0], "-key", identity[1])
            self.client(*arguments)
            harness.wait_for(f"{what} refused",
                             lambda: self.streams()[counter] > before[counter])
            self.assertEqual(self.streams()["secured"], before["secured"], what)
        before = self.streams()["secured"]
        self.client("-cert", self.peer[0], "-key", self.peer[1])
        harness.wait_for("the good one let in", lambda: self.streams()["secured"] > before)
        self.assertNotIn("PRIVATE KEY", self.dataplane.log_text() + self.controlplane.log_text())

    def test_versions_and_ciphers(self):
        self.start_tls()
        for version in ("-tls1_2", "-tls1_3"):
            _, text = self.client("-cert", self.peer[0], "-key", self.peer[1], version)
            self.assertIn("Verify return code: 0", text, version)
        for cipher in ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256",
                       "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256"):
            _, text = self.client("-cert", self.peer[0], "-key", self.peer[1], "-tls1_2",
                                  "-cipher", cipher)
            self.assertIn(f"Cipher is {cipher}", text)

    # --- whom we connect to ---

    def assert_all_refused(self, reason):
        # What happened before the control plane looked for the first time says nothing to it.
        uac = harness.Probe("uac", "itsp", "--calls", str(CALLS), "--rate", "10")
        self.assertEqual(uac.result(20)["refused"], {"503": CALLS}, reason)

    def refused_by(self, identity, reason, counter="handshake_failed"):
        """Calls to a server with that identity are 503 at once, and the API says why."""
        before = self.streams()
        tunnel = self.stunnel("server", identity)
        self.assert_all_refused(reason)
        self.wait_for_reason("pbx", reason)
        self.stop(tunnel)
        self.assertGreater(self.streams()[counter], before[counter], reason)
        self.assertEqual(self.streams()["secured"], before["secured"], reason)

    def test_a_server_that_is_not_trusted_is_down_and_says_why(self):
        self.start_with_bad_ones()
        self.refused_by(self.bad["wrong authority"], "certificate not trusted")
        # The log has it when the target goes down; what else is wrong later shows in the API.
        self.wait_log("of trunk pbx is down: certificate not trusted")
        too_early_or_late = "certificate expired or not valid yet"
        for what, reason in (("revoked", "certificate revoked"), ("expired", too_early_or_late),
                             ("not yet valid", too_early_or_late)):
            self.refused_by(self.bad[what], reason)
        self.refused_by(self.bad["wrong name"], "certificate has a wrong name", "wrong_name")

    def test_a_server_that_does_not_trust_us_is_down_and_says_so(self):
        """In TLS 1.3 its refusal comes when the handshake is over on our side."""
        self.start_with_bad_ones()
        tunnel = self.stunnel("server", self.peer, trusted=self.other.path("other.pem"))
        self.assert_all_refused("TLS handshake failed")
        self.wait_for_reason("pbx", "TLS handshake failed")
        self.wait_log("of trunk pbx is down: TLS handshake failed")
        self.stop(tunnel)

    # --- what changes during calls ---

    def test_a_peer_that_is_revoked_during_calls_may_end_them_and_begin_none(self):
        self.play_tls()
        line = self.connect()
        calls = [self.call_in(line), self.call_in(line)]
        self.authority.revoke(self.peer[0])
        self.controlplane.signal(signal.SIGHUP)
        self.wait_streams(distrusted=1, connections=1)
        # The INVITE is not heard; the BYE behind it is.
        line.send(Call.begin(line, harness.endpoint("pbx", 1)).request("INVITE"))
        self.end(calls[0])
        self.wait_calls(1, 1)
        # A new connection is not let in, and the provider ends what is left over the old one.
        self.client("-cert", self.peer[0], "-key", self.peer[1])
        self.wait_streams(handshake_failed=1, secured=1)
        caller, called = calls[1]
        called.hang_up()
        caller.be_hung_up()
        self.wait_calls(0, 2)
        self.wait_streams(lost=0)

    def test_our_own_certificate_past_its_end_costs_no_connection_and_is_told_of(self):
        self.play_tls()
        line = self.connect()
        call = self.call_in(line)
        self.assertGreater(self.api("tls")["tls"][0]["days_left"], 7)
        self.replace_own(self.authority.sign("past", "sbc.example.com", -1))
        self.wait_log("expired 1 days ago: peers that verify it refuse it")
        harness.wait_for("the API saying so",
                         lambda: self.api("tls")["tls"][0]["days_left"] < 0)
        self.end(call)
        self.end(self.call_in(line))
        self.wait_streams(accepted=1, connections=1, lost=0)
        # Whoever connects from now on sees what it is shown.
        _, text = self.client("-cert", self.peer[0], "-key", self.peer[1])
        self.assertIn("certificate has expired", text)

    def test_a_key_that_is_not_the_certificates_changes_nothing(self):
        self.play_tls()
        line = self.connect()
        call = self.call_in(line)
        stranger = self.authority.sign("stranger", "sbc.example.com")
        self.replace_own((self.own[0], stranger[1]))
        self.wait_log("configuration in force stays")
        self.end(call)
        self.end(self.call_in(line))
        _, text = self.client("-cert", self.peer[0], "-key", self.peer[1])
        self.assertIn("Verify return code: 0", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
