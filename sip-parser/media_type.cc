#include "sip-parser/media_type.h"

#include <algorithm>
#include <array>

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(MediaKind::count)> media_names = {
    "",
    "application/sdp",
    "application/isup",
    "application/qsig",
    "application/pidf+xml",
    "application/rs-metadata+xml",
    "application/dtmf-relay",
    "application/dtmf",
    "application/simple-message-summary",
    "application/dialog-info+xml",
    "application/resource-lists+xml",
    "application/media_control+xml",
    "application/vq-rtcpxr",
    "application/pkcs7-mime",
    "application/pkcs7-signature",
    "message/sipfrag",
    "message/sip",
    "message/cpim",
    "multipart/mixed",
    "multipart/alternative",
    "multipart/related",
    "multipart/signed",
    "text/plain",
};

constexpr std::array<std::string_view, static_cast<size_t>(DispositionKind::count)>
    disposition_names = {"",       "session",       "render",       "icon",
                         "alert",  "early-session", "by-reference", "recipient-list",
                         "signal", "info-package",  "aib",          "recording-session"};

struct TypeSpans {
  Span type;
  Span subtype;
  uint32_t end = 0;  // of the subtype
};

uint32_t token_end(std::string_view datagram, uint32_t position, uint32_t end) {
  while (position < end && ascii::is_token(datagram[position])) ++position;
  return position;
}

// token SLASH token, where SLASH may have white space around it. "*" is a token as well.
bool read_type(Span span, std::string_view datagram, TypeSpans& result) {
  const uint32_t end = span.end();
  const uint32_t type_begin = skip_lws(datagram, span.offset, end);
  const uint32_t type_end = token_end(datagram, type_begin, end);
  const uint32_t slash = skip_lws(datagram, type_end, end);
  if (type_end == type_begin || slash == end || datagram[slash] != '/') return false;
  const uint32_t subtype_begin = skip_lws(datagram, slash + 1, end);
  result.end = token_end(datagram, subtype_begin, end);
  result.type = make_span(type_begin, type_end);
  result.subtype = make_span(subtype_begin, result.end);
  return result.end != subtype_begin;
}

// What stands behind a type or a disp-type: nothing or parameters.
Span rest_of(Span span, uint32_t position, std::string_view datagram) {
  return make_span(skip_lws(datagram, position, span.end()), span.end());
}

bool is_named(const Param& param, std::string_view name, std::string_view datagram) {
  return ascii::iequals(text(param.name, datagram), name);
}

// Keeps the first of its name; false when there was one before.
bool keep_once(const Param& param, Param& place) {
  if (!place.name.empty()) return false;
  place = param;
  return true;
}

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
bool read_quality(std::string_view text, uint16_t& quality) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return false;
  if (text.size() > 1 && text[1] != '.') return false;
  unsigned value = text[0] == '1' ? max_quality : 0;
  unsigned weight = 100;
  for (const char c : text.substr(std::min<size_t>(text.size(), 2))) {
    if (!ascii::is_digit(c)) return false;
    value += static_cast<unsigned>(c - '0') * weight;
    weight /= 10;
  }
  quality = static_cast<uint16_t>(value);
  return value <= max_quality;
}

// The narrowest match so far, over the ranges of any number of lists.
struct Match {
  unsigned narrowness = 0;  // 1: "*/*", 2: "type/*", 3: "type/subtype"
  uint16_t quality = 0;
};

void take_range(const AcceptRange& range, std::string_view list, MediaName media, Match& match) {
  unsigned narrowness = 1;
  if (!range.is_any_type) {
    if (!ascii::iequals(text(range.type, list), media.type)) return;
    narrowness = 2;
  }
  if (!range.is_any_subtype) {
    if (!ascii::iequals(text(range.subtype, list), media.subtype)) return;
    narrowness = 3;
  }
  if (narrowness < match.narrowness) return;
  const bool is_narrower = narrowness > match.narrowness;
  match.quality = is_narrower ? range.quality : std::max(match.quality, range.quality);
  match.narrowness = narrowness;
}

// False: `error` says why.
bool take_list(Span list, std::string_view datagram, MediaName media, Match& match,
               ValueError& error) {
  Span element;
  for (ListCursor cursor(list, datagram); cursor.next(element);) {
    const Result<AcceptRange, ValueError> range = parse_accept_range(element, datagram);
    if (!range) {
      error = range.error();
      return false;
    }
    take_range(*range, datagram, media, match);
  }
  return true;
}

}  // namespace

std::string_view spelling(MediaKind kind) {
  const size_t index = static_cast<size_t>(kind);
  return index < media_names.size() ? media_names[index] : std::string_view{};
}

std::string_view spelling(DispositionKind kind) {
  const size_t index = static_cast<size_t>(kind);
  return index < disposition_names.size() ? disposition_names[index] : std::string_view{};
}

MediaKind media_kind(std::string_view type, std::string_view subtype) {
  // What most bodies are.
  if (ascii::is_word(subtype, "sdp") && ascii::is_word(type, "application")) return MediaKind::sdp;
  for (size_t i = 1; i < media_names.size(); ++i) {
    const std::string_view name = media_names[i];
    if (name.size() == type.size() + 1 + subtype.size() && name[type.size()] == '/' &&
        ascii::iequals(name.substr(0, type.size()), type) &&
        ascii::iequals(name.substr(type.size() + 1), subtype)) {
      return static_cast<MediaKind>(i);
    }
  }
  return MediaKind::other;
}

// "application/sdp" without parameters, as nearly every body is announced.
bool is_plain_sdp(Span value, std::string_view datagram) {
  constexpr std::string_view usual = "application/sdp";
  return value.length == usual.size() &&
         std::memcmp(datagram.data() + value.offset, usual.data(), usual.size()) == 0;
}

