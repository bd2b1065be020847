// parse(write(parse(x))) = parse(x): every message that parse() accepts is written again field by
// field through Writer, and reads as it did, but for folds, which become one SP each.

#include <algorithm>
#include <vector>

#include "sip-parser/parse.h"
#include "sip-parser/write.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sip::HeaderName;
using sip::Message;

constexpr size_t max_written_octets = 2 * sip::max_message_octets;

// Content-Length is left to finish(), so that it comes last.
void write(const Message& message, std::string_view datagram, sip::Writer& writer) {
  if (message.is_request) {
    writer.request_line(text(message.method_text, datagram), text(message.request_uri, datagram));
  } else {
    writer.status_line(message.status_code, text(message.reason_phrase, datagram));
  }
  for (unsigned i = 0; i < message.field_count; ++i) {
    const sip::HeaderField& field = message.fields[i];
    if (field.id == HeaderName::content_length) continue;
    if (field.id == HeaderName::other) {
      writer.raw(text(field.name, datagram)).raw(": ");
    } else {
      writer.begin(field.id);
    }
    writer.unfolded(text(field.value, datagram)).end();
  }
  writer.finish(text(message.body, datagram));
}

std::string without_folds(std::string_view value) {
  std::string result;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\r') {
      result += value[i];
      continue;
    }
    result += ' ';
    i += 2;
    while (i + 1 < value.size() && (value[i + 1] == ' ' || value[i + 1] == '\t')) ++i;
  }
  return result;
}

std::vector<const sip::HeaderField*> fields_of(const Message& message) {
  std::vector<const sip::HeaderField*> fields;
  for (unsigned i = 0; i < message.field_count; ++i) {
    if (message.fields[i].id != HeaderName::content_length) fields.push_back(&message.fields[i]);
  }
  return fields;
}

void check_equal(const Message& first, std::string_view datagram, const Message& second,
                 std::string_view written) {
  DEMARC_CHECK(first.is_request == second.is_request && first.method == second.method);
  DEMARC_CHECK(first.status_code == second.status_code);
  // Not the whole line: a version in lower case is read, and written in upper case.
  DEMARC_CHECK(text(first.method_text, datagram) == text(second.method_text, written));
  DEMARC_CHECK(text(first.request_uri, datagram) == text(second.request_uri, written));
  DEMARC_CHECK(text(first.reason_phrase, datagram) == text(second.reason_phrase, written));
  DEMARC_CHECK(text(first.body, datagram) == text(second.body, written));
  const auto before = fields_of(first);
  const auto after = fields_of(second);
  DEMARC_CHECK(before.size() == after.size());
  for (size_t i = 0; i < before.size(); ++i) {
    DEMARC_CHECK(before[i]->id == after[i]->id);
    DEMARC_CHECK(before[i]->id != HeaderName::other ||
                 text(before[i]->name, datagram) == text(after[i]->name, written));
    DEMARC_CHECK(without_folds(text(before[i]->value, datagram)) == text(after[i]->value, written));
  }
}

// finish() brings one field more, and octets that the first message may have been without.
bool has_room(const Message& message, std::string_view written) {
  return written.size() <= sip::max_message_octets &&
         (message.field_count < sip::max_header_fields || message.has(HeaderName::content_length));
}

// What parse() lets pass for validate() to judge, the writer refuses to send: a response outside
// 100..699 and a Request-URI that is not all visible ASCII.
bool is_writable(const Message& message, std::string_view datagram) {
  if (!message.is_request) return message.status_code >= 100 && message.status_code <= 699;
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  return std::ranges::all_of(text(message.request_uri, datagram), is_visible);
}

void run(std::string_view input) {
  static Message first;
  static Message second;
  static char buffer[max_written_octets];
  const Placed placed(input, sip::padding_octets, '\0');
  const std::string_view datagram = placed.view();
  if (!sip::parse(datagram, first)) return;
  sip::Writer writer(buffer);
  write(first, datagram, writer);
  DEMARC_CHECK(writer.failed() == !is_writable(first, datagram));
  if (writer.failed()) return;
  if (!has_room(first, writer.written())) return;
  const Placed again(writer.written(), sip::padding_octets, '\0');
  DEMARC_CHECK(sip::parse(again.view(), second).has_value());
  check_equal(first, datagram, second, again.view());
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
