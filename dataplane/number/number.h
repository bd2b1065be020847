// Number: the telephone number of a SIP or tel URI, as rules and routes see it.
//
// Digits without separators ("+442079460018"), then the parameters of RFC 3966 section 3 that are
// kept: extension and context, in that order. Called by call/ on the worker of the call; a value.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/contract/number_rules.h"
#include "sip-parser/uri.h"

namespace demarc::number {

struct Number {
  std::array<char, contract::max_number_length> octets;
  uint8_t length = 0;        // 0: none
  uint8_t digit_length = 0;  // of the part before the parameters

  std::string_view view() const { return {octets.data(), length}; }
  std::string_view digits() const { return {octets.data(), digit_length}; }
  std::string_view parameters() const { return view().substr(digit_length); }
  // False, and the number is empty, when it does not fit.
  bool assign(std::string_view digits, std::string_view parameters = {});
};

// The number of a tel URI, or of a SIP URI's user part whether or not it says user=phone. False
// when there is none, or it does not fit. A context that is no number or domain, and an extension
// that is none, are left out.
[[nodiscard]] bool read_number(const sip::Uri& uri, std::string_view datagram, Number& number);

// The number that a text such as "+14255550123;ext=7" writes, without separators.
[[nodiscard]] bool read_text(std::string_view text, Number& number);

// Takes the extension off, or whatever parameters there are.
void drop_extension(Number& number);
void drop_parameters(Number& number);
// Takes the context off (RFC 3966 section 5.1.5): it is about a number that was dialled, and not
// about what a rule made of it.
void drop_context(Number& number);
// The same of a context that is a domain: it would say of one side what the other need not know.
void drop_private_context(Number& number);

}  // namespace demarc::number
