// What workers want sent: over the connection that is there, or a new one.
#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <cerrno>

#include "dataplane/route/account.h"
#include "dataplane/route/route.h"
#include "dataplane/stream/socket_address.h"
#include "dataplane/stream/socket_options.h"
#include "dataplane/stream/streams.h"
#include "sip-parser/cseq.h"
#include "sip-parser/parse.h"
#include "sip-parser/peek.h"
#include "sip-parser/via.h"

namespace demarc::stream {

using contract::FileDescriptor;
using contract::Instant;
using contract::StreamCounter;
using contract::WorkerIndex;

namespace {

constexpr unsigned messages_per_worker = 64;

}  // namespace

bool Streams::take_from_workers(Instant now) {
  bool is_busy = false;
  for (unsigned i = 0; i < lanes_.workers(); ++i) {
    const auto worker = static_cast<WorkerIndex>(i);
    MessageRing& ring = lanes_.of(worker).to_streams;
    for (unsigned taken = 0; taken < messages_per_worker; ++taken) {
      const MessageRing::Message message = ring.front();
      if (message.head == nullptr) break;
      is_busy = true;
      send(worker, *message.head, message.octets, now);
      ring.pop();
    }
  }
  return is_busy;
}

void Streams::send(WorkerIndex worker, const MessageHead& head, std::string_view message,
                   Instant now) {
  contract::StreamFault fault = contract::StreamFault::none;
  const auto peek = sip::peek(message);
  const bool is_request = peek && peek->is_request;
  const Matter matter = is_request ? matter_of(peek->method) : Matter::response;
  Connection* connection = config_ == nullptr ? nullptr : connection_for(head, matter, fault, now);
  if (connection == nullptr) {
    count(StreamCounter::undelivered);
    if (!is_request || peek->method == sip::Method::ack) return;
    return tell_lost({std::string(text(peek->top_via_branch, message)), peek->method, worker, now},
                     fault);
  }
  const Limits& limits = parts_.limits;
  connection->unanswered.note(worker, message, {limits.unanswered, limits.unanswered_age}, now);
  count(StreamCounter::messages_out);
  append(*connection, message, now);
}

// RFC 3261 section 18.2.2 and RFC 5923: the very connection, one to the same place, a new one.
Connection* Streams::connection_for(const MessageHead& head, Matter matter,
                                    contract::StreamFault& fault, Instant now) {
  const transaction::Path& path = head.path;
  const contract::TrunkId trunk = connection_trunk(head);
  if (Connection* connection = connections_.usable_for(path, trunk, matter)) return connection;
  return open({path.local, path.remote, path.transport}, trunk, fault, now);
}

// Trunks with a source in common share its connections: those are of the trunk of its row.
contract::TrunkId Streams::connection_trunk(const MessageHead& head) const {
  const contract::Snapshot& snapshot = *config_->snapshot;
  if (snapshot.trunks->accounts.count == 0) return head.trunk;
  const transaction::Path& path = head.path;
  const contract::TrunkId found =
      route::identify(snapshot, path.local, path.remote, path.transport);
  return route::speaks_for(snapshot, found, head.trunk) ? found : head.trunk;
}

// `fault`: why not, where that is the peer's.
Connection* Streams::open(const Key& key, contract::TrunkId trunk, contract::StreamFault& fault,
                          Instant now) {
  const contract::Snapshot& snapshot = *config_->snapshot;
  if (!snapshot.has_trunk(trunk)) return nullptr;
  const SocketAddress local = socket_address_of({key.local.address, 0});
  const SocketAddress remote = socket_address_of(key.remote);
  FileDescriptor socket(
      ::socket(remote.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!socket.is_open() || local.family != remote.family) return nullptr;
  set_option(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  make_connection(socket.get(), key.remote.address.is_v4(), dscp_of(snapshot.trunk(trunk).realm));
  if (::bind(socket.get(), local.get(), local.length) != 0) {
    count(StreamCounter::connect_failed);
    return nullptr;
  }
  const bool is_connected = ::connect(socket.get(), remote.get(), remote.length) == 0;
  if (!is_connected && errno != EINPROGRESS) {
    fault = fault_of(errno);
    count(StreamCounter::connect_failed);
    return nullptr;
  }
  Connection* connection = connections_.take(key, now);
  if (connection == nullptr) {
    count(StreamCounter::too_many);
    return nullptr;
  }
  count(StreamCounter::connections);
  connection->trunk = trunk;
  connection->realm = snapshot.trunk(trunk).realm;
  connection->octets = Octets(std::move(socket));
  watch(*connection);
  follow_deadline(*connection, now);
  return connection;
}

void Streams::append(Connection& connection, std::string_view octets, Instant now) {
  if (connection.waiting.size() - connection.written + octets.size() > parts_.limits.write_octets) {
    count(StreamCounter::queue_full);
    return end(connection, Ending::failed);
  }
  if (!connection.has_waiting()) connection.blocked_since = now;
  connection.waiting.append(octets);
  hold(connection, octets.size());
  if (connection.state != Connection::State::open &&
      connection.state != Connection::State::closing) {
    return;
  }
  const transaction::StreamId id = connections_.id_of(connection);
  flush(connection, now);
  if (connections_.find(id) == nullptr) return;
  watch(connection);
  follow_deadline(connection, now);
}

void Streams::flush(Connection& connection, Instant now) {
  while (connection.has_waiting()) {
    const Octets::Result result =
        connection.octets.write(std::string_view(connection.waiting).substr(connection.written));
    if (result.outcome == Octets::Outcome::blocked) return;
    if (result.outcome != Octets::Outcome::done) return on_gone(connection, Ending::failed);
    connection.written += result.octets;
    connection.blocked_since = now;
  }
  if (!connection.waiting.empty()) {
    let_go(connection, connection.waiting.size());
    std::string().swap(connection.waiting);
    connection.written = 0;
    // The answer to what broke it is the last that it says.
    if (connection.state == Connection::State::closing) {
      connection.octets.shut();
      connection.is_shut = true;
    }
  }
}

void Streams::tell_lost(const Unanswered::Request& lost, contract::StreamFault fault) {
  MessageHead head;
  head.kind = MessageHead::Kind::undelivered;
  head.method = lost.method;
  head.fault = fault;
  // Without room for it timer B or F decides, as over UDP.
  static_cast<void>(push(lost.worker, head, lost.branch));
}

}  // namespace demarc::stream
