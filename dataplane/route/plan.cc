#include "dataplane/route/plan.h"

namespace demarc::route {

using contract::TrunkId;
using number::RewriteResult;

namespace {

// What the trunk does not show whatever its rules say.
void hide_parameters(const contract::TrunkNumbers& numbers, Number& number) {
  if (numbers.keeps_extension == 0) number::drop_extension(number);
  number::drop_private_context(number);
}

// The routes of the call in the order of the trunk's usages: the first one that matches, and of
// each further usage the first one that does.
void add_routes(const contract::Snapshot& snapshot, Query query, Plan& plan) {
  const contract::RouteSection& section = *snapshot.routes;
  while (plan.route_count < plan.routes.size() && query.first != contract::no_row) {
    Match found = match(snapshot, query);
    if (found.to == TrunkId::none) return;
    if (plan.called_rule.rule != contract::no_row) {
      found.called_in_line = number::rule_of(snapshot, plan.called_rule).line;
    }
    query.first = elements(section.header, section.routes)[found.route].backup;
    const std::string_view parameters = plan.called.parameters();
    if (query.is_number && !parameters.empty() &&
        !found.called.assign(found.called.digits(), parameters)) {
      plan.is_unusable = plan.route_count == 0;
      return;
    }
    plan.routes[plan.route_count++] = found;
  }
}

}  // namespace

Plan plan(const contract::Snapshot& snapshot, unsigned worker, const Dialled& dialled) {
  Plan plan;
  const contract::TrunkNumbers numbers = number::numbers_of(snapshot, dialled.from);
  plan.calling = dialled.calling;
  if (!dialled.is_calling_ruled) {
    plan.calling_rule = number::rewrite(snapshot, worker, numbers.calling_in, plan.calling);
  }
  // Of a caller whose number can not be used nothing is shown.
  plan.hides_caller =
      plan.calling_rule.hides_caller || plan.calling_rule.result == RewriteResult::unusable;
  plan.called = dialled.called;
  const bool is_number = plan.called.length != 0;
  if (is_number) {
    plan.called_rule = number::rewrite(snapshot, worker, numbers.called_in, plan.called);
    plan.is_unusable = plan.called_rule.result == RewriteResult::unusable;
    if (plan.is_unusable) return plan;
  }
  Query query{dialled.from, is_number ? plan.called.digits() : dialled.user};
  query.is_number = is_number;
  query.calling = plan.calling.digits();
  query.worker = worker;
  query.occasion = dialled.occasion;
  add_routes(snapshot, query, plan);
  return plan;
}

Shown called_for(const contract::Snapshot& snapshot, unsigned worker, TrunkId to,
                 std::string_view routed) {
  Shown shown;
  if (!number::read_text(routed, shown.number)) {
    static_cast<void>(shown.number.assign(routed));
    return shown;
  }
  const contract::TrunkNumbers numbers = number::numbers_of(snapshot, to);
  shown.rule = number::rewrite(snapshot, worker, numbers.called_out, shown.number);
  if (shown.rule.result == RewriteResult::unusable) shown.number = {};
  hide_parameters(numbers, shown.number);
  return shown;
}

Shown calling_for(const contract::Snapshot& snapshot, unsigned worker, TrunkId to,
                  const Number& calling) {
  Shown shown{{}, calling};
  const contract::TrunkNumbers numbers = number::numbers_of(snapshot, to);
  shown.rule = number::rewrite(snapshot, worker, numbers.calling_out, shown.number);
  shown.rule.hides_caller = shown.rule.hides_caller || shown.rule.result == RewriteResult::unusable;
  if (shown.rule.hides_caller) shown.number = {};
  hide_parameters(numbers, shown.number);
  return shown;
}

}  // namespace demarc::route
