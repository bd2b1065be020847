#include "sip-parser/base/ascii.h"
#include "sip-parser/sdp/parser.h"
#include "sip-parser/sdp/session_lines.h"

namespace demarc::sdp {
namespace {

constexpr SdpError no_error{};
constexpr uint8_t no_format = 255;

// The arrays are left as they are: what lies behind a count is never read.
void clear(Description& description) {
  description.origin = Origin{};
  description.session_name = description.information = Span{};
  description.connection = Connection{};
  description.bandwidths.clear();
  description.start_time = description.stop_time = Span{};
  description.has_direction = false;
  description.direction = Direction::sendrecv;
  description.media_count = 0;
  description.session_attribute_count = description.attribute_count = 0;
}

void clear(Media& media) {
  media.port_count = 1;
  media.format_count = media.connection_count = 0;
  media.has_direction = false;
  media.direction = Direction::sendrecv;
  media.connection = Connection{};
  media.has_rtcp_mux = false;
  media.rtcp_port = 0;
  media.rtcp_connection = Connection{};
  media.ptime_ms = media.maxptime_ms = 0;
  media.attribute_count = 0;
  media.information = Span{};
  media.bandwidths.clear();
}

// All but the text and the payload type.
inline void clear(Format& format) {
  format.encoding = format.fmtp = Span{};
  format.clock_rate_hz = 0;
  format.channels = 0;
}

}  // namespace

// m=<media> <port>[/<number of ports>] <proto> <fmt> ...
Next Parser::take_media(size_t position) {
  end_media();
  if (description_.origin.user_name.empty()) return fail(SdpError::missing_origin);
  if (description_.media_count == max_media) return fail(SdpError::too_many_media);
  Media& media = description_.media[description_.media_count++];
  media_ = &media;
  clear(media);
  media.first_attribute = description_.attribute_count;

  constexpr Next bad = fail(SdpError::bad_media);
  Pieces pieces(reader_, position);
  size_t end = pieces.next();
  // Not empty and not too long.
  if (end - position - 1 >= max_media_octets || reader_.at(end) != ' ') return bad;
  media.media = span(position, end);
  media.type = media_type(reader_.word<uint64_t>(position), reader_.between(position, end));

  position = end;
  end = pieces.next_word(position);
  uint64_t number = 0;
  if (!reader_.number(position, end, max_port, number)) return bad;
  media.port = static_cast<uint16_t>(number);
  if (reader_.at(end) == '/') [[unlikely]] {
    position = end + 1;
    end = pieces.next();
    if (!reader_.number(position, end, max_port, number) || number == 0) return bad;
    media.port_count = static_cast<uint16_t>(number);
  }
  if (reader_.at(end) != ' ') return bad;

  position = end;
  end = pieces.next_word(position);
  while (reader_.at(end) == '/') end = pieces.next();
  const std::string_view name = reader_.between(position, end);
  media.protocol_text = span(position, end);
  media.protocol = protocol(reader_.word<uint64_t>(position), name);
  if (is_rtp(media.protocol)) [[likely]]
    return take_payload_types(pieces, end);
  if (media.protocol == Protocol::other && !is_protocol(name)) return bad;
  return name.find("RTP/") != name.npos ? take_payload_types(pieces, end) : take_formats(end);
}

inline Next Parser::take_payload_types(Pieces pieces, size_t end) {
  format_of_.fill(no_format);
  const Reader reader = reader_;
  Media& media = *media_;
  unsigned count = 0;
  while (reader.at(end) == ' ') {
    size_t begin = end;
    end = pieces.next_word(begin);
    // A blank at the end of the line.
    if (end == begin) [[unlikely]]
      break;
    uint32_t number = 0;
    if (!reader.short_number(begin, end, max_payload_type, number)) {
      return fail(SdpError::bad_media);
    }
    if (count == max_formats) return fail(SdpError::too_many_formats);
    Format& format = media.formats[count];
    clear(format);
    format.text = span(begin, end);
    format.payload_type = static_cast<uint8_t>(number);
    // Of a payload type that stands there twice, the first is described.
    if (format_of_[number] == no_format) format_of_[number] = static_cast<uint8_t>(count);
    ++count;
  }
  media.format_count = static_cast<uint8_t>(count);
  return count != 0 ? end_line(end, SdpError::bad_media) : fail(SdpError::bad_media);
}

Next Parser::take_formats(size_t end) {
  format_of_.fill(no_format);
  unsigned count = 0;
  while (reader_.at(end) == ' ') {
    const size_t begin = reader_.skip_blanks(end);
    end = reader_.skip(begin, token);
    if (end == begin) break;
    if (count == max_formats) return fail(SdpError::too_many_formats);
    Format& format = media_->formats[count++];
    clear(format);
    format.text = span(begin, end);
    format.payload_type = no_payload_type;
  }
  media_->format_count = static_cast<uint8_t>(count);
  return count != 0 ? end_line(end, SdpError::bad_media) : fail(SdpError::bad_media);
}

// a=<name> or a=<name>:<value>
//
// The names that nearly every description has are compared first.
inline Next Parser::take_attribute(size_t position) {
  const auto begin = reader_.word<uint64_t>(position);
  const auto begins_with = [begin](std::string_view name) {
    return (begin & (UINT64_MAX >> (64 - 8 * name.size()))) == word_of(name);
  };
  if (begins_with("rtpmap:")) return take_rtpmap(position + 7);
  if (begins_with("fmtp:")) return take_fmtp(position + 5);
  if (begins_with("ptime:")) return take_milliseconds(position + 6, max_ptime_ms, &Media::ptime_ms);
  if (begins_with("sendrecv")) {
    const Next next = take_direction(Direction::sendrecv, position + 8);
    // Else it may yet be a longer name.
    if (next < failed) return next;
  }
  return take_other_attribute(position);
}

Next Parser::take_other_attribute(size_t position) {
  const size_t end = reader_.skip(position, token);
  if (end == position) return fail(SdpError::bad_attribute);
  const bool has_value = reader_.at(end) == ':';
  const AttributeKind kind =
      attribute_kind(reader_.word<uint64_t>(position), reader_.between(position, end));
  switch (kind) {
    case AttributeKind::rtpmap:
    case AttributeKind::fmtp:
    case AttributeKind::ptime:
      // Without the colon.
      return fail(SdpError::bad_attribute);
    case AttributeKind::maxptime:
      return has_value ? take_milliseconds(end + 1, max_maxptime_ms, &Media::maxptime_ms)
                       : fail(SdpError::bad_attribute);
    case AttributeKind::sendrecv:
    case AttributeKind::sendonly:
    case AttributeKind::recvonly:
    case AttributeKind::inactive:
      return take_direction(direction_of(kind), end);
    case AttributeKind::rtcp:
      return has_value ? take_rtcp(end + 1) : fail(SdpError::bad_attribute);
    case AttributeKind::rtcp_mux:
      return take_rtcp_mux(end);
    default:
      break;
  }
  // Read when somebody asks.
  if (description_.attribute_count == max_attributes) return fail(SdpError::too_many_attributes);
  Attribute& attribute = description_.attributes[description_.attribute_count++];
  attribute = {kind, span(position, end), Span{}};
  if (!has_value) return end_line(end, SdpError::bad_attribute);
  const size_t value_end = reader_.skip_text(end + 1);
  if (value_end != end + 1) attribute.value = span(end + 1, value_end);
  return end_line(value_end, SdpError::bad_attribute);
}

inline Format* Parser::format_of(uint32_t payload_type) {
  if (media_ == nullptr) return nullptr;
  const uint8_t index = format_of_[payload_type];
  return index == no_format ? nullptr : &media_->formats[index];
}

// <payload type> <encoding name>/<clock rate>[/<channels>]
//
// Without a clock rate it says nothing that could be passed on, yet is no reason to refuse the
// call: it stands so in RFC 4475 section 3.1.1.1 and is then left out of the model.
inline Next Parser::take_rtpmap(size_t position) {
  constexpr Next bad = fail(SdpError::bad_attribute);
  Pieces pieces(reader_, position);
  size_t end = pieces.next();
  uint32_t payload_type = 0;
  if (!reader_.short_number(position, end, max_payload_type, payload_type)) return bad;
  if (reader_.at(end) != ' ') return bad;
  position = end;
  end = pieces.next_word(position);
  if (end == position) return bad;
  const Span encoding = span(position, end);
  if (reader_.at(end) != '/') return end_line(end, SdpError::bad_attribute);
  position = end + 1;
  end = pieces.next();
  uint64_t clock_rate_hz = 8000;
  // That is what nearly every call says.
  if (end - position != 4 || reader_.word<uint32_t>(position) != word_of("8000")) {
    if (!reader_.number(position, end, max_clock_rate_hz, clock_rate_hz)) return bad;
    if (clock_rate_hz == 0) return bad;
  }
  uint32_t channels = 0;
  if (reader_.at(end) == '/') {
    position = end + 1;
    end = pieces.next();
    if (!reader_.short_number(position, end, max_channels, channels) || channels == 0) return bad;
  }
  Format* format = format_of(payload_type);
  if (format != nullptr && format->encoding.empty()) {
    format->encoding = encoding;
    format->clock_rate_hz = static_cast<uint32_t>(clock_rate_hz);
    format->channels = static_cast<uint8_t>(channels);
  }
  return end_line(end, SdpError::bad_attribute);
}

// <format> <parameters>; the format of a media that is not RTP need not be a number.
inline Next Parser::take_fmtp(size_t position) {
  Pieces pieces(reader_, position);
  const size_t end = pieces.next();
  uint32_t payload_type = 0;
  if (!reader_.short_number(position, end, max_payload_type, payload_type)) {
    // A token, but not a number above the maximum.
    if (end == position || reader_.are_digits(position, end)) return fail(SdpError::bad_attribute);
    return end_line(reader_.at(end) == ' ' ? reader_.skip_text(end) : end, SdpError::bad_attribute);
  }
  if (reader_.at(end) != ' ') return end_line(end, SdpError::bad_attribute);
  const size_t begin = reader_.skip_blanks(end + 1);
  const size_t text_end = reader_.skip_text(begin);
  Format* format = format_of(payload_type);
  if (format != nullptr && format->fmtp.empty()) format->fmtp = span(begin, text_end);
  return end_line(text_end, SdpError::bad_attribute);
}

// non-zero-int-or-real of RFC 8866 section 9: a fraction is taken for right and left out.
inline Next Parser::take_milliseconds(size_t position, uint16_t maximum, uint16_t Media::*kept) {
  const size_t end = Pieces(reader_, position).next();
  const auto skip_digits = [this](size_t at) {
    while (ascii::is_digit(reader_.at(at))) ++at;
    return at;
  };
  const size_t whole_end = skip_digits(position);
  const bool has_fraction = whole_end != end && reader_.at(whole_end) == '.' &&
                            whole_end + 1 != end && skip_digits(whole_end + 1) == end;
  uint32_t number = 0;
  if ((whole_end != end && !has_fraction) ||
      !reader_.short_number(position, whole_end, maximum, number) || number == 0) {
    return fail(SdpError::bad_attribute);
  }
  if (media_ != nullptr) media_->*kept = static_cast<uint16_t>(number);
  return end_line(end, SdpError::bad_attribute);
}

// Two directions at one level that contradict each other could be read in two ways.
inline Next Parser::take_direction(Direction direction, size_t end) {
  const Next next = end_line(end, SdpError::bad_attribute);
  if (next >= failed) return next;
  bool& has = media_ == nullptr ? description_.has_direction : media_->has_direction;
  Direction& kept = media_ == nullptr ? description_.direction : media_->direction;
  if (has && kept != direction) return fail(SdpError::bad_attribute);
  has = true;
  kept = direction;
  return next;
}

Next Parser::take_rtcp_mux(size_t end) {
  if (media_ != nullptr) media_->has_rtcp_mux = true;
  return end_line(end, SdpError::bad_attribute);
}

inline Next Parser::take_line(char type, size_t position) {
  Span skipped;
  switch (type) {
    case 'm':
      return take_media(position);
    case 'c':
      return take_connection(position);
    case 'b':
      return take_bandwidth(position);
    case 'o':
      return take_origin(position);
    case 's':
      return take_session_name(position);
    case 't':
      return take_time(position);
    case 'i':
      return take_text(position,
                       media_ == nullptr ? description_.information : media_->information);
    case 'v':
      return fail(SdpError::bad_version);
    default:
      return ascii::is_alpha(type) ? take_text(position, skipped) : fail(SdpError::bad_line);
  }
}

// The attributes of the level that ends are counted.
inline void Parser::end_media() {
  if (media_ == nullptr) {
    description_.session_attribute_count = description_.attribute_count;
  } else {
    media_->attribute_count =
        static_cast<uint16_t>(description_.attribute_count - media_->first_attribute);
  }
}

bool Parser::is_blank_from(size_t position) const {
  while (position < reader_.size()) {
    if (!reader_.line_end(position)) return false;
  }
  return true;
}

// A line with a forbidden octet is refused for that, whatever it was then taken for.
[[gnu::cold]] SdpError Parser::explain(size_t line, SdpError error) const {
  size_t end = reader_.skip_text(line);
  return reader_.line_end(end) ? error : SdpError::forbidden_octet;
}

inline SdpError Parser::finish() const {
  if (description_.origin.user_name.empty()) return SdpError::missing_origin;
  if (description_.connection.type != AddressType::none) return no_error;
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const Media& media = description_.media[i];
    if (media.port != 0 && media.connection.type == AddressType::none) {
      return SdpError::bad_connection;
    }
  }
  return no_error;
}

