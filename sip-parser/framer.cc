#include "sip-parser/framer.h"

#include <array>
#include <bit>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/base/check.h"
#include "sip-parser/header_name.h"
#include "sip-parser/lws.h"
#include "sip-parser/start_line.h"

namespace demarc::sip {
namespace {

constexpr FrameError no_error{};
constexpr uint16_t bad_request = 400;
constexpr uint16_t message_too_large = 513;

struct ErrorInfo {
  std::string_view name;
  uint16_t status_code;  // for a request whose start line was read
};
constexpr std::array<ErrorInfo, static_cast<size_t>(FrameError::count)> errors = {{
    {"", 0},
    {"forbidden_octet", bad_request},
    {"not_sip", 0},
    {"bad_header_line", bad_request},
    {"too_many_fields", bad_request},
    {"header_too_long", message_too_large},
    {"missing_content_length", bad_request},
    {"bad_content_length", bad_request},
    {"repeated_content_length", bad_request},
    {"body_too_long", message_too_large},
    {"message_too_long", message_too_large},
}};

uint32_t size_of(std::string_view text) {
  return static_cast<uint32_t>(text.size());
}

bool is_line_octet(char c) {
  return c == '\r' || c == '\n' || c == '\0';
}

// The first NUL, CR or LF at or behind `position`; the size of `text` when there is none. Reads
// nothing behind `text`, since a stream's buffer ends where it ends.
uint32_t find_line_octet(std::string_view text, uint32_t position) {
  const uint32_t size = size_of(text);
#ifdef __AVX2__
  const __m256i cr = _mm256_set1_epi8('\r');
  const __m256i lf = _mm256_set1_epi8('\n');
  for (; size - position >= 32; position += 32) {
    const __m256i block =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + position));
    const __m256i ends =
        _mm256_or_si256(_mm256_cmpeq_epi8(block, cr), _mm256_cmpeq_epi8(block, lf));
    const __m256i found = _mm256_or_si256(ends, _mm256_cmpeq_epi8(block, _mm256_setzero_si256()));
    const uint32_t mask = static_cast<uint32_t>(_mm256_movemask_epi8(found));
    if (mask != 0) return position + static_cast<uint32_t>(std::countr_zero(mask));
  }
#endif
  while (position < size && !is_line_octet(text[position])) ++position;
  return position;
}

constexpr CharClass token = CharClass::where(ascii::is_token);

// The header name must be looked up for these lengths only: "l" and "Content-Length".
bool is_content_length(std::string_view name) {
  return (name.size() == 1 || name.size() == 14) && header_name(name) == HeaderName::content_length;
}

}  // namespace

std::string_view spelling(FrameError error) {
  const size_t index = static_cast<size_t>(error);
  return index < errors.size() ? errors[index].name : std::string_view{};
}

Framer::Framer(FramerLimits limits) : limits_(limits) {
  DEMARC_CHECK(limits.header_octets <= max_message_octets);
}

void Framer::dropped(uint32_t octets) {
  DEMARC_CHECK(octets <= begin_);
  begin_ -= octets;
}

Framer::Phase Framer::phase() const {
  switch (state_) {
    case State::between:
    case State::failed:
      break;
    case State::start_line:
    case State::fields:
      return Phase::header;
    case State::body:
      return Phase::body;
  }
  return Phase::idle;
}

Frame Framer::next(std::string_view received) {
  DEMARC_CHECK(received.size() <= UINT32_MAX && received.size() >= begin_ + scanned_);
  Frame frame;
  Step step = Step::go_on;
  while (step == Step::go_on) {
    const std::string_view rest = received.substr(begin_);
    switch (state_) {
      case State::between:
        step = next_between(rest, frame);
        break;
      case State::start_line:
      case State::fields:
        step = next_lines(rest, frame);
        break;
      case State::body:
        step = next_body(rest, frame);
        break;
      case State::failed:
        step = fail(error_, length_, frame);
        break;
    }
  }
  if (step == Step::wait && frame.missing == 0) frame.missing = 1;
  return frame;
}

// Keep-alives, and line ends that mean nothing. A CR or LF alone is refused although parse() skips
// it: between two messages of a stream it says that the peer and we count differently.
Framer::Step Framer::next_between(std::string_view rest, Frame& frame) {
  for (uint32_t i = 0; i < 4 && i < rest.size(); ++i) {
    if (rest[i] != "\r\n\r\n"[i]) {
      if (i % 2 == 1 || rest[i] == '\n') {
        return fail(FrameError::forbidden_octet, i + 1, frame);
      }
      begin_message(i);  // behind nothing, or behind a CRLF that had no second one
      state_ = State::start_line;
      return Step::go_on;
    }
    const bool is_pong = i == 1 && expects_pong_;
    if (is_pong || i == 3) {
      frame.kind = is_pong ? Frame::Kind::pong : Frame::Kind::ping;
      frame.offset = begin_;
      frame.length = i + 1;
      if (is_pong) expects_pong_ = false;
      begin_message(i + 1);
      return Step::done;
    }
  }
  return Step::wait;
}

