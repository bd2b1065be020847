// Connection: one connection of a peer with us, and what is known of it. A plain value of the
// Connections table; Streams moves it. The stream thread only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/stream_fault.h"
#include "dataplane/contract/time.h"
#include "dataplane/contract/transport.h"
#include "dataplane/stream/octets.h"
#include "dataplane/stream/unanswered.h"
#include "dataplane/transaction/path.h"
#include "sip-parser/framer.h"

namespace demarc::stream {

// What finds a connection. `local` is the address and port that the trunk serves, whatever port a
// connection of ours has of its own; trunk and TLS profile follow from the two (RFC 5923).
struct Key {
  contract::Endpoint local;
  contract::Endpoint remote;
  contract::Transport transport = contract::Transport::tcp;
  friend auto operator<=>(const Key&, const Key&) = default;
};

struct Connection {
  enum class State : uint8_t {
    free,
    connecting,   // until the kernel says so
    handshaking,  // TLS
    open,
    closing,  // reads no more; what waits to be written is written
  };
  State state = State::free;
  bool is_inbound = false;
  bool is_stalled = false;  // a worker's ring was full: nothing is read until there is room
  bool awaits_pong = false;
  bool is_alias_settled = false;  // its first request was looked at for an alias
  bool is_shut = false;           // the peer was told that nothing more is written
  bool has_heard = false;         // something of its peer came, beside a handshake
  bool is_distrusted = false;     // its peer lost our trust
  bool is_half_open = false;      // its handshake, which the peer began, is under way and counted
  // Why it never came to be what it was made for; told to those whose requests wait on it.
  contract::StreamFault fault = contract::StreamFault::none;
  uint32_t index = 0;       // its place in the table
  uint16_t generation = 0;  // of that place
  contract::TrunkId trunk = contract::TrunkId::none;
  contract::RealmId realm = contract::RealmId::none;
  Key key;                            // remote: the peer's end of this very connection
  uint64_t* source_octets = nullptr;  // that wait on all of its source; of the table
  contract::Endpoint alias;           // where its peer listens; port 0: none
  Octets octets;
  uint32_t events = 0;  // that epoll waits for

  sip::Framer framer;
  std::vector<char> received;  // not yet consumed
  std::string waiting;         // to be written; from `written` on
  size_t written = 0;
  Unanswered unanswered;

  contract::Instant deadline;       // the nearest reason to close it, or to ask for a sign of life
  contract::Instant phase_since;    // of what the framer waits for
  contract::Instant blocked_since;  // nothing could be written
  contract::Instant heard;          // the last octet
  contract::Instant begun;
  contract::Instant asked;     // the last request that came
  contract::Instant leave_by;  // set when its peer lost our trust, or is unavailable: closed then
  contract::Instant pinged;

  // It is there for what has begun on it, and for nothing else of ours.
  bool is_leaving() const { return leave_by.is_set(); }
  bool has_waiting() const { return written < waiting.size(); }
};

}  // namespace demarc::stream
