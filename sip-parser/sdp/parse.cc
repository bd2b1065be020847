#include "sip-parser/base/ascii.h"
#include "sip-parser/sdp/attribute.h"
#include "sip-parser/sdp/line.h"
#include "sip-parser/sdp/sdp.h"

namespace demarc::sdp {
namespace {

constexpr SdpError no_error{};

void clear(Description& description) {
  description.origin = description.session_name = Span{};
  description.connection = Connection{};
  description.has_direction = false;
  description.direction = Direction::sendrecv;
  description.session_attribute_count = 0;
  description.media_count = 0;
  description.attribute_count = 0;
}

// m=<media> <port>[/<number>] <proto> <fmt> ...
SdpError read_media(std::string_view value, std::string_view body, Media& media) {
  media = Media{};
  const std::string_view name = take_word(value);
  std::string_view port = take_word(value);
  const std::string_view protocol = take_word(value);
  if (!ascii::is_token(name) || !is_protocol(protocol)) return SdpError::bad_media;
  const size_t slash = port.find('/');
  if (slash != std::string_view::npos) {
    // More than one port is for layered multicast, which is not relayed.
    if (port.substr(slash + 1) != "1") return SdpError::bad_media;
    port = port.substr(0, slash);
  }
  uint64_t number = 0;
  if (!ascii::parse_decimal(port, 65535, number)) return SdpError::bad_media;
  media.media = span_of(name, body);
  media.port = static_cast<uint16_t>(number);
  media.protocol = span_of(protocol, body);

  const bool is_rtp = protocol.find("RTP/") != std::string_view::npos;
  for (std::string_view format = take_word(value); !format.empty(); format = take_word(value)) {
    if (media.format_count == max_formats) return SdpError::too_many_formats;
    if (is_rtp ? !ascii::parse_decimal(format, max_payload_type, number)
               : !ascii::is_token(format)) {
      return SdpError::bad_media;
    }
    media.formats[media.format_count++] = span_of(format, body);
  }
  return media.format_count == 0 ? SdpError::bad_media : no_error;
}

// One parse: what is known after the lines so far.
class Parser {
 public:
  Parser(std::string_view body, Description& description)
      : body_(body), description_(description) {}

  SdpError take(char type, std::string_view value) {
    switch (type) {
      case 'v':
        return SdpError::bad_version;  // the first line was taken by the caller
      case 'o':
        return take_once(description_.origin, value);
      case 's':
        return take_session_name(value);
      case 'c':
        return take_connection(value);
      case 'm':
        return take_media(value);
      case 'b':
        return take_bandwidth(value);
      case 'a':
        return take_attribute(value);
      default:
        return no_error;
    }
  }
  SdpError finish() const;

 private:
  SdpError take_once(Span& kept, std::string_view value);
  SdpError take_session_name(std::string_view value);
  SdpError take_connection(std::string_view value);
  SdpError take_media(std::string_view value);
  SdpError take_bandwidth(std::string_view value);
  SdpError take_attribute(std::string_view value);

  std::string_view body_;
  Description& description_;
  Media* media_ = nullptr;  // the one being read
  bool has_session_name_ = false;
};

SdpError Parser::take_once(Span& kept, std::string_view value) {
  if (media_ != nullptr || !kept.empty() || value.empty()) return SdpError::bad_line;
  kept = span_of(value, body_);
  return no_error;
}

SdpError Parser::take_session_name(std::string_view value) {
  // Some send "s=" with nothing behind it, which RFC 8866 section 5.3 forbids but harms nobody.
  if (has_session_name_ || media_ != nullptr) return SdpError::bad_line;
  has_session_name_ = true;
  if (!value.empty()) description_.session_name = span_of(value, body_);
  return no_error;
}

SdpError Parser::take_connection(std::string_view value) {
  Connection& connection = media_ == nullptr ? description_.connection : media_->connection;
  if (connection.type != AddressType::none) return SdpError::bad_connection;
  return read_connection(value, body_, connection) ? no_error : SdpError::bad_connection;
}

SdpError Parser::take_media(std::string_view value) {
  if (description_.origin.empty()) return SdpError::missing_origin;
  if (description_.media_count == max_media) return SdpError::too_many_media;
  media_ = &description_.media[description_.media_count++];
  const SdpError error = read_media(value, body_, *media_);
  media_->first_attribute = description_.attribute_count;
  return error;
}

SdpError Parser::take_bandwidth(std::string_view value) {
  if (media_ == nullptr || !media_->bandwidth.empty()) return no_error;
  const size_t colon = value.find(':');
  uint64_t number = 0;
  if (colon != std::string_view::npos && ascii::is_token(value.substr(0, colon)) &&
      ascii::parse_decimal(value.substr(colon + 1), UINT32_MAX, number)) {
    media_->bandwidth = span_of(value, body_);
  }
  return no_error;
}

SdpError Parser::take_attribute(std::string_view value) {
  if (description_.attribute_count == max_attributes) return SdpError::too_many_attributes;
  Attribute& attribute = description_.attributes[description_.attribute_count];
  if (!read_attribute(value, body_, description_, media_, attribute)) {
    return SdpError::bad_attribute;
  }
  ++description_.attribute_count;
  ++(media_ == nullptr ? description_.session_attribute_count : media_->attribute_count);
  return no_error;
}

SdpError Parser::finish() const {
  if (description_.origin.empty()) return SdpError::missing_origin;
  for (unsigned i = 0; i < description_.media_count; ++i) {
    const Media& media = description_.media[i];
    if (media.port != 0 && description_.connection_of(media).type == AddressType::none) {
      return SdpError::bad_connection;
    }
  }
  return no_error;
}

SdpError parse_lines(std::string_view body, Description& description) {
  Parser parser(body, description);
  LineReader reader(body);
  std::string_view line;
  bool is_first = true;
  while (reader.next(line)) {
    if (line.size() < 2 || !ascii::is_alpha(line[0]) || line[1] != '=') return SdpError::bad_line;
    const std::string_view value = line.substr(2);
    if (is_first) {
      if (line[0] != 'v' || value != "0") return SdpError::bad_version;
      is_first = false;
      continue;
    }
    const SdpError error = parser.take(line[0], value);
    if (error != no_error) return error;
  }
  if (reader.has_forbidden_octet()) return SdpError::forbidden_octet;
  return is_first ? SdpError::empty : parser.finish();
}

}  // namespace

std::string_view spelling(SdpError error) {
  switch (error) {
    case SdpError::empty:
      return "empty";
    case SdpError::too_long:
      return "too_long";
    case SdpError::bad_line:
      return "bad_line";
    case SdpError::bad_version:
      return "bad_version";
    case SdpError::missing_origin:
      return "missing_origin";
    case SdpError::bad_connection:
      return "bad_connection";
    case SdpError::bad_media:
      return "bad_media";
    case SdpError::bad_attribute:
      return "bad_attribute";
    case SdpError::forbidden_octet:
      return "forbidden_octet";
    case SdpError::too_many_media:
      return "too_many_media";
    case SdpError::too_many_formats:
      return "too_many_formats";
    case SdpError::too_many_attributes:
      return "too_many_attributes";
    case SdpError::count:
      break;
  }
  return "";
}

Result<Parsed, SdpError> parse(std::string_view body, Description& description) {
  clear(description);
  if (body.size() > max_body_octets) return Fail{SdpError::too_long};
  const SdpError error = parse_lines(body, description);
  if (error != no_error) return Fail{error};
  return Parsed::ok;
}

}  // namespace demarc::sdp
