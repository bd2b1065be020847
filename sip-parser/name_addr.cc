#include "sip-parser/name_addr.h"

#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/lws.h"
#include "sip-parser/plain_uri.h"

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
    ++position;
    // One SP, as nearly everybody writes it.
    if (position < end && datagram[position] == ' ') ++position;
    position = skip_lws(datagram, position, end);
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

// The tag among parameters that are read plainly. False: the general way is to say what it is.
bool take_plain_param(Span name, Span value, std::string_view datagram, NameAddr& result) {
  if (name.length != 3 || !ascii::is_word(text(name, datagram), "tag")) return true;
  if (!result.tag.empty() || value.empty()) return false;
  result.tag = value;
  return true;
}

// Header parameters at the reader, which begin at `begin`, up to a comma or the end. False: they
// are to be read by read_params().
bool read_plain_params(PlainReader& reader, uint32_t begin, std::string_view datagram,
                       NameAddr& result) {
  reader.advance();
  if (reader.position() != begin) return false;
  const auto take = [&](Span name, Span value) {
    return take_plain_param(name, value, datagram, result);
  };
  if (!reader.read_params(take)) return false;
  if (begin != reader.position()) result.params.assign(begin, reader.position());
  return true;
}

// A SIP URI behind a '<', with the '>' and the parameters behind it. False: it is to be read by the
// general way.
bool read_plain_address(std::string_view datagram, uint32_t& position, uint32_t end,
                        NameAddr& result, Uri& uri) {
  if (!has_usual_scheme(datagram, position, end)) return false;
  PlainReader reader(datagram, position + usual_scheme_octets, end);
  if (!read_plain_uri(reader, position, datagram, uri) || reader.octet() != '>') return false;
  result.uri = uri.whole;
  if (!read_plain_params(reader, reader.position() + 1, datagram, result)) return false;
  position = reader.position();
  return true;
}

// Header parameters up to a comma or the end.
[[gnu::noinline]] ValueError read_params(std::string_view datagram, uint32_t& position,
                                         uint32_t end, NameAddr& result) {
  position = skip_lws(datagram, position, end);
  if (position == end) return no_error;
  const uint32_t begin = position;
  result.tag = Span{};
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
  PlainReader reader(datagram, position, end);
  if (read_plain_params(reader, position, datagram, result)) [[likely]] {
    position = reader.position();
    return no_error;
  }
  return read_params(datagram, position, end, result);
}

[[gnu::noinline]] ValueError read_any_address(std::string_view datagram, uint32_t& position,
                                              uint32_t end, bool has_brackets, NameAddr& result,
                                              Uri& uri) {
  if (has_brackets) [[likely]] {
    const ValueError error = read_uri_at(datagram, position, end, uri);
    if (error != no_error) return error;
    if (position == end || datagram[position] != '>') return ValueError::bad_syntax;
    ++position;
    result.uri = uri.whole;
  } else {
    if (!skip_uri(datagram, position, end, false, result)) return ValueError::bad_syntax;
    const ValueError error = read_uri(result.uri, datagram, uri);
    if (error != no_error) return error;
  }
  return read_params(datagram, position, end, result);
}

// The same with the URI.
ValueError read_address(std::string_view datagram, uint32_t& position, uint32_t end,
                        NameAddr& result, Uri& uri) {
  bool has_brackets = false;
  const ValueError error = read_front(datagram, position, end, result, has_brackets);
  if (error != no_error) return error;
  if (has_brackets && read_plain_address(datagram, position, end, result, uri)) [[likely]]
    return no_error;
  return read_any_address(datagram, position, end, has_brackets, result, uri);
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
[[gnu::flatten]] bool NameAddrCursor::read_next(NameAddr& name_addr, Uri& uri) {
  error_ = read_address(datagram_, position_, end_, name_addr, uri);
  is_done_ = error_ != no_error || position_ == end_;
  ++position_;  // the comma
  return error_ == no_error;
}

bool NameAddrCursor::read_next(NameAddr& name_addr) {
  error_ = read_name_addr(datagram_, position_, end_, name_addr);
  is_done_ = error_ != no_error || position_ == end_;
  ++position_;  // the comma
  return error_ == no_error;
}

}  // namespace demarc::sip
