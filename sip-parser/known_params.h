// The parameters that a header field defines, picked out of its list in one walk.
//
// Used by the typed parsers of this folder. A parameter that is known stands once (RFC 3261 section
// 7.3.1) and has the form that its RFC gives it; any other parameter only has to be well-formed.
// What was found borrows the datagram. No state, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class ParamForm : uint8_t {
  flag,    // no value
  token,   // a token
  plain,   // a value without quotes, as wide as ParamCursor takes one: a tag
  quoted,  // a quoted-string
  any,     // gen-value: token, host or quoted-string
  free,    // with a value or without
};

struct KnownParam {
  std::string_view name;
  ParamForm form;
};

inline bool is_present(const Param& param) {
  return !param.name.empty();
}

// Whether `param` has the form of `known`.
bool has_form(const Param& param, ParamForm form, std::string_view datagram);

// found[i] is the parameter known[i]; its name is empty when it is absent. Both spans are of one
// size. False: `error` says why.
bool find_known_params(Span params, std::string_view datagram, std::span<const KnownParam> known,
                       std::span<Param> found, ValueError& error);

//   constexpr KnownParam known[] = {{"refresher", ParamForm::token}};
//   const auto found = read_known_params(params, datagram, known);
template <size_t count>
Result<std::array<Param, count>, ValueError> read_known_params(Span params,
                                                               std::string_view datagram,
                                                               const KnownParam (&known)[count]) {
  std::array<Param, count> found{};
  ValueError error{};
  if (!find_known_params(params, datagram, known, found, error)) return Fail{error};
  return found;
}

}  // namespace demarc::sip
