// a=fingerprint (RFC 8122 section 5), a=setup and a=connection (RFC 4145 sections 4 and 5): who
// opens a DTLS or TCP connection and what certificate is shown there.
//
// Called by whoever takes up DTLS-SRTP or a stream transport, on the worker that owns the call.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

enum class HashFunction : uint8_t { other, md2, md5, sha1, sha224, sha256, sha384, sha512, count };
HashFunction hash_function(std::string_view text);  // without case
std::string_view spelling(HashFunction function);
// 0 for `other`.
uint8_t hash_octets(HashFunction function);
inline constexpr uint8_t max_hash_octets = 64;

struct Fingerprint {
  HashFunction function = HashFunction::other;
  Span function_text;
  uint8_t octet_count = 0;
  std::array<uint8_t, max_hash_octets> octets{};
};
// <hash function> <pairs of hex digits with ':' between them>, as many as the function gives; of
// `other`, 1 to max_hash_octets. RFC 8122 has hex digits in upper case, both are taken.
Result<Fingerprint, ValueError> parse_fingerprint(Span value, std::string_view body);

enum class Setup : uint8_t { none, active, passive, actpass, holdconn, count };
Result<Setup, ValueError> parse_setup(Span value, std::string_view body);
std::string_view spelling(Setup setup);  // empty for `none`

enum class ConnectionUse : uint8_t { none, fresh, existing, count };  // "new", "existing"
Result<ConnectionUse, ValueError> parse_connection_use(Span value, std::string_view body);
std::string_view spelling(ConnectionUse use);  // empty for `none`

}  // namespace demarc::sdp
