#include "sip-parser/sdp/extension.h"

namespace demarc::sdp {
namespace {

bool read_direction(std::string_view text, ExtensionMap& map) {
  for (const Direction direction :
       {Direction::sendrecv, Direction::sendonly, Direction::recvonly, Direction::inactive}) {
    if (text != spelling(direction)) continue;
    map.has_direction = true;
    map.direction = direction;
  }
  return map.has_direction;
}

bool read_id(std::string_view text, uint16_t& id) {
  return read_number(text, {1, max_extension_id}, id) ||
         read_number(text, {min_offered_extension_id, max_offered_extension_id}, id);
}

// What is left of a value, without the SP before it.
Span span_of_rest(std::string_view rest, std::string_view body) {
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  return rest.empty() ? Span{} : span_of(rest, body);
}

}  // namespace

Result<ExtensionMap, ValueError> parse_extension_map(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  std::string_view direction = take_word(rest);
  const bool has_direction = direction.find('/') != std::string_view::npos;
  const std::string_view id = take_until(direction, '/');
  ExtensionMap map;
  if (!read_id(id, map.id)) return Fail{number_error(id)};
  if (has_direction && !read_direction(direction, map)) return Fail{ValueError::bad_syntax};
  const std::string_view uri = take_word(rest);
  if (uri.empty() || !visible.covers(uri)) return Fail{ValueError::bad_syntax};
  map.uri = span_of(uri, body);
  map.attributes = span_of_rest(rest, body);
  return map;
}

Result<RtcpFeedback, ValueError> parse_rtcp_feedback(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  RtcpFeedback feedback;
  const std::string_view format = take_word(rest);
  if (format != "*" && !read_number(format, {0, max_payload_type}, feedback.payload_type)) {
    return Fail{number_error(format)};
  }
  const std::string_view type = take_word(rest);
  if (!is_token(type)) return Fail{ValueError::bad_syntax};
  feedback.type = span_of(type, body);
  feedback.parameters = span_of_rest(rest, body);
  return feedback;
}

}  // namespace demarc::sdp
