#include "controlplane/whatif/trace_route.h"

#include <algorithm>
#include <stdexcept>

#include "controlplane/config/file.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/trunks/compile.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/number/pattern_store.h"
#include "dataplane/route/hunt.h"
#include "dataplane/route/plan.h"
#include "sip-parser/parse.h"

namespace demarc::whatif {

using contract::SectionKind;
using contract::TrunkId;
using number::RewriteResult;

struct Snapshot::Parts {
  const config::Config* config = nullptr;
  trunks::IdMap ids;
  link::SectionSet set;
  contract::Snapshot snapshot;
  std::shared_ptr<const number::PatternStore> patterns;
  std::vector<std::byte> memory;  // of the region
  contract::Region region;

  template <class Section>
  const Section* section(SectionKind kind) const {
    return reinterpret_cast<const Section*>(set.blob(kind).data());
  }
  void build_region();
  void bind(const std::vector<Bound>& bound) const;
  // `trunk` is whose rules they are.
  RuleStep step_of(TrunkId trunk, const number::Rewrite& done, const number::Number& number) const;
  RouteStep step_of(const route::Match& match) const;
  TargetStep step_of(const route::Target& target, const route::Plan& plan) const;
  void add_targets(const route::Plan& plan, Trace& trace) const;
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
  parts.build_region();
}

Snapshot::~Snapshot() = default;

bool Snapshot::has_header_routes() const {
  const std::vector<config::Route>& routes = parts_->config->routes;
  return std::any_of(routes.begin(), routes.end(),
                     [](const config::Route& route) { return !route.headers.empty(); });
}

// The targets as a dataplane that has just begun would have them.
void Snapshot::Parts::build_region() {
  uint32_t targets = 1;
  for (const link::TargetPlan& plan : set.targets) {
    targets = std::max(targets, contract::index_of(plan.id) + 1);
  }
  // A trunk may name rows that nothing fills yet.
  for (const config::Trunk& trunk : config->trunks) targets += trunk.target_rows();
  const contract::RegionSizes sizes{1, 1, std::max(set.trunks, 1u), targets, 2};
  memory.resize(contract::Region::octets_needed(sizes) + 64);
  const auto skip = (64 - reinterpret_cast<uintptr_t>(memory.data()) % 64) % 64;
  region = contract::Region::create(std::span(memory).subspan(skip), sizes, 1);
  for (const link::TargetPlan& plan : set.targets) region.target(plan.id).store(plan.target);
}

// The rows of trunks whose peers register, and of those with names of which `bound` knows one, as
// many as fit, in order.
void Snapshot::Parts::bind(const std::vector<Bound>& bound) const {
  for (const config::Trunk& trunk : config->trunks) {
    const auto known = ids.trunks.all().find(trunk.name);
    const bool is_known = std::any_of(
        bound.begin(), bound.end(), [&trunk](const Bound& one) { return one.trunk == trunk.name; });
    const bool is_bound = trunk.registrar.is_used || (trunk.has_names() && is_known);
    if (!is_bound || known == ids.trunks.all().end()) continue;
    const TrunkId id{static_cast<uint16_t>(known->second)};
    const contract::TrunkConfig& row = snapshot.trunk(id);
    const uint32_t first = contract::index_of(row.first_target);
    uint32_t used = 0;
    for (const Bound& one : bound) {
      if (one.trunk != trunk.name || used == row.target_count) continue;
      region.target(contract::TargetId{first + used++})
          .store({one.target, id, contract::TargetHealth::unknown, one.priority});
    }
    for (; used < row.target_count; ++used) {
      region.target(contract::TargetId{first + used}).store({});
    }
  }
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
  return {match.line, config::place_of(config->files, route.file, match.line),
          std::string(text(section.header, route.name)), match.is_emergency,
          std::string(match.called.view())};
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
  return step;
}

void Snapshot::Parts::add_targets(const route::Plan& plan, Trace& trace) const {
  const route::Hunt::Chance chance{&region, 0, 0, plan.called.digits()};
  route::Hunt hunt(snapshot, plan.matches(), chance);
  // Bounded by what a route and a trunk may have.
  for (unsigned i = 0; i < route::max_hunted_trunks * route::max_hunted_targets; ++i) {
    const route::Target target = hunt.next(snapshot, region);
    if (!target.is_set()) return;
    trace.targets.push_back(step_of(target, plan));
  }
}

// Which trunks of the routes are passed over for their state, each once.
void Snapshot::Parts::add_closed(const route::Plan& plan, Trace& trace) const {
  const contract::RouteSection& section = *snapshot.routes;
  const auto add = [&](TrunkId id) {
    if (!snapshot.has_trunk(id) || snapshot.takes_calls(id)) return;
    const std::string name(snapshot.trunk_name(id));
    const bool is_known = std::any_of(trace.passed_over.begin(), trace.passed_over.end(),
                                      [&](const ClosedTrunk& one) { return one.name == name; });
    if (!is_known) trace.passed_over.push_back({name, snapshot.trunk(id).state});
  };
  for (const route::Match& match : plan.matches()) {
    const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
    add(route.to);
    for (const TrunkId id : elements(section.header, route.then)) add(id);
  }
}

namespace {

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
  const Parts& parts = *parts_;
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
  parts.bind(question.bound);
  for (const route::Match& match : plan.matches()) trace.routes.push_back(parts.step_of(match));
  if (!parts.snapshot.takes_calls(dialled.from)) {
    trace.closed_caller = {question.from, parts.snapshot.trunk(dialled.from).state};
  }
  parts.add_closed(plan, trace);
  parts.add_targets(plan, trace);
  return trace;
}

}  // namespace demarc::whatif
