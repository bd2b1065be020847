#include "sip-parser/p_headers.h"

#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"
#include "sip-parser/value_reader.h"

namespace demarc::sip {
namespace {

constexpr KnownParam vector_params[] = {
    {"icid-generated-at", ParamForm::any}, {"orig-ioi", ParamForm::any},
    {"term-ioi", ParamForm::any},          {"transit-ioi", ParamForm::any},
    {"related-icid", ParamForm::any},      {"related-icid-generated-at", ParamForm::any},
    {"icid-value", ParamForm::any}};
constexpr KnownParam access_params[] = {{"np", ParamForm::flag}};

// name EQUAL gen-value, and the parameters behind it: both of these fields begin with a parameter
// that has no ';' before it.
Result<Param, ValueError> read_first_param(Span value, std::string_view datagram, Span& params) {
  ValueReader reader(value, datagram);
  Param param;
  param.name = reader.token();
  if (param.name.empty() || !reader.take('=')) return Fail{ValueError::bad_syntax};
  param.has_value = true;
  param.has_quotes = reader.quoted(param.value);
  if (!param.has_quotes) {
    param.value = reader.plain_value();
    if (param.value.empty()) return Fail{ValueError::bad_syntax};
  }
  if (!reader.params(params)) return Fail{ValueError::bad_syntax};
  return param;
}

void count_address(const Param& param, std::string_view datagram,
                   ChargingFunctionAddresses& result) {
  const std::string_view name = text(param.name, datagram);
  if (ascii::iequals(name, "ccf")) {
    if (result.ccf_count++ == 0) result.ccf = param.value;
  } else if (ascii::iequals(name, "ecf")) {
    if (result.ecf_count++ == 0) result.ecf = param.value;
  }
}

}  // namespace

Result<ChargingVector, ValueError> parse_charging_vector(Span value, std::string_view datagram) {
  Span params;
  const Result<Param, ValueError> first = read_first_param(value, datagram, params);
  if (!first) return Fail{first.error()};
  const auto found = read_known_params(params, datagram, vector_params);
  if (!found) return Fail{found.error()};
  const auto& [generated_at, orig, term, transit, related, related_at, second_icid] = *found;
  if (!ascii::iequals(text(first->name, datagram), "icid-value") || is_present(second_icid)) {
    return Fail{ValueError::bad_syntax};
  }
  return ChargingVector{first->value,  generated_at.value, orig.value,      term.value,
                        transit.value, related.value,      related_at.value};
}

Result<ChargingFunctionAddresses, ValueError> parse_charging_function_addresses(
    Span value, std::string_view datagram) {
  Span params;
  const Result<Param, ValueError> first = read_first_param(value, datagram, params);
  if (!first) return Fail{first.error()};
  ChargingFunctionAddresses result;
  count_address(*first, datagram, result);
  Param param;
  ParamCursor cursor(params, datagram);
  while (cursor.next(param)) {
    const std::string_view name = text(param.name, datagram);
    const bool is_address = ascii::iequals(name, "ccf") || ascii::iequals(name, "ecf");
    if (is_address && !param.has_value) return Fail{ValueError::bad_syntax};
    count_address(param, datagram, result);
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return result;
}

Result<AccessNetworkInfo, ValueError> parse_access_network_info(Span element,
                                                                std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(element, datagram);
  if (!parts) return Fail{parts.error()};
  const auto found = read_known_params(parts->params, datagram, access_params);
  if (!found) return Fail{found.error()};
  return AccessNetworkInfo{parts->token, parts->params, is_present((*found)[0])};
}

Result<VisitedNetwork, ValueError> parse_visited_network(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  VisitedNetwork network;
  network.has_quotes = reader.quoted(network.name);
  if (!network.has_quotes) network.name = reader.token();
  if ((network.name.empty() && !network.has_quotes) || !reader.params(network.params)) {
    return Fail{ValueError::bad_syntax};
  }
  const Result<Span, ValueError> params = check_params(network.params, datagram);
  if (!params) return Fail{params.error()};
  return network;
}

}  // namespace demarc::sip
