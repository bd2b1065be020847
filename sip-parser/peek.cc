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

// Takes the first value of each field that matters here, and knows with which letters those begin
// that are still to come: Call-ID or i, Via or v, To or t, Replaces.
class Looker {
 public:
  explicit Looker(std::string_view datagram) : datagram_(datagram) {}

  // A field that begins with one of letters().
  void take(HeaderName name, Span value, Peek& peek) {
    switch (name) {
      case HeaderName::call_id:
        peek.call_id = value;
        letters_ = letters_.without("ci");
        return;
      case HeaderName::via:
        peek.top_via_branch = branch_of(value);
        letters_ = letters_.without("v");
        return;
      case HeaderName::to:
        peek.to_tag = tag_of(value);
        letters_ = letters_.without("t");
        return;
      case HeaderName::replaces:
        peek.replaces = value;
        peek.replaces_call_id = call_id_of_replaces(value, datagram_);
        letters_ = letters_.without("r");
        return;
      default:
        return;
    }
  }
  FieldWalker::Letters letters() const { return letters_; }
  bool has_all_but_replaces() const { return letters_.without("r") == FieldWalker::Letters(""); }

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
  FieldWalker::Letters letters_{"cirtv"};
};

// Replaces is for INVITEs that begin a dialog, RFC 3891 section 3.
bool may_replace(const Peek& peek) {
  return peek.is_request && peek.method == Method::invite && peek.to_tag.empty();
}

// Walks the fields until all is known, or to the empty line.
ParseError look(FieldWalker& walker, std::string_view datagram, Peek& peek) {
  Looker looker(datagram);
  for (;;) {
    if (looker.has_all_but_replaces() && !may_replace(peek)) return ParseError{};
    if (!walker.skip_to(looker.letters())) return walker.error();
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
