// The examples of sip-parser/digest/README.md: its client answers what its server asks.
#include <gtest/gtest.h>

#include <string>

#include "sip-parser/parse.h"
#include "tests/examples/readme_digest.h"
#include "tests/support/guarded_buffer.h"

namespace demarc {
namespace {

constexpr std::string_view source = "192.0.2.1:5060";
constexpr uint64_t now_ms = 1'000'000;

// What may_pass() says to a REGISTER with these fields; its challenges go to `writer`.
bool may_pass(readme_digest::Guard& guard, std::string_view fields, sip::Writer& writer) {
  const std::string datagram =
      "REGISTER sip:sip.example.net SIP/2.0\r\n" + std::string(fields) + "\r\n";
  const support::GuardedBuffer buffer(datagram, sip::padding_octets, ' ');
  sip::Message message;
  EXPECT_TRUE(sip::parse(buffer.view(), message));
  return readme_digest::may_pass(guard, message, buffer.view(), source, now_ms, writer);
}

TEST(DigestExamples, AuthenticateEachOther) {
  readme_digest::Guard guard;
  guard.policy.realm = "sip.example.net";
  guard.policy.secret = "0123456789abcdef0123456789abcdef";
  char asked_room[2048];
  sip::Writer asked(asked_room);
  ASSERT_FALSE(may_pass(guard, "", asked));

  const std::string refused =
      "SIP/2.0 401 Unauthorized\r\n" + std::string(asked.written()) + "\r\n";
  const support::GuardedBuffer buffer(refused, sip::padding_octets, ' ');
  sip::Message message;
  ASSERT_TRUE(sip::parse(buffer.view(), message));
  digest::Hasher hasher;
  digest::ClientNonce nonce;
  char room[2048];
  sip::Writer answer(room);
  ASSERT_TRUE(readme_digest::answer(hasher, nonce, message, buffer.view(), "c1", answer));

  char rest[2048];
  sip::Writer unused(rest);
  EXPECT_TRUE(may_pass(guard, answer.written(), unused));
  EXPECT_FALSE(may_pass(guard, answer.written(), unused));  // the nonce count was used
}

}  // namespace
}  // namespace demarc
