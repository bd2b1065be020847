#include "dataplane/route/route.h"

#include <algorithm>
#include <cstring>

#include "sip-parser/base/ascii.h"

namespace demarc::route {
namespace {

using contract::TrunkId;

constexpr uint32_t none = 0xffffffff;

// The edge of a digit in a trie node; digit_count for anything that is no digit.
unsigned edge_of(char c) {
  if (ascii::is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c == '*') return 10;
  if (c == '#') return 11;
  if (c == '+') return 12;
  return contract::digit_count;
}

// Index of the route of the longest matching prefix; `none` when nothing matches.
uint32_t walk(std::span<const contract::TrieNode> nodes, uint32_t root, std::string_view called) {
  uint32_t found = none;
  uint32_t node = root;
  for (size_t i = 0;; ++i) {
    if (nodes[node].route != none) found = nodes[node].route;
    if (i == called.size()) return found;
    const unsigned edge = edge_of(called[i]);
    if (edge == contract::digit_count || nodes[node].edges[edge] == 0) return found;
    node = nodes[node].edges[edge];
  }
}

// `called` without its first `strip` characters and with `add` before it; empty when too long.
Number translate(std::string_view called, uint16_t strip, std::string_view add) {
  Number number;
  called.remove_prefix(std::min<size_t>(strip, called.size()));
  if (add.size() + called.size() > max_number_length) return number;
  std::memcpy(number.octets.data(), add.data(), add.size());
  std::memcpy(number.octets.data() + add.size(), called.data(), called.size());
  number.length = number.digit_length = static_cast<uint8_t>(add.size() + called.size());
  return number;
}

bool is_within(const contract::IpAddress& address, const contract::IpAddress& network,
               unsigned prefix_length) {
  const unsigned whole = prefix_length / 8;
  if (std::memcmp(address.octets.data(), network.octets.data(), whole) != 0) return false;
  if (prefix_length % 8 == 0) return true;
  const auto mask = static_cast<uint8_t>(0xff << (8 - prefix_length % 8));
  return ((address.octets[whole] ^ network.octets[whole]) & mask) == 0;
}

}  // namespace

Match match(const contract::Snapshot& snapshot, TrunkId from, std::string_view called,
            bool is_number) {
  Match match;
  const contract::RouteSection& section = *snapshot.routes;
  const auto by_trunk = elements(section.header, section.by_trunk);
  if (index_of(from) >= by_trunk.size() || by_trunk[index_of(from)].root == none) return match;
  const uint32_t index =
      walk(elements(section.header, section.nodes), by_trunk[index_of(from)].root,
           is_number ? called : std::string_view{});
  if (index == none) return match;
  const contract::RouteConfig& route = elements(section.header, section.routes)[index];
  match.called = is_number ? translate(called, route.strip, text(section.header, route.add))
                           : translate(called, 0, "");
  if (match.called.length == 0) return match;
  match.to = route.to;
  match.line = route.line;
  match.route = index;
  return match;
}

bool enter(const contract::Snapshot& snapshot, const contract::Region& region, TrunkId from,
           TrunkId to) {
  if (!enter_leg(snapshot, region, from)) return false;
  if (enter_leg(snapshot, region, to)) return true;
  leave_leg(region, from);
  return false;
}

void leave(const contract::Region& region, TrunkId from, TrunkId to) {
  leave_leg(region, from);
  leave_leg(region, to);
}

bool enter_leg(const contract::Snapshot& snapshot, const contract::Region& region, TrunkId trunk) {
  const uint32_t limit = snapshot.trunk(trunk).max_calls;
  const uint32_t before = region.trunk_live(trunk).fetch_add(1, std::memory_order_relaxed);
  if (limit == 0 || before < limit) return true;
  leave_leg(region, trunk);
  return false;
}

void leave_leg(const contract::Region& region, TrunkId trunk) {
  region.trunk_live(trunk).fetch_sub(1, std::memory_order_relaxed);
}

TrunkId identify(const contract::Snapshot& snapshot, const contract::Endpoint& local,
                 const contract::Endpoint& remote, contract::Transport transport) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const auto sources = elements(section.header, section.sources);
  const auto first = std::lower_bound(
      sources.begin(), sources.end(), local,
      [transport](const contract::SourceConfig& row, const contract::Endpoint& key) {
        return row.local == key ? row.transport < transport : row.local < key;
      });
  TrunkId found = TrunkId::none;
  unsigned found_length = 0;
  for (auto row = first; row != sources.end() && row->local == local && row->transport == transport;
       ++row) {
    if (found != TrunkId::none && row->prefix_length < found_length) break;
    if (row->remote_port != 0 && row->remote_port != remote.port) continue;
    if (!is_within(remote.address, row->remote, row->prefix_length)) continue;
    if (found == TrunkId::none || row->remote_port != 0) {
      found = row->trunk;
      found_length = row->prefix_length;
    }
  }
  return found;
}

}  // namespace demarc::route
