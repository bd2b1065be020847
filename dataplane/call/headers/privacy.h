// What the sender of a message wants kept from strangers (RFC 3323, RFC 3325, RFC 7044), and the
// name that a caller is given because of it.
//
// Pure readings of a received message, used by header_policy.h and by whoever composes From.
#pragma once

#include <string_view>

#include "dataplane/contract/call_policy.h"
#include "sip-parser/address.h"
#include "sip-parser/message.h"
#include "sip-parser/privacy.h"

namespace demarc::call::headers {

struct PrivacyWish {
  bool hides_caller = false;    // user, header, or a From that is anonymous already
  bool hides_history = false;   // hides_caller, session or history
  bool hides_session = false;   // session: where its media is
  bool hides_identity = false;  // hides_caller or id: who is asserted (RFC 3325 section 9.3)
};

// A Privacy that can not be read is taken for every wish at once: showing less does less harm.
// `from` is what its From says.
PrivacyWish privacy_wish(const sip::Message& message, std::string_view datagram,
                         const sip::Address& from);
// Whether the request insists on a kind of privacy that we do not know, and so can not provide: it
// is refused with 500 (RFC 3323 section 5). Those that are known are provided: names and addresses
// of one side are not shown to the other, and the media of who wants that goes through us, whatever
// the trunks say.
bool is_privacy_out_of_reach(const sip::Message& request, std::string_view datagram);
// Of one Privacy value, also of an entry of History-Info.
PrivacyWish wish_of(const sip::Privacy& privacy);

// From of a request as the peer of the other leg is shown it, without the host, which is ours.
struct CallerName {
  std::string_view display_name;  // without quotes, escapes as they stand; empty: none
  bool has_quotes = false;
  std::string_view user;      // empty: none
  bool is_anonymous = false;  // the host is anonymous.invalid (RFC 3323 section 4.1.1.3)
};

// "Anonymous" <sip:anonymous@anonymous.invalid> when the caller is hidden from a peer that is not
// trusted, and when it came without a name already. A trusted peer gets Privacy and keeps to it.
CallerName caller_name(const sip::Message& request, std::string_view datagram,
                       const sip::Address& from, const contract::CallPolicy& to);

// What a caller is called whose number is not to be shown.
CallerName anonymous_caller();

}  // namespace demarc::call::headers
