#include "controlplane/config/check_routes.h"

#include <set>

#include "controlplane/config/csv_file.h"
#include "controlplane/config/prefix_lists.h"
#include "controlplane/config/reference.h"

namespace demarc::config {
namespace {

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

bool has_use_for_weights(contract::HuntOrder hunt) {
  return hunt == contract::HuntOrder::weighted || hunt == contract::HuntOrder::least_busy;
}

class RouteChecker {
 public:
  RouteChecker(const Config& config, const Gaps& gaps, Problems& problems)
      : config_(config), gaps_(gaps), problems_(problems) {}

  void run() {
    for (const Trunk& trunk : config_.trunks) {
      check_usages(trunk.origin, trunk.usages);
      refers({"costs", "costs", trunk.origin.of("costs")}, trunk.costs, config_.costs, gaps_,
             problems_);
    }
    for (const Group& group : config_.groups) check(group);
    for (const Route& route : config_.routes) {
      check_callers(route);
      check_trunks(route);
      check(route);
    }
    if (!gaps_.has_lost_blocks) warn();
  }

 private:
  // A trunk or a group of that name; whether there is one.
  bool is_known(const Reference& reference, const std::string& name) {
    if (find_block(config_.groups, name) != nullptr) return true;
    return refers(reference, name, config_.trunks, gaps_, problems_);
  }

  void check_usages(const Origin& origin, const std::vector<std::string>& usages) {
    std::set<std::string> seen;
    for (size_t i = 0; i < usages.size(); ++i) {
      if (seen.insert(usages[i]).second) continue;
      problems_.error(origin.of("usages", i), "usages: " + quoted(usages[i]) + " stands twice");
    }
  }

  void check(const Group& group) {
    if (find_block(config_.trunks, group.name) != nullptr) {
      problems_.error(group.origin.block, "there is a [trunk." + group.name +
                                              "], too: routes could not tell which is meant");
    }
    std::set<std::string> seen;
    for (size_t i = 0; i < group.trunks.size(); ++i) {
      const Position at = group.origin.of("trunks", i);
      refers({"trunks", "trunk", at}, group.trunks[i], config_.trunks, gaps_, problems_);
      if (seen.insert(group.trunks[i]).second) continue;
      problems_.error(at, "trunks: " + quoted(group.trunks[i]) + " stands twice");
    }
    check_weights(group.origin, group.hunt, group.weights, group.trunks.size());
  }

  // Either the caller is named, or what it must be allowed to use.
  void check_callers(const Route& route) {
    check_usages(route.origin, route.usages);
    if (!route.from.empty()) {
      is_known({"from", "trunk", route.origin.of("from")}, route.from);
      for (const std::string& trunk : trunks_of(config_, route.from)) callers_.insert(trunk);
      if (!route.usages.empty()) {
        error(route, "usages", "mean nothing beside `from`: trunks that have the usage may call");
      }
    } else if (!route.usages.empty()) {
      served_.insert(route.usages.begin(), route.usages.end());
    } else if (!route.origin.refused.contains("from") && !gaps_.has_lost_fields) {
      problems_.error(route.origin.block,
                      "field \"from\" is missing: a trunk, a group, or `usages` instead");
    }
  }

  void check_trunks(const Route& route) {
    std::set<std::string> seen;
    bool has_group = false;
    for (size_t i = 0; i < route.to.size(); ++i) {
      const Position at = route.origin.of("to", i);
      is_known({"to", "trunk", at}, route.to[i]);
      has_group = has_group || find_block(config_.groups, route.to[i]) != nullptr;
      for (const std::string& trunk : trunks_of(config_, route.to[i])) {
        if (!seen.insert(trunk).second) {
          problems_.error(at, "to: " + quoted(trunk) + " stands twice");
        }
      }
    }
    if (seen.size() > 1 + contract::max_next_trunks) {
      error(route, "to",
            std::to_string(seen.size()) + " trunks with those of its groups, at most " +
                std::to_string(1 + contract::max_next_trunks));
    }
    if (has_group && route.hunt != contract::HuntOrder::ordered) {
      error(route, "hunt", "means nothing where `to` names a group: the group has its own");
    }
  }

  void warn() {
    for (const Trunk& trunk : config_.trunks) {
      bool is_served = callers_.contains(trunk.name);
      for (size_t i = 0; i < trunk.usages.size(); ++i) {
        if (served_.contains(trunk.usages[i])) {
          is_served = true;
        } else {
          problems_.warn(trunk.origin.of("usages", i),
                         "usages: no [[route]] serves " + quoted(trunk.usages[i]));
        }
      }
      if (is_served) continue;
      problems_.warn(trunk.origin.block,
                     "no [[route]] is from " + quoted(trunk.name) + ": its calls are refused");
    }
  }

