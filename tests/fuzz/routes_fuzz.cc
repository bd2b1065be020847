// Number rules and route tables of any content: what was compiled is sound, a number that comes out
// of rules fits, patterns that became a trie decide as PCRE2 does, and the route that a worker
// finds is the first one of a plain list that fits.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>

#include "controlplane/trunks/caller_routes.h"
#include "controlplane/trunks/route_section.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/route/plan.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using config::Route;
using contract::TrunkId;

constexpr unsigned most_rules = 6;
constexpr unsigned most_routes = 12;
constexpr unsigned longest_text = 24;

bool has(const std::string& pattern, std::string_view text) {
  int error = 0;
  PCRE2_SIZE at = 0;
  const std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), 0, &error, &at,
                    nullptr),
      pcre2_code_free);
  if (code == nullptr) return false;
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create(10, nullptr), pcre2_match_data_free);
  const std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  static_cast<void>(pcre2_jit_compile(code.get(), PCRE2_JIT_COMPLETE));
  pcre2_set_match_limit(limits.get(), number::max_match_steps);
  return pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0,
                     match.get(), limits.get()) >= 0;
}

std::string dialled(Script& script) {
  constexpr std::string_view symbols = "0123456789*#+";
  std::string digits;
  for (const char octet : script.piece(longest_text)) {
    digits += symbols[static_cast<unsigned char>(octet) % symbols.size()];
  }
  return digits;
}

// A good pattern, or none.
std::string pattern_of(Script& script) {
  std::string pattern(script.piece(longest_text));
  try {
    numbers::check_pattern(pattern);
  } catch (const numbers::RuleError&) {
    return {};
  }
  return pattern;
}

std::vector<numbers::Rule> rules_of(Script& script) {
  std::vector<numbers::Rule> rules;
  for (unsigned left = script.below(most_rules); left != 0; --left) {
    try {
      numbers::Rule rule = numbers::parse_rule(script.piece(2 * longest_text));
      if (rule.table.empty()) rules.push_back(std::move(rule));
    } catch (const numbers::RuleError&) {
      continue;
    }
  }
  return rules;
}

Route route_of(Script& script, uint32_t line) {
  Route route;
  const unsigned kind = script.octet();
  if ((kind & 1) != 0) {
    route.from = "a";
  } else {
    route.usages = {(kind & 2) != 0 ? "x" : "y"};
  }
  route.to = {"b"};
  route.origin.block.line = line;
  route.priority = static_cast<uint16_t>(script.below(3));
  route.is_emergency = (kind & 4) != 0;
  if ((kind & 8) != 0) route.called = pattern_of(script);
  if (route.called.empty()) route.prefix = dialled(script);
  if ((kind & 16) != 0) route.calling_prefix = dialled(script);
  if ((kind & 32) != 0) route.calling = pattern_of(script);
  if ((kind & 64) != 0) {
    const std::string exception = pattern_of(script);
    if (!exception.empty()) route.except_called = {exception};
  }
  return route;
}

config::Config config_of(Script& script) {
  config::Config config;
  for (const char* name : {"a", "b"}) {
    config::Trunk& trunk = config.trunks.emplace_back();
    trunk.name = name;
    trunk.numbers.called_in = rules_of(script);
    trunk.numbers.calling_out = rules_of(script);
  }
  config.trunks[0].usages = {"x", "y"};
  for (unsigned left = script.below(most_routes); left != 0; --left) {
    config.routes.push_back(route_of(script, static_cast<uint32_t>(config.routes.size() + 1)));
  }
  return config;
}

bool fits(const trunks::PlacedRoute& placed, std::string_view called, std::string_view calling) {
  const Route& route = *placed.route;
  if (placed.is_front && route.called.empty() && called != route.prefix) return false;
  if (!route.called.empty() && !has(route.called, called)) return false;
  if (!called.starts_with(route.prefix) || !calling.starts_with(route.calling_prefix)) return false;
  if (!route.calling.empty() && !has(route.calling, calling)) return false;
  return route.except_called.empty() || !has(route.except_called.front(), called);
}

// The line of the route that a plain search finds; 0 when there is none.
uint32_t line_by_hand(const config::Config& config, std::string_view called,
                      std::string_view calling) {
  for (const trunks::CallerRoutes& list : trunks::caller_routes(config)) {
    if (list.trunks.front() != "a") continue;
    const Route* found = nullptr;
    for (const trunks::PlacedRoute& placed : list.routes) {
      if (!fits(placed, called, calling)) continue;
      if (list.is_ruled) return placed.route->origin.block.line;
      if (found == nullptr || placed.route->prefix.size() > found->prefix.size()) {
        found = placed.route;
      }
    }
    return found == nullptr ? 0 : found->origin.block.line;
  }
  return 0;
}

// The rank of the first rule that a plain search finds.
uint32_t rule_by_hand(const std::vector<numbers::Rule>& rules, const number::Number& number) {
  for (uint32_t rank = 0; rank < rules.size(); ++rank) {
    const numbers::Rule& rule = rules[rank];
    if (has(rule.pattern, rule.sees_parameters ? number.view() : number.digits())) return rank;
  }
  return contract::no_row;
}

void run(Script& script) {
  const config::Config config = config_of(script);
  trunks::IdMap ids;
  const TrunkId a{static_cast<uint16_t>(ids.trunks.take("a"))};
  const TrunkId b{static_cast<uint16_t>(ids.trunks.take("b"))};
  const auto blob = trunks::compile_route_section(config, ids, 2, nullptr);
  contract::SectionBounds bounds;
  bounds.trunks = 2;
  DEMARC_CHECK(contract::check_section(blob, bounds) == contract::SectionError::none);
  contract::Snapshot snapshot;
  snapshot.routes = reinterpret_cast<const contract::RouteSection*>(blob.data());
  const auto store = number::PatternStore::build(*snapshot.routes, 1, nullptr);
  DEMARC_CHECK(store != nullptr);
  snapshot.patterns = &store->patterns();
  for (unsigned i = 0; i < 8; ++i) {
    route::Dialled dialled_number;
    dialled_number.from = a;
    const std::string called = dialled(script);
    if (!number::read_text(called, dialled_number.called)) continue;
    if (!number::read_text(dialled(script), dialled_number.calling)) dialled_number.calling = {};
    const route::Plan plan = route::plan(snapshot, 0, dialled_number);
    DEMARC_CHECK(plan.called.length <= contract::max_number_length);
    DEMARC_CHECK(plan.called_rule.rule ==
                 rule_by_hand(config.trunks[0].numbers.called_in, dialled_number.called));
    const route::Shown shown = route::calling_for(snapshot, 0, b, plan.calling);
    DEMARC_CHECK(shown.number.length <= contract::max_number_length);
    if (plan.is_unusable) continue;
    const uint32_t line = line_by_hand(config, plan.called.digits(), plan.calling.digits());
    DEMARC_CHECK((plan.has_route() ? plan.match().line : 0) == line);
  }
}

}  // namespace
}  // namespace demarc::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::Script script(demarc::fuzz::view_of(data, size));
  demarc::fuzz::run(script);
  return 0;
}
