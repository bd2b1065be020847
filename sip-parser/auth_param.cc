#include "sip-parser/auth_param.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

struct KnownName {
  std::string_view text;
  AuthParamName id;
};

// Shortest first, so that the names of one length stand together.
constexpr std::array known_names = {
    KnownName{"nc", AuthParamName::nc},
    KnownName{"uri", AuthParamName::uri},
    KnownName{"qop", AuthParamName::qop},
    KnownName{"realm", AuthParamName::realm},
    KnownName{"nonce", AuthParamName::nonce},
    KnownName{"stale", AuthParamName::stale},
    KnownName{"cnonce", AuthParamName::cnonce},
    KnownName{"domain", AuthParamName::domain},
    KnownName{"opaque", AuthParamName::opaque},
    KnownName{"charset", AuthParamName::charset},
    KnownName{"rspauth", AuthParamName::rspauth},
    KnownName{"response", AuthParamName::response},
    KnownName{"userhash", AuthParamName::userhash},
    KnownName{"username", AuthParamName::username},
    KnownName{"algorithm", AuthParamName::algorithm},
    KnownName{"nextnonce", AuthParamName::nextnonce},
    KnownName{"username*", AuthParamName::extended_username},
};
constexpr size_t longest_name = known_names.back().text.size();

// By length: where its names begin in known_names. They end where those of the next one begin.
constexpr std::array first_of_length = [] {
  std::array<uint8_t, longest_name + 2> first{};
  for (size_t length = 0; length < first.size(); ++length) {
    while (first[length] < known_names.size() && known_names[first[length]].text.size() < length) {
      ++first[length];
    }
  }
  return first;
}();

AuthParamName name_of(std::string_view text) {
  if (text.size() > longest_name) return AuthParamName::other;
  for (size_t i = first_of_length[text.size()]; i < first_of_length[text.size() + 1]; ++i) {
    if (ascii::iequals(text, known_names[i].text)) return known_names[i].id;
  }
  return AuthParamName::other;
}

// FNV-1a without case. It saves comparisons; nothing depends on it being hard to hit.
uint32_t hash_name(std::string_view name) {
  uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(ascii::to_lower(c))) * 16777619u;
  return hash;
}

enum CharacterClass : uint8_t { in_token = 1, in_extended = 2, in_quotes = 4 };

constexpr std::array<uint8_t, 256> classes = [] {
  std::array<uint8_t, 256> table{};
  for (unsigned c = 0; c < 256; ++c) {
    const char character = static_cast<char>(c);
    unsigned value = 0;
    if (ascii::is_token(character)) value |= in_token | in_extended;
    // attr-char of RFC 8187 section 3.2.1; its '%' and the quotes of an ext-value are in token.
    if (std::string_view("#$&^|").find(character) != std::string_view::npos) value |= in_extended;
    // What stands for itself and ends nothing: qdtext, without folds.
    const bool is_control = (c < 0x20 && character != '\t') || c == 0x7f;
    if (!is_control && character != '"' && character != '\\') value |= in_quotes;
    table[c] = static_cast<uint8_t>(value);
  }
  return table;
}();

// The first position in [position, end] whose octet is not of the class.
uint32_t skip_class(std::string_view datagram, uint32_t position, uint32_t end,
                    CharacterClass wanted) {
  while (position < end && (classes[static_cast<uint8_t>(datagram[position])] & wanted) != 0) {
    ++position;
  }
  return position;
}

}  // namespace

uint32_t check_quoted(std::string_view datagram, uint32_t position, uint32_t end) {
  for (;;) {
    position = skip_class(datagram, position, end, in_quotes);
    if (position == end || datagram[position] == '"') return position;
    if (datagram[position] == '\\') {
      if (end - position < 2) return end;
      const uint8_t escaped = static_cast<uint8_t>(datagram[position + 1]);
      if (escaped >= 0x80 || escaped == '\r' || escaped == '\n' || escaped == '\0') return end;
      position += 2;
    } else {
      // A control: only the CR of a fold may stand here.
      const uint32_t behind = skip_lws(datagram, position, end);
      if (behind == position) return end;
      position = behind;
    }
  }
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
  position_ = skip_class(datagram_, position_, end_, in_token);
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
  const uint32_t begin = position_;
  position_ = skip_class(datagram_, position_, end_,
                         param.id == AuthParamName::extended_username ? in_extended : in_token);
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
