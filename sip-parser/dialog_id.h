// Fields that name a dialog by Call-ID and tags: Replaces (RFC 3891 section 6.1), Join (RFC 3911)
// and Target-Dialog (RFC 4538).
//
// Called by call/ on the worker that holds the message; parse_replaces() also reads the Replaces
// that was unescaped out of a Refer-To (refer_to.h). Both tags are there exactly once. A tag "0"
// matches a peer of RFC 2543 that has no tag as well; the look-up knows that. Spans are valid as
// long as the datagram.
#pragma once

#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

// As the sender of the Replaced dialog's messages would write To and From.
struct DialogId {
  Span call_id;
  Span to_tag;
  Span from_tag;
  bool is_early_only = false;  // of Replaces: replace it only while it is early
};

struct TargetDialog {
  Span call_id;
  Span local_tag;  // local to whoever sent the field
  Span remote_tag;
};

Result<DialogId, ValueError> parse_replaces(Span value, std::string_view datagram);
Result<DialogId, ValueError> parse_join(Span value, std::string_view datagram);
Result<TargetDialog, ValueError> parse_target_dialog(Span value, std::string_view datagram);

}  // namespace demarc::sip
