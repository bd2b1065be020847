#include "sip-parser/uri_headers.h"

#include "sip-parser/escape.h"
#include "sip-parser/lws.h"

namespace demarc::sip {

bool UriHeaderCursor::fail(ValueError error) {
  failed_ = true;
  error_ = error;
  return false;
}

bool UriHeaderCursor::next(UriHeader& header) {
  if (failed_) return false;
  if (position_ == end_) return is_behind_ampersand_ ? fail(ValueError::bad_syntax) : false;
  if (++count_ > max_uri_headers) return fail(ValueError::too_many);
  const uint32_t begin = position_;
  while (position_ < end_ && datagram_[position_] != '=' && datagram_[position_] != '&')
    ++position_;
  if (position_ == begin || position_ == end_ || datagram_[position_] == '&') {
    return fail(ValueError::bad_syntax);
  }
  header.name = make_span(begin, position_);
  const uint32_t value_begin = ++position_;
  while (position_ < end_ && datagram_[position_] != '&') ++position_;
  header.value = make_span(value_begin, position_);
  is_behind_ampersand_ = position_ < end_;
  if (is_behind_ampersand_) ++position_;
  return true;
}

Result<UriHeader, ValueError> find_uri_header(Span headers, std::string_view name,
                                              std::string_view datagram) {
  UriHeader found;
  UriHeader header;
  UriHeaderCursor cursor(headers, datagram);
  while (cursor.next(header)) {
    if (!is_escaped_name(text(header.name, datagram), name)) continue;
    if (!found.name.empty()) return Fail{ValueError::bad_syntax};
    found = header;
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return found;
}

}  // namespace demarc::sip
