// Writer: composes one SIP message (or any text of its kind) into a buffer that the caller owns.
//
// Used by call/ for everything that we send. Text that comes from outside goes through value(),
// which refuses CR, LF and NUL, so that no input can make a line of its own (RFC 3261 section 7.3).
// Running out of room or a refused value makes the writer fail and stay failed; the caller asks
// once, at the end. One writer belongs to one thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "sip-parser/header_name.h"
#include "sip-parser/method.h"

namespace demarc::sip {

class Writer {
 public:
  // Borrows `buffer` for its lifetime.
  explicit Writer(std::span<char> buffer) : buffer_(buffer) {}

  // "INVITE sip:x SIP/2.0\r\n"
  Writer& request_line(std::string_view method, std::string_view request_uri);
  // "SIP/2.0 180 Ringing\r\n"
  Writer& status_line(uint16_t status_code, std::string_view reason_phrase);

  // A whole field, "Name: value\r\n".
  Writer& field(HeaderName name, std::string_view value);
  Writer& field(HeaderName name, uint64_t value);
  // `name` is a token.
  Writer& field(std::string_view name, std::string_view value);
  // A field made of parts: begin(name), then any of raw / value / number, then end().
  Writer& begin(HeaderName name);
  Writer& end();

  // Text of our own, taken as it is (may hold CRLF).
  Writer& raw(std::string_view text) {
    append(text);
    return *this;
  }
  // Text from outside. CR, LF or NUL in it make the writer fail.
  Writer& value(std::string_view text);
  // The value of a received field: each fold (CRLF and the white space behind it) becomes one SP.
  // Any other CR or LF, or a NUL, makes the writer fail.
  Writer& unfolded(std::string_view text);
  Writer& number(uint64_t number);

  // Content-Length, the empty line and the body. Whatever follows makes the writer fail.
  Writer& finish(std::string_view body);

  bool failed() const { return failed_; }
  // Octets that can still be written; none after a failure or finish().
  size_t room() const { return failed_ || is_finished_ ? 0 : buffer_.size() - size_; }
  // What was written; empty when failed.
  std::string_view written() const {
    return failed_ ? std::string_view{} : std::string_view{buffer_.data(), size_};
  }

 private:
  // Here, so that the length of what is written as a literal is known where it is copied.
  void append(std::string_view text) {
    if (failed_ || is_finished_ || text.size() > buffer_.size() - size_) [[unlikely]] {
      failed_ = true;
      return;
    }
    if (text.empty()) return;
    std::memcpy(buffer_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  bool append_line(std::string_view text);

  std::span<char> buffer_;
  size_t size_ = 0;
  bool failed_ = false;
  bool is_finished_ = false;
};

}  // namespace demarc::sip
