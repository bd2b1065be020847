// Option tags: Supported, Require, Proxy-Require, Unsupported (RFC 3261 sections 20.29, 20.32,
// 20.37, 20.40 and the registry of option tags).
//
// Called by call/ on the worker that holds the message. A whole field is a set of the tags that we
// know by name and a count of the others. OptionTagCursor gives their text, which is what the
// Unsupported field of a 420 is made of (section 8.2.2.3). Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/enum_set.h"
#include "sip-parser/message.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class OptionTag : uint8_t {
  reliable_provisional,      // 100rel, RFC 3262
  early_termination,         // 199, RFC 6228
  answermode,                // RFC 5373
  early_session,             // RFC 3959
  eventlist,                 // RFC 4662
  explicitsub,               // RFC 7614
  from_change,               // RFC 4916
  geolocation_http,          // RFC 6442
  geolocation_sip,           // RFC 6442
  gin,                       // RFC 6140
  gruu,                      // RFC 5627
  histinfo,                  // RFC 7044
  ice,                       // RFC 5768
  join,                      // RFC 3911
  multiple_refer,            // RFC 5368
  norefersub,                // RFC 4488
  nosub,                     // RFC 7614
  outbound,                  // RFC 5626
  path,                      // RFC 3327
  policy,                    // RFC 6794
  precondition,              // RFC 3312
  pref,                      // RFC 3840
  privacy,                   // RFC 3323
  recipient_list_invite,     // RFC 5366
  recipient_list_message,    // RFC 5365
  recipient_list_subscribe,  // RFC 5367
  record_aware,              // RFC 7866
  replaces,                  // RFC 3891
  resource_priority,         // RFC 4412
  sdp_anat,                  // RFC 4092
  sec_agree,                 // RFC 3329
  siprec,                    // RFC 7866
  tdialog,                   // RFC 4538
  timer,                     // RFC 4028
  trickle_ice,               // RFC 8840
  uui,                       // RFC 7433
  other,
};
// "100rel"; empty for `other`.
std::string_view spelling(OptionTag tag);
OptionTag option_tag(std::string_view token);

struct OptionTags {
  EnumSet<OptionTag> known;  // never has `other`
  uint16_t unknown_count = 0;
};

// One field value. An empty one has no tags, as Supported allows.
Result<OptionTags, ValueError> parse_option_tags(Span value, std::string_view datagram);
// All fields of that name together; none is an empty set.
Result<OptionTags, ValueError> option_tags_of(const Message& message, HeaderName name,
                                              std::string_view datagram);

// Walks the tags of one field value.
class OptionTagCursor {
 public:
  OptionTagCursor(Span value, std::string_view datagram)
      : datagram_(datagram), list_(value, datagram) {}
  // False at the end and at a mistake; ask failed() for the difference.
  bool next(OptionTag& tag, Span& token) {
    if (!list_.next(token)) return false;
    tag = option_tag(text(token, datagram_));
    return true;
  }
  bool failed() const { return list_.failed(); }

 private:
  std::string_view datagram_;
  TokenCursor list_;
};

}  // namespace demarc::sip
