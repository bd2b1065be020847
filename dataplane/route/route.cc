#include "dataplane/route/route.h"

#include <algorithm>
#include <cstring>

#include "dataplane/number/digit_trie.h"
#include "dataplane/number/patterns.h"
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

// The first route in order that matches, of a trunk whose routes have more than prefixes.
class RuleSearch {
 public:
  RuleSearch(const contract::Snapshot& snapshot, const Query& query,
             const contract::TrunkRouteRules& rules)
      : section_(*snapshot.routes), patterns_(snapshot.patterns), query_(query), rules_(rules) {}

  uint32_t run() const {
    // What is no number has no prefix and no pattern.
    const std::string_view digits = query_.is_number ? query_.called : std::string_view{};
    const number::Trie trie{elements(section_.header, section_.numbers.nodes),
                            elements(section_.header, section_.numbers.entries)};
    const number::RankTest test{[](const void* search, uint32_t index) {
                                  return static_cast<const RuleSearch*>(search)->holds(index);
                                },
                                this};
    const uint32_t by_prefix = number::first_match(trie, rules_.root, digits, test);
    for (uint32_t floor = 0;;) {
      const uint32_t found = by_pattern(floor, by_prefix);
      if (found == none) return by_prefix;
      if (holds(found)) return found;
      floor = found + 1;
    }
  }

 private:
  // The route of the first called pattern from rank `floor` to before `end`.
  uint32_t by_pattern(uint32_t floor, uint32_t end) const {
    if (rules_.called_patterns == none || patterns_ == nullptr || !query_.is_number) return none;
    const auto sets = elements(section_.header, section_.numbers.pattern_sets);
    const auto rows = elements(section_.header, sets[rules_.called_patterns].patterns);
    const auto id_of = [&rows](uint32_t rank) {
      const auto found = std::lower_bound(
          rows.begin(), rows.end(), rank,
          [](const contract::PatternRow& row, uint32_t key) { return row.rank < key; });
      return static_cast<uint32_t>(found - rows.begin());
    };
    number::Captures captures;
    const uint32_t id = patterns_->find(rules_.called_patterns, query_.worker, query_.called,
                                        id_of(floor), id_of(end), captures);
    return id < rows.size() ? rows[id].rank : none;
  }

  bool holds(uint32_t index) const {
    const contract::RouteCondition& condition =
        elements(section_.header, section_.routes)[index].condition;
    if (!query_.calling.starts_with(text(section_.header, condition.calling_prefix))) return false;
    if (condition.calling_pattern == none) return true;
    number::Captures captures;
    return patterns_ != nullptr && rules_.calling_patterns != none &&
           patterns_->matches(rules_.calling_patterns, query_.worker, condition.calling_pattern,
                              query_.calling, captures);
  }

  const contract::RouteSection& section_;
  const number::Patterns* patterns_;
  const Query& query_;
  const contract::TrunkRouteRules& rules_;
};

// The index of the route; none when nothing matches.
uint32_t find_route(const contract::Snapshot& snapshot, const Query& query) {
  const contract::RouteSection& section = *snapshot.routes;
  const auto rules = elements(section.header, section.rules);
  const auto from = index_of(query.from);
  if (from < rules.size() && rules[from].is_used != 0) {
    return RuleSearch(snapshot, query, rules[from]).run();
  }
  const auto by_trunk = elements(section.header, section.by_trunk);
  if (from >= by_trunk.size() || by_trunk[from].root == none) return none;
  return walk(elements(section.header, section.nodes), by_trunk[from].root,
              query.is_number ? query.called : std::string_view{});
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
  return match(snapshot, {from, called, is_number});
}

Match match(const contract::Snapshot& snapshot, const Query& query) {
  Match match;
  const contract::RouteSection& section = *snapshot.routes;
  const uint32_t index = find_route(snapshot, query);
  if (index >= section.routes.count) return match;
  const contract::RouteConfig& route = elements(section.header, section.routes)[index];
  match.called = query.is_number
                     ? translate(query.called, route.strip, text(section.header, route.add))
                     : translate(query.called, 0, "");
  if (match.called.length == 0) return match;
  match.to = route.to;
  match.line = route.line;
  match.route = index;
  match.is_emergency = route.is_emergency != 0;
  return match;
}

TrunkId identify(const contract::Snapshot& snapshot, const contract::Endpoint& local,
                 const contract::Endpoint& remote, contract::Transport transport) {
  const Source source = find_source(snapshot, local, remote, transport);
  return source.use == contract::SourceUse::registers ? TrunkId::none : source.trunk;
}

Source find_source(const contract::Snapshot& snapshot, const contract::Endpoint& local,
                   const contract::Endpoint& remote, contract::Transport transport) {
  const contract::TrunkSection& section = *snapshot.trunks;
  const auto sources = elements(section.header, section.sources);
  const auto first = std::lower_bound(
      sources.begin(), sources.end(), local,
      [transport](const contract::SourceConfig& row, const contract::Endpoint& key) {
        return row.local == key ? row.transport < transport : row.local < key;
      });
  Source found;
  unsigned found_length = 0;
  for (auto row = first; row != sources.end() && row->local == local && row->transport == transport;
       ++row) {
    if (found.trunk != TrunkId::none && row->prefix_length < found_length) break;
    if (row->remote_port != 0 && row->remote_port != remote.port) continue;
    if (!is_within(remote.address, row->remote, row->prefix_length)) continue;
    if (found.trunk == TrunkId::none || row->remote_port != 0) {
      found = {row->trunk, row->use};
      found_length = row->prefix_length;
    }
  }
  return found;
}

}  // namespace demarc::route