Result<MediaType, ValueError> parse_media_type(Span value, std::string_view datagram) {
  if (is_plain_sdp(value, datagram)) {
    MediaType media;
    media.kind = MediaKind::sdp;
    media.type.assign(value.offset, value.offset + 11u);
    media.subtype.assign(value.offset + 12u, value.end());
    media.params.assign(value.end(), value.end());
    return media;
  }
  TypeSpans spans;
  if (!read_type(value, datagram, spans)) return Fail{ValueError::bad_syntax};
  MediaType media;
  media.type = spans.type;
  media.subtype = spans.subtype;
  media.params = rest_of(value, spans.end, datagram);
  const std::string_view type = text(media.type, datagram);
  const std::string_view subtype = text(media.subtype, datagram);
  if (type == "*" || subtype == "*") return Fail{ValueError::bad_syntax};
  media.kind = media_kind(type, subtype);
  media.is_multipart = ascii::iequals(type, "multipart");

  Param param;
  ParamCursor cursor(media.params, datagram);
  while (cursor.next(param)) {
    if (!param.has_value || !ascii::is_token(text(param.name, datagram)) ||
        (is_named(param, "boundary", datagram) && !keep_once(param, media.boundary)) ||
        (is_named(param, "charset", datagram) && !keep_once(param, media.charset))) {
      return Fail{ValueError::bad_syntax};
    }
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return media;
}

bool param_equals(const Param& param, std::string_view expected, std::string_view datagram) {
  const std::string_view raw = text(param.value, datagram);
  size_t matched = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (param.has_quotes && raw[i] == '\\' && i + 1 < raw.size()) ++i;
    if (matched == expected.size() ||
        ascii::to_lower(raw[i]) != ascii::to_lower(expected[matched])) {
      return false;
    }
    ++matched;
  }
  return param.has_value && matched == expected.size();
}

Result<std::string_view, ValueError> unquote(const Param& param, std::string_view datagram,
                                             std::span<char> buffer) {
  const std::string_view raw = text(param.value, datagram);
  size_t size = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (param.has_quotes && raw[i] == '\\' && i + 1 < raw.size()) ++i;
    if (size == buffer.size()) return Fail{ValueError::out_of_range};
    buffer[size++] = raw[i];
  }
  return std::string_view{buffer.data(), size};
}

Result<AcceptRange, ValueError> parse_accept_range(Span element, std::string_view datagram) {
  TypeSpans spans;
  if (!read_type(element, datagram, spans)) return Fail{ValueError::bad_syntax};
  AcceptRange range;
  range.type = spans.type;
  range.subtype = spans.subtype;
  range.params = rest_of(element, spans.end, datagram);
  const std::string_view type = text(range.type, datagram);
  const std::string_view subtype = text(range.subtype, datagram);
  range.is_any_type = type == "*";
  range.is_any_subtype = subtype == "*";
  if (range.is_any_type && !range.is_any_subtype) return Fail{ValueError::bad_syntax};
  range.kind = media_kind(type, subtype);

  Param param, quality;
  ParamCursor cursor(range.params, datagram);
  while (cursor.next(param)) {
    if (!is_named(param, "q", datagram)) continue;
    if (!keep_once(param, quality) || param.has_quotes ||
        !read_quality(text(param.value, datagram), range.quality)) {
      return Fail{ValueError::bad_syntax};
    }
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return range;
}

Result<bool, ValueError> accepts(std::string_view list, MediaName media) {
  if (list.size() > max_message_octets) return Fail{ValueError::out_of_range};
  Match match;
  ValueError error{};
  if (!take_list({0, static_cast<uint16_t>(list.size())}, list, media, match, error)) {
    return Fail{error};
  }
  return match.quality > 0;
}

Result<bool, ValueError> accepts(const Message& message, std::string_view datagram,
                                 MediaName media) {
  const HeaderField* field = message.first(HeaderName::accept);
  if (field == nullptr) return media_kind(media.type, media.subtype) == MediaKind::sdp;
  Match match;
  for (; field != nullptr; field = message.next(*field)) {
    ValueError error{};
    if (!take_list(field->value, datagram, media, match, error)) return Fail{error};
  }
  return match.quality > 0;
}

Result<Disposition, ValueError> parse_disposition(Span value, std::string_view datagram) {
  const uint32_t begin = skip_lws(datagram, value.offset, value.end());
  const uint32_t end = token_end(datagram, begin, value.end());
  if (end == begin) return Fail{ValueError::bad_syntax};
  Disposition disposition;
  disposition.type = make_span(begin, end);
  disposition.params = rest_of(value, end, datagram);
  for (size_t i = 1; i < disposition_names.size(); ++i) {
    if (ascii::iequals(text(disposition.type, datagram), disposition_names[i])) {
      disposition.kind = static_cast<DispositionKind>(i);
    }
  }

  Param param, handling;
  ParamCursor cursor(disposition.params, datagram);
  while (cursor.next(param)) {
    if (!is_named(param, "handling", datagram)) continue;
    // handling-param = "handling" EQUAL ( "optional" / "required" / token )
    if (!keep_once(param, handling) || param.has_quotes ||
        !ascii::is_token(text(param.value, datagram))) {
      return Fail{ValueError::bad_syntax};
    }
    disposition.is_required = !param_equals(param, "optional", datagram);
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return disposition;
}

DispositionKind default_disposition(MediaKind kind) {
  return kind == MediaKind::sdp ? DispositionKind::session : DispositionKind::render;
}

}  // namespace demarc::sip
