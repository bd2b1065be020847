"""Nothing of one side is seen on the other: addresses, Call-IDs, tags, branches, Contacts."""

import re
import unittest

import harness

TOKENS = [rb"(?im)^(?:call-id|i)\s*:\s*(\S+)", rb";tag=([^;>\s]+)", rb";branch=([^;>\s,]+)",
          rb"(?im)^(?:contact|m)\s*:\s*<?([^>;\s]+)"]


def texts(datagrams):
    return [payload for _, payload in datagrams if b"SIP/2.0" in payload[:200]]


def tokens(messages):
    found = set()
    for message in messages:
        for pattern in TOKENS:
            found.update(re.findall(pattern, message))
    return {token for token in found if len(token) >= 6}


class Hiding(harness.LabTest):

    def capture_calls(self, origin, uac_options=(), uas_options=(), **options):
        self.start(**options)
        captures = {side: harness.Capture(side) for side in ("pbx", "itsp")}
        uac, uas = self.call(origin, calls=5, duration=1, uac_options=uac_options,
                             uas_options=uas_options)
        refused, _ = self.call(origin, calls=2, uac_options=uac_options,
                               uas_options=(*uas_options, "--busy"))
        self.assert_clean(uac, uas, 5)
        self.assertEqual(refused["refused"], {"486": 2})
        return {side: texts(capture.stop()) for side, capture in captures.items()}

    def assert_hidden(self, seen):
        nets = {"pbx": b"10.20.1.", "itsp": b"10.20.2."}
        for side in ("pbx", "itsp"):
            own, theirs = seen[side], seen[harness.other(side)]
            self.assertGreater(len(own), 30, "too few messages captured")
            for net in (nets[harness.other(side)], b"fd20:"):
                for message in own:
                    self.assertNotIn(net, message, f"on the {side} side")
            known = tokens(theirs)
            self.assertGreater(len(known), 20)
            for message in own:
                for token in known:
                    self.assertNotIn(token, message, f"on the {side} side")

    def test_calls_from_the_pbx(self):
        self.assert_hidden(self.capture_calls("pbx"))

    def test_calls_from_the_itsp(self):
        self.assert_hidden(self.capture_calls("itsp"))

    def test_behind_nat_only_the_advertised_address_is_seen(self):
        public, private = "203.0.113.10", harness.address("itsp", 1)
        nat = ("--nat", f"{public}={private}")
        for origin in ("pbx", "itsp"):
            options = {"uas_options" if origin == "pbx" else "uac_options": nat}
            if origin == "itsp":
                options["uac_options"] = (*nat, "--to", f"{public}:5060")
            seen = self.capture_calls(origin, advertise=public, **options)
            ours = [m for m in seen["itsp"] if public.encode() in m]
            self.assertGreater(len(ours), 10)
            for message in seen["itsp"]:
                self.assertNotIn(private.encode(), message)
            for field in (rb"(?m)^c=IN IP4 203\.0\.113\.10", rb"(?mi)^contact:.*203\.0\.113\.10",
                          rb"(?mi)^via:.*203\.0\.113\.10"):
                if origin == "pbx" or b"via" not in field:
                    self.assertTrue(any(re.search(field, m) for m in ours), field)
            for program in (self.controlplane, self.dataplane):
                program.signal(harness.signal.SIGTERM)
                self.assertEqual(program.wait(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