  void check(const Route& route) {
    dialled(route, "prefix", route.prefix);
    dialled(route, "add", route.add);
    dialled(route, "calling_prefix", route.calling_prefix);
    refers({"prefixes", "prefixes", route.origin.of("prefixes")}, route.prefixes,
           config_.prefix_lists, gaps_, problems_);
    if (!route.prefixes.empty() && !route.prefix.empty()) {
      error(route, "prefixes", "mean nothing beside a prefix: the list can have it");
    }
    if (!route.prefixes.empty() && !route.called.empty()) {
      error(route, "prefixes", "mean nothing beside a pattern: it can hold them");
    }
    pattern(route, "called", route.called);
    pattern(route, "calling", route.calling);
    if (!route.called.empty() && !route.prefix.empty()) {
      error(route, "called", "means nothing beside a prefix: the pattern can hold it");
    }
    exceptions(route, "except_called", route.except_called);
    exceptions(route, "except_calling", route.except_calling);
    if (route.hours.empty() && !route.time_zone.empty() && !route.origin.fields.contains("hours")) {
      error(route, "time_zone", "means nothing without hours");
    }
    check_weights(route.origin, route.hunt, route.weights, route.to.size());
    check_caller_id(route);
    check_repeated(route);
  }

  void error(const Route& route, std::string_view field, const std::string& what) {
    problems_.error(route.origin.of(field), std::string(field) + ": " + what);
  }

  void dialled(const Route& route, std::string_view field, const std::string& text) {
    if (text.find_first_not_of("0123456789*#+") == std::string::npos) return;
    error(route, field, quoted(text) + " may hold digits, '*', '#' and '+' only");
  }

  void pattern(const Route& route, std::string_view field, const std::string& text) {
    if (text.empty()) return;
    try {
      numbers::check_pattern(text);
    } catch (const numbers::RuleError& mistake) {
      error(route, field, mistake.what());
    }
  }

  void exceptions(const Route& route, std::string_view field,
                  const std::vector<std::string>& patterns) {
    for (size_t i = 0; i < patterns.size(); ++i) {
      try {
        numbers::check_pattern(patterns[i]);
      } catch (const numbers::RuleError& mistake) {
        problems_.error(route.origin.of(field, i), std::string(field) + ": " + mistake.what());
      }
    }
  }

  void check_weights(const Origin& origin, contract::HuntOrder hunt,
                     const std::vector<uint16_t>& weights, size_t trunks) {
    if (weights.empty()) return;
    const Position at = origin.of("weights");
    if (!has_use_for_weights(hunt)) {
      problems_.error(at, "weights: means nothing unless hunt is weighted or least_busy");
    }
    if (weights.size() != trunks && trunks != 0) {
      problems_.error(at, "weights: " + std::to_string(weights.size()) + " of them for " +
                              std::to_string(trunks) + " trunks");
    }
  }

  // Mandatory where the caller is suppressed, and nothing without that.
  void check_caller_id(const Route& route) {
    if (route.hides_caller && route.caller_id.empty()) {
      problems_.error(route.origin.block,
                      "field \"alternate_caller_id\" is missing: suppress_caller_id needs it");
    } else if (!route.caller_id.empty() && !numbers::is_caller_id(route.caller_id)) {
      error(route, "alternate_caller_id",
            quoted(route.caller_id) + " is not a number such as \"+14255550100\" or " +
                "\"+14255550100;ext=7\"");
    }
  }

  void check_repeated(const Route& route) {
    if (!route.prefixes.empty()) return;  // by its list's rows, once they were read
    const bool is_first = seen_.insert(conditions_of(route) + route.prefix).second;
    if (is_first || (route.from.empty() && route.usages.empty())) return;
    const bool is_plain = route.usages.empty() && route.called.empty() && route.calling.empty() &&
                          route.calling_prefix.empty() && route.except_called.empty() &&
                          route.except_calling.empty() && route.headers.empty() &&
                          route.hours.empty();
    const std::string whose =
        route.from.empty() ? std::string("for the same usages") : "from " + quoted(route.from);
    problems_.error(route.origin.block,
                    "another route " + whose +
                        (is_plain ? " has the same prefix " + quoted(route.prefix)
                                  : std::string(" has the same priority and conditions")));
  }

  const Config& config_;
  const Gaps& gaps_;
  Problems& problems_;
  std::set<std::string> callers_;
  std::set<std::string> served_;  // usages
  std::set<std::string> seen_;
};

}  // namespace

void check_routes(const Config& config, const Gaps& gaps, Problems& problems) {
  RouteChecker(config, gaps, problems).run();
}

void read_cost_files(Config& config, Problems& problems) {
  for (Costs& costs : config.costs) {
    read_csv_file(costs, problems, numbers::read_costs);
  }
}

}  // namespace demarc::config
