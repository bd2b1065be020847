// Connections: the table of all connections: by name, by where they lead, by deadline; and how many
// each source has. The stream thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "dataplane/stream/connection.h"
#include "dataplane/stream/limits.h"
#include "sip-parser/method.h"

namespace demarc::stream {

// What a message is to a connection.
enum class Matter : uint8_t {
  response,
  goes_on,  // a request that goes on with something or ends it
  begins,   // any other request
};
constexpr Matter matter_of(sip::Method method) {
  switch (method) {
    case sip::Method::ack:
    case sip::Method::bye:
    case sip::Method::cancel:
    case sip::Method::prack:
      return Matter::goes_on;
    default:
      return Matter::begins;
  }
}

class Connections {
 public:
  explicit Connections(const Limits& limits) : limits_(limits) {}

  // A new one, in state `connecting`; nullptr when there are as many as there may be.
  Connection* take(const Key& key, contract::Instant now);
  // Frees its place; its name is not found again.
  void release(Connection& connection);

  // nullptr when it is gone.
  Connection* find(transaction::StreamId id);
  // The one to that place, by its own end or by an alias of the peer; nullptr when there is none.
  Connection* find(const Key& key);
  // The way for a message of that trunk (RFC 3261 section 18.2.2, RFC 5923): the very connection
  // that the path names, else one to the same place that is not about to end, else, for what has
  // begun, any to a peer that lost our trust: a new one would be refused. nullptr: a new one has to
  // be made. One that is closing takes a last response, but no request: it reads nothing any more,
  // so no answer would come.
  Connection* usable_for(const transaction::Path& path, contract::TrunkId trunk, Matter matter);
  transaction::StreamId id_of(const Connection& connection) const;
  // Requests to `alias` go over this one, unless another is there already.
  void add_alias(Connection& connection, const contract::Endpoint& alias);

  // Whether a source may make one more now: not too many of it, not too fast.
  enum class Verdict : uint8_t { welcome, too_many, too_fast };
  Verdict judge(const contract::IpAddress& source, contract::Instant now);

  // A handshake that a peer began: false when its source has as many under way as it may. It is
  // over by end_handshake() or release().
  [[nodiscard]] bool begin_handshake(Connection& connection);
  void end_handshake(Connection& connection);

  void set_deadline(Connection& connection, contract::Instant deadline);
  // The next whose deadline is over; nullptr when there is none. It keeps it until set again.
  Connection* due(contract::Instant now);
  // Not set when there is none.
  contract::Instant next_deadline() const {
    return deadlines_.empty() ? contract::Instant{} : deadlines_.begin()->first;
  }

  uint32_t count() const { return count_; }
  // Each that there is; what `visit` releases is passed over.
  template <class Visit>
  void for_each(const Visit& visit) {
    for (const auto& slot : slots_) {
      if (slot->state != Connection::State::free) visit(*slot);
    }
  }

 private:
  struct Source {
    uint32_t count = 0;
    uint32_t handshakes = 0;
    uint64_t octets = 0;     // that wait in our memory, on all connections of it
    uint64_t credit_ns = 0;  // each new connection costs a second by the rate
    contract::Instant seen;
  };
  static constexpr unsigned index_bits = 16;
  static constexpr size_t most_sources = 65536;

  Connection* leaving_to(const transaction::Path& path, contract::TrunkId trunk);
  void forget_idle_sources(contract::Instant now);
  uint64_t cost_ns() const { return 1'000'000'000 / limits_.accepts_per_second; }

  Limits limits_;
  std::vector<std::unique_ptr<Connection>> slots_;
  std::deque<uint32_t> free_;  // the longest free first, so that names come again late
  std::map<Key, uint32_t> by_key_;
  std::set<std::pair<contract::Instant, uint32_t>> deadlines_;
  std::map<contract::IpAddress, Source> sources_;
  uint32_t count_ = 0;
};

}  // namespace demarc::stream
