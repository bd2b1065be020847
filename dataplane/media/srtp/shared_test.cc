// Vectors and captures of others that stand beside the project, on machines that have them. Without
// them the tests are skipped.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <fstream>
#include <map>
#include <sstream>

#include "dataplane/media/srtp/octets.h"
#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/support/shared_data.h"

namespace demarc::media::srtp {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Sections of "name value" lines; the rest of a name in brackets is text.
using Section = std::map<std::string, std::string>;
std::map<std::string, Section> vectors() {
  std::map<std::string, Section> sections;
  std::istringstream lines(contents(support::shared_file("vectors/srtp_rfc3711_6188_7714.txt")));
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#') || line.empty()) continue;
    if (line.front() == '[') {
      section = line.substr(1, line.find_first_of(" ]:") - 1);
      continue;
    }
    std::istringstream words(line);
    std::string name;
    std::string value;
    words >> name >> value;
    sections[section].emplace(name, value);
  }
  return sections;
}

class SharedVectors : public ::testing::TestWithParam<Cipher::Kind> {
 protected:
  void SetUp() override {
    sections_ = vectors();
    if (sections_.empty()) GTEST_SKIP() << "shared/data/vectors is not here";
  }
  Octets value(const std::string& section, const std::string& name) {
    EXPECT_TRUE(sections_[section].contains(name)) << section << ' ' << name;
    return from_hex(sections_[section][name]);
  }
  Octets master(const std::string& section) {
    Octets octets = value(section, "master_key");
    const Octets salt = value(section, "master_salt");
    octets.insert(octets.end(), salt.begin(), salt.end());
    return octets;
  }
  // What protect gives is the vector, and unprotect gives it back.
  void expect(Suite suite, const Octets& key, const Octets& plain, const Octets& cipher,
              bool is_rtcp = false, unsigned skipped_reports = 0) {
    TestContexts test(GetParam());
    const uint32_t out = test.contexts.open(master_key(suite, key));
    const uint32_t in = test.contexts.open(master_key(suite, key));
    for (unsigned i = 0; i < skipped_reports; ++i) test.protect(out, plain, true);
    EXPECT_EQ(test.protect(out, plain, is_rtcp).octets, cipher);
    EXPECT_EQ(test.unprotect(in, cipher, is_rtcp).octets, plain);
  }
  std::map<std::string, Section> sections_;
};

TEST_P(SharedVectors, OfAesCounterMode) {
  const std::string name = "libsrtp-aes128-sha1";
  const Octets key = master("rfc3711-b3");
  expect(Suite::aes_cm_128_hmac_sha1_80, key, value(name, "rtp"), value(name, "srtp_80"));
  expect(Suite::aes_cm_128_hmac_sha1_32, key, value(name, "rtp"), value(name, "srtp_32"));
  expect(Suite::aes_cm_128_hmac_sha1_80, key, value(name, "rtcp"), value(name, "srtcp_80_index1"),
         true, 1);
  const std::string longer = "rfc6188-kdf-256";
  expect(Suite::aes_256_cm_hmac_sha1_80, master(longer), value(longer, "rtp"),
         value(longer, "srtp_80"));
}

TEST_P(SharedVectors, OfGcm) {
  const std::string name = "libsrtp-gcm128";
  expect(Suite::aead_aes_128_gcm, master(name), value(name, "rtp"), value(name, "srtp"));
  expect(Suite::aead_aes_128_gcm, master(name), value(name, "rtcp"), value(name, "srtcp_index1"),
         true, 1);
}

