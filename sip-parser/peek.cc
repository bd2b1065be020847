#include "sip-parser/peek.h"

#include "sip-parser/field_walker.h"
#include "sip-parser/header_name_lookup.h"
#include "sip-parser/lws.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/start_line.h"
#include "sip-parser/via.h"

namespace demarc::sip {
namespace {

// callid of RFC 3891 section 3: what stands before the first ';'.
Span call_id_of_replaces(Span value, std::string_view datagram) {
  const std::string_view whole = text(value, datagram);
  const size_t length = whole.find(';');
  if (length == std::string_view::npos) return value;
  return trim_lws(make_span(value.offset, value.offset + static_cast<uint32_t>(length)), datagram);
}

// Takes the first value of each field that matters here, and knows when no other can.
class Looker {
 public:
  explicit Looker(std::string_view datagram) : datagram_(datagram) {}

  void take(HeaderName name, Span value, Peek& peek) {
    switch (name) {
      case HeaderName::call_id:
        if (!has_call_id_) peek.call_id = value;
        has_call_id_ = true;
        return;
      case HeaderName::via:
        if (!has_via_) peek.top_via_branch = branch_of(value);
        has_via_ = true;
        return;
      case HeaderName::to:
        if (!has_to_) peek.to_tag = tag_of(value);
        has_to_ = true;
        return;
      case HeaderName::replaces:
        if (!has_replaces_) {
          peek.replaces = value;
          peek.replaces_call_id = call_id_of_replaces(value, datagram_);
        }
        has_replaces_ = true;
        return;
      default:
        return;
    }
  }
  bool has_all_but_replaces() const { return has_call_id_ && has_via_ && has_to_; }

 private:
  Span branch_of(Span value) const {
    Via via;
    ViaCursor cursor(value, datagram_);
    return cursor.next(via) ? via.branch : Span{};
  }
  Span tag_of(Span value) const {
    NameAddr to;
    NameAddrCursor cursor(value, datagram_);
    return cursor.next(to) && cursor.is_at_end() ? to.tag : Span{};
  }

  std::string_view datagram_;
  bool has_call_id_ = false;
  bool has_via_ = false;
  bool has_to_ = false;
  bool has_replaces_ = false;
};

// Replaces is for INVITEs that begin a dialog, RFC 3891 section 3.
bool may_replace(const Peek& peek) {
  return peek.is_request && peek.method == Method::invite && peek.to_tag.empty();
}

// Call-ID, i, Replaces, To, t, Via, v.
constexpr FieldWalker::Letters letters_of_all("cirtv");
constexpr FieldWalker::Letters letter_of_replaces("r");

// Walks the fields until all is known, or to the empty line.
ParseError look(FieldWalker& walker, std::string_view datagram, Peek& peek) {
  Looker looker(datagram);
  for (;;) {
    const bool has_rest = looker.has_all_but_replaces();
    if (has_rest && !may_replace(peek)) return ParseError{};
    if (!walker.skip_to(has_rest ? letter_of_replaces : letters_of_all)) return walker.error();
    Span name, value;
    const FieldWalker::Step step = walker.next(name, value);
    if (step == FieldWalker::Step::failed) return walker.error();
    if (step == FieldWalker::Step::end) break;
    looker.take(name_lookup::find(datagram.data() + name.offset, name.length), value, peek);
  }
  return ParseError{};
}

}  // namespace

Result<Peek, ParseError> peek(std::string_view datagram) {
  if (datagram.size() > max_message_octets) return Fail{ParseError::too_long};
  LineMarks marks;
  FieldWalker walker(datagram, marks);
  Span start;
  if (walker.start_line(start) == FieldWalker::Step::failed) return Fail{walker.error()};
  const StartLine line = parse_start_line(start, datagram);
  if (line.kind == StartLine::Kind::bad_version) return Fail{ParseError::bad_version};
  if (line.kind != StartLine::Kind::request && line.kind != StartLine::Kind::response) {
    return Fail{ParseError::bad_start_line};
  }

  Peek result;
  result.is_request = line.kind == StartLine::Kind::request;
  result.method = line.method;
  result.status_code = line.status_code;
  const ParseError error = look(walker, datagram, result);
  if (error != ParseError{}) return Fail{error};
  if (result.call_id.empty()) return Fail{ParseError::missing_call_id};
  if (!may_replace(result)) result.replaces_call_id = result.replaces = Span{};
  return result;
}

}  // namespace demarc::sip
