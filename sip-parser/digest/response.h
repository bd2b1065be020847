// The computations of digest authentication: H(A1), the response, the username hash and the
// response of a server (RFC 7616 sections 3.4.1 to 3.4.4 and 3.5; without qop, RFC 2069).
//
// Called by client.h and server.h, and by who provisions stored H(A1); on the thread that owns the
// Hasher. Nothing is kept. Whatever a quoted-string held is hashed without its escapes: RFC 7616
// hashes the value of a quoted-string, which by RFC 7230 section 3.2.6 is the octet behind the
// backslash of a quoted-pair. A fold, which RFC 7230 does not let there, is one SP.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/challenge.h"
#include "sip-parser/digest/hasher.h"

namespace demarc::digest {

// Who proves to be whom. Plain texts, without quotes or escapes; borrowed.
struct Account {
  std::string_view username;
  // Used where no H(A1) stands below. Never empty then: an empty password is no proof.
  std::string_view password;
  // By Hash: H(username ":" realm ":" password) in hex, for one realm.
  std::array<std::string_view, hash_count> ha1{};
};

// H(A1) of one user in one realm, in hex. It is worth as much as the password there, and is wiped
// when it ends.
class Ha1 {
 public:
  Ha1() = default;
  explicit Ha1(const HashValue& value) : text_(to_hex(value)) {}
  // Both copies are wiped, each at its end.
  ~Ha1();
  Ha1(const Ha1&) = default;
  Ha1& operator=(const Ha1&) = default;
  std::string_view view() const { return text_.view(); }

 private:
  HexText text_;
};

enum class AccountError : uint8_t {
  none,
  no_hash,    // this machine has no such hash function
  no_secret,  // neither H(A1) for this hash nor a password
  bad_ha1,    // a stored H(A1) is not hex of the right length
};

// H(A1) of the account: the stored one, or made from the password. `realm` as it stands between
// quotes, which for one without quotes and backslashes is the realm itself.
[[nodiscard]] AccountError find_ha1(Hasher& hasher, Hash hash, const Account& account,
                                    std::string_view realm, Ha1& ha1);

// What a response is made from. `uri`, `nonce`, `cnonce` as they stand between the quotes.
struct ResponseInput {
  Algorithm algorithm = Algorithm::md5;
  sip::Qop qop = sip::Qop::absent;
  std::string_view method;  // empty for the response of a server (rspauth)
  std::string_view uri;
  std::string_view nonce;
  std::string_view cnonce;
  std::string_view nc;        // the eight digits, as sent
  std::string_view qop_text;  // as sent
  std::string_view body;      // hashed with auth-int only
};

// The response in lower-case hex. The session's A1 is made from the nonce and the cnonce of this
// very request. RFC 7616 section 3.4.2 means those of the first request of the session, which only
// a server with a memory knows; with a cnonce that stays for the life of a nonce, as our client's
// does, the two are the same.
HashValue response_of(Hasher& hasher, const Ha1& ha1, const ResponseInput& input);

// H(username ":" realm), the user plain and the realm as between quotes (RFC 7616 section 3.4.4).
HashValue userhash_of(Hasher& hasher, Hash hash, std::string_view username, std::string_view realm);

// Compared in a time that does not depend on what they hold.
bool is_equal_constant_time(const HashValue& a, const HashValue& b);

}  // namespace demarc::digest
