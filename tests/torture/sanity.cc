#include "tests/torture/sanity.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "sip-parser/base/check.h"
#include "sip-parser/framer.h"
#include "sip-parser/framer_harness.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/outcome.h"
#include "sip-parser/parse.h"
#include "sip-parser/peek.h"
#include "sip-parser/via.h"

namespace demarc::torture {
namespace {

using sip::HeaderName;
using sip::Message;
using sip::ParseError;

bool is_inside(Span span, std::string_view octets) {
  return span.end() <= octets.size();
}

const char* find_bad_span(const Message& message, std::string_view octets) {
  for (const Span span : {message.method_text, message.request_uri, message.reason_phrase,
                          message.start_line, message.header, message.body}) {
    if (!is_inside(span, octets)) return "a span leaves the message";
  }
  if (message.field_count > sip::max_header_fields) return "too many fields";
  for (unsigned i = 0; i < message.field_count; ++i) {
    const sip::HeaderField& field = message.fields[i];
    if (!is_inside(field.name, octets) || !is_inside(field.value, octets)) {
      return "a field leaves the message";
    }
    if (field.name.empty() || field.name.end() >= octets.size()) return "a field without a name";
    if (field.next != Message::no_field && (field.next <= i || field.next >= message.field_count)) {
      return "fields of one name are not in order";
    }
  }
  return nullptr;
}

// peek() skips lines and stops early, so it may accept what parse() refuses, or meet another
// mistake first. Of the start line both say the same.
const char* find_disagreement(const Result<uint16_t, ParseError>& parsed, const Message& message,
                              std::string_view octets) {
  const Result<sip::Peek, ParseError> peeked = sip::peek(octets);
  if (!parsed) {
    const bool is_start = parsed.error() <= ParseError::bad_version;
    const bool is_same = !peeked.has_value() && peeked.error() == parsed.error();
    return is_start && !is_same ? "peek and parse see different start lines" : nullptr;
  }
  if (message.value(HeaderName::call_id).empty()) {
    return peeked.has_value() ? "peek sees a Call-ID that parse does not" : nullptr;
  }
  if (!peeked) return "peek refuses what parse accepts";
  if (peeked->is_request != message.is_request ||
      (message.is_request && peeked->method != message.method) ||
      peeked->status_code != message.status_code) {
    return "peek and parse see different start lines";
  }
  if (peeked->call_id != message.value(HeaderName::call_id)) return "two Call-IDs";
  const auto via = sip::parse_top_via(message.value(HeaderName::via), octets);
  if (peeked->top_via_branch != (via.has_value() ? via->branch : Span{})) return "two branches";
  const auto to = sip::parse_name_addr(message.value(HeaderName::to), octets);
  const Span tag = to.has_value() ? to->tag : Span{};
  return peeked->to_tag == tag ? nullptr : "two To tags";
}

// A refusal can be written, and is a message that is framed and read without a mistake.
const char* find_bad_answer(const sip::Outcome& outcome, const Message& message,
                            std::string_view octets, const sip::Capabilities& element) {
  if (!message.is_request || message.method == sip::Method::ack) return "it must not be answered";
  static std::array<char, 2 * GuardedRoom::max_room_octets> room;
  sip::Writer writer(room);
  sip::write_refusal(writer, outcome, message, octets, element, {.to_tag = "own"});
  if (writer.failed()) return "the answer can not be written";
  const size_t size = writer.written().size();
  if (size + sip::padding_octets > room.size()) return "the answer is too large";
  static Message answer;
  const auto parsed = sip::parse(writer.written(), answer);
  // All Vias are repeated, however many came, and the answer has fields of its own.
  if (!parsed && parsed.error() == ParseError::too_many_fields &&
      message.field_count + 2u > sip::max_header_fields) {
    return nullptr;
  }
  if (!parsed || *parsed != size) return "the answer does not parse";
  if (answer.is_request || answer.status_code != outcome.status_code || !answer.body.empty()) {
    return "the answer says something else";
  }
  return nullptr;
}

const char* find_bad_outcome(const sip::Outcome& outcome, const Message& message,
                             std::string_view octets, const sip::Capabilities& element) {
  switch (outcome.action) {
    case sip::Outcome::Action::serve:
      return outcome.defect == sip::Defect::none && outcome.status_code == 0
                 ? nullptr
                 : "it is served with a defect";
    case sip::Outcome::Action::drop:
      return outcome.defect != sip::Defect::none && outcome.status_code == 0
                 ? nullptr
                 : "it is dropped without a defect";
    case sip::Outcome::Action::answer:
      break;
  }
  if (outcome.defect == sip::Defect::none || outcome.status_code < 400 || outcome.reason.empty()) {
    return "it is answered without a defect";
  }
  return find_bad_answer(outcome, message, octets, element);
}

}  // namespace

GuardedRoom::GuardedRoom() {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t room = (max_room_octets + sip::padding_octets + page - 1) / page * page;
  mapped_ = room + page;
  void* memory = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  DEMARC_CHECK(memory != MAP_FAILED);
  base_ = static_cast<char*>(memory);
  end_ = base_ + room - sip::padding_octets;
  DEMARC_CHECK(mprotect(base_ + room, page, PROT_NONE) == 0);
  std::memset(end_, '\n', sip::padding_octets);
}

GuardedRoom::~GuardedRoom() {
  munmap(base_, mapped_);
}

std::string_view GuardedRoom::place(std::string_view octets) {
  DEMARC_CHECK(octets.size() <= max_room_octets);
  char* begin = end_ - octets.size();
  if (!octets.empty()) std::memcpy(begin, octets.data(), octets.size());
  return {begin, octets.size()};
}

const char* find_insanity(std::string_view octets, const sip::Capabilities& element) {
  static GuardedRoom room;
  static Message message;
  const std::string_view datagram = room.place(octets);
  const auto parsed = sip::parse(datagram, message);
  if (parsed.has_value() && *parsed != message.body.end()) return "the end is not that of the body";
  const char* bad = find_bad_span(message, datagram);
  if (bad == nullptr) bad = find_disagreement(parsed, message, datagram);
  for (const sip::Delivery delivery : {sip::Delivery::datagram, sip::Delivery::stream}) {
    if (bad != nullptr) return bad;
    const sip::Outcome outcome = sip::outcome_of(parsed, message, datagram, delivery, element);
    if (outcome.closes_connection && delivery == sip::Delivery::datagram) {
      return "a datagram closes a connection";
    }
    if (!parsed && outcome.action == sip::Outcome::Action::serve) return "it is served unread";
    bad = find_bad_outcome(outcome, message, datagram, element);
  }
  if (bad != nullptr) return bad;
  return datagram == octets ? nullptr : "the message was written to";
}

const char* find_stream_insanity(std::string_view octets, size_t cut) {
  static GuardedRoom room;
  static Message message;
  const std::vector<sip::Found> found = sip::frames_of(octets);
  if (sip::frames_of_pieces(octets, {cut}, true) != found) return "the frames depend on the cut";
  for (const sip::Found& frame : found) {
    if (frame.kind != sip::Frame::Kind::message) continue;
    const auto parsed = sip::parse(room.place(octets.substr(frame.offset, frame.length)), message);
    const bool is_start_line = !parsed && (parsed.error() == ParseError::bad_start_line ||
                                           parsed.error() == ParseError::bad_version);
    if (!is_start_line && (!parsed || *parsed != frame.length)) {
      return "the framer and parse see different ends";
    }
  }
  return nullptr;
}

}  // namespace demarc::torture
