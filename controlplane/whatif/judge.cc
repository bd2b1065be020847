#include "controlplane/whatif/judge.h"

#include <algorithm>
#include <stdexcept>

#include "controlplane/config/path.h"
#include "controlplane/trunks/compile.h"
#include "controlplane/whatif/trace_route.h"

namespace demarc::whatif {
namespace {

using config::RoutingTest;

// What neither the file nor anybody here knows: where a name leads, where a PBX registered from.
std::vector<Bound> all_within_reach(const config::Config& config) {
  const contract::Endpoint somewhere{contract::IpAddress::v4(192, 0, 2, 1), 5060};
  std::vector<Bound> bound;
  for (const config::Trunk& trunk : config.trunks) {
    if (trunk.registrar.is_used || trunk.has_names()) bound.push_back({trunk.name, somewhere, 0});
  }
  return bound;
}

// The first one that the call would be sent to; nullptr when there is none.
const TargetStep* first_target(const Trace& trace) {
  if (trace.closed_caller || trace.is_unusable) return nullptr;
  const auto first = std::find_if(trace.targets.begin(), trace.targets.end(),
                                  [](const TargetStep& step) { return !step.called.empty(); });
  return first == trace.targets.end() ? nullptr : &*first;
}

std::string why_refused(const Trace& trace) {
  if (trace.closed_caller) return "its trunk takes no calls";
  if (trace.is_unusable) return "a rule made no number of the called one";
  if (!trace.has_route()) return "no route";
  return "no trunk of its routes takes it";
}

std::string route_of(const RouteStep& route) {
  if (route.name.empty()) return "that of " + route.place;
  return "\"" + route.name + "\", " + route.place;
}

class Run {
 public:
  explicit Run(const config::Config& config)
      : snapshot_(config), bound_(all_within_reach(config)) {}

  void judge(const RoutingTest& test, std::vector<config::Problem>& problems) const {
    const Trace trace = snapshot_.trace(
        {test.from, test.called, test.calling, test.headers, test.at_unix_s, bound_});
    const auto fails = [&](const char* field, const std::string& what) {
      problems.push_back({test.origin.of(field),
                          false,
                          "test." + test.name + " fails: " + std::string(field) + ": " + what,
                          {}});
    };
    if (!trace.mistake.empty()) return fails("headers", trace.mistake);
    const TargetStep* target = first_target(trace);
    if (target == nullptr) {
      if (!test.is_refused) fails("called", "the call is refused: " + why_refused(trace));
      return;
    }
    if (test.is_refused) return fails("refused", "the call goes to \"" + target->trunk + "\"");
    const RouteStep& route = trace.routes[target->route];
    if (!test.trunk.empty() && test.trunk != target->trunk) {
      fails("trunk", "the call goes to \"" + target->trunk + "\" by the route in " + route.place);
    }
    if (!test.route.empty() && test.route != route.name) {
      fails("route", "the call takes " + route_of(route));
    }
    if (!test.number.empty() && test.number != target->called) {
      fails("number", "\"" + target->trunk + "\" is shown \"" + target->called + "\"");
    }
    if (!test.caller.empty() && test.caller != target->calling) {
      const std::string shown = target->calling.empty() ? "nobody" : "\"" + target->calling + "\"";
      fails("caller", "\"" + target->trunk + "\" is shown " + shown);
    }
  }

 private:
  Snapshot snapshot_;
  std::vector<Bound> bound_;
};

// What `apply` would refuse for whatever dataplane runs. The other bounds of a section are those of
// fields, or of blocks that the loader counts.
void fit(const config::Config& config, std::vector<config::Problem>& problems) {
  const auto listed = std::find_if(config.routes.begin(), config.routes.end(),
                                   [](const auto& route) { return !route.prefixes.empty(); });
  if (listed == config.routes.end()) return;
  const std::string refusal = trunks::misfit(config, {}, {});
  if (!refusal.empty()) problems.push_back({listed->origin.of("prefixes"), false, refusal, {}});
}

void run_tests(const config::Config& config, std::vector<config::Problem>& problems) {
  if (config.tests.empty()) return;
  try {
    const Run run(config);
    for (const RoutingTest& test : config.tests) run.judge(test, problems);
  } catch (const std::runtime_error& error) {
    const config::Position at = config.tests.front().origin.block;
    problems.push_back({at, false, std::string("tests can not be run: ") + error.what(), {}});
  }
}

}  // namespace

void judge(config::Loaded& loaded, bool asks_tests) {
  if (!loaded.is_good) return;
  std::vector<config::Problem> failed;
  fit(loaded.config, failed);
  if (failed.empty() && asks_tests) run_tests(loaded.config, failed);
  if (failed.empty()) return;
  loaded.is_good = false;
  config::add_paths(*loaded.tree, failed);
  std::vector<config::Problem>& all = loaded.problems;
  all.insert(all.end(), failed.begin(), failed.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const config::Problem& a, const config::Problem& b) { return a.at < b.at; });
}

}  // namespace demarc::whatif
