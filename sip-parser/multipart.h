// Multipart bodies: SDP beside PIDF-LO, ISUP or SIPREC metadata (RFC 2046 section 5.1, RFC 5621).
//
// Called by call/ on the worker that holds the message. A PartCursor walks the parts of one body;
// a part is spans over the datagram, its octets are passed as they are, NULs included. Strict where
// two readers could see different parts: every line end is CRLF, and a line that begins with the
// boundary is a whole delimiter or a mistake. Linear time; nothing is read outside the body.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/media_type.h"

namespace demarc::sip {

inline constexpr unsigned max_parts = 16;            // of one multipart
inline constexpr unsigned max_part_fields = 32;      // of one part
inline constexpr unsigned max_multipart_depth = 2;   // a multipart in a multipart
inline constexpr uint32_t max_boundary_octets = 70;  // RFC 2046 section 5.1.1

enum class PartError : uint8_t {
  not_found = 1,     // find_part() only: all is well-formed, and no part is of that kind
  bad_content_type,  // of the body or a part: not readable, or multipart is wanted and it is not
  bad_boundary,      // missing, longer than max_boundary_octets or not made of bchars
  no_delimiter,      // the boundary does not stand in the body
  no_end,            // "--boundary--" is missing
  bad_delimiter,     // a line that begins with "--boundary" and goes on otherwise
  bad_line_end,      // "--boundary" behind or before a bare CR or a bare LF
  bad_part_header,   // a line that is no field, no empty line, NUL, a bare CR or a bare LF
  repeated_field,    // of a part: a field that is read, twice
  too_many_parts,    // more than max_parts
  too_many_fields,   // more than max_part_fields
  too_deep,          // more than max_multipart_depth
  no_room,           // write_multipart(): the buffer is too small
  bad_field,         // write_multipart(): a name that is no token, or a line break in a value
  boundary_in_part,  // write_multipart(): the text of a part would be read as a delimiter
  count,
};
// "bad_boundary"
std::string_view spelling(PartError error);

// One part. Values are without white space at both ends and empty when absent.
struct Part {
  MediaType type;  // text/plain in effect when content_type is empty, RFC 2046 section 5.1
  Span content_type;
  Span content_disposition;
  Span content_id;
  Span transfer_encoding;
  Span header;  // all its fields, for PartFieldCursor; Content-Length among them means nothing
  Span body;    // octet for octet; up to the CRLF that belongs to the next delimiter
  unsigned depth = 1;  // in how many multiparts it lies
  // With base64, quoted-printable or an unknown word as transfer_encoding `body` is not the text.
  bool is_encoded = false;
};

// Walks the parts of a multipart body.
//   for (PartCursor cursor(body, type, datagram); cursor.next(part);) ...
// A mistake may stand behind parts that were given already: the body is good only when next() has
// returned false and failed() is false.
class PartCursor {
 public:
  // `type` is of any multipart subtype.
  PartCursor(Span body, const MediaType& type, std::string_view datagram)
      : PartCursor(body, type, datagram, 1) {}
  // The parts of a part that is multipart itself.
  PartCursor(const Part& part, std::string_view datagram)
      : PartCursor(part.body, part.type, datagram, part.depth + 1) {}

  bool next(Part& part);
  bool failed() const { return failed_; }
  PartError error() const { return error_; }
  // How many octets the search has looked at so far, to account for the work that a body makes.
  uint32_t examined() const { return examined_; }

 private:
  PartCursor(Span body, const MediaType& type, std::string_view datagram, unsigned depth);

  enum class Place : uint8_t { delimiter, end, none, failed };
  // The next delimiter line at or behind position_: `begin` is where the CRLF before it stands (or
  // where it stands itself, at the beginning of the body) and position_ moves behind it.
  Place find_delimiter(uint32_t& begin);
  Place read_delimiter(uint32_t at);
  bool fail(PartError error);
  Place failed_place(PartError error) {
    fail(error);
    return Place::failed;
  }

  std::string_view datagram_;
  Span boundary_;
  uint32_t begin_;
  uint32_t end_;
  uint32_t position_;
  uint32_t examined_ = 0;
  unsigned depth_;
  unsigned count_ = 0;
  bool has_begun_ = false;
  bool is_done_ = false;
  bool failed_ = false;
  PartError error_{};
};

// Walks the fields of a part header by the line rules of parse.h. Bad lines were refused by the
// PartCursor before.
class PartFieldCursor {
 public:
  PartFieldCursor(Span header, std::string_view datagram)
      : datagram_(datagram), position_(header.offset), end_(header.end()) {}
  // False at the empty line, at the end and at a mistake.
  bool next(Span& name, Span& value);
  bool failed() const { return failed_; }
  // Whether the empty line was met.
  bool has_ended() const { return has_ended_; }
  uint32_t position() const { return position_; }

 private:
  bool find_line_end(uint32_t begin, uint32_t& line_end) const;
  bool fail();

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  bool failed_ = false;
  bool has_ended_ = false;
};

// The first part of that kind, also in a multipart that is a part; the whole body when it is of
// that kind itself. All of the body is read first, so one mistake anywhere makes it fail. An empty
// content_type finds nothing: RFC 3261 section 20.15 wants one with every body.
Result<Part, PartError> find_part(Span body, Span content_type, MediaKind kind,
                                  std::string_view datagram);

// Whether it is 1..70 bchars and does not end with a blank.
bool is_boundary(std::string_view boundary);

struct PartField {
  std::string_view name;
  std::string_view value;
};
struct PartToWrite {
  std::span<const PartField> fields;
  std::string_view body;
};
// Composes a body in `buffer`; the caller announces it as multipart/...;boundary="...". Refuses
// what a PartCursor would refuse or read differently, so the boundary is in no part.
Result<std::string_view, PartError> write_multipart(std::span<char> buffer,
                                                    std::string_view boundary,
                                                    std::span<const PartToWrite> parts);

}  // namespace demarc::sip
