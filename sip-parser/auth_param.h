// The comma-separated parameters behind an auth-scheme: auth-param of RFC 3261 section 25.1.
//
// Used by challenge.cc only; no state beyond the cursor, any thread. Never looks behind the end of
// its span. Linear: a name is compared with an earlier one only when their hashes are equal.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class AuthParamName : uint8_t {
  algorithm,
  charset,
  cnonce,
  domain,
  nc,
  nextnonce,
  nonce,
  opaque,
  qop,
  realm,
  response,
  rspauth,
  stale,
  uri,
  userhash,
  username,
  extended_username,  // username*
  other,
};

struct AuthParam {
  AuthParamName id = AuthParamName::other;
  Span value;  // without quotes when has_quotes
  bool has_quotes = false;
};

// Walks the parameters of `span`. Empty list elements are passed over; they count as parameters
// against max_params, which bounds them too. A value without quotes is a token, that of username*
// an ext-value (RFC 8187 section 3.2.1). A second parameter of one name is a mistake.
class AuthParamCursor {
 public:
  AuthParamCursor(Span span, std::string_view datagram);
  // False at the end and at a mistake; ask failed() for the difference.
  bool next(AuthParam& param);
  bool failed() const { return failed_; }
  ValueError error() const { return error_; }

 private:
  bool fail(ValueError error);
  bool skip_to_param();
  bool read_name(AuthParam& param);
  bool read_quoted(AuthParam& param);
  bool read_token(AuthParam& param);
  bool is_repeated(AuthParamName id, Span name);

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  bool is_first_ = true;
  bool failed_ = false;
  ValueError error_ = ValueError::bad_syntax;
  unsigned count_ = 0;
  uint32_t known_ = 0;  // bit per AuthParamName
  unsigned other_count_ = 0;
  std::array<Span, max_params> other_names_;
  std::array<uint32_t, max_params> other_hashes_;
};

// The end of the quoted-string whose text begins at `position`: its '"'. `end` when it is not
// terminated or holds what RFC 3261 section 25.1 does not let into one.
uint32_t check_quoted(std::string_view datagram, uint32_t position, uint32_t end);

}  // namespace demarc::sip
