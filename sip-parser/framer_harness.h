// A connection with its framer, and what it finds in a stream. For the tests of framer.h.
#pragma once

#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sip-parser/framer.h"

namespace demarc::sip {

// A frame with its place in the whole stream, whatever was dropped from the buffer.
struct Found {
  Frame::Kind kind;
  FrameError error;
  uint16_t status_code;
  size_t offset;
  uint32_t length;
  friend bool operator==(const Found&, const Found&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Found& found) {
  return out << "{kind " << static_cast<int>(found.kind) << " " << spelling(found.error) << " "
             << found.status_code << " at " << found.offset << "+" << found.length << "}";
}

// A connection: a buffer that grows by what is received, and its framer.
class Connection {
 public:
  explicit Connection(FramerLimits limits = {}) : framer_(limits) {}

  void receive(std::string_view octets) {
    buffer_ += octets;
    for (;;) {
      const Frame frame = framer_.next(buffer_);
      if (frame.kind == Frame::Kind::need_more) {
        missing_ = frame.missing;
        return;
      }
      found_.push_back(
          {frame.kind, frame.error, frame.status_code, dropped_ + frame.offset, frame.length});
      if (frame.kind == Frame::Kind::failed) return;
    }
  }
  void compact() {
    dropped_ += framer_.consumed();
    buffer_.erase(0, framer_.consumed());
    framer_.dropped(framer_.consumed());
  }

  bool has_failed() const { return !found_.empty() && found_.back().kind == Frame::Kind::failed; }
  const std::vector<Found>& found() const { return found_; }
  uint32_t missing() const { return missing_; }
  Framer& framer() { return framer_; }

 private:
  Framer framer_;
  std::string buffer_;
  size_t dropped_ = 0;
  uint32_t missing_ = 0;
  std::vector<Found> found_;
};

inline std::vector<Found> frames_of(std::string_view stream, FramerLimits limits = {}) {
  Connection connection(limits);
  connection.receive(stream);
  return connection.found();
}

// The same in pieces that end at `cuts`; drops what is done with after each piece or never.
inline std::vector<Found> frames_of_pieces(std::string_view stream, const std::set<size_t>& cuts,
                                           bool compacts, FramerLimits limits = {}) {
  Connection connection(limits);
  size_t begin = 0;
  for (const size_t end : cuts) {
    connection.receive(stream.substr(begin, end - begin));
    if (connection.has_failed()) return connection.found();
    if (compacts) connection.compact();
    begin = end;
  }
  connection.receive(stream.substr(begin));
  return connection.found();
}

inline Found message_at(size_t offset, size_t length) {
  return {Frame::Kind::message, {}, 0, offset, static_cast<uint32_t>(length)};
}
inline Found ping_at(size_t offset) {
  return {Frame::Kind::ping, {}, 0, offset, 4};
}
inline Found pong_at(size_t offset) {
  return {Frame::Kind::pong, {}, 0, offset, 2};
}
inline Found failure(FrameError error, uint16_t status_code, size_t offset, size_t length) {
  return {Frame::Kind::failed, error, status_code, offset, static_cast<uint32_t>(length)};
}

inline std::string with_fields(std::string_view fields, std::string_view body = "") {
  return "OPTIONS sip:a@example.com SIP/2.0\r\nTo: x\r\n" + std::string(fields) + "\r\n" +
         std::string(body);
}
inline std::string with_length(std::string_view value, std::string_view body = "") {
  return with_fields("Content-Length:" + std::string(value) + "\r\n", body);
}

}  // namespace demarc::sip
