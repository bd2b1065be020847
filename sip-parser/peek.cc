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

// The first value of each field that matters here.
struct Values {
  Span call_id, via, to, replaces;
  bool has_call_id = false, has_via = false, has_to = false, has_replaces = false;

  void take(HeaderName name, Span value) {
    switch (name) {
      case HeaderName::call_id:
        return keep_first(has_call_id, call_id, value);
      case HeaderName::via:
        return keep_first(has_via, via, value);
      case HeaderName::to:
        return keep_first(has_to, to, value);
      case HeaderName::replaces:
        return keep_first(has_replaces, replaces, value);
      default:
        return;
    }
  }
  static void keep_first(bool& has, Span& kept, Span value) {
    if (!has) kept = value;
    has = true;
  }
};

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

  Values values;
  Span name, value;
  FieldWalker::Step step;
  while ((step = walker.next(name, value)) == FieldWalker::Step::found) {
    values.take(name_lookup::find(datagram.data() + name.offset, name.length), value);
  }
  if (step == FieldWalker::Step::failed) return Fail{walker.error()};
  if (values.call_id.empty()) return Fail{ParseError::missing_call_id};

  Peek result;
  result.is_request = line.kind == StartLine::Kind::request;
  result.method = line.method;
  result.status_code = line.status_code;
  result.call_id = values.call_id;
  const Result<Via, ValueError> via = parse_top_via(values.via, datagram);
  if (via.has_value()) result.top_via_branch = via->branch;
  const Result<NameAddr, ValueError> to = parse_name_addr(values.to, datagram);
  if (to.has_value()) result.to_tag = to->tag;
  if (values.has_replaces) {
    result.replaces_call_id = call_id_of_replaces(values.replaces, datagram);
  }
  return result;
}

}  // namespace demarc::sip
