// Streams: SIP over TCP and TLS (RFC 3261 section 18): listeners, connections, framing, limits and
// deadlines, on kernel sockets whose addresses are on the ports' TAP twins (decision D4). Messages
// go to the workers that own them, and theirs come back, by the lanes (lanes.h, decision D28).
//
// One thread owns it; poll_once() is one turn of its loop. It may allocate, and never waits but in
// that one call. Time is an argument. Where there are several such threads, each has the
// connections of its own peers (shards.h), and the first one accepts for all.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "dataplane/contract/counters.h"
#include "dataplane/steer/owner.h"
#include "dataplane/stream/config.h"
#include "dataplane/stream/connections.h"
#include "dataplane/stream/limits.h"
#include "dataplane/stream/shards.h"

namespace demarc::stream {

class Streams {
 public:
  // Borrows shards and counters for its lifetime. `shard`: which of the threads it is.
  struct Parts {
    Shards& shards;
    contract::StreamCounters& counters;
    steer::Owners owners;
    Limits limits = {};
    unsigned shard = 0;
  };
  explicit Streams(const Parts& parts);
  ~Streams();
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  // False when the kernel gave no epoll.
  bool is_valid() const { return epoll_.is_open(); }

  // Serves by another snapshot: listeners come and go, connections of trunks that left are closed,
  // all others stay; but a peer whose certificate would be refused now, by a new ca, crl or
  // peer_names, keeps its connection for what has begun on it and no longer.
  void adopt(std::shared_ptr<const Config> config, contract::Instant now);

  // One turn: what workers want sent, what sockets have, what is over time. Waits for at most
  // `wait_ms` when there is nothing to do; 0 does not wait. True when it found work.
  bool poll_once(contract::Instant now, int wait_ms);
  // When poll_once() has something to do without being woken; not set when there is nothing.
  contract::Instant next_deadline() const { return connections_.next_deadline(); }
  uint32_t count() const { return connections_.count(); }

 private:
  struct Listener {
    contract::StreamListener config;
    contract::FileDescriptor socket;
  };
  enum class Ending : uint8_t {
    in_order,  // by us or by the peer, with nothing owed
    failed,    // what was awaited on it does not come
  };

  // streams.cc
  uint8_t dscp_of(contract::RealmId realm) const;
  void open_listeners();
  bool has_registered(contract::TrunkId before, contract::TrunkId now) const;
  void judge_again(Connection& connection, contract::Instant now);
  void judge_response(Connection& connection, std::string_view message, contract::Instant now);
  bool open_listener(const contract::StreamListener& config);
  bool serve_again(contract::Instant now);
  void on_event(uint64_t mark, uint32_t events, contract::Instant now);
  void accept_all(const Listener& listener, contract::Instant now);
  void deal(Accepted accepted, contract::Instant now);
  bool take_dealt(contract::Instant now);
  void welcome(Accepted accepted, contract::Instant now);
  bool is_known(const Accepted& accepted) const;
  void serve(Connection& connection, uint32_t events, contract::Instant now);
  void go_on(Connection& connection, contract::Instant now);
  void end(Connection& connection, Ending ending);
  void watch(Connection& connection);
  void count(contract::StreamCounter counter) { parts_.counters.add(counter); }
  // Octets of it that wait in our memory: more, and fewer.
  void hold(Connection& connection, size_t octets) {
    buffered_ += octets;
    *connection.source_octets += octets;
  }
  void let_go(Connection& connection, size_t octets) {
    buffered_ -= octets;
    *connection.source_octets -= octets;
  }
  bool is_memory_full(const Connection& connection) const {
    return buffered_ > parts_.limits.buffered_octets ||
           *connection.source_octets > parts_.limits.buffered_octets_of_one;
  }

  // receive.cc
  void receive(Connection& connection, contract::Instant now);
  void on_gone(Connection& connection, Ending ending);
  bool deliver_all(Connection& connection, contract::Instant now);
  bool deliver(Connection& connection, const sip::Frame& frame, contract::Instant now);
  bool push(contract::WorkerIndex worker, const MessageHead& head, std::string_view octets);
  void settle_alias(Connection& connection, std::string_view message);
  void drain(Connection& connection);
  void on_broken(Connection& connection, const sip::Frame& frame, contract::Instant now);
  MessageHead head_of(const Connection& connection) const;

  // send.cc
  bool take_from_workers(contract::Instant now);
  void send(contract::WorkerIndex worker, const MessageHead& head, std::string_view message,
            contract::Instant now);
  Connection* connection_for(const MessageHead& head, Matter matter, contract::StreamFault& fault,
                             contract::Instant now);
  contract::TrunkId connection_trunk(const MessageHead& head) const;
  Connection* open(const Key& key, contract::TrunkId trunk, contract::StreamFault& fault,
                   contract::Instant now);
  void append(Connection& connection, std::string_view octets, contract::Instant now);
  void flush(Connection& connection, contract::Instant now);
  void tell_lost(const Unanswered::Request& lost, contract::StreamFault fault);

  // deadlines.cc
  void follow_deadline(Connection& connection, contract::Instant now);
  contract::Instant deadline_of(const Connection& connection) const;
  void on_deadline(Connection& connection, contract::Instant now);
  bool may_ask(const Connection& connection) const;
  contract::Duration keepalive_of(const Connection& connection) const;

  Parts parts_;
  Lanes& lanes_;
  std::shared_ptr<const Config> config_;
  contract::FileDescriptor epoll_;
  std::map<std::pair<contract::Endpoint, contract::Transport>, Listener> listeners_;
  Connections connections_;
  std::vector<transaction::StreamId> stalled_;  // that wait for room on a worker's ring
  std::vector<transaction::StreamId> ready_;    // that have more without a word of epoll
  uint64_t buffered_ = 0;                       // octets in all `received` and `waiting`
  std::vector<char> read_buffer_;
};

}  // namespace demarc::stream
