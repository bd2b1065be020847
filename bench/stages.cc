#include "bench/stages.h"

#include <array>
#include <vector>

#include "bench/forward.h"
#include "bench/read_full.h"
#include "sip-parser/field_walker.h"
#include "sip-parser/parse.h"
#include "sip-parser/peek.h"
#include "sip-parser/sdp/sdp.h"
#include "sip-parser/validate.h"

namespace demarc::bench {
namespace {

sip::Message message;
FullMessage full;
sdp::Description description;
// Of the input at hand.
std::vector<sip::Message> parsed;
std::vector<Span> descriptions;  // empty where there is none
std::array<char, 2 * sip::max_message_octets> written;
struct IndexedLine {
  Span name, value;
};
std::array<IndexedLine, sip::max_header_fields> lines;

std::string_view view(const Octets& octets) {
  return {octets.data, octets.size};
}

// Where the fields are, without looking their names up.
bool index(const Octets& octets) {
  sip::LineMarks marks;
  sip::FieldWalker walker(view(octets), marks);
  Span line;
  if (walker.start_line(line) == sip::FieldWalker::Step::failed) return false;
  size_t count = 0;
  sip::FieldWalker::Step step = sip::FieldWalker::Step::found;
  while (count < lines.size() && step == sip::FieldWalker::Step::found) {
    step = walker.next(lines[count].name, lines[count].value);
    ++count;
  }
  return step == sip::FieldWalker::Step::end;
}

bool parse(const Octets& octets) {
  return sip::parse(view(octets), message).has_value();
}

bool peek(const Octets& octets) {
  return sip::peek(view(octets)).has_value();
}

bool read_all(const Octets& octets) {
  return read_full(view(octets), message, full);
}

bool parse_description(Span body, const Octets& octets) {
  return sdp::parse(text(body, view(octets)), description).has_value();
}

bool read_all_and_sdp(const Octets& octets) {
  if (!read_full(view(octets), message, full)) return false;
  return full.media_type.kind != sip::MediaKind::sdp || parse_description(message.body, octets);
}

bool sdp_alone(const Octets& octets) {
  const Span body = descriptions[octets.index];
  return body.empty() || parse_description(body, octets);
}

bool validate(const Octets& octets) {
  return sip::validate(parsed[octets.index], view(octets)).is_acceptable();
}

bool edit_write(const Octets& octets) {
  return !forward(parsed[octets.index], view(octets), written).empty();
}

template <bool (*read)(const sip::Message&, std::string_view, FullMessage&)>
bool part(const Octets& octets) {
  return read(parsed[octets.index], view(octets), full);
}

constexpr Stage stages[] = {
    {"index", index},
    {"parse", parse},
    {"request_uri", part<read_request_uri>},
    {"vias", part<read_vias>},
    {"from_to", part<read_from_to>},
    {"contacts", part<read_contacts>},
    {"routes", part<read_routes>},
    {"cseq_call_id", part<read_cseq_call_id>},
    {"numbers", part<read_numbers>},
    {"content_type", part<read_content_type>},
    {"tokens", part<read_tokens>},
    {"credentials", part<read_credentials>},
    {"full", read_all},
    {"full_sdp", read_all_and_sdp},
    {"sdp", sdp_alone},
    {"peek", peek},
    {"validate", validate},
    {"edit_write", edit_write},
};

}  // namespace

std::span<const Stage> our_stages() {
  return stages;
}

void prepare_stages(std::span<const Octets> messages) {
  parsed.assign(messages.size(), {});
  descriptions.assign(messages.size(), {});
  for (const Octets& octets : messages) {
    sip::Message& one = parsed[octets.index];
    if (!read_full(view(octets), one, full)) continue;
    if (full.media_type.kind == sip::MediaKind::sdp) descriptions[octets.index] = one.body;
  }
}

}  // namespace demarc::bench
