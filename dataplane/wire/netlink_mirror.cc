#include "dataplane/wire/netlink_mirror.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "dataplane/wire/interface.h"
#include "dataplane/wire/netlink_attributes.h"

namespace demarc::wire {
namespace {

constexpr contract::Duration ask_interval = contract::Duration::seconds(1);
constexpr int receive_buffer_octets = 4 << 20;
constexpr size_t message_octets = 32768;

// RFC 4861 section 7.3.2, as the kernel names the states.
AdjacencyState state_of(uint16_t kernel_state) {
  if ((kernel_state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP)) != 0) {
    return AdjacencyState::usable;
  }
  if ((kernel_state & NUD_STALE) != 0) return AdjacencyState::stale;
  // Delay and probe: the kernel is asking already, and the address is good until it fails.
  if ((kernel_state & (NUD_DELAY | NUD_PROBE)) != 0) return AdjacencyState::usable;
  if ((kernel_state & NUD_FAILED) != 0) return AdjacencyState::failed;
  return AdjacencyState::unresolved;
}

mnl_socket* open_socket(uint32_t groups) {
  mnl_socket* socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  if (socket == nullptr) return nullptr;
  const int octets = receive_buffer_octets;
  // The forced size needs CAP_NET_ADMIN, which the TAPs need anyway.
  static_cast<void>(
      setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets));
  if (mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) == 0) return socket;
  mnl_socket_close(socket);
  return nullptr;
}

}  // namespace

NetlinkMirror::NetlinkMirror(SharedFib& fib, AdjacencyTable& adjacencies)
    : shared_fib_(fib), adjacencies_(adjacencies) {}

NetlinkMirror::~NetlinkMirror() {
  if (socket_ != nullptr) mnl_socket_close(socket_);
}

int NetlinkMirror::descriptor() const {
  return mnl_socket_get_fd(socket_);
}

bool NetlinkMirror::start(std::span<const MirroredLink> taps, Explanation& why) {
  if (taps.size() > max_links) {
    why.set("netlink: at most %u TAPs", max_links);
    return false;
  }
  for (const MirroredLink& tap : taps) links_[tap_count_++] = tap;
  socket_ = open_socket(RTMGRP_LINK | RTMGRP_NEIGH | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
                        RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
  if (socket_ == nullptr) {
    why.set("netlink: %s", std::strerror(errno));
    return false;
  }
  return dump_all(why);
}

bool NetlinkMirror::dump_all(Explanation& why) {
  needs_dump_ = false;
  mnl_socket* socket = open_socket(0);
  if (socket == nullptr) {
    why.set("netlink: %s", std::strerror(errno));
    return false;
  }
  fib_.clear();
  link_count_ = tap_count_;
  doubt_neighbours();
  bool is_done = true;
  for (const uint16_t type : {RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_GETNEIGH}) {
    is_done = is_done && dump(socket, type);
  }
  if (!is_done) why.set("netlink: a dump failed: %s", std::strerror(errno));
  mnl_socket_close(socket);
  // What the dump itself changed is no reason for another.
  needs_dump_ = !is_done;
  has_changed_ = true;
  if (is_done) publish();
  return is_done;
}

// After lost events a row may be wrong: as stale ones, those in use are asked for again.
void NetlinkMirror::doubt_neighbours() {
  const uint32_t count = adjacencies_.row_count();
  for (uint32_t i = 0; i < count; ++i) {
    const auto index = static_cast<AdjacencyIndex>(i);
    Adjacency row;
    if (!adjacencies_.is_published(index) || !adjacencies_.read(index, row)) continue;
    if (row.state != AdjacencyState::usable) continue;
    row.state = AdjacencyState::stale;
    adjacencies_.write(index, row);
  }
}

bool NetlinkMirror::dump(mnl_socket* socket, uint16_t type) {
  alignas(nlmsghdr) std::array<char, message_octets> buffer{};
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = type;
  request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request->nlmsg_seq = ++sequence_;
  // One fixed header serves all four: family 0, the rest zero.
  mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
  if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0) return false;
  for (;;) {
    const ssize_t length = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
    if (length <= 0) return false;
    int left = static_cast<int>(length);
    auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data());
    for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_seq != sequence_) continue;
      if (message->nlmsg_type == NLMSG_DONE) return true;
      if (message->nlmsg_type == NLMSG_ERROR) return false;
      on_message(*message);
    }
  }
}

