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

}  // namespace

Plan plan(const contract::Snapshot& snapshot, unsigned worker, const Dialled& dialled) {
  Plan plan;
  const contract::TrunkNumbers numbers = number::numbers_of(snapshot, dialled.from);
  plan.calling = dialled.calling;
  plan.calling_rule = number::rewrite(snapshot, worker, numbers.calling_in, plan.calling);
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
  plan.match = match(snapshot, {dialled.from, is_number ? plan.called.digits() : dialled.user,
                                is_number, plan.calling.digits(), worker});
  if (plan.called_rule.rule != contract::no_row) {
    plan.match.called_in_line = number::rule_of(snapshot, plan.called_rule).line;
  }
  if (plan.match.to == TrunkId::none || !is_number) return plan;
  if (!plan.match.called.assign(plan.match.called.digits(), plan.called.parameters())) {
    plan.match = {};
    plan.is_unusable = true;
  }
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
