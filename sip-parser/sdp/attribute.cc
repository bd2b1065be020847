#include "sip-parser/sdp/attribute.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/sdp/line.h"

namespace demarc::sdp {
namespace {

struct KnownName {
  std::string_view name;
  AttributeKind kind;
};

constexpr KnownName known_names[] = {
    {"rtpmap", AttributeKind::rtpmap},
    {"fmtp", AttributeKind::fmtp},
    {"ptime", AttributeKind::ptime},
    {"maxptime", AttributeKind::maxptime},
    {"sendrecv", AttributeKind::direction},
    {"sendonly", AttributeKind::direction},
    {"recvonly", AttributeKind::direction},
    {"inactive", AttributeKind::direction},
    {"rtcp", AttributeKind::rtcp},
    {"rtcp-mux", AttributeKind::rtcp_mux},
    {"crypto", AttributeKind::crypto},
    {"fingerprint", AttributeKind::fingerprint},
    {"setup", AttributeKind::setup},
    {"ice-ufrag", AttributeKind::ice},
    {"ice-pwd", AttributeKind::ice},
    {"ice-lite", AttributeKind::ice},
    {"ice-options", AttributeKind::ice},
    {"ice-mismatch", AttributeKind::ice},
    {"ice-pacing", AttributeKind::ice},
    {"end-of-candidates", AttributeKind::candidate},
    {"candidate", AttributeKind::candidate},
    {"remote-candidates", AttributeKind::candidate},
    {"ssrc", AttributeKind::ssrc},
    {"ssrc-group", AttributeKind::ssrc},
    {"mid", AttributeKind::mid},
    {"group", AttributeKind::group},
};

// Attributes of no kind of their own that the other side may see. RFC 3108 section 5.6.3.2.
constexpr std::string_view allow_list[] = {"silenceSupp"};

// T.38 annex D: T38FaxVersion, T38MaxBitRate, ... Some gateways write them in lower case.
bool is_t38(std::string_view name) {
  return name.size() > 3 && ascii::iequals(name.substr(0, 3), "T38");
}

AttributeKind kind_of(std::string_view name) {
  for (const KnownName& known : known_names) {
    if (known.name == name) return known.kind;
  }
  return is_t38(name) ? AttributeKind::t38 : AttributeKind::other;
}

// The payload type when it is one of the media's formats, else 255.
uint8_t format_of(uint64_t payload_type, std::string_view body, const Media* media) {
  if (media == nullptr) return 255;
  for (unsigned i = 0; i < media->format_count; ++i) {
    uint64_t format = 0;
    if (ascii::parse_decimal(text(media->formats[i], body), max_payload_type, format) &&
        format == payload_type) {
      return static_cast<uint8_t>(payload_type);
    }
  }
  return 255;
}

// <payload type> <encoding name>/<clock rate>[/<parameters>]
//
// Without a clock rate it says nothing that could be passed on, yet is no reason to refuse the
// call: it stands so in RFC 4475 section 3.1.1.1 and is then left out of what is printed.
bool read_rtpmap(std::string_view value, std::string_view body, const Media* media,
                 Attribute& attribute) {
  uint64_t payload_type = 0;
  if (!ascii::parse_decimal(take_word(value), max_payload_type, payload_type)) return false;
  std::string_view encoding = take_word(value);
  if (!take_word(value).empty()) return false;
  size_t slash = encoding.find('/');
  if (!ascii::is_token(encoding.substr(0, slash))) return false;
  if (slash == std::string_view::npos) return true;
  encoding.remove_prefix(slash + 1);
  slash = encoding.find('/');
  uint64_t clock_rate = 0;
  if (!ascii::parse_decimal(encoding.substr(0, slash), UINT32_MAX, clock_rate) || clock_rate == 0) {
    return false;
  }
  if (slash != std::string_view::npos && !ascii::is_token(encoding.substr(slash + 1))) return false;
  attribute.payload_type = format_of(payload_type, body, media);
  return true;
}

// <format> <parameters>; the format of a media that is not RTP need not be a number.
bool read_fmtp(std::string_view value, std::string_view body, const Media* media,
               Attribute& attribute) {
  const std::string_view format = take_word(value);
  if (!ascii::is_token(format)) return false;
  for (const char c : format) {
    if (!ascii::is_digit(c)) return true;
  }
  uint64_t payload_type = 0;
  if (!ascii::parse_decimal(format, max_payload_type, payload_type)) return false;
  attribute.payload_type = format_of(payload_type, body, media);
  return true;
}

bool read_ptime(std::string_view value, Media* media) {
  uint64_t ptime_ms = 0;
  if (!ascii::parse_decimal(value, max_ptime_ms, ptime_ms) || ptime_ms == 0) return false;
  if (media != nullptr) media->ptime_ms = static_cast<uint16_t>(ptime_ms);
  return true;
}

bool is_maxptime(std::string_view value) {
  uint64_t maxptime_ms = 0;
  return ascii::parse_decimal(value, max_maxptime_ms, maxptime_ms) && maxptime_ms != 0;
}

// Two directions at one level that contradict each other could be read in two ways.
bool read_direction(std::string_view name, Description& description, Media* media) {
  const Direction direction = name == "sendrecv"   ? Direction::sendrecv
                              : name == "sendonly" ? Direction::sendonly
                              : name == "recvonly" ? Direction::recvonly
                                                   : Direction::inactive;
  bool& has = media == nullptr ? description.has_direction : media->has_direction;
  Direction& kept = media == nullptr ? description.direction : media->direction;
  if (has && kept != direction) return false;
  has = true;
  kept = direction;
  return true;
}

// RFC 3605 section 2.1: port [ nettype addrtype address ]
bool read_rtcp(std::string_view value, std::string_view body, Media* media) {
  uint64_t port = 0;
  if (!ascii::parse_decimal(take_word(value), 65535, port) || port == 0) return false;
  Connection connection;
  std::string_view rest = value;
  if (!take_word(rest).empty() && !read_connection(value, body, connection)) return false;
  if (media == nullptr) return true;
  media->rtcp_port = static_cast<uint16_t>(port);
  media->rtcp_connection = connection;
  return true;
}

}  // namespace

bool read_attribute(std::string_view line, std::string_view body, Description& description,
                    Media* media, Attribute& attribute) {
  const size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (!ascii::is_token(name)) return false;
  attribute = Attribute{};
  attribute.kind = kind_of(name);
  attribute.name = span_of(name, body);
  std::string_view value;
  if (colon != std::string_view::npos) {
    value = line.substr(colon + 1);
    attribute.value = span_of(value, body);
  }
  switch (attribute.kind) {
    case AttributeKind::rtpmap:
      return read_rtpmap(value, body, media, attribute);
    case AttributeKind::fmtp:
      return read_fmtp(value, body, media, attribute);
    case AttributeKind::ptime:
      return read_ptime(value, media);
    case AttributeKind::maxptime:
      return is_maxptime(value);
    case AttributeKind::direction:
      return read_direction(name, description, media);
    case AttributeKind::rtcp:
      return read_rtcp(value, body, media);
    case AttributeKind::rtcp_mux:
      if (media != nullptr) media->has_rtcp_mux = true;
      return true;
    default:
      return true;
  }
}

bool is_copied(const Attribute& attribute, std::string_view body) {
  switch (attribute.kind) {
    case AttributeKind::rtpmap:
    case AttributeKind::fmtp:
      return attribute.payload_type != 255;
    case AttributeKind::ptime:
    case AttributeKind::maxptime:
    case AttributeKind::t38:
      return true;
    case AttributeKind::other:
      for (const std::string_view name : allow_list) {
        if (text(attribute.name, body) == name) return true;
      }
      return false;
    default:
      return false;
  }
}

}  // namespace demarc::sdp
