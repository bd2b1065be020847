// Reassembly: fragments of UDP datagrams put together again, bounded, one table per worker.
//
// RFC 791 section 3.2, RFC 8200 section 4.5; overlapping fragments discard the whole datagram
// (RFC 5722). Fragments are copied into one large buffer at their place; holes are counted in units
// of eight octets. Limits: max_datagrams at once, max_octets each, lifetime; the oldest gives way.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

#include "dataplane/contract/time.h"
#include "dataplane/wire/mbuf_pool.h"
#include "dataplane/wire/packet.h"

namespace demarc::wire {

class Reassembly {
 public:
  static constexpr unsigned max_datagrams = 16;
  static constexpr unsigned max_octets = 16384 - 128;  // IP header, UDP header and payload
  static constexpr contract::Duration lifetime = contract::Duration::seconds(2);

  explicit Reassembly(const MbufPool& large_pool) : pool_(large_pool) {}

  // Takes a frame of kind fragment. Returns the datagram when this was the last piece missing, as
  // a Packet of kind udp or drop that begins with its IP header; otherwise an empty one. Adds to
  // `discarded` the fragments that were given up.
  Packet add(const Packet& fragment, contract::Instant now, unsigned& discarded);

 private:
  struct Entry {
    Packet packet;          // empty: the entry is free
    Frame frame;            // of the fragment that came first
    uint32_t total = 0;     // octets that IP carries; 0: the last fragment has not come
    uint32_t received = 0;  // octets
    uint32_t end = 0;       // of the fragment that reaches farthest
    uint16_t fragments = 0;
    contract::Instant since;
    std::bitset<max_octets / 8 + 1> units;
  };

  Entry* find(const Frame& frame, contract::Instant now, unsigned& discarded);
  static bool copy(Entry& entry, const Packet& fragment);
  static Packet finish(Entry& entry);
  static void discard(Entry& entry, unsigned& discarded);

  MbufPool pool_;
  std::array<Entry, max_datagrams> entries_;
};

}  // namespace demarc::wire
