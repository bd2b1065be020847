#include "sip-parser/params.h"

#include <array>

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

enum CharacterClass : uint8_t { in_name = 1, in_value = 2 };

constexpr std::array<uint8_t, 256> classes = [] {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) {
    const char character = static_cast<char>(c);
    uint8_t value = 0;
    // token of a header field, or paramchar of a URI.
    if (ascii::is_token(character) ||
        std::string_view("[]/:&+$()%").find(character) != std::string_view::npos) {
      value = in_name;
    }
    if (std::string_view(";,\"<>").find(character) == std::string_view::npos) {
      value = static_cast<uint8_t>(value | in_value);
    }
    table[c] = value;
  }
  return table;
}();

bool is_class(char c, CharacterClass wanted) {
  return classes[static_cast<uint8_t>(c)] & wanted;
}

}  // namespace

ParamCursor::ParamCursor(Span params, std::string_view datagram)
    : datagram_(datagram), position_(params.offset), end_(params.end()) {}

bool ParamCursor::fail(ValueError error) {
  failed_ = true;
  error_ = error;
  position_ = end_;
  return false;
}

bool ParamCursor::next(Param& param) {
  if (failed_) return false;
  position_ = skip_lws(datagram_, position_, end_);
  if (position_ == end_) return false;
  if (datagram_[position_] != ';') return fail(ValueError::bad_syntax);
  if (++count_ > max_params) return fail(ValueError::too_many);
  position_ = skip_lws(datagram_, position_ + 1, end_);

  const uint32_t begin = position_;
  while (position_ < end_ && is_class(datagram_[position_], in_name)) ++position_;
  if (position_ == begin) return fail(ValueError::bad_syntax);
  param = Param{};
  param.name = make_span(begin, position_);

  const uint32_t equal = skip_lws(datagram_, position_, end_);
  if (equal == end_ || datagram_[equal] != '=') return true;
  position_ = skip_lws(datagram_, equal + 1, end_);
  return read_value(param);
}

bool ParamCursor::read_value(Param& param) {
  param.has_value = true;
  if (position_ < end_ && datagram_[position_] == '"') return read_quoted(param);
  const uint32_t begin = position_;
  while (position_ < end_ && is_class(datagram_[position_], in_value)) ++position_;
  if (position_ == begin) return fail(ValueError::bad_syntax);
  param.value = make_span(begin, position_);
  return true;
}

bool ParamCursor::read_quoted(Param& param) {
  const uint32_t begin = ++position_;
  position_ = find_quote_end(datagram_, begin, end_);
  if (position_ == end_) return fail(ValueError::bad_syntax);
  param.has_quotes = true;
  param.value = make_span(begin, position_);
  ++position_;
  return true;
}

Param find_param(Span params, std::string_view name, std::string_view datagram) {
  Param param;
  for (ParamCursor cursor(params, datagram); cursor.next(param);) {
    if (ascii::iequals(text(param.name, datagram), name)) return param;
  }
  return Param{};
}

ListCursor::ListCursor(Span value, std::string_view datagram)
    : datagram_(datagram), end_(value.end()) {
  position_ = skip_lws(datagram, value.offset, end_);
  is_done_ = position_ == end_;
}

bool ListCursor::next(Span& element) {
  if (is_done_) return false;
  const uint32_t begin = position_;
  uint32_t at = begin;
  bool is_in_brackets = false;
  for (; at < end_; ++at) {
    const char c = datagram_[at];
    if (is_in_brackets) {
      is_in_brackets = c != '>';
    } else if (c == '<') {
      is_in_brackets = true;
    } else if (c == '"') {
      at = find_quote_end(datagram_, at + 1, end_);
      if (at == end_) break;
    } else if (c == ',') {
      break;
    }
  }
  element = trim_lws(make_span(begin, at), datagram_);
  is_done_ = at == end_;
  position_ = at + 1;
  return true;
}

}  // namespace demarc::sip
