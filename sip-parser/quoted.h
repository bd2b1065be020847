// The text of a quoted-string (RFC 3261 section 25.1): what stands between the quotes, read without
// its escapes, and plain text written with them.
//
// Used where a quoted value is compared, hashed or written (digest/, challenge.h). A quoted-pair
// stands for its second octet and a fold for one SP; everything else stands for itself. Cursors
// borrow the text they were given; no other state, any thread.
#pragma once

#include <string_view>

#include "sip-parser/write.h"

namespace demarc::sip {

// Walks `content` as pieces of what it means, in order and without a copy.
//   for (QuotedCursor cursor(content); cursor.next(piece);) ...
class QuotedCursor {
 public:
  explicit QuotedCursor(std::string_view content) : rest_(content) {}
  // `piece` lies in the content, or is a static " ".
  bool next(std::string_view& piece);

 private:
  std::string_view rest_;
};

// Whether `content`, read without escapes, is `plain`. Case counts.
bool is_quoted_equal(std::string_view content, std::string_view plain);

// Whether a quoted-string can carry it for us: no control but HTAB. A quoted-pair could carry the
// others, yet no name or realm has them.
bool is_quotable(std::string_view plain);

// '"', the text with '"' and '\' escaped, '"'. Text that is not quotable makes the writer fail.
Writer& write_quoted(Writer& writer, std::string_view plain);

}  // namespace demarc::sip
