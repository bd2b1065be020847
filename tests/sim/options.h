// Options: everything that one seed decides before its run begins. Swarm testing: each seed enables
// a random subset of peer kinds and faults, so that rare combinations get whole runs of their own.
#pragma once

#include <cstdint>
#include <string>

#include "dataplane/contract/call_policy.h"
#include "dataplane/contract/time.h"
#include "dataplane/contract/transport.h"
#include "tests/sim/random.h"

namespace demarc::sim {

// What a peer is like. character.h says what each does.
enum class Kind : uint8_t {
  honest,
  slow,
  deaf,
  forking,
  glaring,
  repeating,
  double_answering,
  storming,
  lying,
  cancelling,
  hasty,            // BYE at a bad moment
  unacknowledging,  // loses its ACKs
  extended,         // 100rel, UPDATE, delayed offers, session timers
  count,
};
inline constexpr unsigned kind_count = static_cast<unsigned>(Kind::count);
std::string_view spelling(Kind kind);

// Per mille of the messages, either way.
struct Faults {
  uint32_t drop = 0;
  uint32_t delay = 0;  // with a heavy tail, up to max_delay
  uint32_t duplicate = 0;
  uint32_t reorder = 0;
  uint32_t truncate = 0;
  bool has_outages = false;  // a trunk's network is silent for a while
};

// Of the trunks that speak TCP or TLS, per mille of the messages if not said otherwise.
struct StreamFaults {
  uint32_t cut = 0;      // of the pieces: a message is cut there
  uint32_t join = 0;     // of the pieces: it arrives together with the one before
  uint32_t reset = 0;    // RST within the message
  uint32_t silence = 0;  // the line is half-open from then on
  uint32_t refuse = 0;   // of the connections that the box makes
  uint32_t close = 0;    // the peer ends the line soon
  uint32_t garbage = 0;  // of what peers send: its Content-Length is none
};

// What the peers and the operator do in some seeds only; a quarter of the seeds has none of it.
// Each draws from sources of its own, so that seeds without it play what they always did.
struct Plays {
  bool has_update = false;  // half of the peers say in Allow that they take UPDATE
  bool cancels_reinvites = false;
  // Reliable provisional responses are each fork's own, PRACK and they bring offers, and both sides
  // send requests in early dialogs.
  bool has_early_offers = false;
  bool forks_differ = false;  // in their SDP
  bool subscribes = false;    // within calls
};

struct Options {
  explicit Options(uint64_t seed);
  contract::Transport transport_of(unsigned trunk) const {
    if ((tcp_trunks >> trunk & 1) == 0) return contract::Transport::udp;
    return (tls_trunks >> trunk & 1) != 0 ? contract::Transport::tls : contract::Transport::tcp;
  }
  bool has(Kind kind) const { return (kinds >> static_cast<unsigned>(kind) & 1) != 0; }
  std::string print() const;

  uint64_t seed = 0;
  uint16_t workers = 1;
  uint16_t trunks = 2;
  uint32_t calls = 0;  // begun by peers before the network heals
  uint32_t kinds = 0;  // bit per Kind
  Faults faults;
  uint32_t tcp_trunks = 0;   // bit per trunk: its peers speak over connections
  uint32_t tls_trunks = 0;   // those of them that say so of TLS
  bool takes_alias = false;  // connections of the peers carry requests of the box (RFC 5923)
  StreamFaults streams;
  bool is_tight = false;        // tables, ports and limits too small for the calls
  bool has_operator = false;    // new snapshots, drains and hang-ups while calls run
  bool has_next_trunk = false;  // routes name a second trunk
  uint16_t targets = 1;         // of each trunk
  uint32_t ring_timeout_ms = 0;
  uint32_t no_response_ms = 0;
  uint32_t media_timeout_ms = 0;  // 0: off
  uint32_t failover_ms = 0;
  contract::Use reliable_provisionals = contract::Use::supported;
  contract::Transfer transfer = contract::Transfer::refused;
  bool has_attended = false;  // REFER may name another call of its trunk
  bool passes_unknown_methods = false;
  bool asks_session_timer = false;
  Plays plays;

  // Sizes of one worker.
  uint32_t call_capacity = 0;
  uint32_t transaction_capacity = 0;
  uint32_t datagram_capacity = 0;
  uint32_t record_capacity = 1024;
  uint16_t media_ports = 0;  // of a realm
  uint32_t max_calls = 0;    // of a trunk; 0: no limit
  // Of every second trunk together, by direction, and of the media of all trunks. 0: no limit.
  uint32_t group_calls_in = 0;
  uint32_t group_calls_out = 0;
  uint32_t group_kbps = 0;

  // T1 and its companions are the defaults of RFC 3261 section 17.1.1.1 everywhere.
  static constexpr contract::Duration t1 = contract::Duration::milliseconds(500);
  static constexpr contract::Duration t2 = contract::Duration::milliseconds(4000);
  static constexpr contract::Duration timer_64_t1 = contract::Duration::milliseconds(32000);
  // A message is never older than that when it arrives. Less than T4, as section 17 presumes.
  static constexpr contract::Duration max_delay = contract::Duration::milliseconds(4000);

  // The phases of ten virtual minutes.
  static constexpr contract::Duration heal_at = contract::Duration::seconds(300);
  static constexpr contract::Duration end_at = contract::Duration::seconds(600);
  // After the faults stopped, everything begun must be over or confirmed: 64*T1 for the longest
  // transaction, 32 s for one that its end begins, and the timeouts of a trunk: a call may ring as
  // long as it may and then be silent as long as it may.
  contract::Duration settle_time() const {
    return timer_64_t1 + contract::Duration::seconds(32) +
           contract::Duration::milliseconds(ring_timeout_ms + media_timeout_ms) + max_delay;
  }
};

}  // namespace demarc::sim
