// Framer on any stream: cut as the script says it finds what it finds in the whole, in a buffer
// that ends where the octets end, and what it hands out parse() reads to the same end.

#include "sip-parser/framer.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "sip-parser/parse.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using Kind = sip::Frame::Kind;

// A frame by its place in the whole stream, whatever was dropped from the buffer.
struct Found {
  sip::Frame frame;
  size_t offset;
};

// A connection whose buffer is made anew for each piece, so that it never has room to spare.
class Connection {
 public:
  Connection(sip::FramerLimits limits, bool expects_pong) : framer_(limits) {
    if (expects_pong) framer_.expect_pong();
  }

  void receive(std::string_view octets) {
    buffer_ += octets;
    const Placed placed(buffer_, 0, '\0');
    while (!has_failed()) {
      const sip::Frame frame = framer_.next(placed.view());
      if (frame.kind == Kind::need_more) {
        DEMARC_CHECK(frame.missing > 0);
        return;
      }
      DEMARC_CHECK(size_t{frame.offset} + frame.length <= buffer_.size());
      found_.push_back({frame, dropped_ + frame.offset});
    }
    const sip::Frame again = framer_.next(placed.view());
    DEMARC_CHECK(again.kind == Kind::failed && again.error == found_.back().frame.error);
  }
  void compact() {
    const uint32_t octets = framer_.consumed();
    dropped_ += octets;
    buffer_.erase(0, octets);
    framer_.dropped(octets);
  }
  bool has_failed() const { return !found_.empty() && found_.back().frame.kind == Kind::failed; }
  const std::vector<Found>& found() const { return found_; }

 private:
  sip::Framer framer_;
  std::string buffer_;
  size_t dropped_ = 0;
  std::vector<Found> found_;
};

struct Setting {
  sip::FramerLimits limits;
  bool expects_pong = false;
};

Setting read_setting(Script& script) {
  Setting setting;
  setting.expects_pong = script.below(2) == 1;
  if (script.below(4) == 1) setting.limits.header_octets = 100u + script.octet();
  if (script.below(4) == 1) setting.limits.body_octets = script.octet();
  return setting;
}

std::vector<Found> frames_of_pieces(std::string_view stream, const Setting& setting,
                                    Script& script) {
  constexpr unsigned most_pieces = 64;
  Connection connection(setting.limits, setting.expects_pong);
  for (unsigned i = 0; i < most_pieces && !script.is_done() && !connection.has_failed(); ++i) {
    const uint8_t octet = script.octet();
    const std::string_view piece = stream.substr(0, octet / 2);
    connection.receive(piece);
    stream.remove_prefix(piece.size());
    if (octet % 2 == 1) connection.compact();
  }
  if (!connection.has_failed()) connection.receive(stream);
  return connection.found();
}

void check_equal(const std::vector<Found>& whole, const std::vector<Found>& pieces) {
  DEMARC_CHECK(whole.size() == pieces.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    DEMARC_CHECK(whole[i].frame.kind == pieces[i].frame.kind);
    DEMARC_CHECK(whole[i].frame.error == pieces[i].frame.error);
    DEMARC_CHECK(whole[i].frame.status_code == pieces[i].frame.status_code);
    DEMARC_CHECK(whole[i].offset == pieces[i].offset);
    DEMARC_CHECK(whole[i].frame.length == pieces[i].frame.length);
  }
}

void check_message(std::string_view octets) {
  static sip::Message message;
  const Placed placed(octets, sip::padding_octets, '\0');
  const auto consumed = sip::parse(placed.view(), message);
  if (consumed.has_value()) {
    DEMARC_CHECK(*consumed == octets.size());
    const sip::HeaderField* length = message.first(sip::HeaderName::content_length);
    DEMARC_CHECK(length != nullptr && message.next(*length) == nullptr);
    return;
  }
  DEMARC_CHECK(consumed.error() == sip::ParseError::bad_start_line ||
               consumed.error() == sip::ParseError::bad_version);
}

// Of what came up to a mistake parse() takes at least the start line, when an answer is owed.
void check_failure(const sip::Frame& frame, std::string_view octets) {
  static sip::Message message;
  DEMARC_CHECK(!sip::spelling(frame.error).empty());
  if (frame.status_code == 0) return;
  DEMARC_CHECK(frame.status_code == 400 || frame.status_code == 513);
  const Placed placed(octets, sip::padding_octets, '\0');
  static_cast<void>(sip::parse(placed.view(), message));
  DEMARC_CHECK(message.is_request && message.method != sip::Method::ack);
  DEMARC_CHECK(!message.start_line.empty());
}

void check_frame(const Found& found, std::string_view stream, const Setting& setting) {
  const std::string_view octets = stream.substr(found.offset, found.frame.length);
  switch (found.frame.kind) {
    case Kind::message:
      DEMARC_CHECK(octets.size() <= sip::max_message_octets);
      return check_message(octets);
    case Kind::ping:
      DEMARC_CHECK(octets == "\r\n\r\n");
      return;
    case Kind::pong:
      DEMARC_CHECK(octets == "\r\n" && setting.expects_pong);
      return;
    case Kind::failed:
      return check_failure(found.frame, octets);
    case Kind::need_more:
      break;
  }
  DEMARC_CHECK(false);
}

void run(std::string_view input) {
  const Scripted scripted = split_script(input);
  Script script(scripted.script);
  const Setting setting = read_setting(script);
  Connection connection(setting.limits, setting.expects_pong);
  connection.receive(scripted.text);
  const std::vector<Found>& whole = connection.found();
  check_equal(whole, frames_of_pieces(scripted.text, setting, script));
  size_t end = 0;
  for (const Found& found : whole) {
    // What lies between two frames is a CRLF that means nothing.
    DEMARC_CHECK(found.offset >= end);
    const std::string_view skipped = scripted.text.substr(end, found.offset - end);
    DEMARC_CHECK(skipped.empty() || skipped == "\r\n");
    end = found.offset + found.frame.length;
    check_frame(found, scripted.text, setting);
  }
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
