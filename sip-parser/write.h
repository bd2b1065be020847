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
  explicit Writer(std::span<char> buffer)
      : begin_(buffer.data()), next_(begin_), end_(begin_ + buffer.size()) {}

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
  Writer& end() { return raw("\r\n"); }

  // Text of our own, taken as it is (may hold CRLF).
  Writer& raw(std::string_view text) {
    append(text);
    return *this;
  }
  // Text from outside. CR, LF or NUL in it make the writer fail.
  Writer& value(std::string_view text) {
    if (!append_line(text)) [[unlikely]]
      fail();
    return *this;
  }
  // The value of a received field: each fold (CRLF and the white space behind it) becomes one SP.
  // Any other CR or LF, or a NUL, makes the writer fail.
  Writer& unfolded(std::string_view text) {
    char* const begin = next_;
    if (append_line(text)) [[likely]]
      return *this;
    next_ = begin;
    return unfold(text);
  }
  Writer& number(uint64_t number);

  // Content-Length, the empty line and the body. Whatever follows makes the writer fail.
  Writer& finish(std::string_view body);

  bool failed() const { return failed_; }
  // Octets that can still be written; none after a failure or finish().
  size_t room() const { return static_cast<size_t>(end_ - next_); }
  // What was written; empty when failed.
  std::string_view written() const {
    return failed_ ? std::string_view{}
                   : std::string_view{begin_, static_cast<size_t>(next_ - begin_)};
  }

 private:
  // Here, so that the length of what is written as a literal is known where it is copied.
  void append(std::string_view text) {
    if (text.size() > room()) [[unlikely]]
      return fail();
    if (text.empty()) return;
    std::memcpy(next_, text.data(), text.size());
    next_ += text.size();
  }
  // Appends the text; false when it has a CR, LF or NUL.
  bool append_line(std::string_view text);
  Writer& unfold(std::string_view text);
  void fail() {
    failed_ = true;
    close();
  }
  // There is no room from now on, so that who appends asks for nothing else.
  void close() { end_ = next_; }

  char* begin_;
  char* next_;  // behind what was written
  char* end_;
  bool failed_ = false;
};

}  // namespace demarc::sip
