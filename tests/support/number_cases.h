// The numbers that every integer of a message is tested with: its limits, the powers of two at
// which a narrower type would wrap, and what is no number at all.
//
// Used by the unit tests of all parsers. `parse` takes the text of the number and returns
// Result<uint64_t, ValueError> (or any integer): put the text where the field has it.
//
//   expect_number_range({0, UINT32_MAX}, [](const std::string& number) {
//     return parse(number + ";refresher=uac");
//   });
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sip-parser/params.h"

namespace demarc::support {

struct NumberRange {
  uint64_t minimum;
  uint64_t maximum;
};

inline std::vector<uint64_t> number_values(NumberRange range) {
  std::set<uint64_t> values = {0, 1, range.minimum, range.maximum};
  if (range.minimum > 0) values.insert(range.minimum - 1);
  if (range.maximum > 0) values.insert(range.maximum - 1);
  if (range.maximum < UINT64_MAX) values.insert(range.maximum + 1);
  for (const unsigned power : {8u, 15u, 16u, 31u, 32u, 63u}) {
    const uint64_t two = uint64_t{1} << power;
    values.insert({two - 1, two, two + 1, two + 32});
  }
  values.insert(UINT64_MAX);
  return {values.begin(), values.end()};
}

// Digits that no 64-bit integer holds: 2**64, 2**64+1, 2**64+32, 40 digits.
inline std::vector<std::string> huge_numbers() {
  return {"18446744073709551616", "18446744073709551617", "18446744073709551648",
          "1234567890123456789012345678901234567890"};
}

inline std::vector<std::string> no_numbers() {
  return {"", "-1", "+1", "-0", "0x10", "1 2", "1e3", "1.0.", "a", "1a", "\xc2\xb2"};
}

// The digits alone, for a field that takes more than one number.
template <class Parse>
void expect_number_limits(NumberRange range, Parse parse) {
  for (const uint64_t value : number_values(range)) {
    const std::string text = std::to_string(value);
    const auto result = parse(text);
    const bool is_inside = value >= range.minimum && value <= range.maximum;
    ASSERT_EQ(result.has_value(), is_inside) << text;
    if (is_inside) {
      EXPECT_EQ(static_cast<uint64_t>(*result), value);
    } else {
      EXPECT_EQ(result.error(), sip::ValueError::out_of_range) << text;
    }
  }
  for (const std::string& text : huge_numbers()) {
    const auto result = parse(text);
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_EQ(result.error(), sip::ValueError::out_of_range) << text;
  }
}

template <class Parse>
void expect_number_range(NumberRange range, Parse parse) {
  expect_number_limits(range, parse);
  for (const std::string& text : no_numbers()) {
    const auto result = parse(text);
    ASSERT_FALSE(result.has_value()) << '[' << text << ']';
    EXPECT_EQ(result.error(), sip::ValueError::bad_syntax) << '[' << text << ']';
  }
}

}  // namespace demarc::support
