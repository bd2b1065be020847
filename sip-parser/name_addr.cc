#include "sip-parser/name_addr.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

// Octets of a URI, as far as they matter here: visible ASCII that does not end one.
bool is_uri_character(char c) {
  return static_cast<uint8_t>(c) > 0x20 && static_cast<uint8_t>(c) < 0x7f && c != '<' && c != '>' &&
         c != '"';
}

// [ display-name ] LAQUOT: leaves `position` behind the '<'. False when there is no '<' to come,
// which is no mistake as long as no display name was quoted.
bool read_display_name(std::string_view datagram, uint32_t& position, uint32_t end,
                       NameAddr& result) {
  const uint32_t begin = position;
  if (datagram[begin] == '"') {
    position = find_quote_end(datagram, begin + 1, end);
    if (position == end) return false;
    result.has_quotes = true;
    result.display_name = make_span(begin + 1, position);
    position = skip_lws(datagram, position + 1, end);
  } else {
    for (;;) {
      while (position < end && ascii::is_token(datagram[position])) ++position;
      const uint32_t next = skip_lws(datagram, position, end);
      if (next == position) break;
      position = next;
    }
    result.display_name = make_span(begin, trim_lws_end(datagram, begin, position));
  }
  if (position == end || datagram[position] != '<') return false;
  ++position;
  return true;
}

// `position` goes to where the URI ends: at the '>' with brackets, else at a blank, ';' or the end.
bool read_uri(std::string_view datagram, uint32_t& position, uint32_t end, bool has_brackets,
              NameAddr& result) {
  const uint32_t begin = position;
  bool has_colon = false;
  for (; position < end && is_uri_character(datagram[position]); ++position) {
    const char c = datagram[position];
    if (!has_brackets) {
      if (c == ';') break;
      if (c == '?' || c == ',') return false;
    }
    has_colon |= c == ':';
  }
  result.uri = make_span(begin, position);
  return has_colon && datagram[begin] != ':';
}

Result<NameAddr, ValueError> check_params(const NameAddr& result, std::string_view datagram) {
  Param param;
  bool has_tag = false;
  ParamCursor cursor(result.params, datagram);
  while (cursor.next(param)) {
    if (!ascii::iequals(text(param.name, datagram), "tag")) continue;
    // A tag is a token; two tags name two dialogs.
    if (has_tag || !param.has_value || param.has_quotes) return Fail{ValueError::bad_syntax};
    has_tag = true;
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return result;
}

}  // namespace

Result<NameAddr, ValueError> parse_name_addr(Span span, std::string_view datagram) {
  const Span trimmed = trim_lws(span, datagram);
  const uint32_t end = trimmed.end();
  if (trimmed.empty()) return Fail{ValueError::bad_syntax};

  NameAddr result;
  uint32_t position = trimmed.offset;
  const bool has_brackets = read_display_name(datagram, position, end, result);
  if (!has_brackets) {
    if (datagram[trimmed.offset] == '"') return Fail{ValueError::bad_syntax};
    result.display_name = Span{};
    position = trimmed.offset;
  }
  if (!read_uri(datagram, position, end, has_brackets, result)) {
    return Fail{ValueError::bad_syntax};
  }
  if (has_brackets) {
    if (position == end || datagram[position] != '>') return Fail{ValueError::bad_syntax};
    ++position;
  }
  position = skip_lws(datagram, position, end);
  if (position != end) {
    if (datagram[position] != ';') return Fail{ValueError::bad_syntax};
    result.params = make_span(position, end);
  }
  return check_params(result, datagram);
}

Span tag_of(const NameAddr& name_addr, std::string_view datagram) {
  return find_param(name_addr.params, "tag", datagram).value;
}

}  // namespace demarc::sip
