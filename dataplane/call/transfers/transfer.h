// Transfer: one call that a peer hands over, and what takes its place there. Pointer-free, as Call
// is. One worker only.
//
// With REFER the call is that of the transferor and the transferee, and the target is a call that
// we make to whom the REFER names: its "in" leg is nobody until the transferee's moves there. With
// Replaces the target is the call of the INVITE that came: its "out" leg is the dialog of the
// transferee, lent by the call, until that answers. Either way the target is what stays.
#pragma once

#include <cstdint>

#include "dataplane/call/side.h"
#include "dataplane/call/transfers/transfer_table.h"
#include "dataplane/contract/time.h"
#include "dataplane/memory/pool.h"
#include "sip-parser/base/span.h"

namespace demarc::call::transfers {

struct Transfer {
  enum class Kind : uint8_t { refer, replaces };

  TransferState state = TransferState::ended;
  Kind kind = Kind::refer;
  Side transferor = Side::in;  // in `call`: whose peer referred, or is replaced
  uint32_t call = memory::no_index;
  uint32_t target = memory::no_index;
  Side target_side = Side::in;  // in `target`: where the transferee's leg goes
  // Of a target that another worker has: the transferee's leg that asks to join it (away.h).
  uint32_t away = memory::no_index;
  Span replaces;  // of the INVITE to the target, in its text; empty: none
  // The subscription that a REFER makes (RFC 3515 section 2.4.4).
  bool has_subscription = false;
  bool is_reporting = false;  // a NOTIFY is on its way
  uint16_t reported = 0;      // what it says, or the last one said
  uint16_t queued = 0;        // what the next one will say; 0: nothing
  contract::Instant expires;  // when it ends, whatever has become of the transfer
  uint16_t final_status = 0;  // of the target
  uint32_t event_id = 0;      // of the Event field; 0: none, the dialog has had one REFER only
};

}  // namespace demarc::call::transfers
