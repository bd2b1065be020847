#include "controlplane/whatif/trace_route.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "controlplane/config/file.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/trunks/compile.h"
#include "controlplane/whatif/admission.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/number/display_name.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/route/admission.h"
#include "dataplane/route/hunt.h"
#include "dataplane/route/plan.h"
#include "sip-parser/parse.h"

namespace demarc::whatif {

using contract::SectionKind;
using contract::TargetHealth;
using contract::TrunkId;
using number::RewriteResult;

namespace {

// The longest prefix of the number among rows that are sorted by prefix.
std::optional<size_t> longest_listed(const numbers::PrefixRows& rows, std::string_view called) {
  for (size_t length = called.size(); length != 0; --length) {
    if (!rows.has_length(length)) continue;
    const std::string_view wanted = called.substr(0, length);
    size_t first = 0;
    for (size_t end = rows.size(); first < end;) {
      const size_t middle = first + (end - first) / 2;
      if (rows[middle] < wanted) {
        first = middle + 1;
      } else {
        end = middle;
      }
    }
    if (first < rows.size() && rows[first] == wanted) return first;
  }
  return std::nullopt;
}

bool is_of_prefix(contract::LimitMet met) {
  using enum contract::LimitMet;
  return met == prefix_in || met == prefix_out || met == prefix_rate_in || met == prefix_rate_out;
}

}  // namespace

struct Snapshot::Parts {
  const config::Config* config = nullptr;
  trunks::IdMap ids;
  link::SectionSet set;
  contract::Snapshot snapshot;
  std::shared_ptr<const number::PatternStore> patterns;
  OwnRegion own;

