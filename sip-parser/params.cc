#include "sip-parser/params.h"

namespace demarc::sip {
namespace {

// What may stand between the commas of a list without a meaning of its own there.
constexpr CharClass plain_in_list = CharClass::visible().without(",<\"") | CharClass::of(" \t\r\n");

}  // namespace

bool ParamCursor::next_odd(Param& param) {
  if (failed_) return false;
  position_ = skip_lws(datagram_, position_, end_);
  if (position_ == end_) return false;
  if (datagram_[position_] == ',' && ends_ == Ends::at_comma) return false;
  if (datagram_[position_] != ';') return fail(ValueError::bad_syntax);
  if (++count_ > max_params) return fail(ValueError::too_many);
  position_ = skip_lws(datagram_, position_ + 1, end_);

  const uint32_t begin = position_;
  position_ = find_outside(datagram_, begin, end_, name_class);
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
  if (position_ == end_) return fail(ValueError::bad_syntax);
  if (datagram_[position_] == '"') {
    const uint32_t begin = position_ + 1;
    const uint32_t quote = find_quote_end(datagram_, begin, end_);
    if (quote == end_) return fail(ValueError::bad_syntax);
    param.has_quotes = true;
    param.value = make_span(begin, quote);
    position_ = quote + 1;
    return true;
  }
  const uint32_t begin = position_;
  position_ = find_outside(datagram_, begin, end_, value_class);
  if (position_ == begin) return fail(ValueError::bad_syntax);
  param.value = make_span(begin, position_);
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
  while ((at = find_outside(datagram_, at, end_, plain_in_list)) < end_) {
    const char c = datagram_[at];
    if (c == ',') break;
    if (c == '<') {
      const size_t close = datagram_.substr(0, end_).find('>', at);
      at = close == std::string_view::npos ? end_ : static_cast<uint32_t>(close);
    } else if (c == '"') {
      at = find_quote_end(datagram_, at + 1, end_);
    }
    if (at == end_) break;
    ++at;
  }
  element = trim_lws(make_span(begin, at), datagram_);
  is_done_ = at == end_;
  position_ = at + 1;
  return true;
}

bool TokenCursor::skip_comma(uint32_t position) {
  position_ = skip_lws(datagram_, position, end_);
  is_done_ = position_ == end_;
  if (is_done_) return true;
  if (datagram_[position_] != ',') return fail();
  position_ = skip_lws(datagram_, position_ + 1, end_);
  separators_ = Separators<token_class>(datagram_, position_, end_);
  return true;
}

}  // namespace demarc::sip
