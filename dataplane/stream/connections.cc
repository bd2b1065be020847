#include "dataplane/stream/connections.h"

#include <algorithm>

namespace demarc::stream {

using contract::Instant;
using transaction::StreamId;

Connection* Connections::take(const Key& key, Instant now) {
  if (count_ >= limits_.connections) return nullptr;
  if (free_.empty() || slots_.size() < limits_.connections) {
    free_.push_front(static_cast<uint32_t>(slots_.size()));
    slots_.push_back(std::make_unique<Connection>());
  }
  const uint32_t index = free_.front();
  free_.pop_front();
  Connection& connection = *slots_[index];
  const auto generation = static_cast<uint16_t>(connection.generation + 1);
  connection = Connection{};
  connection.index = index;
  // Never 0, so that no name is StreamId::none.
  connection.generation = generation == 0 ? uint16_t{1} : generation;
  connection.state = Connection::State::connecting;
  connection.key = key;
  connection.begun = connection.heard = connection.phase_since = now;
  // One that is closing gives its place to the next.
  by_key_.insert_or_assign(key, index);
  Source& source = sources_[key.remote.address];
  ++source.count;
  // It stays where it is, as long as it has a connection.
  connection.source_octets = &source.octets;
  ++count_;
  return &connection;
}

void Connections::release(Connection& connection) {
  const auto drop_key = [&](const Key& key) {
    const auto found = by_key_.find(key);
    if (found != by_key_.end() && found->second == connection.index) by_key_.erase(found);
  };
  drop_key(connection.key);
  if (connection.alias.port != 0) {
    drop_key({connection.key.local, connection.alias, connection.key.transport});
  }
  set_deadline(connection, {});
  end_handshake(connection);
  const auto source = sources_.find(connection.key.remote.address);
  if (source != sources_.end() && source->second.count != 0) --source->second.count;
  --count_;
  const uint32_t index = connection.index;
  const uint16_t generation = connection.generation;
  connection = Connection{};
  connection.index = index;
  connection.generation = generation;
  free_.push_back(index);
}

Connection* Connections::find(StreamId id) {
  const auto name = static_cast<uint32_t>(id);
  const uint32_t index = name & ((1u << index_bits) - 1);
  if (id == StreamId::none || index >= slots_.size()) return nullptr;
  Connection& connection = *slots_[index];
  const bool is_it = connection.state != Connection::State::free &&
                     connection.generation == static_cast<uint16_t>(name >> index_bits);
  return is_it ? &connection : nullptr;
}

Connection* Connections::find(const Key& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : slots_[found->second].get();
}

Connection* Connections::usable_for(const transaction::Path& path, contract::TrunkId trunk,
                                    Matter matter) {
  Connection* connection = find(path.stream);
  // A name may be as old as a call: it must still be of the same peer.
  const bool is_same = connection != nullptr && connection->trunk == trunk &&
                       connection->key.remote.address == path.remote.address &&
                       connection->key.local == path.local;
  const bool is_closing = is_same && connection->state == Connection::State::closing;
  if (is_same && (!is_closing || (matter == Matter::response && !connection->is_shut)))
    return connection;
  connection = find({path.local, path.remote, path.transport});
  const bool is_usable = connection != nullptr && !connection->is_leaving() &&
                         connection->state != Connection::State::closing;
  if (is_usable) return connection;
  return matter == Matter::begins ? nullptr : leaving_to(path, trunk);
}

Connection* Connections::leaving_to(const transaction::Path& path, contract::TrunkId trunk) {
  const contract::IpAddress& address = path.remote.address;
  for (auto next = by_key_.lower_bound({path.local, {address, 0}, {}}); next != by_key_.end();
       ++next) {
    const Key& key = next->first;
    if (key.local != path.local || key.remote.address != address) break;
    Connection& connection = *slots_[next->second];
    const bool is_open = connection.state == Connection::State::open;
    const bool is_its = connection.trunk == trunk && key.transport == path.transport;
    if (is_open && is_its && connection.is_leaving()) return &connection;
  }
  return nullptr;
}

StreamId Connections::id_of(const Connection& connection) const {
  return static_cast<StreamId>(uint32_t{connection.generation} << index_bits | connection.index);
}

void Connections::add_alias(Connection& connection, const contract::Endpoint& alias) {
  const Key key{connection.key.local, alias, connection.key.transport};
  if (by_key_.emplace(key, connection.index).second) connection.alias = alias;
}

// A bucket of credit: full it lets a burst in, and it fills at the rate.
Connections::Verdict Connections::judge(const contract::IpAddress& source, Instant now) {
  if (count_ >= limits_.connections) return Verdict::too_many;
  if (sources_.size() >= most_sources) forget_idle_sources(now);
  if (sources_.size() >= most_sources && !sources_.contains(source)) return Verdict::too_many;
  Source& row = sources_[source];
  const uint64_t full = cost_ns() * limits_.accept_burst;
  const uint64_t passed = row.seen.is_set() ? static_cast<uint64_t>((now - row.seen).ns) : full;
  row.credit_ns = std::min(full, row.credit_ns + passed);
  row.seen = now;
  if (row.count >= limits_.connections_of_one) return Verdict::too_many;
  if (row.credit_ns < cost_ns()) return Verdict::too_fast;
  row.credit_ns -= cost_ns();
  return Verdict::welcome;
}

bool Connections::begin_handshake(Connection& connection) {
  const auto source = sources_.find(connection.key.remote.address);
  if (source == sources_.end() || source->second.handshakes >= limits_.handshakes_of_one) {
    return false;
  }
  ++source->second.handshakes;
  connection.is_half_open = true;
  return true;
}

void Connections::end_handshake(Connection& connection) {
  if (!connection.is_half_open) return;
  connection.is_half_open = false;
  const auto source = sources_.find(connection.key.remote.address);
  if (source != sources_.end()) --source->second.handshakes;
}

void Connections::forget_idle_sources(Instant now) {
  const auto full = static_cast<int64_t>(cost_ns() * limits_.accept_burst);
  std::erase_if(sources_, [&](const auto& entry) {
    return entry.second.count == 0 && (now - entry.second.seen).ns >= full;
  });
}

void Connections::set_deadline(Connection& connection, Instant deadline) {
  if (connection.deadline == deadline) return;
  if (connection.deadline.is_set()) deadlines_.erase({connection.deadline, connection.index});
  connection.deadline = deadline;
  if (deadline.is_set()) deadlines_.emplace(deadline, connection.index);
}

Connection* Connections::due(Instant now) {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return nullptr;
  return slots_[deadlines_.begin()->second].get();
}

}  // namespace demarc::stream
