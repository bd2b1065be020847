// Multipart bodies on any octets: parts lie in the body in order, the search is linear, what stands
// around the body does not matter, and parts that are written again are read as they were.
//
// The input is a Content-Type value, an empty line, and the body.

#include "sip-parser/multipart.h"

#include <vector>

#include "sip-parser/base/ascii.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sip::MediaType;
using sip::Part;

// Octets that the search may look at for each octet of the body and each part, by a wide margin.
constexpr uint64_t max_work = 8;

struct Body {
  std::string_view datagram;
  Span span;
  MediaType type;  // its Spans are of the datagram too
};

struct Parts {
  std::vector<Part> parts;
  sip::PartError error{};  // none when the body is good
};

void check_part(const Part& part, std::string_view datagram) {
  for (const Span span : {part.content_type, part.content_disposition, part.content_id,
                          part.transfer_encoding, part.header, part.body}) {
    check_inside(span, datagram);
  }
  // 0: the whole body, as find_part() gives it.
  DEMARC_CHECK(part.depth <= sip::max_multipart_depth);
}

Parts parts_of(sip::PartCursor cursor, Span span, std::string_view datagram) {
  Parts result;
  Part part;
  uint32_t position = span.offset;
  while (cursor.next(part)) {
    check_part(part, datagram);
    DEMARC_CHECK(part.depth >= 1);
    check_inside(part.header, span);
    check_inside(part.body, span);
    DEMARC_CHECK(part.body.empty() || part.body.offset >= position);
    position = part.body.empty() ? position : part.body.end();
    result.parts.push_back(part);
    DEMARC_CHECK(result.parts.size() <= sip::max_parts);
  }
  DEMARC_CHECK(cursor.examined() <= max_work * (uint64_t{span.length} + 1));
  if (cursor.failed()) {
    result.error = cursor.error();
    DEMARC_CHECK(!sip::spelling(result.error).empty());
  }
  DEMARC_CHECK(!cursor.next(part));
  return result;
}

void check_nested(const Parts& parts, std::string_view datagram) {
  for (const Part& part : parts.parts) {
    if (!part.type.is_multipart) continue;
    for (const Part& inner : parts_of({part, datagram}, part.body, datagram).parts) {
      DEMARC_CHECK(inner.depth == part.depth + 1);
    }
  }
}

// Fields of a part as the writer wants them; false when one is folded, which it does not write.
bool fields_of(const Part& part, std::string_view datagram, std::vector<sip::PartField>& fields) {
  Span name;
  Span value;
  sip::PartFieldCursor cursor(part.header, datagram);
  while (cursor.next(name, value)) {
    fields.push_back({text(name, datagram), text(value, datagram)});
    if (fields.back().value.find('\n') != std::string_view::npos) return false;
  }
  DEMARC_CHECK(!cursor.failed());
  return true;
}

void check_written(const Body& body, const Parts& parts, std::string_view written) {
  const Placed placed(written, 0, '\0');
  // The boundary is that of the body, in a type of its own.
  const std::string value = "multipart/mixed;boundary=\"" +
                            std::string(text(body.type.boundary.value, body.datagram)) + "\"";
  const std::string whole = value + std::string(written);
  const auto type = sip::parse_media_type({0, static_cast<uint16_t>(value.size())}, whole);
  DEMARC_CHECK(type.has_value());
  const Span span{static_cast<uint16_t>(value.size()), static_cast<uint16_t>(written.size())};
  const Parts again = parts_of({span, *type, whole}, span, whole);
  DEMARC_CHECK(again.error == sip::PartError{});
  DEMARC_CHECK(again.parts.size() == parts.parts.size());
  for (size_t i = 0; i < parts.parts.size(); ++i) {
    const Part& before = parts.parts[i];
    const Part& after = again.parts[i];
    DEMARC_CHECK(text(before.body, body.datagram) == text(after.body, whole));
    DEMARC_CHECK(text(before.content_type, body.datagram) == text(after.content_type, whole));
    DEMARC_CHECK(text(before.content_id, body.datagram) == text(after.content_id, whole));
    DEMARC_CHECK(before.type.kind == after.type.kind);
    DEMARC_CHECK(before.is_encoded == after.is_encoded);
  }
}

void check_rewrite(const Body& body, const Parts& parts) {
  static char buffer[2 * max_value_octets];
  std::vector<std::vector<sip::PartField>> fields(parts.parts.size());
  std::vector<sip::PartToWrite> to_write;
  for (size_t i = 0; i < parts.parts.size(); ++i) {
    if (!fields_of(parts.parts[i], body.datagram, fields[i])) return;
    to_write.push_back({fields[i], text(parts.parts[i].body, body.datagram)});
  }
  const std::string_view boundary = text(body.type.boundary.value, body.datagram);
  if (!sip::is_boundary(boundary)) return;
  const auto written = sip::write_multipart(buffer, boundary, to_write);
  DEMARC_CHECK(written.has_value());
  if (written->size() < max_value_octets) check_written(body, parts, *written);
}

void check_find(const Body& body, Span content_type) {
  for (const sip::MediaKind kind : {sip::MediaKind::sdp, sip::MediaKind::isup}) {
    const auto part = sip::find_part(body.span, content_type, kind, body.datagram);
    if (!part) {
      DEMARC_CHECK(!sip::spelling(part.error()).empty());
      continue;
    }
    check_part(*part, body.datagram);
    check_inside(part->body, body.span);
    DEMARC_CHECK(part->type.kind == kind);
  }
}

// The same in other surroundings.
void check_neighbours(std::string_view input, size_t body_offset, const Parts& alone) {
  const Neighboured inside(input);
  const auto shift = static_cast<uint32_t>(inside.span().offset);
  const Span value{inside.span().offset, static_cast<uint16_t>(body_offset - 4)};
  const auto type = sip::parse_media_type(value, inside.datagram());
  DEMARC_CHECK(type.has_value());
  const Span span{static_cast<uint16_t>(shift + body_offset),
                  static_cast<uint16_t>(input.size() - body_offset)};
  const Parts parts = parts_of({span, *type, inside.datagram()}, span, inside.datagram());
  DEMARC_CHECK(parts.error == alone.error && parts.parts.size() == alone.parts.size());
  for (size_t i = 0; i < parts.parts.size(); ++i) {
    DEMARC_CHECK(inside.is_same(alone.parts[i].body, parts.parts[i].body));
    DEMARC_CHECK(inside.is_same(alone.parts[i].content_type, parts.parts[i].content_type));
  }
}

void run(std::string_view input) {
  if (input.size() > max_value_octets) return;
  const size_t end = input.find("\r\n\r\n");
  if (end == std::string_view::npos) return;
  const Placed placed(input, 0, '\0');
  const Span content_type{0, static_cast<uint16_t>(end)};
  const auto type = sip::parse_media_type(content_type, placed.view());
  const size_t offset = end + 4;
  const Span span{static_cast<uint16_t>(offset), static_cast<uint16_t>(input.size() - offset)};
  if (!type) return;
  const Body body{placed.view(), span, *type};
  check_find(body, content_type);
  const Parts parts = parts_of({span, *type, placed.view()}, span, placed.view());
  check_nested(parts, placed.view());
  check_neighbours(input, offset, parts);
  if (parts.error == sip::PartError{}) check_rewrite(body, parts);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
