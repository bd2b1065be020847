"""The script `media` fails where packets are missing from demarc's ledger. Nothing is measured."""

import importlib.machinery
import importlib.util
import os
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))


def script():
    loader = importlib.machinery.SourceFileLoader("media", os.path.join(HERE, "media"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("media", loader))
    loader.exec_module(module)
    return module


def measured(closes):
    """What measure() returns; of one round, which compares as well as any."""
    one = mock.MagicMock(loss=0, cpu_share=0.5, said={"p50_us": 1, "p99_us": 2}, streams=50)
    one.per_packet_us.return_value = 1.0
    return {"rounds": [one], "best": one, "limit": "", "ledger": (["1 = 0"], closes)}


class Ledger(unittest.TestCase):
    def status(self, *ledgers):
        """The exit status of a run over modes whose ledgers are these."""
        media = script()
        results = [result for closes in ledgers for result in (measured(closes), measured(True))]
        with mock.patch.object(media, "measure", side_effect=results), \
             mock.patch.object(media.os, "geteuid", return_value=0), \
             mock.patch.object(media.figures, "install"), \
             mock.patch.object(media.figures, "build"):
            return media.main(["plain", "srtp"][:len(ledgers)])

    def test_that_closes_is_a_success(self):
        self.assertEqual(self.status(True, True), 0)

    def test_that_does_not_close_is_a_failure(self):
        self.assertEqual(self.status(False), 1)

    def test_that_does_not_close_fails_the_whole_run(self):
        self.assertEqual(self.status(False, True), 1)


if __name__ == "__main__":
    unittest.main()
