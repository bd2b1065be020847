// Multipart bodies as tests write and read them. Tests only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sip-parser/multipart.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {

using std::string_literals::operator""s;
using support::GuardedBuffer;

// What a body is made of, as text.
struct Seen {
  std::vector<std::string> types;
  std::vector<std::string> bodies;
  PartError error{};  // 0: none
};

// A Content-Type and a body as they lie in a message: the value first, the body at the end, where
// reading on faults.
struct Body {
  Body(std::string_view type, std::string_view body)
      : buffer(std::string(type) + std::string(body), 0, ' '),
        type_span{0, static_cast<uint16_t>(type.size())},
        body_span{type_span.length, static_cast<uint16_t>(body.size())} {}
  std::string_view datagram() const { return buffer.view(); }
  GuardedBuffer buffer;
  Span type_span;
  Span body_span;
};

inline Seen walk(PartCursor& cursor, std::string_view datagram) {
  Seen seen;
  Part part;
  while (cursor.next(part)) {
    seen.types.emplace_back(text(part.content_type, datagram));
    seen.bodies.emplace_back(text(part.body, datagram));
  }
  if (cursor.failed()) seen.error = cursor.error();
  EXPECT_FALSE(cursor.next(part));
  return seen;
}
inline Seen seen_in(std::string_view type, std::string_view octets) {
  const Body body(type, octets);
  const Result<MediaType, ValueError> media = parse_media_type(body.type_span, body.datagram());
  EXPECT_TRUE(media) << type;
  PartCursor cursor(body.body_span, *media, body.datagram());
  return walk(cursor, body.datagram());
}
inline Seen seen_in(std::string_view octets) {
  return seen_in("multipart/mixed;boundary=b", octets);
}

// The text of the first part of that kind, or the error.
inline std::string found_in(std::string_view type, std::string_view octets, MediaKind kind) {
  const Body body(type, octets);
  const Result<Part, PartError> part =
      find_part(body.body_span, body.type_span, kind, body.datagram());
  if (!part) return "error: " + std::string(spelling(part.error()));
  return std::string(text(part->body, body.datagram()));
}

inline const std::string sdp(support::sdp_offer);
inline const std::string pidf =
    "<?xml version=\"1.0\"?>\r\n<presence xmlns=\"urn:ietf:params:xml:ns:pidf\">\r\n"
    "--not-a-boundary\r\n</presence>\r\n";
// An IAM, with NUL, CR, LF and dashes among its octets.
inline const std::string isup =
    "\x01\x00\x49\x00\x00\x03\x02\x00\x07\x04\x10\x00\r\n--\r\n\r\r\n-\n\x00"s;
inline const std::string metadata = "<recording xmlns='urn:ietf:params:xml:ns:recording:1'/>";

inline std::string part_of(std::string_view type, std::string_view body) {
  return "Content-Type: " + std::string(type) + "\r\n\r\n" + std::string(body);
}
inline std::string body_of(const std::string& boundary, const std::vector<std::string>& parts) {
  std::string body;
  for (const std::string& part : parts) body += "--" + boundary + "\r\n" + part + "\r\n";
  return body + "--" + boundary + "--\r\n";
}

}  // namespace demarc::sip