void NetlinkMirror::receive(contract::Instant) {
  alignas(nlmsghdr) std::array<char, message_octets> buffer;
  for (;;) {
    const ssize_t length = recv(descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0 && errno == ENOBUFS) {
      // Events are lost: what we know may be wrong, so everything is asked for again.
      needs_dump_ = true;
      ++resyncs_;
      continue;
    }
    if (length <= 0) break;
    int left = static_cast<int>(length);
    auto* message = reinterpret_cast<const nlmsghdr*>(buffer.data());
    for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      on_message(*message);
    }
  }
  Explanation unused;
  // A dump that fails is tried again with the next tick.
  if (needs_dump_) static_cast<void>(dump_all(unused));
  if (has_changed_) publish();
}

void NetlinkMirror::publish() {
  has_changed_ = false;
  shared_fib_.store(fib_);
}

void NetlinkMirror::on_message(const nlmsghdr& message) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return on_link(message);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return on_address(message);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return on_route(message);
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      return on_neighbour(message);
    default:
      return;  // errors answer questions about neighbours that are not there
  }
}

void NetlinkMirror::on_link(const nlmsghdr& message) {
  const auto* header = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(&message));
  const auto index = static_cast<uint32_t>(header->ifi_index);
  const bool is_up = message.nlmsg_type == RTM_NEWLINK && (header->ifi_flags & IFF_UP) != 0;
  for (unsigned i = 0; i < link_count_; ++i) {
    if (links_[i].interface_index != index) continue;
    // The kernel forgets routes of an interface that goes down without a word about each.
    if (links_[i].is_up != is_up) needs_dump_ = true;
    links_[i].is_up = is_up;
    return;
  }
  if (message.nlmsg_type != RTM_NEWLINK) return;
  const VlanLink vlan = read_vlan_link(message);
  const MirroredLink* tap = vlan.id == 0 ? nullptr : link_of(vlan.parent_index);
  if (tap == nullptr || link_count_ == max_links) return;
  MirroredLink& link = links_[link_count_++];
  link = *tap;
  link.interface_index = index;
  link.segment.vlan = vlan.id;
  link.is_up = is_up;
  if (vlan.mac.is_set()) link.mac = vlan.mac;
  // As on the twin itself; best effort, since it is the operator's interface.
  char name[IFNAMSIZ];
  if (if_indextoname(index, name) != nullptr) static_cast<void>(switch_off_forwarding(name));
}

void NetlinkMirror::on_address(const nlmsghdr& message) {
  const KernelAddress kernel = read_address(message);
  const MirroredLink* link = link_of(kernel.interface_index);
  if (link == nullptr || !kernel.address.is_set()) return;
  const SegmentAddress address{kernel.address, link->segment};
  const bool is_held = message.nlmsg_type == RTM_NEWADDR && kernel.is_usable;
  has_changed_ |= is_held ? fib_.add_address(address) : fib_.remove_address(address);
  // Routes that leave with an address are not always told.
  if (message.nlmsg_type == RTM_DELADDR) needs_dump_ = true;
}

void NetlinkMirror::put_route(FibRoute route, uint32_t interface_index, bool is_new) {
  const MirroredLink* link = link_of(interface_index);
  if (link == nullptr) return;
  route.segment = link->segment;
  const bool is_done = is_new ? fib_.add_route(route) : fib_.remove_route(route);
  if (is_new && !is_done) refused_routes_.fetch_add(1, std::memory_order_relaxed);
  has_changed_ |= is_done;
}

void NetlinkMirror::on_route(const nlmsghdr& message) {
  const bool is_new = message.nlmsg_type == RTM_NEWROUTE;
  KernelRoute kernel;
  if (!read_route(message, kernel)) return;
  // A replaced route goes without a message of its own.
  const bool is_event = (message.nlmsg_flags & NLM_F_MULTI) == 0;
  if (is_new && is_event && (message.nlmsg_flags & NLM_F_REPLACE) != 0) needs_dump_ = true;
  for (unsigned i = 0; i < kernel.hop_count; ++i) {
    FibRoute route;
    route.prefix = kernel.prefix;
    route.prefix_length = kernel.prefix_length;
    route.metric = kernel.metric;
    route.gateway = kernel.hops[i].gateway;
    put_route(route, kernel.hops[i].interface_index, is_new);
  }
}

