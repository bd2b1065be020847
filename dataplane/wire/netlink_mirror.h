// NetlinkMirror: addresses, routes and neighbours of our TAPs, as the kernel tells them.
//
// Runs on the punt thread. It subscribes, then dumps; when the kernel's buffer overflows (ENOBUFS)
// it dumps again. It writes the shared Fib and the rows of the AdjacencyTable, asks the kernel to
// resolve what workers miss, and renews the stale neighbours that they use, because the kernel does
// not see the traffic of the fast path. rtnetlink(7), RFC 4861 section 7.3.2 for the states.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "dataplane/contract/time.h"
#include "dataplane/wire/adjacency.h"
#include "dataplane/wire/explanation.h"
#include "dataplane/wire/fib.h"

struct mnl_socket;
struct nlmsghdr;

namespace demarc::wire {

// A TAP, or a VLAN interface of the kernel on one.
struct MirroredLink {
  uint32_t interface_index = 0;
  Segment segment;
  MacAddress mac;
  bool is_up = true;
};

class NetlinkMirror {
 public:
  static constexpr unsigned max_links = 64;

  NetlinkMirror(SharedFib& fib, AdjacencyTable& adjacencies);
  ~NetlinkMirror();
  NetlinkMirror(const NetlinkMirror&) = delete;
  NetlinkMirror& operator=(const NetlinkMirror&) = delete;

  // Opens, subscribes and dumps; addresses and routes are known when it returns.
  [[nodiscard]] bool start(std::span<const MirroredLink> taps, Explanation& why);
  int descriptor() const;
  // Reads what has arrived; never blocks.
  void receive(contract::Instant now);
  // A worker wants this row resolved. Asks the kernel at most once a second per row.
  void resolve(AdjacencyIndex index, contract::Instant now);
  // About once a second: renews used stale rows.
  void tick(contract::Instant now);
  uint64_t resync_count() const { return resyncs_; }
  // Any thread: routes of the kernel that found no room, each time that it told one.
  uint32_t refused_routes() const { return refused_routes_.load(std::memory_order_relaxed); }

 private:
  void on_message(const nlmsghdr& message);
  void on_link(const nlmsghdr& message);
  void on_address(const nlmsghdr& message);
  void on_route(const nlmsghdr& message);
  void on_neighbour(const nlmsghdr& message);
  void put_route(FibRoute route, uint32_t interface_index, bool is_new);
  [[nodiscard]] bool dump_all(Explanation& why);
  [[nodiscard]] bool dump(mnl_socket* socket, uint16_t type);
  void doubt_neighbours();
  void publish();
  bool may_ask(AdjacencyIndex index, contract::Instant now) const;
  void ask_kernel(AdjacencyIndex index);
  const MirroredLink* link_of(uint32_t interface_index) const;
  const MirroredLink* link_of(Segment segment) const;

  SharedFib& shared_fib_;
  AdjacencyTable& adjacencies_;
  mnl_socket* socket_ = nullptr;  // events, and questions about neighbours
  uint32_t sequence_ = 0;
  uint64_t resyncs_ = 0;
  std::atomic<uint32_t> refused_routes_{0};
  unsigned link_count_ = 0;
  unsigned tap_count_ = 0;  // the first of links_
  bool needs_dump_ = false;
  bool has_changed_ = false;
  MirroredLink links_[max_links];
  FibTable fib_;
  contract::Instant asked_[AdjacencyTable::max_rows];
};

}  // namespace demarc::wire
