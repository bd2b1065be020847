// Parser: reads the lines of a session description into the model.
//
// Used by sdp::parse() only, which makes one for each description, on the worker that holds the
// message. Here is what the lines have in common; parse.cc has the media and their attributes,
// session_lines.h what a session has of its own. RFC 8866 section 5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sip-parser/base/span.h"
#include "sip-parser/sdp/reader.h"
#include "sip-parser/sdp/sdp.h"

namespace demarc::sdp {

constexpr Span span(size_t begin, size_t end) {
  return {static_cast<uint16_t>(begin), static_cast<uint16_t>(end - begin)};
}

// Up to eight octets as a word that is read from the body.
constexpr uint64_t word_of(std::string_view text) {
  uint64_t word = 0;
  for (size_t i = 0; i < text.size(); ++i) word |= static_cast<uint64_t>(text[i]) << (8 * i);
  return word;
}

// What the reading of a line gives: where the next one begins or, above every position, the error.
using Next = size_t;
inline constexpr Next failed = size_t{1} << 32;
constexpr Next fail(SdpError error) {
  return failed | static_cast<size_t>(error);
}

// One parse: what is known after the lines so far. Each take_x() gets the position behind "x=".
class Parser {
 public:
  Parser(Reader reader, Description& description) : reader_(reader), description_(description) {}

  SdpError run();

 private:
  Next take_version();
  Next take_line(char type, size_t position);
  Next take_origin(size_t position);
  Next take_session_name(size_t position);
  Next take_connection(size_t position);
  Next take_time(size_t position);
  Next take_bandwidth(size_t position);
  Next take_text(size_t position, Span& kept);
  Next take_media(size_t position);
  Next take_payload_types(Pieces pieces, size_t end);
  Next take_formats(size_t end);

  Next take_attribute(size_t position);
  Next take_other_attribute(size_t position);
  Next take_rtpmap(size_t position);
  Next take_fmtp(size_t position);
  Next take_milliseconds(size_t position, uint16_t maximum, uint16_t Media::*kept);
  Next take_direction(Direction direction, size_t end);
  Next take_rtcp(size_t position);
  Next take_rtcp_mux(size_t end);

  Format* format_of(uint32_t payload_type);
  bool read_digits(size_t begin, size_t end, Span& kept) const;
  enum class Use : uint8_t { connects, names };
  bool read_address(size_t& position, Connection& connection, Use use = Use::connects) const;
  Next end_line(size_t position, SdpError error) const;
  void end_media();
  bool is_blank_from(size_t position) const;
  SdpError explain(size_t line, SdpError error) const;
  SdpError finish() const;

  Reader reader_;
  Description& description_;
  Media* media_ = nullptr;  // the one being read
  bool has_session_name_ = false;
  // Which format of the current media a payload type is; no_format for those it does not list.
  std::array<uint8_t, max_payload_type + 1> format_of_;
};

// Behind the line end; blanks may stand before it. `error` when something else stands there.
inline Next Parser::end_line(size_t position, SdpError error) const {
  if (reader_.line_end(position)) [[likely]]
    return position;
  position = reader_.skip_blanks(position);
  return reader_.line_end(position) ? position : fail(error);
}

inline Next Parser::take_text(size_t position, Span& kept) {
  const size_t end = reader_.skip_text(position);
  if (end != position) kept = span(position, end);
  return end_line(end, SdpError::bad_line);
}

}  // namespace demarc::sdp
