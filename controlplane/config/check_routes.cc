#include "controlplane/config/check_routes.h"

#include <set>
#include <tuple>

namespace demarc::config {
namespace {

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

class RouteChecker {
 public:
  explicit RouteChecker(Problems& problems) : problems_(problems) {}

  void check(const Route& route) {
    dialled(route, "prefix", route.prefix);
    dialled(route, "add", route.add);
    dialled(route, "calling_prefix", route.calling_prefix);
    pattern(route, "called", route.called);
    pattern(route, "calling", route.calling);
    if (!route.called.empty() && !route.prefix.empty()) {
      error(route, "called", "means nothing beside a prefix: the pattern can hold it");
    }
    check_weights(route);
    check_caller_id(route);
    check_repeated(route);
  }

 private:
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

  void check_weights(const Route& route) {
    if (route.weights.empty()) return;
    const bool has_use = route.hunt == contract::HuntOrder::weighted ||
                         route.hunt == contract::HuntOrder::least_busy;
    if (!has_use) error(route, "weights", "means nothing unless hunt is weighted or least_busy");
    if (route.weights.size() != route.to.size() && !route.to.empty()) {
      error(route, "weights",
            std::to_string(route.weights.size()) + " of them for " +
                std::to_string(route.to.size()) + " trunks");
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
    const bool is_first = seen_
                              .emplace(route.from, route.prefix, route.priority, route.called,
                                       route.calling, route.calling_prefix)
                              .second;
    if (is_first || route.from.empty()) return;
    const bool is_plain =
        route.called.empty() && route.calling.empty() && route.calling_prefix.empty();
    problems_.error(route.origin.block, is_plain
                                            ? "another route from " + quoted(route.from) +
                                                  " has the same prefix " + quoted(route.prefix)
                                            : "another route from " + quoted(route.from) +
                                                  " has the same priority and conditions");
  }

  Problems& problems_;
  std::set<std::tuple<std::string, std::string, uint16_t, std::string, std::string, std::string>>
      seen_;
};

}  // namespace

void check_routes_of(const Config& config, Problems& problems) {
  RouteChecker checker(problems);
  for (const Route& route : config.routes) checker.check(route);
}

}  // namespace demarc::config
