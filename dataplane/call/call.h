// Call: two legs and what joins them. Pointer-free: indexes, ids and spans into its own text, so
// that it can be moved, written out and read back as it is (decision D11). One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/call/bridge_table.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/record.h"
#include "dataplane/contract/time.h"
#include "dataplane/dialog/dialog.h"
#include "dataplane/media/table.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/transaction/path.h"
#include "dataplane/transaction/timer_wheel.h"
#include "dataplane/transaction/transaction.h"

namespace demarc::call {

// m-lines of a call that carry media; further ones are refused in the offer that goes on.
inline constexpr unsigned max_streams = 2;

enum class Side : uint8_t { in = 0, out = 1 };
constexpr Side other(Side side) {
  return side == Side::in ? Side::out : Side::in;
}

struct Stream {
  media::PortPair ports[2];         // [Side]: ours, facing that leg's peer
  media::Table::SlotPair slots[2];  // [Side]: what that leg's peer sends
  uint8_t media_index = 0;          // of the m-line
  bool is_open() const { return slots[0].is_set(); }
};

struct Leg {
  contract::TrunkId trunk = contract::TrunkId::none;
  transaction::Path path;         // the last proven way to the peer
  contract::Endpoint advertised;  // our signalling address as the peer sees it
  transaction::Timing timing;
  transaction::TransactionId invite;  // the initial INVITE's transaction
  uint32_t invite_cseq = 0;           // of the caller's INVITE
  bool is_indexed = false;            // can be found by our tag
  dialog::Dialog dialog;
};

struct Call {
  State state = State::ended;
  uint64_t serial = 0;
  uint64_t generation = 0;  // of the snapshot that routed it
  Leg legs[2];
  dialog::TextBlock text;
  std::array<Stream, max_streams> streams;
  unsigned media_count = 0;  // m-lines of the offer
  uint64_t sdp_id[2] = {};   // session id of o= towards each leg
  uint64_t sdp_version[2] = {};
  uint64_t sdp_hash[2] = {};  // of the peer's SDP that the version stands for
  bool is_audible = true;     // some stream may send; false on hold: silence is no death
  uint32_t media_timeout_ms = 0;
  uint32_t ring_timeout_ms = 0;

  // Responses to the caller: everything but status line, Contact and body, composed once. Given
  // back with the final response.
  memory::DatagramId response_head = memory::DatagramId::none;
  memory::DatagramId answer = memory::DatagramId::none;  // our 2xx until its ACK
  // SDP of the last 18x that had some, as the caller got it: a 2xx without SDP repeats it.
  memory::DatagramId early_answer = memory::DatagramId::none;
  contract::Duration answer_interval;  // before its next retransmission

  transaction::TimerId patience;    // ring or cancel timeout, then that of the ACK
  transaction::TimerId retransmit;  // of our 2xx
  transaction::TimerId supervise;   // once a second

  // For the record.
  bool is_counted = false;  // in the trunks' live counts
  contract::CallEnd end = contract::CallEnd::refused;
  uint16_t status_code = 0;
  uint16_t route_line = 0;
  contract::Instant orphaned;  // since when a trunk of it is not in the configuration any more
  contract::Instant started;
  contract::Instant ringing;
  contract::Instant answered;
  Span calling;
  Span called;
  Span called_sent;
  Span trunk_names[2];  // [Side]: a trunk may leave the configuration before its call ends

  Leg& leg(Side side) { return legs[static_cast<unsigned>(side)]; }
  const Leg& leg(Side side) const { return legs[static_cast<unsigned>(side)]; }
};

// Names of the timers whose owner is a call.
enum class CallTimer : uint8_t { ring, cancel, ack, retransmit_answer, supervise };

}  // namespace demarc::call
