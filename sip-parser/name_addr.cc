#include "sip-parser/name_addr.h"

#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr ValueError no_error{};

// Octets of a URI, as far as they matter here: visible ASCII that does not end one.
constexpr CharClass in_brackets = CharClass::visible().without("<>\"");
// Without brackets a ';' begins the parameters of the field.
constexpr CharClass without_brackets = in_brackets.without(";?,");
constexpr CharClass in_scheme = CharClass::where(ascii::is_alphanum) | CharClass::of("+-.");
constexpr CharClass token = CharClass::where(ascii::is_token);

// [ display-name ] LAQUOT: leaves `position` behind the '<'. False when there is no '<' to come,
// which is no mistake as long as no display name was quoted.
bool read_display_name(std::string_view datagram, uint32_t& position, uint32_t end,
                       NameAddr& result) {
  const uint32_t begin = position;
  if (datagram[begin] == '"') {
    position = find_quote_end(datagram, begin + 1, end);
    if (position == end) return false;
    result.has_quotes = true;
    result.display_name.assign(begin + 1, position);
    position = skip_lws(datagram, position + 1, end);
  } else {
    for (;;) {
      position = find_outside(datagram, position, end, token);
      const uint32_t next = skip_lws(datagram, position, end);
      if (next == position) break;
      position = next;
    }
    result.display_name.assign(begin, trim_lws_end(datagram, begin, position));
  }
  if (position == end || datagram[position] != '<') return false;
  ++position;
  return true;
}

// `position` goes to where the URI ends: at the '>' with brackets, else at a blank, ';' or the end.
bool skip_uri(std::string_view datagram, uint32_t& position, uint32_t end, bool has_brackets,
              NameAddr& result) {
  const uint32_t begin = position;
  uint32_t colon = begin + 3;
  if (end - begin <= 4 || std::memcmp(datagram.data() + begin, "sip:", 4) != 0) {
    colon = find_outside(datagram, begin, end, in_scheme);
    if (colon == begin || colon == end || datagram[colon] != ':') return false;
  }
  position = find_outside(datagram, colon, end, has_brackets ? in_brackets : without_brackets);
  result.uri.assign(begin, position);
  if (!has_brackets) return position == end || datagram[position] != '?';
  if (position == end || datagram[position] != '>') return false;
  ++position;
  return true;
}

// Header parameters up to a comma or the end.
ValueError read_params(std::string_view datagram, uint32_t& position, uint32_t end,
                       NameAddr& result) {
  position = skip_lws(datagram, position, end);
  if (position == end) return no_error;
  const uint32_t begin = position;
  bool has_tag = false;
  ParamCursor cursor(make_span(begin, end), datagram, ParamCursor::Ends::at_comma);
  for (Param param; cursor.next(param);) {
    if (!ascii::is_word(text(param.name, datagram), "tag")) continue;
    // A tag is a token; two tags name two dialogs.
    if (has_tag || !param.has_value || param.has_quotes) return ValueError::bad_syntax;
    has_tag = true;
    result.tag = param.value;
  }
  if (cursor.failed()) return cursor.error();
  position = cursor.position();
  const uint32_t stop = trim_lws_end(datagram, begin, position);
  if (begin < stop) result.params.assign(begin, stop);
  return no_error;
}

// What stands before the URI; says whether that is in brackets.
ValueError read_front(std::string_view datagram, uint32_t& position, uint32_t end, NameAddr& result,
                      bool& has_brackets) {
  result = NameAddr{};
  position = skip_lws(datagram, position, end);
  if (position == end) return ValueError::bad_syntax;
  const uint32_t begin = position;
  has_brackets = datagram[begin] == '<';
  if (has_brackets) {
    ++position;
  } else if (!(has_brackets = read_display_name(datagram, position, end, result))) {
    if (datagram[begin] == '"') return ValueError::bad_syntax;
    result.display_name = Span{};
    position = begin;
  }
  return no_error;
}

// One element, up to a comma or the end.
ValueError read_name_addr(std::string_view datagram, uint32_t& position, uint32_t end,
                          NameAddr& result) {
  bool has_brackets = false;
  const ValueError error = read_front(datagram, position, end, result, has_brackets);
  if (error != no_error) return error;
  if (!skip_uri(datagram, position, end, has_brackets, result)) return ValueError::bad_syntax;
  return read_params(datagram, position, end, result);
}

// The same with the URI.
ValueError read_address(std::string_view datagram, uint32_t& position, uint32_t end,
                        NameAddr& result, Uri& uri) {
  bool has_brackets = false;
  ValueError error = read_front(datagram, position, end, result, has_brackets);
  if (error != no_error) return error;
  if (has_brackets) [[likely]] {
    error = read_uri_at(datagram, position, end, uri);
    if (error != no_error) return error;
    if (position == end || datagram[position] != '>') return ValueError::bad_syntax;
    ++position;
    result.uri = uri.whole;
  } else {
    if (!skip_uri(datagram, position, end, false, result)) return ValueError::bad_syntax;
    error = read_uri(result.uri, datagram, uri);
    if (error != no_error) return error;
  }
  return read_params(datagram, position, end, result);
}

}  // namespace

Result<NameAddr, ValueError> parse_name_addr(Span span, std::string_view datagram) {
  NameAddr result;
  uint32_t position = span.offset;
  const ValueError error = read_name_addr(datagram, position, span.end(), result);
  if (error != no_error) return Fail{error};
  if (position != span.end()) return Fail{ValueError::bad_syntax};
  return result;
}

// Flat, as read_uri_at() is.
[[gnu::flatten]] bool NameAddrCursor::next(NameAddr& name_addr, Uri& uri) {
  if (is_done_) return false;
  error_ = read_address(datagram_, position_, end_, name_addr, uri);
  is_done_ = error_ != no_error || position_ == end_;
  ++position_;  // the comma
  return error_ == no_error;
}

bool NameAddrCursor::next(NameAddr& name_addr) {
  if (is_done_) return false;
  error_ = read_name_addr(datagram_, position_, end_, name_addr);
  is_done_ = error_ != no_error || position_ == end_;
  ++position_;  // the comma
  return error_ == no_error;
}

}  // namespace demarc::sip
