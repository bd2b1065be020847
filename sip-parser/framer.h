// Framer: finds messages and keep-alives in the octets of one TCP or TLS connection (RFC 3261
// sections 7.5 and 18.3, RFC 5626 sections 3.5.1 and 4.4.1).
//
// Called by the connection on the worker that owns it, which also owns the one contiguous buffer
// that received octets are appended to. A Framer holds positions in that buffer and nothing else.
// It looks at no octet twice, but for the line end on which it waits and for names and the
// Content-Length, so a message costs the same however it was cut. Its line rules are those of
// parse.h: what it hands out, parse() reads to the same end, or refuses for its start line only.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/message.h"

namespace demarc::sip {

// Of the start line, all fields and the empty line. A datagram has no such limit of its own.
inline constexpr uint32_t max_stream_header_octets = 32768;

enum class FrameError : uint8_t {
  forbidden_octet = 1,      // NUL, a bare CR or a bare LF, also between messages
  not_sip,                  // a start line without a method
  bad_header_line,          // no colon, an empty name, or a name that is no token
  too_many_fields,          // more than max_header_fields
  header_too_long,          // more than FramerLimits::header_octets
  missing_content_length,   // there is no other way to know the end, RFC 3261 section 20.14
  bad_content_length,       // not 1*DIGIT, or 2**32 and more
  repeated_content_length,  // in either form, also when both say the same
  body_too_long,            // more than FramerLimits::body_octets
  message_too_long,         // more than max_message_octets
  count,
};
// "forbidden_octet"
std::string_view spelling(FrameError error);

struct FramerLimits {
  uint32_t header_octets = max_stream_header_octets;  // at most max_message_octets
  uint32_t body_octets = max_message_octets;
};

// What was found. Offsets count from the first octet of the buffer.
struct Frame {
  enum class Kind : uint8_t {
    need_more,
    message,
    ping,    // CRLFCRLF: to be answered with CRLF
    pong,    // CRLF, when expect_pong() was called before
    failed,  // the stream can not be read on: it must be closed
  };
  Kind kind = Kind::need_more;
  FrameError error{};        // of `failed`
  uint16_t status_code = 0;  // of `failed`: what is owed before closing; 0: nothing
  // Where it stands. A message is whole, with its body. `failed` is what came up to the mistake, of
  // which parse() takes the fields that the answer is made of: its start line is complete when
  // status_code is not 0.
  uint32_t offset = 0;
  uint32_t length = 0;
  uint32_t missing = 0;  // of `need_more`: so many octets more at least
};

// The loop of a connection, after it appended what it received:
//   for (;;) {
//     const Frame frame = framer.next(received);
//     if (frame.kind == Frame::Kind::need_more) break;
//     ...
//   }
//   drop the first framer.consumed() octets of the buffer, or do so when there is need of room,
//   and tell: framer.dropped(octets);
class Framer {
 public:
  // Where the connection stands, so that it can choose a deadline.
  enum class Phase : uint8_t { idle, header, body };

  Framer() : Framer(FramerLimits{}) {}
  explicit Framer(FramerLimits limits);

  // The next thing in `received`: the whole buffer, which since the last call has only grown at its
  // end or been moved as dropped() says. A message is to be used before octets are dropped. After
  // `failed` it stays failed and says the same again.
  Frame next(std::string_view received);
  // How many octets at the front of the buffer are done with.
  uint32_t consumed() const { return begin_; }
  // The first `octets` of the buffer, at most consumed(), are gone.
  void dropped(uint32_t octets);

  // A CRLF may be a pong or the first half of a ping, and a stream says nothing of which. So the
  // one who sends a ping says that it did: the next CRLF between messages is then the pong.
  // Without it only pairs count, and a single CRLF is skipped.
  void expect_pong() { expects_pong_ = true; }

  Phase phase() const;

 private:
  enum class Step : uint8_t { go_on, wait, done };

  Step next_between(std::string_view rest, Frame& frame);
  Step next_lines(std::string_view rest, Frame& frame);
  Step next_body(std::string_view rest, Frame& frame);
  Step take_line(std::string_view section, uint32_t line_end, Frame& frame);
  Step take_start_line(std::string_view line, Frame& frame);
  Step take_field(Span field, std::string_view section, Frame& frame);
  void take_content_length(Span value, std::string_view section);
  Step end_header(uint32_t header_octets, Frame& frame);
  Step find_line_end(std::string_view section, uint32_t& line_end, Frame& frame);
  Step fail(FrameError error, uint32_t length, Frame& frame);
  void begin_message(uint32_t octets_done);

  enum class State : uint8_t { between, start_line, fields, body, failed };

  FramerLimits limits_;
  uint32_t begin_ = 0;  // in the buffer; the other positions count from here
  uint32_t scanned_ = 0;
  uint32_t field_begin_ = 0;
  uint32_t length_ = 0;  // of the message when its header is complete; of what came when failed
  uint32_t content_length_ = 0;
  uint16_t field_count_ = 0;
  State state_ = State::between;
  bool has_content_length_ = false;
  bool is_answerable_ = false;  // a request, and no ACK
  bool expects_pong_ = false;
  FrameError error_{};  // none; of Content-Length until the header is complete, then final
};

}  // namespace demarc::sip
