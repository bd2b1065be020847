#include "dataplane/stream/streams.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "dataplane/route/account.h"
#include "dataplane/route/route.h"
#include "dataplane/stream/socket_address.h"
#include "dataplane/stream/socket_options.h"

namespace demarc::stream {

using contract::FileDescriptor;
using contract::Instant;
using contract::StreamCounter;
using contract::Transport;

namespace {

// What an epoll event is about: a connection by its name, or one of these.
constexpr uint64_t wakeup_mark = uint64_t{1} << 32;
constexpr uint64_t listener_mark = uint64_t{1} << 33;
constexpr int listen_backlog = 1024;
constexpr unsigned most_events = 256;

bool add_to_epoll(int epoll, int fd, uint64_t mark) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = mark;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Streams::Streams(const Parts& parts)
    : parts_(parts),
      lanes_(parts.shards.lanes(parts.shard)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      connections_(parts.limits),
      read_buffer_(parts.limits.read_octets) {
  if (!add_to_epoll(epoll_.get(), lanes_.descriptor(), wakeup_mark)) epoll_.reset();
}

Streams::~Streams() {
  connections_.for_each([this](Connection& connection) { end(connection, Ending::in_order); });
}

void Streams::adopt(std::shared_ptr<const Config> config, Instant now) {
  const std::shared_ptr<const Config> before = std::exchange(config_, std::move(config));
  // One thread accepts for all: a queue of the kernel for each thread would take what waits in it
  // along when its listener goes, and would deal by ports, which find no connection again.
  if (parts_.shard == 0) open_listeners();
  connections_.for_each([&](Connection& connection) {
    const Key& key = connection.key;
    const contract::TrunkId trunk =
        route::find_source(*config_->snapshot, key.local, key.remote, key.transport).trunk;
    // Trunks that share a source share its connections (D77), also when it becomes the other's.
    const bool was_shared = before != nullptr && trunk != contract::TrunkId::none &&
                            route::speaks_for(*before->snapshot, connection.trunk, trunk);
    const bool is_of_account =
        was_shared || route::speaks_for(*config_->snapshot, trunk, connection.trunk);
    if (is_of_account || has_registered(connection.trunk, trunk)) connection.trunk = trunk;
    if (trunk == connection.trunk) return judge_again(connection, now);
    // Whose it was, it is not any more.
    end(connection, Ending::failed);
  });
}

// Who may register is nobody's yet, or one of several trunks': a binding made or ended may say so.
bool Streams::has_registered(contract::TrunkId before, contract::TrunkId now) const {
  const contract::Snapshot& snapshot = *config_->snapshot;
  const auto takes = [&](contract::TrunkId trunk) {
    return trunk != contract::TrunkId::none && snapshot.has_trunk(trunk) &&
           snapshot.trunk(trunk).takes_registers != 0;
  };
  return takes(before) && takes(now);
}

void Streams::judge_again(Connection& connection, Instant now) {
  const std::shared_ptr<const TlsContext> context =
      connection.key.transport == Transport::tls ? config_->tls_of(connection.trunk) : nullptr;
  const bool is_trusted = context == nullptr || connection.octets.is_trusted_by(*context);
  if (is_trusted && connection.is_distrusted) connection.leave_by = {};
  const bool is_news = !is_trusted && !connection.is_distrusted;
  connection.is_distrusted = !is_trusted;
  if (is_news) {
    count(StreamCounter::distrusted);
    connection.leave_by = now + parts_.limits.leaving;
    const bool has_begun =
        connection.asked.is_set() && now - connection.asked < parts_.limits.leaving;
    if (!has_begun && connection.unanswered.is_empty()) return end(connection, Ending::in_order);
  }
  follow_deadline(connection, now);
}

uint8_t Streams::dscp_of(contract::RealmId realm) const {
  const contract::RealmSection* realms = config_->snapshot->realms;
  const bool is_known = realms != nullptr && contract::index_of(realm) < realms->realms.count;
  return is_known ? config_->snapshot->realm(realm).signalling_dscp : uint8_t{0};
}

void Streams::open_listeners() {
  const contract::TrunkSection& section = *config_->snapshot->trunks;
  const auto wanted = elements(section.header, section.stream_listeners);
  const auto is_wanted = [&](const Listener& listener) {
    return std::find(wanted.begin(), wanted.end(), listener.config) != wanted.end();
  };
  std::erase_if(listeners_, [&](const auto& entry) { return !is_wanted(entry.second); });
  for (const contract::StreamListener& one : wanted) {
    if (listeners_.contains({one.local, one.transport})) continue;
    if (!open_listener(one)) count(StreamCounter::listen_failed);
  }
}

bool Streams::open_listener(const contract::StreamListener& config) {
  const SocketAddress address = socket_address_of(config.local);
  FileDescriptor socket(
      ::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!socket.is_open()) return false;
  make_listener(socket.get(), address.family);
  if (::bind(socket.get(), address.get(), address.length) != 0 ||
      ::listen(socket.get(), listen_backlog) != 0 ||
      !add_to_epoll(epoll_.get(), socket.get(),
                    listener_mark | static_cast<uint64_t>(socket.get()))) {
    return false;
  }
  listeners_[{config.local, config.transport}] = {config, std::move(socket)};
  return true;
}

bool Streams::poll_once(Instant now, int wait_ms) {
  bool is_busy = take_from_workers(now);
  is_busy |= take_dealt(now);
  is_busy |= serve_again(now);
  while (Connection* connection = connections_.due(now)) {
    on_deadline(*connection, now);
    is_busy = true;
  }
  // A worker that is behind is asked again soon; one that is not shall not be waited for.
  if (!stalled_.empty()) wait_ms = std::min(wait_ms, 1);
  if (is_busy || !ready_.empty() || lanes_.sleep()) wait_ms = 0;
  std::array<epoll_event, most_events> events;
  const int found = ::epoll_wait(epoll_.get(), events.data(), most_events, wait_ms);
  lanes_.awake();
  for (int i = 0; i < found; ++i) {
    const epoll_event& event = events[static_cast<unsigned>(i)];
    on_event(event.data.u64, event.events, now);
  }
  return is_busy || found > 0;
}

// Those that have more although epoll does not say so, and those that waited for a worker.
bool Streams::serve_again(Instant now) {
  std::vector<transaction::StreamId> again;
  again.swap(ready_);
  again.insert(again.end(), stalled_.begin(), stalled_.end());
  stalled_.clear();
  for (const transaction::StreamId id : again) {
    Connection* connection = connections_.find(id);
    if (connection == nullptr) continue;
    connection->is_stalled = false;
    serve(*connection, EPOLLIN, now);
  }
  return !again.empty() && stalled_.empty();
}

void Streams::on_event(uint64_t mark, uint32_t events, Instant now) {
  if (mark == wakeup_mark) return;
  if ((mark & listener_mark) != 0) {
    const int fd = static_cast<int>(mark & ~listener_mark);
    for (const auto& [key, listener] : listeners_) {
      if (listener.socket.get() == fd) return accept_all(listener, now);
    }
    return;
  }
  Connection* connection = connections_.find(static_cast<transaction::StreamId>(mark));
  if (connection != nullptr) serve(*connection, events, now);
}

void Streams::accept_all(const Listener& listener, Instant now) {
  for (unsigned i = 0; i < parts_.limits.accepts_per_turn; ++i) {
    sockaddr_storage from{};
    socklen_t length = sizeof from;
    FileDescriptor socket(::accept4(listener.socket.get(), reinterpret_cast<sockaddr*>(&from),
                                    &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket.is_open()) return;
    deal({std::move(socket), listener.config, endpoint_of(from), config_->snapshot->generation},
         now);
  }
}

// A stranger gets nothing, not even a handshake: who may speak is known by address alone.
void Streams::deal(Accepted accepted, Instant now) {
  if (!is_known(accepted)) return count(StreamCounter::unknown_source);
  const unsigned shard = parts_.shards.of(accepted.remote.address);
  if (shard == parts_.shard) return welcome(std::move(accepted), now);
  if (!parts_.shards.handover(shard).put(std::move(accepted))) {
    return count(StreamCounter::not_dealt);
  }
  parts_.shards.lanes(shard).interrupt();
}

bool Streams::take_dealt(Instant now) {
  if (config_ == nullptr) return false;
  std::vector<Accepted> dealt =
      parts_.shards.handover(parts_.shard).take(config_->snapshot->generation);
  for (Accepted& one : dealt) {
    // It may have left the configuration on its way.
    if (is_known(one)) {
      welcome(std::move(one), now);
    } else {
      count(StreamCounter::unknown_source);
    }
  }
  return !dealt.empty();
}

bool Streams::is_known(const Accepted& accepted) const {
  const contract::StreamListener& served = accepted.listener;
  return route::find_source(*config_->snapshot, served.local, accepted.remote, served.transport)
             .trunk != contract::TrunkId::none;
}

void Streams::welcome(Accepted accepted, Instant now) {
  const contract::StreamListener& served = accepted.listener;
  const contract::Endpoint& remote = accepted.remote;
  switch (connections_.judge(remote.address, now)) {
    case Connections::Verdict::too_many:
      return count(StreamCounter::too_many);
    case Connections::Verdict::too_fast:
      return count(StreamCounter::too_fast);
    case Connections::Verdict::welcome:
      break;
  }
  Connection* connection = connections_.take({served.local, remote, served.transport}, now);
  if (connection == nullptr) return count(StreamCounter::too_many);
  count(StreamCounter::accepted);
  count(StreamCounter::connections);
  make_connection(accepted.socket.get(), remote.address.is_v4(), dscp_of(served.realm));
  connection->is_inbound = true;
  connection->trunk =
      route::find_source(*config_->snapshot, served.local, remote, served.transport).trunk;
  connection->realm = served.realm;
  connection->octets = Octets(std::move(accepted.socket));
  go_on(*connection, now);
}

// The kernel has connected it: TLS comes next, if it is to be.
void Streams::go_on(Connection& connection, Instant now) {
  connection.state = Connection::State::open;
  connection.phase_since = connection.heard = connection.blocked_since = now;
  if (connection.key.transport == Transport::tls) {
    const std::shared_ptr<const TlsContext> context = config_->tls_of(connection.trunk);
    connection.state = Connection::State::handshaking;
    // One that we began is one that we wanted.
    if (connection.is_inbound && !connections_.begin_handshake(connection)) {
      count(StreamCounter::too_many_handshakes);
      return end(connection, Ending::failed);
    }
    if (context == nullptr || !connection.octets.secure(context, connection.is_inbound)) {
      count(StreamCounter::handshake_failed);
      return end(connection, Ending::failed);
    }
  }
  serve(connection, EPOLLIN | EPOLLOUT, now);
}

void Streams::serve(Connection& connection, uint32_t events, Instant now) {
  using State = Connection::State;
  if (connection.state == State::connecting) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(connection.octets.descriptor(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0 && (events & EPOLLOUT) == 0) return;
    if (error != 0) {
      count(StreamCounter::connect_failed);
      connection.fault = fault_of(error);
      return end(connection, Ending::failed);
    }
    count(StreamCounter::connected);
    return go_on(connection, now);
  }
  if (connection.state == State::handshaking) {
    switch (connection.octets.handshake()) {
      case Octets::Outcome::blocked:
        watch(connection);
        return follow_deadline(connection, now);
      case Octets::Outcome::done:
        count(StreamCounter::secured);
        if (connection.octets.was_resumed()) count(StreamCounter::resumed);
        connection.state = State::open;
        connections_.end_handshake(connection);
        connection.phase_since = connection.heard = connection.blocked_since = now;
        // It began with a profile that may have been replaced meanwhile.
        judge_again(connection, now);
        if (connection.state != State::open) return;
        break;
      default:
        connection.fault = connection.octets.fault();
        count(connection.octets.is_wrong_name() ? StreamCounter::wrong_name
                                                : StreamCounter::handshake_failed);
        return end(connection, Ending::failed);
    }
  }
  const transaction::StreamId id = connections_.id_of(connection);
  flush(connection, now);
  if (connections_.find(id) == nullptr) return;
  // An error and the peer's end show up in reading; while a worker is behind nothing is read.
  if (connection.is_stalled && (events & (EPOLLERR | EPOLLHUP)) != 0) {
    return on_gone(connection, Ending::failed);
  }
  if (connection.state == State::open && !connection.is_stalled) receive(connection, now);
  if (connections_.find(id) == nullptr) return;
  if (connection.state == State::closing) drain(connection);
  if (connections_.find(id) == nullptr) return;
  watch(connection);
  follow_deadline(connection, now);
}

void Streams::end(Connection& connection, Ending ending) {
  const std::vector<Unanswered::Request> unanswered = connection.unanswered.take();
  const contract::StreamFault fault = connection.fault;
  let_go(connection, connection.received.size() + connection.waiting.size());
  if (ending == Ending::in_order) connection.octets.shut();
  connections_.release(connection);
  parts_.counters.add(StreamCounter::connections, ~uint64_t{0});
  if (!unanswered.empty()) count(StreamCounter::lost);
  for (const Unanswered::Request& one : unanswered) tell_lost(one, fault);
}

void Streams::watch(Connection& connection) {
  using State = Connection::State;
  uint32_t events = 0;
  const bool reads = connection.state == State::open && !connection.is_stalled;
  if (reads || connection.state == State::handshaking || connection.state == State::closing) {
    events |= EPOLLIN;
  }
  const bool writes =
      connection.state == State::connecting || connection.has_waiting() ||
      (connection.state == State::handshaking && connection.octets.waits_for_room());
  if (writes) events |= EPOLLOUT;
  if (events == connection.events) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = static_cast<uint32_t>(connections_.id_of(connection));
  const int how = connection.events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  // One that waits for nothing stays known, so that its breaking is seen.
  if (::epoll_ctl(epoll_.get(), how, connection.octets.descriptor(), &event) != 0 &&
      errno == EEXIST) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.octets.descriptor(), &event);
  }
  connection.events = events;
}

}  // namespace demarc::stream
