#include "controlplane/trunks/route_section.h"

#include <algorithm>
#include <map>
#include <set>

#include "controlplane/numbers/rule_sets.h"
#include "controlplane/trunks/trie.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {
namespace {

using contract::RouteConfig;
using contract::RouteSection;
using contract::SectionBuilder;
using contract::TrunkId;
using contract::TrunkNumbers;

class RouteCompiler {
 public:
  RouteCompiler(const config::Config& config, IdMap& ids, uint32_t trunk_count,
                numbers::Databases& databases)
      : config_(config), ids_(ids), trunk_count_(trunk_count), sets_(builder_, databases) {}

  std::vector<std::byte> run() {
    compile_routes();
    compile_numbers();
    return builder_.finish();
  }

 private:
  TrunkId trunk_id(const std::string& name) {
    return TrunkId{static_cast<uint16_t>(ids_.trunks.take(name))};
  }

  // A trunk whose routes have more than prefixes has them in an order of their own.
  static bool has_rules(const config::Route& route) {
    return route.origin.fields.contains("priority") || !route.called.empty() ||
           !route.calling.empty() || !route.calling_prefix.empty();
  }

  // Those of the other trunks stay as in the file.
  std::vector<const config::Route*> ranked(const std::set<std::string>& ruled) const {
    std::vector<const config::Route*> routes;
    for (const config::Route& route : config_.routes) routes.push_back(&route);
    const auto begin = std::stable_partition(
        routes.begin(), routes.end(),
        [&ruled](const config::Route* route) { return !ruled.contains(route->from); });
    std::stable_sort(begin, routes.end(), [](const config::Route* a, const config::Route* b) {
      if (a->priority != b->priority) return a->priority < b->priority;
      return a->prefix.size() > b->prefix.size();
    });
    return routes;
  }

  // What the routes of one trunk are found by.
  struct Rules {
    std::vector<numbers::DigitTries::Item> items;
    std::vector<numbers::RuleSets::Ranked> called;
    std::vector<numbers::RuleSets::Ranked> calling;
  };

  void compile_routes() {
    std::set<std::string> ruled;
    for (const config::Route& route : config_.routes) {
      if (has_rules(route)) ruled.insert(route.from);
    }
    std::vector<contract::TrunkRoutes> by_trunk(trunk_count_, {0xffffffff});
    std::map<std::string, Rules> rules;
    std::vector<RouteConfig> routes;
    TrieBuilder trie;
    for (const config::Route* route : ranked(ruled)) {
      RouteConfig row = row_of(*route);
      const auto rank = static_cast<uint32_t>(routes.size());
      if (ruled.contains(route->from)) {
        add_rule(*route, rank, rules[route->from], row);
      } else {
        uint32_t& root = by_trunk[contract::index_of(row.from)].root;
        if (root == 0xffffffff) root = trie.add_root();
        trie.add(root, route->prefix, rank);
      }
      routes.push_back(row);
    }
    add_rules(rules);
    builder_.section().by_trunk = builder_.array<contract::TrunkRoutes>(by_trunk);
    builder_.section().nodes = builder_.array<contract::TrieNode>(trie.nodes());
    builder_.section().routes = builder_.array<RouteConfig>(routes);
  }

  RouteConfig row_of(const config::Route& route) {
    RouteConfig row;
    row.from = trunk_id(route.from);
    row.to = trunk_id(route.to.front());
    std::vector<TrunkId> then;
    for (size_t i = 1; i < route.to.size(); ++i) then.push_back(trunk_id(route.to[i]));
    row.then = builder_.array<TrunkId>(then);
    row.weights = builder_.array<uint16_t>(route.weights);
    row.hunt = route.hunt;
    row.prefix = builder_.text(route.prefix);
    row.strip = route.strip;
    row.add = builder_.text(route.add);
    row.is_emergency = route.is_emergency ? 1 : 0;
    row.hides_caller = route.hides_caller ? 1 : 0;
    row.caller_id = builder_.text(route.hides_caller ? route.caller_id : "");
    row.condition.calling_prefix = builder_.text(route.calling_prefix);
    row.line = static_cast<uint16_t>(std::min(route.origin.block.line, 0xffffu));
    return row;
  }

  static void add_rule(const config::Route& route, uint32_t rank, Rules& rules, RouteConfig& row) {
    if (!route.calling.empty()) {
      row.condition.calling_pattern = static_cast<uint32_t>(rules.calling.size());
      rules.calling.push_back({route.calling, rank});
    }
    if (!route.called.empty()) {
      rules.called.push_back({route.called, rank});
      return;
    }
    contract::DigitEntry entry;
    entry.rank = rank;
    entry.longest = static_cast<uint8_t>(contract::max_number_length);
    rules.items.push_back({route.prefix, entry});
  }

  void add_rules(std::map<std::string, Rules>& rules) {
    std::vector<contract::TrunkRouteRules> rows(trunk_count_);
    for (auto& [from, parts] : rules) {
      contract::TrunkRouteRules& row = rows[contract::index_of(trunk_id(from))];
      row.is_used = 1;
      row.root = sets_.tries().add(std::move(parts.items));
      row.called_patterns = sets_.add_patterns(parts.called);
      row.calling_patterns = sets_.add_patterns(parts.calling);
    }
    builder_.section().rules = builder_.array<contract::TrunkRouteRules>(rows);
  }

  void compile_numbers() {
    for (const config::NumberTable& table : config_.tables) {
      if (table.rows != nullptr) sets_.add_table(table.name, *table.rows);
    }
    std::vector<TrunkNumbers> rows(trunk_count_);
    for (const config::Trunk& trunk : config_.trunks) {
      TrunkNumbers& row = rows[contract::index_of(trunk_id(trunk.name))];
      row.called_in = sets_.add(trunk.numbers.called_in);
      row.calling_in = sets_.add(trunk.numbers.calling_in);
      row.called_out = sets_.add(trunk.numbers.called_out);
      row.calling_out = sets_.add(trunk.numbers.calling_out);
      row.keeps_extension = trunk.numbers.keeps_extension ? 1 : 0;
    }
    sets_.finish(builder_.section().numbers);
    builder_.section().numbers.trunks = builder_.array<TrunkNumbers>(rows);
  }

  const config::Config& config_;
  IdMap& ids_;
  uint32_t trunk_count_;
  SectionBuilder<RouteSection> builder_{contract::SectionKind::routes, 0};
  numbers::RuleSets sets_;
};

}  // namespace

std::vector<std::byte> compile_route_section(const config::Config& config, IdMap& ids,
                                             uint32_t trunk_count, numbers::Databases* databases) {
  numbers::Databases none;
  return RouteCompiler(config, ids, trunk_count, databases == nullptr ? none : *databases).run();
}

}  // namespace demarc::trunks
