// What the parts of the call engine say to one another: which leg, how something is refused, and
// what moves a call. Values of one step. One worker only.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/bridge_table.h"
#include "dataplane/call/received.h"
#include "dataplane/call/side.h"
#include "dataplane/contract/record.h"
#include "dataplane/memory/pool.h"

namespace demarc::call {

// A leg of a live call; not set when there is none. In an early dialog, which one.
struct LegRef {
  uint32_t slot = memory::no_index;
  Side side = Side::in;
  uint32_t early = memory::no_index;
  bool is_set() const { return slot != memory::no_index; }
};

// A dialog as a message from its peer's side names it (RFC 3261 section 12), and whose it must be.
struct DialogName {
  std::string_view call_id;
  std::string_view local_tag;  // ours
  std::string_view remote_tag;
  contract::TrunkId trunk = contract::TrunkId::none;
};

// Whose limits refused a call; called: none where nobody was asked yet.
struct BetweenTrunks {
  contract::TrunkId caller;
  contract::TrunkId called = contract::TrunkId::none;
};

// How a request is refused: 0 when it is not.
struct Refusal {
  uint16_t status_code = 0;
  std::string_view extra = {};  // header field lines
  bool is_passed_over = false;  // another trunk may take the call, whatever the status
};

// With the 500 to what comes beside a request of its own that is under way (RFC 3261 section 14.2).
inline constexpr std::string_view retry_line = "Retry-After: 5\r\n";
// With the 503 of a box that drains: when it may be asked again (RFC 3261 section 20.33). A peer
// that has somewhere else to go takes its calls there for so long.
inline constexpr std::string_view draining_line = "Retry-After: 60\r\n";

// What moves a call.
struct Cause {
  Event event;
  contract::CallEnd end;               // if this ends the call
  uint16_t status_code = 0;            // for pass_* and refuse_in
  const Received* received = nullptr;  // the response, for what it carries
  // Why its target is left, where neither `end` nor the response says it.
  contract::AttemptEnd attempt = contract::AttemptEnd::none;
};

}  // namespace demarc::call