// Goes on behind scanned_ to the CRLF that ends the line. `wait` leaves scanned_ behind all that
// was looked at, or before a CR that came last.
Framer::Step Framer::find_line_end(std::string_view section, uint32_t& line_end, Frame& frame) {
  const uint32_t size = size_of(section);
  scanned_ = line_end = find_line_octet(section, scanned_);
  const bool is_cr = line_end < size && section[line_end] == '\r';
  if (line_end == size || (is_cr && line_end + 1 == size)) return Step::wait;
  if (is_cr && section[line_end + 1] == '\n') return Step::go_on;
  // A CR is bare by the octet behind it.
  return fail(FrameError::forbidden_octet, line_end + (is_cr ? 2 : 1), frame);
}

Framer::Step Framer::next_lines(std::string_view rest, Frame& frame) {
  const std::string_view section = rest.substr(0, limits_.header_octets);
  uint32_t line_end = 0;
  Step step = Step::go_on;
  while (step == Step::go_on && state_ != State::body) {
    step = find_line_end(section, line_end, frame);
    if (step == Step::go_on) step = take_line(section, line_end, frame);
  }
  // All octets that may be header have come, and no empty line among them.
  if (step == Step::wait && section.size() == limits_.header_octets) {
    return fail(FrameError::header_too_long, limits_.header_octets, frame);
  }
  return step;
}

Framer::Step Framer::take_line(std::string_view section, uint32_t line_end, Frame& frame) {
  const uint32_t next = line_end + 2;
  const uint32_t begin = field_begin_;
  if (state_ == State::start_line) {
    scanned_ = field_begin_ = next;
    state_ = State::fields;
    return take_start_line(section.substr(0, line_end), frame);
  }
  if (line_end == begin) return end_header(next, frame);
  // The octet behind a line end says whether it folds. Until that has come, the line end is found
  // again.
  if (next == section.size()) return Step::wait;
  scanned_ = next;
  if (ascii::is_wsp(section[next])) return Step::go_on;
  field_begin_ = next;
  return take_field(make_span(begin, line_end), section, frame);
}

Framer::Step Framer::take_start_line(std::string_view line, Frame& frame) {
  const StartLine start_line = parse_start_line({0, static_cast<uint16_t>(line.size())}, line);
  if (start_line.kind == StartLine::Kind::bad) return fail(FrameError::not_sip, scanned_, frame);
  // RFC 3261 section 17.1.1.3: an ACK is never answered; nor is a response.
  is_answerable_ = start_line.kind != StartLine::Kind::response && start_line.method != Method::ack;
  return Step::go_on;
}

// `field` may hold folds and is without its last CRLF, at which the loop stops at the latest.
Framer::Step Framer::take_field(Span field, std::string_view section, Frame& frame) {
  if (field_count_ == max_header_fields) return fail(FrameError::too_many_fields, scanned_, frame);
  ++field_count_;
  const char* data = section.data();
  const uint32_t name_end = find_outside(section, field.offset, field.end(), token);
  uint32_t colon = name_end;
  while (ascii::is_wsp(data[colon])) ++colon;
  if (name_end == field.offset || data[colon] != ':') {
    return fail(FrameError::bad_header_line, scanned_, frame);
  }
  const std::string_view name = text(make_span(field.offset, name_end), section);
  if (is_content_length(name)) take_content_length(make_span(colon + 1, field.end()), section);
  return Step::go_on;
}

// The first mistake is kept until the header is complete, so that a 400 can be made of it.
void Framer::take_content_length(Span value, std::string_view section) {
  if (error_ != no_error) return;
  if (has_content_length_) {
    error_ = FrameError::repeated_content_length;
    return;
  }
  has_content_length_ = true;
  uint64_t length = 0;
  if (!ascii::parse_decimal(text(trim_lws(value, section), section), UINT32_MAX, length)) {
    error_ = FrameError::bad_content_length;
  }
  content_length_ = static_cast<uint32_t>(length);
}

Framer::Step Framer::end_header(uint32_t header_octets, Frame& frame) {
  if (error_ != no_error) return fail(error_, header_octets, frame);
  if (!has_content_length_) return fail(FrameError::missing_content_length, header_octets, frame);
  if (content_length_ > limits_.body_octets) {
    return fail(FrameError::body_too_long, header_octets, frame);
  }
  if (content_length_ > max_message_octets - header_octets) {
    return fail(FrameError::message_too_long, header_octets, frame);
  }
  scanned_ = header_octets;
  length_ = header_octets + content_length_;
  state_ = State::body;
  return Step::go_on;
}

Framer::Step Framer::next_body(std::string_view rest, Frame& frame) {
  if (rest.size() < length_) {
    frame.missing = length_ - size_of(rest);
    return Step::wait;
  }
  frame.kind = Frame::Kind::message;
  frame.offset = begin_;
  frame.length = length_;
  begin_message(length_);
  return Step::done;
}

Framer::Step Framer::fail(FrameError error, uint32_t length, Frame& frame) {
  frame.kind = Frame::Kind::failed;
  frame.error = error;
  frame.status_code = is_answerable_ ? errors[static_cast<size_t>(error)].status_code : uint16_t{0};
  frame.offset = begin_;
  frame.length = length;
  state_ = State::failed;
  error_ = error;
  length_ = length;
  return Step::done;
}

void Framer::begin_message(uint32_t octets_done) {
  begin_ += octets_done;
  scanned_ = field_begin_ = length_ = content_length_ = 0;
  field_count_ = 0;
  state_ = State::between;
  has_content_length_ = is_answerable_ = false;
}

}  // namespace demarc::sip
