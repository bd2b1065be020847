// The lines and words of a session description (RFC 8866 section 9).
//
// Used by parse.cc and attribute.cc of this folder. Everything borrows the body.
#pragma once

#include <string_view>

#include "sip-parser/sdp/sdp.h"

namespace demarc::sdp {

// Gives the lines of a body without their LF or CRLF. The last one may lack it; empty lines behind
// the last other line are left out.
class LineReader {
 public:
  explicit LineReader(std::string_view body);

  // False at the end and at a NUL or a CR that does not stand before a LF.
  bool next(std::string_view& line);
  bool has_forbidden_octet() const { return has_forbidden_octet_; }

 private:
  std::string_view rest_;
  bool has_forbidden_octet_ = false;
};

// Cuts the first word off `text`, with the SP before it; empty when there is no more.
std::string_view take_word(std::string_view& text);

// token *( "/" token ), "RTP/AVP"
bool is_protocol(std::string_view text);

// "IN" SP ("IP4" / "IP6") SP address [ "/" ttl ], of c= and a=rtcp. The address is a number or a
// name; whoever sends to it converts it and may still refuse it.
bool read_connection(std::string_view value, std::string_view body, Connection& connection);

}  // namespace demarc::sdp
