#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/number/rewrite.h"
#include "dataplane/route/plan.h"
#include "sip-parser/uri.h"

namespace demarc::call {

using contract::TrunkId;
using number::Number;
using number::Rewrite;
using number::RewriteResult;
using sip::HeaderName;

namespace {

// The caller's number as it came. False when From has none.
bool read_caller(const Received& request, Number& number) {
  return number::read_number(request.essentials.from.uri, request.datagram, number);
}

uint16_t line_of(const contract::Snapshot& snapshot, const Rewrite& done) {
  if (done.result == RewriteResult::unmatched) return 0;
  return number::rule_of(snapshot, done).line;
}

}  // namespace

void Calls::keep_numbers(Call& call, const Received& request) {
  Number number;
  call.called = call.text.put(called_of(request, number));
  call.calling = call.text.put(calling_of(request));
}

route::Occasion Calls::occasion_of(contract::Instant now) const {
  route::Occasion occasion;
  occasion.unix_s = unix_ns(now) / 1'000'000'000;
  return occasion;
}

route::Plan Calls::plan_of(Call& call, const Received& request, const sip::Uri& uri) {
  route::Dialled dialled;
  dialled.from = request.trunk;
  dialled.user = text(uri.user, request.datagram);
  dialled.occasion = occasion_of(request.now);
  dialled.occasion.invite = &request.message;
  dialled.occasion.datagram = request.datagram;
  static_cast<void>(number::read_number(uri, request.datagram, dialled.called));
  if (!read_caller(request, dialled.calling)) dialled.calling = {};
  const route::Plan plan = route::plan(*snapshot_, limits_.worker, dialled);
  if (plan.is_unusable) count(contract::WorkerCounter::number_unusable);
  call.rule_lines.calling_in = line_of(*snapshot_, plan.calling_rule);
  call.hides_caller = plan.hides_caller;
  call.calling_routed = {};
  if (plan.calling_rule.result == RewriteResult::rewritten) {
    call.calling_routed = call.text.put(plan.calling.view());
  }
  return plan;
}

route::Plan Calls::plan_of_referral(const Received& request, std::string_view user,
                                    std::string_view calling) {
  route::Dialled dialled;
  dialled.from = request.trunk;
  dialled.user = user;
  dialled.occasion = occasion_of(request.now);
  sip::Uri uri;
  uri.scheme = sip::UriScheme::sip;
  uri.user = {0, static_cast<uint16_t>(user.size())};
  static_cast<void>(number::read_number(uri, user, dialled.called));
  if (!number::read_text(calling, dialled.calling)) dialled.calling = {};
  dialled.is_calling_ruled = true;
  const route::Plan plan = route::plan(*snapshot_, limits_.worker, dialled);
  if (plan.is_unusable) count(contract::WorkerCounter::number_unusable);
  return plan;
}

std::string_view Calls::known_as(const Call& call, Side side) {
  if (side == Side::out) return call.text.get(call.called_routed);
  return call.text.get(call.calling_routed.empty() ? call.calling : call.calling_routed);
}

void Calls::take_routes(Call& call, const route::Plan& plan) {
  const contract::RouteSection& section = *snapshot_->routes;
  call.routed_count = plan.route_count;
  for (unsigned i = 0; i < plan.route_count; ++i) {
    const route::Match& match = plan.routes[i];
    const contract::RouteConfig& route = elements(section.header, section.routes)[match.route];
    Routed& routed = call.routed[i];
    routed = {};
    routed.called = call.text.put(match.called.view());
    routed.name = call.text.put(text(section.header, route.name));
    routed.line = match.line;
    routed.file = route.file;
    routed.is_emergency = match.is_emergency;
    routed.hides_name = route.hides_caller != 0;
    if (!routed.hides_name) continue;
    routed.shown = call.text.put(text(section.header, route.caller_id));
    routed.hides_caller = routed.shown.empty();
  }
  call.called_ruled = {};
  if (section.prefix_limits.count != 0) call.called_ruled = call.text.put(plan.called.digits());
  call.rule_lines.called_in = plan.match().called_in_line;
  call.rule_lines.in_file = snapshot_->trunk(call.leg(Side::in).trunk).file;
  call.leg(Side::out).trunk = plan.match().to;
  search_of(call).hunt = hunt_of(call, plan);
  go_on_route(call, 0);
  call.called_sent = call.called_routed;
}

void Calls::go_on_route(Call& call, uint8_t route) {
  if (route >= call.routed_count) return;
  call.route = route;
  call.called_routed = call.on_route().called;
}

route::Hunt Calls::hunt_of(const Call& call, const route::Plan& plan) {
  const route::Hunt::Chance chance{&services_.region, static_cast<uint32_t>(mint_.random()),
                                   call.serial, plan.called.digits()};
  return {*snapshot_, plan.matches(), chance};
}

Number Calls::called_for(Call& call, TrunkId trunk) {
  const route::Shown shown =
      route::called_for(*snapshot_, limits_.worker, trunk, call.text.get(call.called_routed));
  call.rule_lines.called_out = line_of(*snapshot_, shown.rule);
  if (shown.rule.result == RewriteResult::unusable) {
    count(contract::WorkerCounter::number_unusable);
  }
  return shown.number;
}

headers::CallerNames Calls::caller_names(const Received& request, TrunkId to) const {
  headers::CallerNames names{*snapshot_, limits_.worker, to};
  if (!names.has_rules()) return names;
  names.is_private =
      headers::privacy_wish(request.message, request.datagram, request.essentials.from)
          .hides_identity;
  return names;
}

headers::CallerName Calls::caller_for(Call& call, const Received& request, TrunkId trunk,
                                      headers::CallerTexts& texts) {
  headers::CallerName name = numbered_caller(call, request, trunk, texts.number);
  if (name.is_anonymous) return name;
  const headers::ShownName shown =
      caller_names(request, trunk)
          .show(name.user, {name.display_name, name.has_quotes}, texts.name);
  name.display_name = shown.text;
  name.has_quotes = shown.has_quotes;
  return name;
}

headers::CallerName Calls::numbered_caller(Call& call, const Received& request, TrunkId trunk,
                                           Number& number) {
  call.rule_lines.calling_out = 0;
  headers::Identity& identity = call.leg(Side::in).identity;
  const Routed& route = call.on_route();
  const bool is_concealed = call.hides_caller || route.hides_name;
  identity = is_concealed ? headers::Identity::concealed : headers::Identity::ruled;
  headers::CallerName name = headers::caller_name(
      request.message, request.datagram, request.essentials.from, snapshot_->trunk(trunk).policy);
  if (name.is_anonymous) return name;
  if (call.is_caller_hidden()) return headers::anonymous_caller();
  if (route.hides_name) name.display_name = {};
  const contract::TrunkNumbers numbers = number::numbers_of(*snapshot_, trunk);
  const Span routed = route.hides_name ? route.shown : call.calling_routed;
  bool is_known = number::read_text(call.text.get(routed), number);
  const bool is_looked_at = numbers.calling_out != contract::no_row || numbers.keeps_extension == 0;
  if (!is_known && is_looked_at) is_known = read_caller(request, number);
  if (!is_known) return name;
  const route::Shown shown = route::calling_for(*snapshot_, limits_.worker, trunk, number);
  call.rule_lines.calling_out = line_of(*snapshot_, shown.rule);
  if (shown.rule.hides_caller) {
    identity = headers::Identity::concealed;
    return headers::anonymous_caller();
  }
  number = shown.number;
  name.user = number.view();
  return name;
}

void Calls::conceal_caller(Call& call, const Received& request, TrunkId trunk) {
  const headers::CallerNumbers numbers{*snapshot_, limits_.worker, request.trunk, trunk};
  Number number;
  if (numbers.show(request.essentials.from.uri, request.datagram, number) !=
      headers::CallerNumbers::Result::hidden)
    return;
  call.leg(Side::in).identity = headers::Identity::concealed;
}

}  // namespace demarc::call