void NetlinkMirror::on_neighbour(const nlmsghdr& message) {
  const KernelNeighbour kernel = read_neighbour(message);
  const MirroredLink* link = link_of(kernel.interface_index);
  if (link == nullptr || !kernel.address.is_set()) return;
  const AdjacencyIndex index = adjacencies_.find(link->segment, kernel.address);
  if (index == AdjacencyIndex::none) return;
  Adjacency row;
  row.state =
      message.nlmsg_type == RTM_NEWNEIGH ? state_of(kernel.state) : AdjacencyState::unresolved;
  row.destination = kernel.mac;
  row.source = link->mac;
  if (row.is_usable() && !row.destination.is_set()) row.state = AdjacencyState::unresolved;
  if (row.destination.is_group()) row.state = AdjacencyState::failed;
  Adjacency before;
  const bool was_usable = adjacencies_.read(index, before) && before.is_usable();
  // A neighbour that was lost just now may be asked for at once.
  if (was_usable && !row.is_usable()) asked_[static_cast<uint32_t>(index)] = {};
  adjacencies_.write(index, row);
}

void NetlinkMirror::resolve(AdjacencyIndex index, contract::Instant now) {
  if (!may_ask(index, now)) return;
  asked_[static_cast<uint32_t>(index)] = now;
  ask_kernel(index);
}

bool NetlinkMirror::may_ask(AdjacencyIndex index, contract::Instant now) const {
  const contract::Instant asked = asked_[static_cast<uint32_t>(index)];
  return !asked.is_set() || now - asked >= ask_interval;
}

void NetlinkMirror::tick(contract::Instant now) {
  if (needs_dump_) receive(now);
  const uint32_t count = adjacencies_.row_count();
  for (uint32_t i = 0; i < count; ++i) {
    const auto index = static_cast<AdjacencyIndex>(i);
    if (!adjacencies_.is_published(index)) continue;
    Adjacency row;
    const bool is_read = adjacencies_.read(index, row);
    // The mark of use is taken only when the kernel is asked, or a held packet would wait in vain.
    if (!is_read || row.state == AdjacencyState::usable || !may_ask(index, now)) continue;
    if (adjacencies_.take_used(index)) resolve(index, now);
  }
}

void NetlinkMirror::ask_kernel(AdjacencyIndex index) {
  const MirroredLink* link = link_of(adjacencies_.segment(index));
  if (link == nullptr) return;
  alignas(nlmsghdr) std::array<char, 256> buffer{};
  const contract::IpAddress& address = adjacencies_.next_hop(index);
  // First "use it", which makes the kernel ask the network when it must; then "tell me", because
  // nothing is said about an entry that is reachable already.
  for (const bool is_question : {false, true}) {
    nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = is_question ? RTM_GETNEIGH : RTM_NEWNEIGH;
    request->nlmsg_flags =
        is_question ? NLM_F_REQUEST : NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
    request->nlmsg_seq = ++sequence_;
    auto* header = static_cast<ndmsg*>(mnl_nlmsg_put_extra_header(request, sizeof(ndmsg)));
    header->ndm_family = address.is_v4() ? AF_INET : AF_INET6;
    header->ndm_ifindex = static_cast<int>(link->interface_index);
    header->ndm_flags = is_question ? 0 : NTF_USE;
    const size_t from = address.is_v4() ? 12 : 0;
    mnl_attr_put(request, NDA_DST, 16 - from, &address.octets[from]);
    static_cast<void>(mnl_socket_sendto(socket_, request, request->nlmsg_len));
  }
}

const MirroredLink* NetlinkMirror::link_of(uint32_t interface_index) const {
  for (unsigned i = 0; i < link_count_; ++i) {
    if (links_[i].interface_index == interface_index) return &links_[i];
  }
  return nullptr;
}

const MirroredLink* NetlinkMirror::link_of(Segment segment) const {
  for (unsigned i = 0; i < link_count_; ++i) {
    if (links_[i].segment == segment) return &links_[i];
  }
  return nullptr;
}

}  // namespace demarc::wire
