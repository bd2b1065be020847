// TextBlock: the strings of one call that must outlive the messages they came in (tags, URIs, route
// sets), copied once into a fixed block and named by Span. Belongs to the call; nothing is freed
// before the call is, but for what was put behind a mark.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sip-parser/base/check.h"
#include "sip-parser/base/span.h"

namespace demarc::dialog {

class TextBlock {
 public:
  static constexpr uint16_t capacity = 2556;

  void clear() {
    used_ = 0;
    is_full_ = false;
  }
  // An empty Span when it does not fit; ask is_full() once after a row of puts.
  Span put(std::string_view piece) {
    if (piece.size() > static_cast<size_t>(capacity - used_)) {
      is_full_ = true;
      return {};
    }
    const Span span{used_, static_cast<uint16_t>(piece.size())};
    std::memcpy(octets_.data() + used_, piece.data(), piece.size());
    used_ = static_cast<uint16_t>(used_ + piece.size());
    return span;
  }
  // Another text in place of `span`, where it lies if that is long enough. False, and nothing
  // changed, when there is no room.
  bool replace(Span& span, std::string_view piece) {
    if (get(span) == piece) return true;
    if (piece.size() <= span.length) {
      std::memcpy(octets_.data() + span.offset, piece.data(), piece.size());
      span.length = static_cast<uint16_t>(piece.size());
      return true;
    }
    if (piece.size() > static_cast<size_t>(capacity - used_)) return false;
    span = put(piece);
    return true;
  }
  // What is put from now on can be given back together. Not to be asked when is_full().
  uint16_t mark() const { return used_; }
  // Forgets what was put since `mark` was taken; its Spans are void. Not a full block any more.
  void rewind(uint16_t mark) {
    DEMARC_CHECK(mark <= used_);
    used_ = mark;
    is_full_ = false;
  }
  std::string_view get(Span span) const { return {octets_.data() + span.offset, span.length}; }
  bool is_full() const { return is_full_; }

 private:
  uint16_t used_ = 0;
  bool is_full_ = false;
  std::array<char, capacity> octets_;
};

}  // namespace demarc::dialog
