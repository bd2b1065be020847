#include "dataplane/call/headers/caller_numbers.h"

#include "dataplane/number/rewrite.h"
#include "dataplane/route/plan.h"

namespace demarc::call::headers {

using number::Number;
using number::RewriteResult;

bool CallerNumbers::has_rules() const {
  const contract::TrunkNumbers out = number::numbers_of(snapshot, to);
  return number::numbers_of(snapshot, from).calling_in != contract::no_row ||
         out.calling_out != contract::no_row || out.keeps_extension == 0;
}

CallerNumbers::Result CallerNumbers::show(const sip::Uri& uri, std::string_view datagram,
                                          Number& number) const {
  if (!number::read_number(uri, datagram, number)) return Result::kept;
  const Number before = number;
  const uint32_t rules_in = number::numbers_of(snapshot, from).calling_in;
  const number::Rewrite in = number::rewrite(snapshot, worker, rules_in, number);
  if (in.hides_caller || in.result == RewriteResult::unusable) return Result::hidden;
  const route::Shown shown = route::calling_for(snapshot, worker, to, number);
  if (shown.rule.hides_caller) return Result::hidden;
  number = shown.number;
  return number.view() == before.view() ? Result::kept : Result::rewritten;
}

}  // namespace demarc::call::headers
