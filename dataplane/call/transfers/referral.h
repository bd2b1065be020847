// Referral: what a REFER asks for (RFC 3515, RFC 3891 section 6.1, RFC 3892, RFC 4488), or with
// what it is refused. A pure reading of one request; transfer.cc acts on it. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/call/received.h"
#include "sip-parser/dialog_id.h"

namespace demarc::call::transfers {

// Borrows the request and the buffer.
struct Referral {
  // Not 0: refused. 400: no Refer-To or several, or one that can not be read. 416: of a scheme that
  // is none of sip, sips and tel. 603: it asks for another method than INVITE.
  uint16_t status_code = 0;
  std::string_view user;         // whom to call, as it stands in the URI; its host is nobody's
  bool wants_reports = true;     // no Refer-Sub: false
  bool has_replaces = false;     // an attended transfer: the call to take over
  std::string_view replaces;     // its value, decoded
  sip::DialogId dialog;          // over `replaces`
  std::string_view referred_by;  // the user part of Referred-By; empty when there is none
  // The User-to-User header of the Refer-To URI, escaped. All others of it but Replaces are left
  // out: they would make header fields of what a stranger wrote (RFC 3261 section 19.1.5).
  std::string_view user_to_user;
};

// `buffer` takes what is decoded; one of 512 octets is enough for any dialog of ours.
Referral read_referral(const Received& request, std::span<char> buffer);

}  // namespace demarc::call::transfers
