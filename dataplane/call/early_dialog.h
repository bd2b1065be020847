// EarlyDialog: one of the dialogs that an INVITE of ours makes before it is answered (RFC 3261
// section 12.1). A forked INVITE makes several, each with a To tag of its own, and the caller sees
// each as an early dialog of its own, too. Pointer-free, as Call is. One worker only.
#pragma once

#include <cstdint>

#include "dataplane/call/call.h"
#include "dataplane/contract/time.h"
#include "dataplane/dialog/dialog.h"
#include "dataplane/dialog/offer_answer.h"
#include "dataplane/dialog/text_block.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/transaction/timer_wheel.h"

namespace demarc::call {

struct EarlyDialog {
  uint32_t call = memory::no_index;
  uint32_t next = memory::no_index;  // of the same call
  Span in_tag;                       // ours towards the caller, in the text of the call
  bool is_indexed = false;           // by that tag; not that of a call that has no caller yet
  uint32_t in_remote_cseq = 0;       // of the caller's last request in it
  dialog::Dialog out;                // with the called side, in `text`
  dialog::SmallTextBlock text;
  dialog::OfferState offer[2] = {};  // [Side]
  // The answer that its 18x brought, as the caller got it: a 2xx without SDP repeats it.
  memory::DatagramId answer = memory::DatagramId::none;
  Negotiation negotiation;  // begins as that of the INVITE
  // The offer of the INVITE is answered for good: SDP in further responses to it says nothing new
  // (RFC 3261 section 13.2.1), and answers no UPDATE that is under way.
  bool is_settled() const {
    return answer != memory::DatagramId::none && negotiation.agreed_count[0] != 0;
  }

  // Reliable provisional responses (RFC 3262).
  uint32_t rseq_out = 0;  // the last one of the called side that was taken; 0: none
  uint32_t rseq_in = 0;   // the last one of ours
  // The called side offered in an 18x: its PRACK waits for the answer in the caller's.
  bool owes_prack = false;
  bool is_offer_shown = false;                                   // what waits for PRACK carries SDP
  memory::DatagramId unacknowledged = memory::DatagramId::none;  // ours, until its PRACK
  contract::Instant since;
  contract::Duration interval;  // before it is repeated
  transaction::TimerId repeat;
  // What came meanwhile; it goes on after the PRACK.
  uint16_t queued_status = 0;
  memory::DatagramId queued_body = memory::DatagramId::none;
  memory::DatagramId queued_fields = memory::DatagramId::none;  // of its header, as they cross
};

}  // namespace demarc::call
