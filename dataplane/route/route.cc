#include "dataplane/route/route.h"

#include <algorithm>

#include "dataplane/number/digit_trie.h"
#include "dataplane/number/patterns.h"
#include "dataplane/number/short_copy.h"

namespace demarc::route {
namespace {

using contract::TrunkId;

constexpr uint32_t none = 0xffffffff;

// `called` without its first `strip` characters and with `add` before it; empty when too long.
Number translate(std::string_view called, uint16_t strip, std::string_view add) {
  Number number;
  called.remove_prefix(std::min<size_t>(strip, called.size()));
  if (add.size() + called.size() > max_number_length) return number;
  number::copy_short(number.octets.data(), add.data(), add.size());
  number::copy_short(number.octets.data() + add.size(), called.data(), called.size());
  number.length = number.digit_length = static_cast<uint8_t>(add.size() + called.size());
  return number;
}

number::Trie trie_of(const contract::RouteSection& section) {
  return {elements(section.header, section.numbers.nodes),
          elements(section.header, section.numbers.entries)};
}

// The first route in order that matches, of a trunk whose routes have more than prefixes.
class RuleSearch {
 public:
  RuleSearch(const contract::Snapshot& snapshot, const Query& query,
             const contract::TrunkRouteRules& rules)
      : snapshot_(snapshot),
        section_(*snapshot.routes),
        patterns_(snapshot.patterns),
        query_(query),
        rules_(rules) {}

  uint32_t run() const {
    // What is no number has no prefix and no pattern.
    const std::string_view digits = query_.is_number ? query_.called : std::string_view{};
    const number::Trie trie = trie_of(section_);
    const number::RankTest test{[](const void* search, uint32_t index) {
                                  return static_cast<const RuleSearch*>(search)->holds(index);
                                },
                                this};
    const uint32_t by_prefix = number::first_match(trie, rules_.root, digits, test);
    for (uint32_t floor = query_.first;;) {
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

  // Ranks are of the section, so a mistake in it leads to no route at most.
  bool holds(uint32_t index) const {
    const auto routes = elements(section_.header, section_.routes);
    if (index < query_.first || index >= routes.size()) return false;
    const Candidate candidate{query_.is_number ? query_.called : std::string_view{}, query_.calling,
                              query_.occasion, rules_.condition_patterns, query_.worker};
    return route::holds(snapshot_, routes[index].condition, candidate);
  }

  const contract::Snapshot& snapshot_;
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
  unsigned length = 0;
  return number::longest_match(trie_of(section), by_trunk[from].root,
                               query.is_number ? query.called : std::string_view{}, length);
}

// The network of that length which the address is in.
contract::IpAddress network_of(const contract::IpAddress& address, unsigned prefix_length) {
  if (prefix_length == 128) return address;
  contract::IpAddress network;
  const unsigned whole = prefix_length / 8;
  std::copy_n(address.octets.begin(), whole, network.octets.begin());
  if (prefix_length % 8 != 0) {
    const auto mask = static_cast<uint8_t>(0xff << (8 - prefix_length % 8));
    network.octets[whole] = address.octets[whole] & mask;
  }
  return network;
}

using Sources = std::span<const contract::SourceConfig>;

// Of the rows of one listener and one length of prefix: the one of that address, or of that address
// and port where there is one.
Source find_source(Sources rows, const contract::Endpoint& remote) {
  const contract::IpAddress network = network_of(remote.address, rows.front().prefix_length);
  auto row = std::lower_bound(rows.begin(), rows.end(), network,
                              [](const contract::SourceConfig& source,
                                 const contract::IpAddress& key) { return source.remote < key; });
  Source found;
  for (; row != rows.end() && row->remote == network; ++row) {
    if (row->remote_port != 0 && row->remote_port != remote.port) continue;
    if (found.trunk == TrunkId::none || row->remote_port != 0) found = {row->trunk, row->use};
  }
  return found;
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
  auto row = std::lower_bound(
      sources.begin(), sources.end(), local,
      [transport](const contract::SourceConfig& source, const contract::Endpoint& key) {
        return source.local == key ? source.transport < transport : source.local < key;
      });
  const auto end = std::partition_point(row, sources.end(), [&](const contract::SourceConfig& s) {
    return s.local == local && s.transport == transport;
  });
  while (row != end) {
    const auto next = std::partition_point(row, end, [&](const contract::SourceConfig& source) {
      return source.prefix_length >= row->prefix_length;
    });
    const Source found = find_source({row, next}, remote);
    if (found.trunk != TrunkId::none) return found;
    row = next;
  }
  return {};
}

}  // namespace demarc::route
