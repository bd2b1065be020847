// Against libsrtp2, packet by packet and both ways. Built where that library is there.
#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include "dataplane/media/srtp/srtp_harness.h"

namespace demarc::media::srtp {
namespace {

void set_policy(Suite suite, srtp_policy_t& policy) {
  switch (suite) {
    case Suite::aead_aes_256_gcm:
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
      break;
    case Suite::aead_aes_128_gcm:
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
      break;
    case Suite::aes_256_cm_hmac_sha1_80:
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtcp);
      break;
    case Suite::aes_256_cm_hmac_sha1_32:
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy.rtcp);
      break;
    case Suite::aes_cm_128_hmac_sha1_80:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
      break;
    case Suite::aes_cm_128_hmac_sha1_32:
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
      break;
  }
}

class Peer {
 public:
  Peer(Suite suite, srtp_ssrc_type_t direction) : key_(some_key(suite)) {
    srtp_policy_t policy = {};
    set_policy(suite, policy);
    policy.ssrc.type = direction;
    policy.key = key_.octets.data();
    policy.window_size = 128;
    is_made_ = srtp_create(&session_, &policy) == srtp_err_status_ok;
  }
  ~Peer() {
    if (is_made_) srtp_dealloc(session_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool is_made() const { return is_made_; }
  Octets pass(Way way, Octets packet, bool is_rtcp) {
    int length = static_cast<int>(packet.size());
    packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
    const auto function = way == Way::protect ? (is_rtcp ? srtp_protect_rtcp : srtp_protect)
                                              : (is_rtcp ? srtp_unprotect_rtcp : srtp_unprotect);
    if (function(session_, packet.data(), &length) != srtp_err_status_ok) return {};
    packet.resize(static_cast<size_t>(length));
    return packet;
  }

 private:
  MasterKey key_;
  srtp_t session_ = nullptr;
  bool is_made_ = false;
};

class BesideLibsrtp : public ::testing::TestWithParam<std::tuple<Suite, Cipher::Kind>> {
 protected:
  static void SetUpTestSuite() { srtp_init(); }
  static void TearDownTestSuite() { srtp_shutdown(); }
};

TEST_P(BesideLibsrtp, BothReadWhatTheOtherWrote) {
  const auto [suite, kind] = GetParam();
  TestContexts test(kind);
  const uint32_t out = test.contexts.open(some_key(suite));
  const uint32_t in = test.contexts.open(some_key(suite));
  Peer sender(suite, ssrc_any_outbound);
  Peer receiver(suite, ssrc_any_inbound);
  if (!sender.is_made()) {
    std::printf("skips a suite that this libsrtp2 does not have\n");
    return;
  }
  for (unsigned i = 0; i < 3000; ++i) {
    const unsigned sequence = (i * 31 + 60'000) & 0xffff;  // through a wrap
    const Octets plain = rtp_packet(sequence, 77, i % 400);
    const auto ours = test.protect(out, plain);
    const Octets theirs = sender.pass(Way::protect, plain, false);
    ASSERT_EQ(ours.octets, theirs) << i;
    ASSERT_EQ(receiver.pass(Way::unprotect, ours.octets, false), plain);
    ASSERT_EQ(test.unprotect(in, theirs).octets, plain);
  }
  for (unsigned i = 0; i < 100; ++i) {
    const Octets plain = rtcp_packet(77, 4 * (i % 50));
    const auto ours = test.protect(out, plain, true);
    const Octets theirs = sender.pass(Way::protect, plain, true);
    ASSERT_EQ(ours.octets.size(), theirs.size());
    ASSERT_EQ(receiver.pass(Way::unprotect, ours.octets, true), plain) << i;
    ASSERT_EQ(test.unprotect(in, theirs, true).octets, plain);
  }
}

INSTANTIATE_TEST_SUITE_P(Suites, BesideLibsrtp,
                         ::testing::Combine(::testing::ValuesIn(all_suites),
                                            ::testing::Values(Cipher::Kind::multi_buffer,
                                                              Cipher::Kind::evp)));

}  // namespace
}  // namespace demarc::media::srtp
