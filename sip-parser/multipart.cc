#include "sip-parser/multipart.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "sip-parser/base/ascii.h"
#include "sip-parser/lws.h"
#include "sip-parser/write.h"

namespace demarc::sip {
namespace {

constexpr std::array<std::string_view, static_cast<size_t>(PartError::count)> error_names = {
    "",
    "not_found",
    "bad_content_type",
    "bad_boundary",
    "no_delimiter",
    "no_end",
    "bad_delimiter",
    "bad_line_end",
    "bad_part_header",
    "repeated_field",
    "too_many_parts",
    "too_many_fields",
    "too_deep",
    "no_room",
    "bad_field",
    "boundary_in_part",
};

bool is_line_break(char c) {
  return c == '\r' || c == '\n';
}

// bchars of RFC 2046 section 5.1.1.
bool is_bchar(char c) {
  return ascii::is_alphanum(c) ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

// The fields of a part that are read. MIME has no compact forms, so "c" is not Content-Type here.
struct KnownField {
  std::string_view name;
  Span Part::*place;
};
constexpr KnownField known_fields[] = {
    {"Content-Type", &Part::content_type},
    {"Content-Disposition", &Part::content_disposition},
    {"Content-ID", &Part::content_id},
    {"Content-Transfer-Encoding", &Part::transfer_encoding},
};

bool is_encoding_of_octets(std::string_view word) {
  return word.empty() || ascii::iequals(word, "binary") || ascii::iequals(word, "8bit") ||
         ascii::iequals(word, "7bit");
}

constexpr PartError no_error{};

// Reads the fields of the part that lies at [begin, end). The CRLF of the delimiter behind it is
// read too: it is the empty line of a part that has no body.
PartError read_fields(uint32_t begin, uint32_t end, std::string_view datagram, Part& part) {
  unsigned count = 0;
  unsigned seen = 0;
  Span name, value;
  PartFieldCursor cursor(make_span(begin, end + 2), datagram);
  while (cursor.next(name, value)) {
    if (++count > max_part_fields) return PartError::too_many_fields;
    for (unsigned i = 0; i < std::size(known_fields); ++i) {
      if (!ascii::iequals(text(name, datagram), known_fields[i].name)) continue;
      if ((seen >> i & 1) != 0) return PartError::repeated_field;
      seen |= 1u << i;
      part.*known_fields[i].place = value;
    }
  }
  if (!cursor.has_ended()) return PartError::bad_part_header;
  part.header = make_span(begin, cursor.position() - 2);
  part.body = make_span(std::min(cursor.position(), end), end);
  part.is_encoded = !is_encoding_of_octets(text(part.transfer_encoding, datagram));
  if ((seen & 1) == 0) {
    part.type.kind = MediaKind::text_plain;
    return no_error;
  }
  const Result<MediaType, ValueError> type = parse_media_type(part.content_type, datagram);
  if (!type) return PartError::bad_content_type;
  part.type = *type;
  return no_error;
}

bool is_writable(const PartField& field) {
  for (const char c : field.value) {
    if (is_line_break(c) || c == '\0') return false;
  }
  return ascii::is_token(field.name);
}

bool contains(std::string_view text, std::string_view piece) {
  return memmem(text.data(), text.size(), piece.data(), piece.size()) != nullptr;
}

// The type of a body that begins with its first delimiter.
MediaType type_of_written(size_t boundary_octets) {
  MediaType type;
  type.is_multipart = true;
  type.boundary.has_value = true;
  type.boundary.value = {2, static_cast<uint16_t>(boundary_octets)};
  return type;
}

PartError check_written(std::string_view body, size_t boundary_octets,
                        std::span<const PartToWrite> parts) {
  for (const PartToWrite& part : parts) {
    if (contains(part.body, body.substr(0, 2 + boundary_octets))) {
      return PartError::boundary_in_part;
    }
  }
  Part part;
  PartCursor cursor({0, static_cast<uint16_t>(body.size())}, type_of_written(boundary_octets),
                    body);
  while (cursor.next(part)) {
  }
  return cursor.failed() ? cursor.error() : no_error;
}

// Walks one multipart and keeps the first part of `kind` in `found`, unless there is one. Returns
// the mistake in it.
PartError walk_inner(PartCursor cursor, MediaKind kind, Part& found, bool& has_found) {
  Part part;
  while (cursor.next(part)) {
    if (part.type.is_multipart) return PartError::too_deep;
    if (has_found || part.type.kind != kind) continue;
    found = part;
    has_found = true;
  }
  return cursor.failed() ? cursor.error() : no_error;
}

}  // namespace

std::string_view spelling(PartError error) {
  const size_t index = static_cast<size_t>(error);
  return index < error_names.size() ? error_names[index] : std::string_view{};
}

bool is_boundary(std::string_view boundary) {
  for (const char c : boundary) {
    if (!is_bchar(c)) return false;
  }
  return !boundary.empty() && boundary.size() <= max_boundary_octets && boundary.back() != ' ';
}

PartCursor::PartCursor(Span body, const MediaType& type, std::string_view datagram, unsigned depth)
    : datagram_(datagram),
      boundary_(type.boundary.value),
      begin_(body.offset),
      end_(body.end()),
      position_(body.offset),
      depth_(depth) {
  if (!type.is_multipart) {
    fail(PartError::bad_content_type);
  } else if (!is_boundary(text(boundary_, datagram))) {
    fail(PartError::bad_boundary);
  } else if (depth > max_multipart_depth) {
    fail(PartError::too_deep);
  }
}

bool PartCursor::fail(PartError error) {
  failed_ = true;
  error_ = error;
  return false;
}

bool PartCursor::next(Part& part) {
  if (failed_ || is_done_) return false;
  uint32_t part_end = 0;
  if (!has_begun_) {
    has_begun_ = true;
    const Place place = find_delimiter(part_end);
    if (place == Place::failed) return false;
    if (place != Place::delimiter) return fail(PartError::no_delimiter);
  }
  const uint32_t part_begin = position_;
  const Place place = find_delimiter(part_end);
  if (place == Place::failed) return false;
  if (place == Place::none) return fail(PartError::no_end);
  if (++count_ > max_parts) return fail(PartError::too_many_parts);
  is_done_ = place == Place::end;
  part = Part{};
  part.depth = depth_;
  const PartError error = read_fields(part_begin, part_end, datagram_, part);
  return error == no_error || fail(error);
}

// Looks at the '-' that stand at the beginning of a line. No boundary holds a line break, so the
// comparison at one of them never goes past the next, and all of them together are linear.
PartCursor::Place PartCursor::find_delimiter(uint32_t& begin) {
  const std::string_view boundary = text(boundary_, datagram_);
  const char* data = datagram_.data();
  uint32_t at = position_;
  for (;; ++at) {
    const void* dash = at < end_ ? std::memchr(data + at, '-', end_ - at) : nullptr;
    const uint32_t from = at;
    at = dash == nullptr ? end_ : static_cast<uint32_t>(static_cast<const char*>(dash) - data);
    examined_ += at - from + 1;
    if (dash == nullptr) return Place::none;
    const bool is_first = at == begin_;
    if (!is_first && !is_line_break(data[at - 1])) continue;
    if (at + 1 == end_ || data[at + 1] != '-') continue;
    const std::string_view rest = datagram_.substr(at + 2, end_ - at - 2);
    size_t same = 0;
    while (same < boundary.size() && same < rest.size() && rest[same] == boundary[same]) ++same;
    examined_ += static_cast<uint32_t>(same) + 1;
    if (same < boundary.size()) continue;

    if (!is_first) {
      // The CRLF before a delimiter is its own, so two of them can not share one.
      if (at == position_) return failed_place(PartError::bad_delimiter);
      if (at < position_ + 2 || data[at - 1] != '\n' || data[at - 2] != '\r') {
        return failed_place(PartError::bad_line_end);
      }
    }
    begin = is_first ? at : at - 2;
    return read_delimiter(at + 2 + static_cast<uint32_t>(boundary.size()));
  }
}

// What stands behind the boundary: "--" in the last one, blanks, the line end. RFC 2046 section
// 5.1.1 takes any line that begins with a boundary for a delimiter, others compare the whole line:
// where the two differ it is refused.
PartCursor::Place PartCursor::read_delimiter(uint32_t at) {
  const bool is_end = end_ - at >= 2 && datagram_[at] == '-' && datagram_[at + 1] == '-';
  if (is_end) at += 2;
  while (at < end_ && ascii::is_wsp(datagram_[at])) ++at;
  if (at == end_) {
    position_ = end_;
    return is_end ? Place::end : failed_place(PartError::no_end);
  }
  if (end_ - at >= 2 && datagram_[at] == '\r' && datagram_[at + 1] == '\n') {
    position_ = at + 2;
    return is_end ? Place::end : Place::delimiter;
  }
  return failed_place(is_line_break(datagram_[at]) ? PartError::bad_line_end
                                                   : PartError::bad_delimiter);
}

bool PartFieldCursor::fail() {
  failed_ = true;
  return false;
}

bool PartFieldCursor::find_line_end(uint32_t begin, uint32_t& line_end) const {
  uint32_t at = begin;
  while (at < end_ && !is_line_break(datagram_[at]) && datagram_[at] != '\0') ++at;
  line_end = at;
  return end_ - at >= 2 && datagram_[at] == '\r' && datagram_[at + 1] == '\n';
}

bool PartFieldCursor::next(Span& name, Span& value) {
  if (failed_ || has_ended_ || position_ == end_) return false;
  uint32_t line_end = 0;
  if (!find_line_end(position_, line_end)) return fail();
  if (line_end == position_) {
    has_ended_ = true;
    position_ += 2;
    return false;
  }
  // A line that begins with white space belongs to the one before it.
  while (line_end + 2 < end_ && ascii::is_wsp(datagram_[line_end + 2])) {
    if (!find_line_end(line_end + 2, line_end)) return fail();
  }
  const uint32_t begin = position_;
  position_ = line_end + 2;
  uint32_t name_end = begin;
  while (name_end < line_end && ascii::is_token(datagram_[name_end])) ++name_end;
  uint32_t colon = name_end;
  while (colon < line_end && ascii::is_wsp(datagram_[colon])) ++colon;
  if (name_end == begin || datagram_[colon] != ':') return fail();
  name = make_span(begin, name_end);
  value = trim_lws(make_span(colon + 1, line_end), datagram_);
  return true;
}

Result<Part, PartError> find_part(Span body, Span content_type, MediaKind kind,
                                  std::string_view datagram) {
  if (content_type.empty()) return Fail{PartError::not_found};
  const Result<MediaType, ValueError> type = parse_media_type(content_type, datagram);
  if (!type) return Fail{PartError::bad_content_type};
  Part part, found;
  found.type = *type;
  found.content_type = content_type;
  found.body = body;
  found.depth = 0;
  bool has_found = type->kind == kind;
  if (!type->is_multipart) {
    if (!has_found) return Fail{PartError::not_found};
    return found;
  }
  PartCursor cursor(body, *type, datagram);
  while (cursor.next(part)) {
    if (!has_found && part.type.kind == kind) {
      found = part;
      has_found = true;
    }
    if (!part.type.is_multipart) continue;
    const PartError error = walk_inner(PartCursor(part, datagram), kind, found, has_found);
    if (error != no_error) return Fail{error};
  }
  if (cursor.failed()) return Fail{cursor.error()};
  if (!has_found) return Fail{PartError::not_found};
  return found;
}

Result<std::string_view, PartError> write_multipart(std::span<char> buffer,
                                                    std::string_view boundary,
                                                    std::span<const PartToWrite> parts) {
  if (!is_boundary(boundary)) return Fail{PartError::bad_boundary};
  if (parts.empty()) return Fail{PartError::no_delimiter};
  Writer writer(buffer);
  for (const PartToWrite& part : parts) {
    writer.raw("--").raw(boundary).raw("\r\n");
    for (const PartField& field : part.fields) {
      if (!is_writable(field)) return Fail{PartError::bad_field};
      writer.field(field.name, field.value);
    }
    writer.raw("\r\n").raw(part.body).raw("\r\n");
  }
  writer.raw("--").raw(boundary).raw("--\r\n");
  const std::string_view body = writer.written();
  if (writer.failed() || body.size() > max_message_octets) return Fail{PartError::no_room};
  const PartError error = check_written(body, boundary.size(), parts);
  if (error != no_error) return Fail{error};
  return body;
}

}  // namespace demarc::sip
