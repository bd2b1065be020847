"""The same calls over the other shapes of the box: IPv6 on one side or both, af_packet, two
workers, several media addresses."""

import unittest

import harness


class Shapes(harness.LabTest):

    def check(self, family=4, **options):
        self.start(family=family, **options)
        status = self.api("status")["dataplane"]
        self.assertEqual(status["workers"], options.get("workers", 1))
        # Not a packet may be lost, and af_packet's ring holds 512: sanitized programs get fewer.
        count = 10 if harness.IS_SANITIZED else 40
        for origin in ("pbx", "itsp"):
            uac, uas = self.call(origin, calls=count, rate=count, duration=2, family=family)
            self.assert_clean(uac, uas, count)
        self.calls = 2 * count
        self.assert_ledger()

    def test_ipv6_on_both_sides(self):
        self.check(family=6)

    def test_ipv4_to_ipv6_and_back(self):
        self.check(family={"pbx": 4, "itsp": 6})

    def test_ipv6_to_ipv4_and_back_on_af_packet(self):
        self.check(driver="af_packet", family={"pbx": 6, "itsp": 4})

    def test_three_media_addresses_of_a_realm(self):
        """Calls take them in turn. The peers ask for each by ARP, and the twin answers."""
        hosts = (1, 11, 12)
        self.check(media=hosts)
        harness.wait_for(lambda: f"records: {len(self.records())}",
                         lambda: len(self.records()) == self.calls)
        seen = {media["local"].rsplit(":", 1)[0] for record in self.records()
                for media in record["media"]}
        self.assertEqual(seen, {harness.address(side, host)
                                for side in ("pbx", "itsp") for host in hosts})

    def test_af_packet(self):
        self.check(driver="af_packet")

    def test_af_packet_ipv6(self):
        self.check(driver="af_packet", family=6)

    def test_two_workers_with_a_queue_each(self):
        """By af_packet: DPDK's af_xdp driver asks for combined channels, and veth has none."""
        self.check(workers=2, queues=2, driver="af_packet")

    def test_two_workers_with_one_queue(self):
        self.check(workers=2, queues=1)

    def test_two_workers_with_one_queue_on_af_packet(self):
        self.check(workers=2, queues=1, driver="af_packet")


if __name__ == "__main__":
    unittest.main(verbosity=2)
