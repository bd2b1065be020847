// Session fit: whether two peers who have each negotiated with somebody else can be joined without
// a word to one of them (decision D23). A pure comparison of what was said (RFC 3264). Any thread.
#pragma once

#include <string_view>

#include "sip-parser/sdp/sdp.h"

namespace demarc::call::transfers {

// An SDP and its model.
struct Said {
  const sdp::Description& description;
  std::string_view body;
};

// Whether a peer that said `own`, and was last shown what `shown` says, can go on as it is when
// `other` stands behind us instead: the same m-lines on (one that is not there is off), of the same
// protocol and direction, and `other` takes every format that the peer may send, under the same
// number. The peer may send what is both in `shown` and in `own`. Addresses, ports and keys are
// ours in any case.
bool fits(const Said& shown, const Said& own, const Said& other);

// Bit per m-line: whether `shown` put the peer on hold there, so that what the peer then said of
// its direction says nothing of what it can do.
uint16_t held_lines(const Said& shown);

// Makes of an offer what its author would have answered to another offer (RFC 3264 section 6): no
// more m-lines than that has, off where it has the line off, of another kind, with other directions
// left out or without a codec in common; of the formats those that both have, with the author's own
// numbers. Lines of RTP go together with keys or without, since who prints the answer has keys for
// it: where it has none, the line is off beforehand. False when no line is left.
bool narrow(sdp::Description& own, std::string_view own_body, const Said& offer);

}  // namespace demarc::call::transfers