inline Next Parser::take_version() {
  size_t end = 3;
  if ((reader_.word<uint32_t>(0) & 0xffffff) == word_of("v=0") && reader_.line_end(end))
      [[likely]] {
    return end;
  }
  if (is_blank_from(0)) return fail(SdpError::empty);
  const bool is_line = reader_.at(1) == '=' && ascii::is_alpha(reader_.at(0));
  return fail(is_line ? SdpError::bad_version : SdpError::bad_line);
}

SdpError Parser::run() {
  size_t line = 0;
  Next next = take_version();
  while (next < reader_.size()) {
    line = next;
    const auto begin = reader_.word<uint16_t>(line);
    if (begin == word_of("a=")) [[likely]] {
      next = take_attribute(line + 2);
    } else if (begin >> 8 == '=') [[likely]] {
      next = take_line(static_cast<char>(begin & 0xff), line + 2);
    } else {
      next = is_blank_from(line) ? reader_.size() : fail(SdpError::bad_line);
    }
  }
  if (next >= failed) [[unlikely]]
    return explain(line, static_cast<SdpError>(next & ~failed));
  end_media();
  return finish();
}

namespace {

// Most are of a few hundred octets; only for a large one a large copy is taken from the stack.
constexpr uint32_t usual_octets = 2048;

template <uint32_t capacity>
[[gnu::noinline]] SdpError parse_copy(std::string_view body, Description& description) {
  const IndexedCopy<capacity> copy(body);
  return Parser({copy, body.size()}, description).run();
}

}  // namespace

Result<Parsed, SdpError> parse(std::string_view body, Description& description) {
  clear(description);
  if (body.size() > max_body_octets) return Fail{SdpError::too_long};
  const SdpError error = body.size() <= usual_octets
                             ? parse_copy<usual_octets>(body, description)
                             : parse_copy<max_body_octets>(body, description);
  if (error != no_error) return Fail{error};
  return Parsed::ok;
}

}  // namespace demarc::sdp
