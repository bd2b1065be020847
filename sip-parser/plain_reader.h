// PlainReader: reads a value that is written as nearly everybody does, from separator to separator.
//
// Used by the parsers of Vias, addresses and URIs before their general way. What is read so is
// read as the general way does it; white space, quotes, escapes, mistakes and whatever else is rare
// make it give up, and the general way begins anew and decides. Borrows the datagram; any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/decimal.h"
#include "sip-parser/base/separators.h"
#include "sip-parser/host_port.h"
#include "sip-parser/params.h"

namespace demarc::sip {

class PlainReader {
 public:
  // Reads [begin, end); nothing is read yet.
  PlainReader(std::string_view datagram, uint32_t begin, uint32_t end)
      : separators_(datagram, begin, end), data_(datagram.data()), end_(end), position_(begin) {}

  // Goes to the next octet that can not stand in a host, or to the end.
  void advance() {
    position_ = separators_.next();
    octet_ = position_ < end_ ? data_[position_] : '\0';
  }
  // The same, past octets of the class, to which the octet that mostly ends them does not belong.
  template <char usual_end>
  void advance_past(const CharClass& further) {
    do advance();
    while (octet_ != usual_end && further.contains(octet_));
  }

  uint32_t position() const { return position_; }
  bool is_at_end() const { return position_ == end_; }
  // The octet at the position; NUL at the end.
  char octet() const { return octet_; }

  // The port whose first digit is behind the position. False: it is none, or not all up to the next
  // separator, where the position is then.
  bool read_port(std::string_view datagram, uint16_t& port) {
    const uint32_t begin = position_ + 1;
    advance();
    return read_whole_port(datagram, begin, position_, port);
  }

  // [begin, end) as a port, 1..65535.
  static bool read_whole_port(std::string_view datagram, uint32_t begin, uint32_t end,
                              uint16_t& port) {
    const uint32_t digits = end - begin;
    if (digits != 4 && digits != 5) [[unlikely]] {
      const Decimal number = read_decimal(datagram, begin, end, 65535);
      port = static_cast<uint16_t>(number.value);
      return number.end == end && number.value - 1 < 65535;
    }
    uint32_t word = 0;
    std::memcpy(&word, datagram.data() + end - sizeof word, sizeof word);
    // Digits become 0..9; bit 7 of every other octet is set.
    word ^= 0x30303030u;
    if (((word | (word + 0x76767676u)) & 0x80808080u) != 0) return false;
    word = word * 10 + (word >> 8);
    uint32_t value = (word & 0xff) * 100 + (word >> 16 & 0xff);
    if (digits == 5) {
      if (!ascii::is_digit(datagram[begin])) return false;
      value += static_cast<uint32_t>(datagram[begin] - '0') * 10000;
    }
    port = static_cast<uint16_t>(value);
    return value - 1 < 65535;
  }

  // The parameters of a field from the position on, up to a comma or the end: each by
  // take(name, value), two spans, of which an empty value stands for none. False: it is not plain,
  // or take() said so.
  template <class Take>
  bool read_params(Take take) {
    for (unsigned count = 0; octet_ == ';'; ++count) {
      if (count == max_params) return false;
      Span name, value;
      const uint32_t begin = position_ + 1;
      advance();
      if (position_ == begin) return false;
      name.assign(begin, position_);
      if (octet_ == '=') {
        const uint32_t value_begin = position_ + 1;
        advance_past<';'>(ParamCursor::value_class);
        if (position_ == value_begin) return false;
        value.assign(value_begin, position_);
      }
      if (!take(name, value)) return false;
    }
    return is_at_end() || octet_ == ',';
  }

 private:
  Separators<host_class> separators_;
  const char* data_;
  uint32_t end_;
  uint32_t position_;
  char octet_ = '\0';
};

}  // namespace demarc::sip
