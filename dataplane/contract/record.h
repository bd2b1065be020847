// Call records: what a worker leaves behind for each initial INVITE that passed the source screen.
//
// Written into a ring per worker. The reader moves the ring's consumer index only after it has made
// the record durable; while the control plane is away the dataplane's spool thread is the reader.
// (boot id, worker, sequence) names a record for ever, so a reader drops what it already has. A
// call that ends while the ring is full keeps its slot until there is room (decision D73), so that
// a record is never lost for want of it.
#pragma once

#include <cstdint>

#include "dataplane/contract/directory.h"
#include "dataplane/contract/fixed_text.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/media_totals.h"
#include "dataplane/contract/ring.h"

namespace demarc::contract {

enum class CallEnd : uint8_t {
  refused,      // by us, before anybody was called; status_code says how
  failed,       // a final response of the called side was passed
  no_response,  // the called side answered nothing in time
  no_answer,    // it rang too long
  cancelled,    // the caller gave up
  released_by_caller,
  released_by_called,
  released_by_us,   // drained, hung up by command
  lost_peer,        // the caller never acknowledged our answer
  media_silent,     // no media from either side for the time of the trunk
  session_expired,  // a peer did not refresh its session timer (RFC 4028)
  transferred,      // one of the two talks to somebody else now, in a call with its own record
  caller_silent,    // no media from one side, whose trunk says that this is enough
  called_silent,
};
inline constexpr unsigned call_end_count = static_cast<unsigned>(CallEnd::called_silent) + 1;

// Whether a call was part of a transfer, and as what. One that was part of several says the last.
enum class TransferPart : uint8_t {
  none,
  referred,   // a peer of it sent REFER (RFC 3515)
  target,     // made for the REFER of another call, or joined with a leg of it
  replaced,   // an INVITE with Replaces (RFC 3891) took it over, or wanted to
  replacing,  // made by such an INVITE
};

// Why a target was left, or that it was not.
enum class AttemptEnd : uint8_t {
  none,         // it was not: the call goes on there
  answered,     // a 2xx; the call may have ended for other reasons
  refused,      // another final response; status_code says which
  no_response,  // nothing at all until timer B
  no_progress,  // none that counts in failover_ms
  no_answer,    // it rang for ring_timeout_ms
  cancelled,    // the caller gave up
  taken,        // somebody else took the call that rang there (RFC 3891)
  unreachable,  // no connection, or it broke
  limited,      // a limit of its trunk: it was not asked
  dropped,      // by us: hung up, drained, or its offer could not be passed on
};

// One target that was tried.
struct Attempt {
  Endpoint target;
  TrunkId trunk = TrunkId::none;
  uint16_t status_code = 0;  // its final response; 0: none came
  uint16_t cause = 0;        // of ITU-T Q.850, as the response's Reason has it (RFC 3326); 0: none
  uint32_t after_ms = 0;     // begun so long after the call
  AttemptEnd end = AttemptEnd::none;
  uint8_t route = 0;        // which of the record's routes it is of
  uint16_t ringing_ms = 0;  // from its INVITE to its first 18x, at most 65535; 0: none came
};
// Kept of one call: the first ones and, in the last place, the one that it ended with. Those
// between are counted only.
inline constexpr unsigned max_attempts = 8;

// A route of the configuration.
struct RecordRoute {
  FixedText<30> name;  // empty when it has none
  uint16_t file = 0;   // as the files of the rules below
  uint32_t line = 0;   // 0: no route
};
// The one that matched, and those that stand in for it.
inline constexpr unsigned max_record_routes = 4;

struct CallRecord {
  uint64_t boot_id = 0;
  uint64_t sequence = 0;  // of (boot id, worker), from 1, without holes
  WorkerIndex worker = 0;
  CallEnd end = CallEnd::refused;
  uint16_t status_code = 0;  // the final status the caller got; 200 for an answered call
  TrunkId from = TrunkId::none;
  TrunkId to = TrunkId::none;
  uint64_t generation = 0;  // of the snapshot that routed it
  uint64_t revision = 0;    // of the configuration that it was made of; 0: none
  uint64_t started_unix_ns = 0;
  uint64_t ringing_unix_ns = 0;   // first 18x; 0 if none
  uint64_t answered_unix_ns = 0;  // 0 if never
  uint64_t ended_unix_ns = 0;
  FixedText<62> from_name;  // trunk names, since ids change with generations
  FixedText<62> to_name;
  FixedText<62> calling;
  FixedText<62> called;       // as received
  FixedText<62> called_sent;  // as sent to the called side
  FixedText<62> calling_sent;
  // Lines of the rules that rewrote numbers, 0 where none did; those of "out" by the last target.
  uint16_t called_in_line = 0;
  uint16_t calling_in_line = 0;
  uint16_t called_out_line = 0;
  uint16_t calling_out_line = 0;
  uint32_t limits_met = 0;  // bits of LimitMet
  FixedText<126> call_id_in;
  FixedText<30> call_id_out;
  MediaSummary media[2];  // of the m-line that its row of the directory had
  TransferPart transfer = TransferPart::none;
  uint8_t attempt_count = 0;     // may be more than are kept
  uint16_t transfer_status = 0;  // how the transfer ended, as a status code; 0: it did not
  FixedText<62> referred_by;     // the user part of whoever referred; empty when nobody did
  FixedText<62> referred_to;     // and of whom to
  Attempt attempts[max_attempts];
  RecordRoute routes[max_record_routes];
  // In which files of its revision those lines are: 0 is the configuration itself, the others are
  // what it includes, in the order of reading. The rules of "in" are the caller's trunk's.
  uint16_t rules_in_file = 0;
  uint16_t rules_out_file = 0;
  uint8_t route = 0;  // which of its routes was tried last
  uint8_t reserved[3] = {};
  MediaTotals totals[2];  // of all its m-lines
};
static_assert(sizeof(CallRecord) <= 1920);

using RecordRing = Ring<CallRecord>;

// The spool file: a SpoolHeader, then whole CallRecords. Appended by the spool thread and synced
// before the ring forgets; read and emptied by the control plane when it comes back.
struct SpoolHeader {
  uint32_t magic = 0x4c4f5053;  // "SPOL"
  uint16_t layout = 10;
  uint16_t record_octets = sizeof(CallRecord);
};

}  // namespace demarc::contract
