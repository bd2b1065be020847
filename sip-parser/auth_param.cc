#include "sip-parser/auth_param.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

struct KnownName {
  std::string_view text;
  AuthParamName id;
};

constexpr std::array known_names = {
    KnownName{"algorithm", AuthParamName::algorithm},
    KnownName{"charset", AuthParamName::charset},
    KnownName{"cnonce", AuthParamName::cnonce},
    KnownName{"domain", AuthParamName::domain},
    KnownName{"nc", AuthParamName::nc},
    KnownName{"nextnonce", AuthParamName::nextnonce},
    KnownName{"nonce", AuthParamName::nonce},
    KnownName{"opaque", AuthParamName::opaque},
    KnownName{"qop", AuthParamName::qop},
    KnownName{"realm", AuthParamName::realm},
    KnownName{"response", AuthParamName::response},
    KnownName{"rspauth", AuthParamName::rspauth},
    KnownName{"stale", AuthParamName::stale},
    KnownName{"uri", AuthParamName::uri},
    KnownName{"userhash", AuthParamName::userhash},
    KnownName{"username", AuthParamName::username},
    KnownName{"username*", AuthParamName::extended_username},
};

AuthParamName name_of(std::string_view text) {
  for (const KnownName& known : known_names) {
    if (ascii::iequals(text, known.text)) return known.id;
  }
  return AuthParamName::other;
}

// FNV-1a without case. It saves comparisons; nothing depends on it being hard to hit.
uint32_t hash_name(std::string_view name) {
  uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(ascii::to_lower(c))) * 16777619u;
  return hash;
}

// attr-char of RFC 8187 section 3.2.1, its '%' and the quotes of an ext-value.
bool is_extended(char c) {
  return ascii::is_token(c) || std::string_view("#$&^|").find(c) != std::string_view::npos;
}

}  // namespace

uint32_t check_quoted(std::string_view datagram, uint32_t position, uint32_t end) {
  while (position < end) {
    const char c = datagram[position];
    if (c == '"') return position;
    const uint8_t octet = static_cast<uint8_t>(c);
    if (c == '\\') {
      if (end - position < 2) return end;
      const uint8_t escaped = static_cast<uint8_t>(datagram[position + 1]);
      if (escaped >= 0x80 || escaped == '\r' || escaped == '\n' || escaped == '\0') return end;
      position += 2;
    } else if (c == '\r') {
      const uint32_t behind = skip_lws(datagram, position, end);
      if (behind == position) return end;
      position = behind;
    } else if ((octet < 0x20 && c != '\t') || octet == 0x7f) {
      return end;
    } else {
      ++position;
    }
  }
  return end;
}

AuthParamCursor::AuthParamCursor(Span span, std::string_view datagram)
    : datagram_(datagram), position_(span.offset), end_(span.end()) {}

bool AuthParamCursor::fail(ValueError error) {
  failed_ = true;
  error_ = error;
  position_ = end_;
  return false;
}

// Leaves `position_` at the first octet of a parameter. Commas without anything between them are
// empty elements.
bool AuthParamCursor::skip_to_param() {
  bool has_comma = is_first_;
  for (;;) {
    position_ = skip_lws(datagram_, position_, end_);
    if (position_ == end_) return false;
    if (datagram_[position_] != ',') break;
    // The comma that ends a parameter is not an empty element; every other one is behind one.
    if (has_comma && ++count_ > max_params) return fail(ValueError::too_many);
    has_comma = true;
    ++position_;
  }
  return has_comma || fail(ValueError::bad_syntax);
}

bool AuthParamCursor::is_repeated(AuthParamName id, Span name) {
  if (id != AuthParamName::other) {
    const uint32_t bit = 1u << static_cast<unsigned>(id);
    const bool is_known = (known_ & bit) != 0;
    known_ |= bit;
    return is_known;
  }
  const std::string_view ours = text(name, datagram_);
  const uint32_t hash = hash_name(ours);
  for (unsigned i = 0; i < other_count_; ++i) {
    if (other_hashes_[i] == hash && ascii::iequals(text(other_names_[i], datagram_), ours)) {
      return true;
    }
  }
  other_names_[other_count_] = name;
  other_hashes_[other_count_] = hash;
  ++other_count_;
  return false;
}

// auth-param-name EQUAL
bool AuthParamCursor::read_name(AuthParam& param) {
  const uint32_t begin = position_;
  while (position_ < end_ && ascii::is_token(datagram_[position_])) ++position_;
  if (position_ == begin) return fail(ValueError::bad_syntax);
  const Span name = make_span(begin, position_);
  param = AuthParam{};
  param.id = name_of(text(name, datagram_));
  if (is_repeated(param.id, name)) return fail(ValueError::bad_syntax);
  position_ = skip_lws(datagram_, position_, end_);
  if (position_ == end_ || datagram_[position_] != '=') return fail(ValueError::bad_syntax);
  position_ = skip_lws(datagram_, position_ + 1, end_);
  return true;
}

bool AuthParamCursor::read_quoted(AuthParam& param) {
  const uint32_t begin = ++position_;
  position_ = check_quoted(datagram_, begin, end_);
  if (position_ == end_) return fail(ValueError::bad_syntax);
  param.has_quotes = true;
  param.value = make_span(begin, position_);
  ++position_;
  return true;
}

bool AuthParamCursor::read_token(AuthParam& param) {
  const bool is_ext_value = param.id == AuthParamName::extended_username;
  const uint32_t begin = position_;
  while (position_ < end_ && (is_ext_value ? is_extended(datagram_[position_])
                                           : ascii::is_token(datagram_[position_]))) {
    ++position_;
  }
  if (position_ == begin) return fail(ValueError::bad_syntax);
  param.value = make_span(begin, position_);
  return true;
}

bool AuthParamCursor::next(AuthParam& param) {
  if (failed_ || !skip_to_param()) return false;
  if (++count_ > max_params) return fail(ValueError::too_many);
  is_first_ = false;
  if (!read_name(param)) return false;
  if (position_ < end_ && datagram_[position_] == '"') return read_quoted(param);
  return read_token(param);
}

}  // namespace demarc::sip
