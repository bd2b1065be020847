// Our parser in the loop: the stages that are compared with other parsers, and each typed part
// alone on a message that was parsed before.
#include <array>
#include <vector>

#include "bench/forward.h"
#include "bench/peers/loop.h"
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
std::vector<sip::Message> parsed;  // of the input at hand
std::array<char, 2 * sip::max_message_octets> written;
struct IndexedLine {
  Span name, value;
};
std::array<IndexedLine, sip::max_header_fields> lines;

void prepare(std::span<const Octets> messages) {
  parsed.assign(messages.size(), {});
  for (const Octets& octets : messages) {
    static_cast<void>(sip::parse({octets.data, octets.size}, parsed[octets.index]).has_value());
  }
}

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

bool parse_description(const sip::Message& of, const Octets& octets) {
  if (of.body.empty()) return true;
  return sdp::parse(text(of.body, view(octets)), description).has_value();
}

bool read_all_and_sdp(const Octets& octets) {
  return read_full(view(octets), message, full) && parse_description(message, octets);
}

bool sdp_alone(const Octets& octets) {
  return parse_description(parsed[octets.index], octets);
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
}  // namespace demarc::bench

int main(int count, char** arguments) {
  return demarc::bench::run({"demarc", demarc::bench::stages, demarc::bench::prepare}, count,
                            arguments);
}
