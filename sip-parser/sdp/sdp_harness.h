// What the tests of this folder share: bodies that end at a guard page, values likewise, the
// boundary table of integers, and our own side of a printed description.
//
// Included by tests only; it allocates.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sip-parser/sdp/print.h"
#include "sip-parser/sdp/sdp.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::sdp {

inline constexpr std::string_view session_lines =
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
inline constexpr std::string_view audio_line = "m=audio 4000 RTP/AVP 0 101\r\n";

// SDP needs no padding: the body ends at the guard page. SdpError{} when it was read.
inline SdpError error_of(std::string_view body, Description& description) {
  const support::GuardedBuffer buffer(body, 0, ' ');
  const Result<Parsed, SdpError> result = parse(buffer.view(), description);
  return result ? SdpError{} : result.error();
}
inline SdpError error_of(std::string_view body) {
  Description description;
  return error_of(body, description);
}
// A session with one m=audio and these lines behind it.
inline std::string body_with(std::string_view lines) {
  return std::string(session_lines) + std::string(audio_line) + std::string(lines);
}
inline SdpError with_lines(std::string_view lines) {
  return error_of(body_with(lines));
}

// A body together with what it says.
struct Read {
  explicit Read(std::string_view text) : body(text), error(error_of(body, description)) {}

  const Media& media(unsigned index = 0) const { return description.media[index]; }
  std::string_view operator()(Span span) const { return text(span, body); }

  std::string body;
  Description description;
  SdpError error;
};

// The value parser `parse` on a value that fills a guarded buffer.
template <class Parse>
auto read_value(Parse parse, std::string_view value) {
  const support::GuardedBuffer buffer(value, 0, ' ');
  return parse({0, static_cast<uint16_t>(value.size())}, buffer.view());
}

// Texts of a number of which `minimum` to `maximum` are taken, each with whether it is: the
// boundaries, powers of two, sign tricks and what is no number.
inline std::vector<std::pair<std::string, bool>> boundaries(uint64_t minimum, uint64_t maximum) {
  std::vector<std::pair<std::string, bool>> texts;
  const auto add = [&](uint64_t number) {
    texts.emplace_back(std::to_string(number), number >= minimum && number <= maximum);
  };
  for (const uint64_t number :
       {uint64_t{0}, uint64_t{1}, minimum, maximum - 1, maximum, uint64_t{1} << 15,
        uint64_t{1} << 16, (uint64_t{1} << 31) - 1, uint64_t{1} << 31, (uint64_t{1} << 32) - 1,
        uint64_t{1} << 32, (uint64_t{1} << 32) + 32, uint64_t{1} << 63}) {
    add(number);
  }
  if (minimum > 0) add(minimum - 1);
  if (maximum < UINT64_MAX) add(maximum + 1);
  for (const char* bad : {"18446744073709551616", "9999999999999999999999999999999999999999", "",
                          "-1", "+1", "0x1", "1 1", "1.0", "1e1", "\t1", "1\t"}) {
    texts.emplace_back(bad, false);
  }
  return texts;
}

// Our side of a printed description.
inline Rewrite our_rewrite() {
  Rewrite rewrite;
  rewrite.session.session_id = 7;
  rewrite.session.session_version = 8;
  rewrite.session.address = "203.0.113.5";
  for (Rewrite::Media& media : rewrite.media) {
    media.port = 20000;
    media.rtcp_port = 20001;
    media.rtcp_mux = true;
  }
  return rewrite;
}

inline std::string print_again(std::string_view body, const Rewrite& rewrite) {
  Description description;
  if (error_of(body, description) != SdpError{}) return "unreadable";
  std::array<char, 65536> buffer;
  sip::Writer writer(buffer);
  return print(description, body, rewrite, writer) ? std::string(writer.written()) : "failed";
}

}  // namespace demarc::sdp
