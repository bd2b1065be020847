// What tests of value parsers share: a value whose end is the end of readable memory.
//
// Used by the unit tests of sip-parser/. A parser has the shape Result<T, ValueError>(Span,
// string_view); the spans of its result count from the first octet of `value`.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/params.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::support {

inline Span whole(std::string_view value) {
  return {0, static_cast<uint16_t>(value.size())};
}

// No padding: value parsers never look behind their span.
template <class Parse>
auto parse_guarded(Parse parse, std::string_view value) {
  const GuardedBuffer buffer(value, 0, ' ');
  return parse(whole(value), buffer.view());
}

template <class Parse>
void expect_refused(Parse parse, std::initializer_list<std::string_view> values,
                    sip::ValueError error = sip::ValueError::bad_syntax) {
  for (const std::string_view value : values) {
    const auto result = parse_guarded(parse, value);
    EXPECT_FALSE(result.has_value()) << '[' << value << ']';
    if (!result.has_value()) {
      EXPECT_EQ(result.error(), error) << '[' << value << ']';
    }
  }
}

template <class Parse>
void expect_accepted(Parse parse, std::initializer_list<std::string_view> values) {
  for (const std::string_view value : values) {
    EXPECT_TRUE(parse_guarded(parse, value).has_value()) << '[' << value << ']';
  }
}

// Every beginning of `value`, each at the end of readable memory: nothing may be read behind it.
template <class Parse>
void parse_truncations(Parse parse, std::string_view value) {
  for (size_t length = 0; length <= value.size(); ++length) {
    (void)parse_guarded(parse, value.substr(0, length)).has_value();
  }
}

}  // namespace demarc::support
