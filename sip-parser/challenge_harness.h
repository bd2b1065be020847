// What the tests of challenges and credentials share: values, and reading them from guarded memory.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sip-parser/challenge.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::sip {

inline constexpr std::string_view full_challenge =
    "Digest realm=\"sip.example.net\", domain=\"sip:a.example.net sip:b.example.net\",\r\n"
    " nonce=\"f1cec4341ae6\", opaque=\"\", stale=TRUE, algorithm=SHA-512-256-sess,\r\n"
    "\tqop=\"auth, auth-int\", charset=UTF-8, userhash=true, new-one=token, other=\"x,\\\"y\"";

inline constexpr std::string_view minimal =
    "Digest username=\"a\",realm=\"r\",nonce=\"n\",uri=\"sip:x\",response=\"f\"";

template <class T>
using Parser = Result<T, ValueError> (*)(Span, std::string_view);

template <class T>
Result<T, ValueError> guarded(Parser<T> parser, std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, '"');
  return parser({0, static_cast<uint16_t>(value.size())}, buffer.view());
}
inline Result<Challenge, ValueError> challenge(std::string_view value) {
  return guarded<Challenge>(parse_challenge, value);
}
inline Result<Credentials, ValueError> credentials(std::string_view value) {
  return guarded<Credentials>(parse_credentials, value);
}
inline Result<AuthenticationInfo, ValueError> info(std::string_view value) {
  return guarded<AuthenticationInfo>(parse_authentication_info, value);
}

inline std::string with(std::string_view params) {
  return std::string(minimal) + "," + std::string(params);
}
inline std::string challenge_with(std::string_view params) {
  return "Digest realm=\"r\",nonce=\"n\"," + std::string(params);
}

// What all of the grammar's mistakes earn.
inline void expect_bad_challenge(std::string_view value) {
  const Result<Challenge, ValueError> result = challenge(value);
  ASSERT_FALSE(result) << value;
  EXPECT_EQ(result.error(), ValueError::bad_syntax) << value;
}
inline void expect_bad_credentials(std::string_view value) {
  const Result<Credentials, ValueError> result = credentials(value);
  ASSERT_FALSE(result) << value;
  EXPECT_EQ(result.error(), ValueError::bad_syntax) << value;
}

}  // namespace demarc::sip