  template <class Section>
  const Section* section(SectionKind kind) const {
    return reinterpret_cast<const Section*>(set.blob(kind).data());
  }
  Compiled compiled() const { return {*config, set, ids, snapshot}; }
  // `trunk` is whose rules they are.
  RuleStep step_of(TrunkId trunk, const number::Rewrite& done, const number::Number& number) const;
  RouteStep step_of(const route::Match& match) const;
  void add_listed(const route::Match& match, std::string_view called, RouteStep& step) const;
  RuleStep name_step(TrunkId trunk, uint32_t rules, const std::string& shown) const;
  TargetStep step_of(const route::Target& target, const route::Plan& plan) const;
  void add_targets(const Question& question, const route::Plan& plan, TrunkId from,
                   Trace& trace) const;
  void add_registration(const Question& question, TargetStep& step,
                        const route::Target& target) const;
  bool has_target(TrunkId trunk) const;
  void add_closed(const route::Plan& plan, Trace& trace) const;
};

Snapshot::Snapshot(const config::Config& config) : parts_(std::make_unique<Parts>()) {
  Parts& parts = *parts_;
  parts.config = &config;
  parts.set = trunks::compile(config, {}, parts.ids);
  if (!parts.set.refusal.empty()) throw std::runtime_error(parts.set.refusal);
  parts.snapshot.generation = 1;
  parts.snapshot.realms = parts.section<contract::RealmSection>(SectionKind::realms);
  parts.snapshot.trunks = parts.section<contract::TrunkSection>(SectionKind::trunks);
  parts.snapshot.routes = parts.section<contract::RouteSection>(SectionKind::routes);
  parts.patterns = number::PatternStore::build(*parts.snapshot.routes, 1, nullptr);
  if (parts.patterns == nullptr) throw std::runtime_error("a pattern can not be compiled");
  parts.snapshot.patterns = &parts.patterns->patterns();
  parts.own.build(parts.compiled());
}

Snapshot::~Snapshot() = default;

bool Snapshot::has_header_routes() const {
  const std::vector<config::Route>& routes = parts_->config->routes;
  return std::any_of(routes.begin(), routes.end(),
                     [](const config::Route& route) { return !route.headers.empty(); });
}

RuleStep Snapshot::Parts::step_of(TrunkId trunk, const number::Rewrite& done,
                                  const number::Number& number) const {
  RuleStep step;
  if (done.result == RewriteResult::unmatched) return step;
  const contract::NumberRule& rule = number::rule_of(snapshot, done);
  step.is_matched = true;
  step.line = rule.line;
  step.place = config::place_of(config->files, snapshot.trunk(trunk).file, rule.line);
  step.pattern = contract::text(snapshot.routes->header, rule.pattern);
  step.hides_caller = done.hides_caller;
  if (done.result == RewriteResult::rewritten) step.result = number.view();
  return step;
}

RouteStep Snapshot::Parts::step_of(const route::Match& match) const {
  const contract::RouteSection& section = *snapshot.routes;
  const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
  RouteStep step;
  step.line = match.line;
  step.place = config::place_of(config->files, route.file, match.line);
  step.name = text(section.header, route.name);
  step.is_emergency = match.is_emergency;
  step.called = match.called.view();
  return step;
}

// A trie says which route, and no more: the row is looked for where the prefixes came from.
void Snapshot::Parts::add_listed(const route::Match& match, std::string_view called,
                                 RouteStep& step) const {
  const contract::RouteSection& section = *snapshot.routes;
  const contract::RouteConfig& row = elements(section.header, section.routes)[match.route];
  const auto route =
      std::find_if(config->routes.begin(), config->routes.end(), [&](const config::Route& one) {
        return one.origin.block.file == row.file && one.origin.block.line == match.line;
      });
  if (route == config->routes.end() || route->prefixes.empty()) return;
  const config::PrefixList* list = config::find_block(config->prefix_lists, route->prefixes);
  if (list == nullptr || list->rows == nullptr) return;
  const std::optional<size_t> found = longest_listed(*list->rows, called);
  if (!found) return;
  step.listed = (*list->rows)[*found];
  step.listed_place = list->file + ":" + std::to_string(list->rows->line(*found));
}

RuleStep Snapshot::Parts::name_step(TrunkId trunk, uint32_t rules, const std::string& shown) const {
  const number::Rewrite found = number::name_rule(snapshot, 0, rules, shown);
  RuleStep step = step_of(trunk, found, {});
  if (!step.is_matched) return step;
  number::DisplayName name;
  switch (number::display_name(snapshot, 0, rules, shown, name)) {
    case number::NameResult::set:
      step.result = '"' + std::string(name.view()) + '"';
      break;
    case number::NameResult::kept:
      step.result = "keep";
      break;
    default:
      step.result = "remove";
  }
  return step;
}

TargetStep Snapshot::Parts::step_of(const route::Target& target, const route::Plan& plan) const {
  TargetStep step;
  step.route = target.route;
  step.trunk = snapshot.trunk_name(target.trunk);
  step.address = contract::print(target.endpoint).view();
  const route::Match& match = plan.routes[target.route];
  const route::Shown called = route::called_for(snapshot, 0, target.trunk, match.called.view());
  step.called_rule = step_of(target.trunk, called.rule, called.number);
  step.called = called.number.view();
  const contract::RouteSection& section = *snapshot.routes;
  const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
  number::Number caller = plan.calling;
  if (route.hides_caller != 0 &&
      !number::read_text(contract::text(section.header, route.caller_id), caller)) {
    caller = {};
  }
  if (plan.hides_caller) {
    step.calling = "anonymous";
  } else if (caller.length != 0) {
    const route::Shown calling = route::calling_for(snapshot, 0, target.trunk, caller);
    step.calling_rule = step_of(target.trunk, calling.rule, calling.number);
    step.calling = calling.rule.hides_caller ? "anonymous" : std::string(calling.number.view());
  }
  const contract::TrunkNumbers rules = number::numbers_of(snapshot, target.trunk);
  if (!step.called.empty()) {
    step.called_name = name_step(target.trunk, rules.called_names, step.called);
  }
  if (!step.calling.empty() && step.calling != "anonymous") {
    step.caller_name = name_step(target.trunk, rules.caller_names, step.calling);
  }
  return step;
}

void Snapshot::Parts::add_targets(const Question& question, const route::Plan& plan, TrunkId from,
                                  Trace& trace) const {
  const contract::Region& region = own.region();
  const contract::Instant now = question.box == nullptr ? contract::Instant() : question.box->now;
  Admission admission(snapshot, region, plan, from, now);
  const auto step_of_limit = [&](contract::LimitMet met, TrunkId called) -> LimitStep {
    const TrunkId whose = route::is_of_caller(met) ? from : called;
    return {met, std::string(snapshot.trunk_name(whose)),
            is_of_prefix(met) ? admission.prefix_of(whose) : std::string()};
  };
  const auto refusal_of = [&](contract::LimitMet met, TrunkId called) -> Refused {
    const TrunkId whose = route::is_of_caller(met) ? from : called;
    const contract::TrunkLimits& limits = snapshot.trunk(whose).limits;
    return {limits.status_code, limits.retry_after_s};
  };
  if (trace.has_box) {
    if (const auto met = admission.begin(); met != contract::LimitMet::none) {
      trace.caller_limit = step_of_limit(met, from);
      trace.refused = refusal_of(met, from);
      return;
    }
  }
  const route::Hunt::Chance chance{&region, 0, 0, plan.called.digits()};
  route::Hunt hunt(snapshot, plan.matches(), chance);
  Refused last{503};
  bool is_any_tried = false;
  // Bounded by what a route and a trunk may have.
  for (unsigned i = 0; i < route::max_hunted_trunks * route::max_hunted_targets; ++i) {
    const route::Target target = hunt.next(snapshot, region);
    if (!target.is_set()) break;
    TargetStep step = step_of(target, plan);
    add_registration(question, step, target);
    const contract::LimitMet met =
        trace.has_box ? admission.try_target(target) : contract::LimitMet::none;
    if (met != contract::LimitMet::none) {
      step.limit = step_of_limit(met, target.trunk);
      last = refusal_of(met, target.trunk);
      if (route::is_of_caller(met) && !route::is_of_bandwidth(met)) {
        trace.caller_limit = step.limit;
        break;
      }
      hunt.skip_trunk();
    } else if (step.called.empty()) {
      last = {480};
    }
    is_any_tried = is_any_tried || step.is_tried();
    trace.targets.push_back(std::move(step));
  }
  if (!is_any_tried) trace.refused = last;
}

// What the box knows of the target: its health, and whose registration leads there.
void Snapshot::Parts::add_registration(const Question& question, TargetStep& step,
                                       const route::Target& target) const {
  contract::Target row;
  if (own.region().target(target.id).load(row)) step.health = row.health;
  const auto bound = std::find_if(
      question.bound.begin(), question.bound.end(),
      [&](const Bound& one) { return one.trunk == step.trunk && one.target == target.endpoint; });
  if (bound != question.bound.end()) step.registered_user = bound->user;
  if (question.box == nullptr) return;
  const auto holder = question.box->registered_at.find(step.trunk);
  step.has_registration =
      holder != question.box->registered_at.end() && holder->second == target.endpoint;
}

bool Snapshot::Parts::has_target(TrunkId trunk) const {
  const contract::TrunkConfig& row = snapshot.trunk(trunk);
  for (uint32_t i = 0; i < row.target_count; ++i) {
    contract::Target target;
    const contract::TargetId id{contract::index_of(row.first_target) + i};
    if (own.region().target(id).load(target) && target.health != TargetHealth::unused) return true;
  }
  return false;
}

// Which trunks of the routes are passed over for their state or for want of an address, each once.
void Snapshot::Parts::add_closed(const route::Plan& plan, Trace& trace) const {
  std::set<TrunkId> seen;
  const contract::RouteSection& section = *snapshot.routes;
  const auto add = [&](TrunkId id) {
    if (!snapshot.has_trunk(id) || !seen.insert(id).second) return;
    const std::string name(snapshot.trunk_name(id));
    if (!snapshot.takes_calls(id)) {
      trace.passed_over.push_back({name, snapshot.trunk(id).state});
    } else if (!has_target(id)) {
      const config::Trunk* trunk = config::find_block(config->trunks, name);
      trace.nowhere.push_back({name, trunk != nullptr && trunk->registrar.is_used});
    }
  };
  for (const route::Match& match : plan.matches()) {
    const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
    add(route.to);
    for (const TrunkId id : elements(section.header, route.then)) add(id);
  }
}

namespace {

constexpr uint16_t draining_retry_after_s = 60;  // as workers say it

bool is_taking_calls(const Box& box) {
  const contract::DataplaneState state = box.region->header().state.load(std::memory_order_relaxed);
  return state == contract::DataplaneState::running;
}

// An INVITE of nothing but these header fields, for conditions to look at.
class AskedInvite {
 public:
  // False when one of them is no header field.
  bool build(const std::vector<std::string>& headers) {
    octets_ = "INVITE sip:asked@invalid SIP/2.0\r\n";
    for (const std::string& header : headers) {
      const size_t colon = header.find(':');
      const bool is_good = colon != std::string::npos && colon != 0 &&
                           header.find_first_of("\r\n") == std::string::npos;
      if (!is_good) return false;
      octets_ += header + "\r\n";
    }
    octets_ += "\r\n";
    size_ = octets_.size();
    octets_.append(sip::padding_octets, '\0');
    return sip::parse(datagram(), message_).has_value();
  }
  std::string_view datagram() const { return std::string_view(octets_).substr(0, size_); }
  const sip::Message& message() const { return message_; }

