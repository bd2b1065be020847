// Call history: by whom and why a call was diverted, in the form that the called peer takes.
//
// A part of header_policy.h. Diversion (RFC 5806) and History-Info (RFC 7044) cross with their
// hosts replaced and their order, reasons and indices kept; where the peer takes the other form
// they are converted (RFC 7544). Of the two, when both came, the one that the peer takes is the one
// that counts. Numbers are those that the trunks' number rules make; one that they hide becomes
// anonymous in its place. Of a concealed caller no history crosses. Counters of Diversion are not
// spread into entries of History-Info.
#pragma once

#include "dataplane/call/headers/crossing.h"
#include "dataplane/call/headers/field_view.h"

namespace demarc::call::headers {

inline constexpr unsigned max_history_entries = 16;

// Adds nothing unless the message is an INVITE.
void add_call_history(FieldView& view, const Crossing& crossing);

}  // namespace demarc::call::headers
