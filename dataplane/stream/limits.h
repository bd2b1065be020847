// Limits: how much one stream thread takes, and how long it waits. The usual values are those of
// the product; tests take smaller ones.
#pragma once

#include <cstdint>

#include "dataplane/contract/time.h"

namespace demarc::stream {

struct Limits {
  uint32_t connections = 16384;        // of all peers together; at most 65,536
  uint32_t connections_of_one = 8192;  // of one source address
  // Connections that one source address may make: at once, and per second from then on.
  uint32_t accept_burst = 1024;
  uint32_t accepts_per_second = 256;
  // TLS handshakes under way that peers began, of one source. All together have no limit but that
  // of connections: with a lower one slow sources would keep the honest out, whether the newest
  // were refused or the oldest closed.
  uint32_t handshakes_of_one = 200;
  uint32_t accepts_per_turn = 64;  // of one listener
  uint32_t write_octets = 262144;  // that wait on one connection for a peer that reads slowly
  // Read and not yet passed on, or not yet written: on all connections, and on those of one source.
  uint64_t buffered_octets = 256u << 20;
  uint64_t buffered_octets_of_one = 64u << 20;
  uint32_t messages_per_turn = 32;  // of one connection
  uint32_t read_octets = 16384;     // at once
  uint32_t unanswered = 64;         // requests on one connection of which no answer is known

  contract::Duration connect = contract::Duration::seconds(4);
  // 8 s let a segment be lost three times in a row, which then comes after 1 + 2 + 4 s (RFC 6298,
  // decision D94).
  contract::Duration handshake = contract::Duration::seconds(8);
  contract::Duration header = contract::Duration::seconds(8);  // from its first octet to its last
  contract::Duration body = contract::Duration::seconds(8);
  contract::Duration write = contract::Duration::seconds(8);    // without progress
  contract::Duration closing = contract::Duration::seconds(2);  // for the last answer
  // What has begun with a peer that lost our trust may take so long to end: 64*T1.
  contract::Duration leaving = contract::Duration::seconds(32);
  contract::Duration idle = contract::Duration::seconds(900);
  contract::Duration pong = contract::Duration::seconds(10);  // RFC 5626 section 4.4.1
  // A request that got no answer in this time is not known any more: its timer has decided.
  contract::Duration unanswered_age = contract::Duration::seconds(32);
};

}  // namespace demarc::stream