// Lines of "roc N rtp HEX srtp HEX" under the key of RFC 3711 appendix B.3; those of the first two
// cycles can be reached from the beginning of a stream.
TEST_P(SharedVectors, OfRollOverCounters) {
  std::istringstream lines(contents(support::shared_file("vectors/srtp_rfc3711_6188_7714.txt")));
  const MasterKey key = master_key(Suite::aes_cm_128_hmac_sha1_80, master("rfc3711-b3"));
  unsigned checked = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string roc, number, rtp, plain_hex, srtp, cipher_hex;
    words >> roc >> number >> rtp >> plain_hex >> srtp >> cipher_hex;
    if (roc != "roc" || rtp != "rtp" || srtp != "srtp" || number == "0xffffffff") continue;
    const Octets plain = from_hex(plain_hex);
    TestContexts test(GetParam());
    const uint32_t out = test.contexts.open(key);
    const uint32_t in = test.contexts.open(key);
    if (number == "0x1") {
      const uint32_t ssrc = load_be32(&plain[8]);
      for (const unsigned sequence : {20'000u, 50'000u, 65'500u}) {
        const auto step = test.protect(out, rtp_packet(sequence, ssrc));
        EXPECT_EQ(test.unprotect(in, step.octets).outcome, Outcome::done);
      }
    }
    EXPECT_EQ(test.protect(out, plain).octets, from_hex(cipher_hex)) << line;
    EXPECT_EQ(test.unprotect(in, from_hex(cipher_hex)).octets, plain);
    ++checked;
  }
  EXPECT_GE(checked, 4u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SharedVectors,
                         ::testing::Values(Cipher::Kind::multi_buffer, Cipher::Kind::evp));

// --- captures ---

struct Capture {
  std::string name;
  std::string key;  // base64
};

// Rows of the index that name a key in the form of a=crypto.
std::vector<Capture> captures() {
  std::vector<Capture> found;
  std::istringstream lines(contents(support::shared_file("pcap/index.tsv")));
  for (std::string line; std::getline(lines, line);) {
    const size_t key = line.find("key inline:");
    if (key == std::string::npos) continue;
    found.push_back({line.substr(0, line.find('\t')), line.substr(key + 11, 40)});
  }
  return found;
}

// UDP payloads of a capture of Ethernet or Linux "cooked" frames with IPv4, microsecond form.
std::vector<Octets> payloads(const std::string& file) {
  std::vector<Octets> payloads;
  const auto word = [&](size_t at) {
    uint32_t value;
    std::memcpy(&value, &file[at], sizeof value);
    return value;
  };
  const size_t link_octets = word(20) == 1 ? 14 : word(20) == 113 ? 16 : 4;
  for (size_t at = 24; at + 16 <= file.size();) {
    const size_t length = word(at + 8);
    const auto* frame = reinterpret_cast<const uint8_t*>(&file[at + 16]);
    const size_t udp = link_octets + 4u * (frame[link_octets] & 15);
    const size_t udp_length = load_be16(frame + udp + 4);
    if (udp + udp_length <= length) {
      payloads.emplace_back(frame + udp + 8, frame + udp + udp_length);
    }
    at += 16 + length;
  }
  return payloads;
}

TEST(SharedCaptures, WithKnownKeysDecryptWhole) {
  const std::vector<Capture> all = captures();
  if (all.empty()) GTEST_SKIP() << "shared/data/pcap is not here";
  for (const Capture& capture : all) {
    SCOPED_TRACE(capture.name);
    MasterKey key;
    ASSERT_EQ(EVP_DecodeBlock(key.octets.data(),
                              reinterpret_cast<const unsigned char*>(capture.key.data()),
                              static_cast<int>(capture.key.size())),
              30);
    for (const Cipher::Kind kind : {Cipher::Kind::multi_buffer, Cipher::Kind::evp}) {
      TestContexts test(kind);
      const uint32_t in = test.contexts.open(key);
      unsigned rtp = 0;
      unsigned rtcp = 0;
      for (const Octets& payload :
           payloads(contents(support::shared_file("pcap/" + capture.name)))) {
        const bool is_rtcp = payload[1] >= 192 && payload[1] <= 223;
        EXPECT_EQ(test.unprotect(in, payload, is_rtcp).outcome, Outcome::done);
        ++(is_rtcp ? rtcp : rtp);
      }
      EXPECT_GT(rtp, 1000u);
      std::printf("%s: %u RTP and %u RTCP packets\n", capture.name.c_str(), rtp, rtcp);
    }
  }
}

}  // namespace
}  // namespace demarc::media::srtp
