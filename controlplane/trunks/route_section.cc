#include "controlplane/trunks/route_section.h"

#include <algorithm>

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

  void compile_routes() {
    std::vector<contract::TrunkRoutes> by_trunk(trunk_count_, {0xffffffff});
    std::vector<RouteConfig> routes;
    TrieBuilder trie;
    for (const config::Route& route : config_.routes) {
      RouteConfig row;
      row.from = trunk_id(route.from);
      row.to = trunk_id(route.to.front());
      std::vector<TrunkId> then;
      for (size_t i = 1; i < route.to.size(); ++i) then.push_back(trunk_id(route.to[i]));
      row.then = builder_.array<TrunkId>(then);
      row.prefix = builder_.text(route.prefix);
      row.strip = route.strip;
      row.add = builder_.text(route.add);
      row.line = static_cast<uint16_t>(std::min(route.origin.block.line, 0xffffu));
      uint32_t& root = by_trunk[contract::index_of(row.from)].root;
      if (root == 0xffffffff) root = trie.add_root();
      trie.add(root, route.prefix, static_cast<uint32_t>(routes.size()));
      routes.push_back(row);
    }
    builder_.section().by_trunk = builder_.array<contract::TrunkRoutes>(by_trunk);
    builder_.section().nodes = builder_.array<contract::TrieNode>(trie.nodes());
    builder_.section().routes = builder_.array<RouteConfig>(routes);
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
