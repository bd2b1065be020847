#include <algorithm>

#include "dataplane/call/calls.h"
#include "dataplane/number/rewrite.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"

namespace demarc::call {

using contract::TrunkId;
using number::Number;
using number::Rewrite;
using number::RewriteResult;
using sip::HeaderName;

namespace {

// The number, or the user part as it stands when that is none.
std::string_view number_text(const sip::Uri& uri, std::string_view datagram, Number& number) {
  if (number::read_number(uri, datagram, number)) return number.view();
  return text(uri.user, datagram).substr(0, route::max_number_length);
}

}  // namespace

void Calls::keep_numbers(Call& call, const Received& request) {
  Number number;
  const auto called = sip::parse_uri(request.message.request_uri, request.datagram);
  if (called) call.called = call.text.put(number_text(*called, request.datagram, number));
  const auto from = sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
  if (!from) return;
  const auto uri = sip::parse_uri(from->uri, request.datagram);
  if (!uri) return;
  const std::string_view calling = text(uri->user, request.datagram);
  call.calling = call.text.put(calling.substr(0, route::max_number_length));
}

route::Match Calls::route_to(TrunkId from, const sip::Uri& uri, std::string_view datagram) {
  Number called;
  if (!number::read_number(uri, datagram, called)) {
    return route::match(*snapshot_, from, text(uri.user, datagram), false);
  }
  const uint32_t set = number::numbers_of(*snapshot_, from).called_in;
  const Rewrite done = number::rewrite(*snapshot_, limits_.worker, set, called);
  if (done.result == RewriteResult::unusable) {
    count(contract::WorkerCounter::number_unusable);
    return {};
  }
  route::Match match = route::match(*snapshot_, from, called.digits(), true);
  if (match.to == TrunkId::none) return match;
  if (!match.called.assign(match.called.digits(), called.parameters())) {
    count(contract::WorkerCounter::number_unusable);
    return {};
  }
  return match;
}

void Calls::learn_calling(Call& call, const Received& request) {
  call.calling_routed = {};
  call.hides_caller = false;
  const uint32_t set = number::numbers_of(*snapshot_, request.trunk).calling_in;
  if (set == contract::no_row) return;
  const auto from = sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
  if (!from) return;
  const auto uri = sip::parse_uri(from->uri, request.datagram);
  Number calling;
  if (!uri || !number::read_number(*uri, request.datagram, calling)) return;
  const Rewrite done = number::rewrite(*snapshot_, limits_.worker, set, calling);
  // Of a caller whose number can not be used nothing is shown.
  call.hides_caller = done.hides_caller || done.result == RewriteResult::unusable;
  if (done.result == RewriteResult::rewritten) {
    call.calling_routed = call.text.put(calling.view());
  }
}

Number Calls::called_for(TrunkId trunk, std::string_view routed) {
  Number called;
  const contract::TrunkNumbers numbers = number::numbers_of(*snapshot_, trunk);
  if (!number::read_text(routed, called)) {
    static_cast<void>(called.assign(routed));
    return called;
  }
  const Rewrite done = number::rewrite(*snapshot_, limits_.worker, numbers.called_out, called);
  if (done.result == RewriteResult::unusable) {
    count(contract::WorkerCounter::number_unusable);
    return {};
  }
  if (numbers.keeps_extension == 0) number::drop_extension(called);
  number::drop_private_context(called);
  return called;
}

headers::CallerName Calls::caller_for(const Call& call, const Received& request, TrunkId trunk,
                                      Number& number) {
  const headers::CallerName name =
      headers::caller_name(request.message, request.datagram, snapshot_->trunk(trunk).policy);
  if (name.is_anonymous) return name;
  if (call.hides_caller) return headers::anonymous_caller();
  const contract::TrunkNumbers numbers = number::numbers_of(*snapshot_, trunk);
  headers::CallerName shown = name;
  bool is_known = number::read_text(call.text.get(call.calling_routed), number);
  const bool is_looked_at = numbers.calling_out != contract::no_row || numbers.keeps_extension == 0;
  if (!is_known && is_looked_at) {
    const auto from =
        sip::parse_name_addr(request.message.value(HeaderName::from), request.datagram);
    const auto uri = sip::parse_uri(from->uri, request.datagram);
    is_known = uri && number::read_number(*uri, request.datagram, number);
  }
  if (!is_known) return shown;
  const Rewrite done = number::rewrite(*snapshot_, limits_.worker, numbers.calling_out, number);
  if (done.hides_caller || done.result == RewriteResult::unusable)
    return headers::anonymous_caller();
  if (numbers.keeps_extension == 0) number::drop_extension(number);
  number::drop_private_context(number);
  shown.user = number.view();
  return shown;
}

}  // namespace demarc::call