 private:
  std::string octets_;
  size_t size_ = 0;
  sip::Message message_;
};

}  // namespace

Trace Snapshot::trace(const Question& question) const {
  Parts& parts = *parts_;
  Trace trace;
  const auto known = parts.ids.trunks.all().find(question.from);
  if (known == parts.ids.trunks.all().end() ||
      config::find_block(parts.config->trunks, question.from) == nullptr) {
    trace.mistake = "there is no trunk \"" + question.from + "\"";
    return trace;
  }
  if (question.called.empty()) {
    trace.mistake = "no called number";
    return trace;
  }
  const auto invite = std::make_unique<AskedInvite>();
  if (!invite->build(question.headers)) {
    trace.mistake = "a header field is \"NAME: VALUE\"";
    return trace;
  }
  route::Dialled dialled;
  dialled.from = TrunkId{static_cast<uint16_t>(known->second)};
  dialled.user = question.called;
  dialled.occasion = {&invite->message(), invite->datagram(), question.unix_s};
  if (question.unix_s == 0) dialled.occasion.unix_s = runtime::now_unix_ns() / 1'000'000'000;
  if (!number::read_text(question.called, dialled.called)) dialled.called = {};
  if (!number::read_text(question.calling, dialled.calling)) dialled.calling = {};
  const route::Plan plan = route::plan(parts.snapshot, 0, dialled);
  trace.called_in =
      dialled.called.length == 0 ? question.called : std::string(dialled.called.view());
  trace.calling_in = dialled.calling.view();
  trace.called_rule = parts.step_of(dialled.from, plan.called_rule, plan.called);
  trace.calling_rule = parts.step_of(dialled.from, plan.calling_rule, plan.calling);
  trace.is_unusable = plan.is_unusable;
  parts.own.fill(parts.compiled(), question.box, question.bound);
  trace.has_box = question.box != nullptr;
  for (const route::Match& match : plan.matches()) {
    trace.routes.push_back(parts.step_of(match));
    parts.add_listed(match, plan.called.digits(), trace.routes.back());
  }
  const bool is_closed = !parts.snapshot.takes_calls(dialled.from);
  if (is_closed) trace.closed_caller = {question.from, parts.snapshot.trunk(dialled.from).state};
  trace.is_draining = trace.has_box && !is_taking_calls(*question.box);
  parts.add_closed(plan, trace);
  if (plan.has_route()) parts.add_targets(question, plan, dialled.from, trace);
  if (!plan.has_route()) trace.refused = {404};
  if (is_closed || trace.is_draining) trace.refused = {503, draining_retry_after_s};
  return trace;
}

}  // namespace demarc::whatif
