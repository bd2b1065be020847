#include "dataplane/number/digit_key.h"

namespace demarc::number {
namespace {

constexpr std::array<uint8_t, 256> make_symbols() {
  std::array<uint8_t, 256> symbols = {};
  for (auto& symbol : symbols) symbol = contract::digit_symbols;
  for (uint8_t digit = 0; digit < 10; ++digit) symbols['0' + digit] = digit;
  symbols['*'] = 10;
  symbols['+'] = 11;
  symbols['#'] = 12;
  return symbols;
}
constexpr std::array<uint8_t, 256> symbols = make_symbols();

}  // namespace

unsigned symbol_of(char octet) {
  return symbols[static_cast<unsigned char>(octet)];
}

bool is_plain_number(std::string_view text) {
  if (text.empty() || text.size() > contract::max_number_length) return false;
  const unsigned sign = text[0] == '+' ? 1 : 0;
  return DigitKey(text).plain_from() == sign && text.size() != sign;
}

void DigitKey::read_on(std::string_view digits) {
  behind_ = {};
  for (unsigned at = symbols_per_word; at < length_; at += symbols_per_word) {
    behind_[at / symbols_per_word - 1] =
        pack(digits.data() + at, std::min(length_ - at, symbols_per_word), at);
  }
}

}  // namespace demarc::number
