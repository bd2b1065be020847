"""Two users of baresip call each other through the box, SRTP on one side and RTP on the other, and
each hears the other's tone."""

import cmath
import glob
import math
import os
import shutil
import struct
import unittest
import wave

import harness

RATE = 8000
TONES = {"pbx": 440, "itsp": 1000}
USERS = {"pbx": "442079469999", "itsp": "442079460018"}
SECONDS = 3   # of audio that is looked at
WINDOW = 400  # samples, whole periods of either tone

CONFIG = """sip_listen {address}:5060
net_interface eth0
rtp_ports 20000-20100
audio_path {folder}
audio_source aufile,{folder}/in.wav
audio_player aubridge,none
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
snd_path {folder}
module_path {modules}
module g711.so
module srtp.so
module aufile.so
module aubridge.so
module sndfile.so
module_app account.so
module_app menu.so
"""


def write_tone(path, hertz):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        samples = (int(12000 * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(RATE * 20))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def read_samples(path):
    """Of a file that may still be written: what stands behind its header, whatever that says."""
    with open(path, "rb") as file:
        data = file.read()[44:]
    return struct.unpack(f"<{len(data) // 2}h", data[:len(data) // 2 * 2])


def share_of_tone(samples, hertz):
    """How much of their power is that tone: 1 is all of it."""
    power = sum(sample * sample for sample in samples) / len(samples)
    if power < 1000:
        return 0
    turn = -2j * math.pi * hertz / RATE
    found = sum(sample * cmath.exp(turn * i) for i, sample in enumerate(samples))
    return 2 * abs(found / len(samples)) ** 2 / power


class User(harness.Program):
    """One baresip, whose files are in RUN/baresip-SIDE."""

    def __init__(self, side, secrecy, *options):
        self.folder = f"{harness.RUN}/baresip-{side}"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        address = harness.address(side)
        modules = glob.glob("/usr/lib/baresip/modules") + glob.glob("/usr/lib/*/baresip/modules")
        write_tone(f"{self.folder}/in.wav", TONES[side])
        secret = f"mediaenc={secrecy};" if secrecy else ""
        for name, text in (
                ("config", CONFIG.format(address=address, folder=self.folder, modules=modules[0])),
                ("accounts", f"<sip:{USERS[side]}@{address}>;regint=0;{secret}answermode=auto;"
                             "audio_codecs=PCMA/8000/1\n"),
                ("contacts", "")):
            with open(f"{self.folder}/{name}", "w", encoding="ascii") as file:
                file.write(text)
        super().__init__(f"baresip-{side}", side, ["baresip", "-f", self.folder, "-t", "120",
                                                   *options])
        harness.wait_for(f"{self.name} listening",
                         lambda: harness.is_listening(side, 5060, "u1"))

    def heard(self):
        """The samples that it decoded."""
        found = glob.glob(f"{self.folder}/dump-*-dec.wav")
        return read_samples(found[0]) if found else ()


class Baresip(harness.LabTest):

    def check(self, origin, secrecy):
        """`secrecy`: by side, baresip's name for it."""
        use = {"srtp-mand": "required", "srtp": "optional", "": "off"}
        self.start(trunks={side: f'srtp = "{use[name]}"\n' for side, name in secrecy.items()})
        target = harness.other(origin)
        called = User(target, secrecy[target])
        caller = User(origin, secrecy[origin], "-e",
                      f"/dial sip:{USERS[target]}@{harness.address(origin, 1)}")
        users = {origin: caller, target: called}
        for user in users.values():
            harness.wait_for(lambda user=user: f"audio at {user.name}: {user.log_text()[-800:]}",
                             lambda user=user: len(user.heard()) > (SECONDS + 4) * RATE, 60)
        for side, user in users.items():
            self.assert_hears(user, TONES[harness.other(side)])
            is_secret = "SRTP is Enabled" in user.log_text()
            self.assertEqual(is_secret, bool(secrecy[side]), user.log)
        self.assert_ledger(is_lossless=False)
        for user in users.values():
            user.signal(harness.signal.SIGTERM)
            user.wait()

    def assert_hears(self, user, hertz):
        """The best second after the first: where a telephone's clock waits for the processor, its
        jitter buffer has seams."""
        samples = user.heard()[RATE:]
        shares = [share_of_tone(samples[at:at + WINDOW], hertz)
                  for at in range(0, len(samples) - WINDOW + 1, WINDOW)]
        in_a_second = RATE // WINDOW
        best = max(sum(share > 0.995 for share in shares[at:at + in_a_second])  # 23 dB
                   for at in range(len(shares) - in_a_second + 1))
        self.assertGreaterEqual(best, in_a_second - 1, f"{user.name}: {sorted(shares)[:10]}")
        good = sum(share > 0.9 for share in shares)
        self.assertGreater(good, len(shares) / 2, f"{user.name}: {shares}")

    def test_srtp_calls_rtp(self):
        self.check("pbx", {"pbx": "srtp-mand", "itsp": ""})

    def test_rtp_calls_srtp(self):
        self.check("itsp", {"pbx": "srtp-mand", "itsp": ""})

    def test_srtp_offered_beside_rtp(self):
        self.check("pbx", {"pbx": "srtp", "itsp": "srtp-mand"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
