#include "dataplane/media/srtp/derive.h"

#include <gtest/gtest.h>

#include "dataplane/media/srtp/srtp_harness.h"

namespace demarc::media::srtp {
namespace {

class Derivation : public ::testing::TestWithParam<Cipher::Kind> {
 protected:
  Octets derived(Suite suite, const Octets& master, Label label, size_t octets) {
    Octets out(octets);
    derive(cipher_, suite, master, label, out);
    return out;
  }
  Cipher cipher_{GetParam()};
};

// RFC 3711 appendix B.3.
TEST_P(Derivation, GivesTheKeysOfRfc3711) {
  const Octets master = from_hex("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6");
  const Suite suite = Suite::aes_cm_128_hmac_sha1_80;
  EXPECT_EQ(derived(suite, master, Label::rtp_encryption, 16),
            from_hex("c61e7a93744f39ee10734afe3ff7a087"));
  EXPECT_EQ(derived(suite, master, Label::rtp_salt, 14), from_hex("30cbbc08863d8c85d49db34a9ae1"));
  EXPECT_EQ(derived(suite, master, Label::rtp_authentication, 20),
            from_hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
}

// RFC 6188 section 7.2.
TEST_P(Derivation, GivesTheKeysOfRfc6188) {
  const Octets master = from_hex(
      "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6"
      "3b04803de51ee7c96423ab5b78d2");
  const Suite suite = Suite::aes_256_cm_hmac_sha1_80;
  EXPECT_EQ(derived(suite, master, Label::rtp_encryption, 32),
            from_hex("5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4"));
  EXPECT_EQ(derived(suite, master, Label::rtp_salt, 14), from_hex("fa31791685ca444a9e07c6c64e93"));
  EXPECT_EQ(derived(suite, master, Label::rtp_authentication, 20),
            from_hex("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
}

TEST_P(Derivation, AnAeadSaltCountsAsOneWithZerosBehindIt) {
  Octets master(28, 7);
  Octets longer = master;
  longer.resize(30, 0);
  EXPECT_EQ(derived(Suite::aead_aes_128_gcm, master, Label::rtcp_salt, 12),
            derived(Suite::aes_cm_128_hmac_sha1_80, longer, Label::rtcp_salt, 12));
}

INSTANTIATE_TEST_SUITE_P(Ciphers, Derivation,
                         ::testing::Values(Cipher::Kind::multi_buffer, Cipher::Kind::evp));

}  // namespace
}  // namespace demarc::media::srtp
