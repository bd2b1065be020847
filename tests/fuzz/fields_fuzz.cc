// The value parsers on any octets: Via, name-addr, parameters, lists, CSeq and plain numbers. What
// they give lies in the value, and the neighbours of the value do not matter.

#include <vector>

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/lws.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/via.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

struct Value {
  std::string_view datagram;
  Span span;
};

void check_params(Span params, const Value& value) {
  sip::Param param;
  sip::ParamCursor cursor(params, value.datagram);
  unsigned count = 0;
  while (cursor.next(param)) {
    check_inside(param.name, params);
    check_inside(param.value, params);
    DEMARC_CHECK(!param.name.empty() && ++count <= sip::max_params);
    DEMARC_CHECK(param.has_value || (param.value.empty() && !param.has_quotes));
    DEMARC_CHECK(param.has_quotes || param.has_value == !param.value.empty());
  }
  DEMARC_CHECK(!cursor.next(param));
}

void check_via(const Value& value, const Neighboured& inside) {
  const auto via = sip::parse_via(value.span, value.datagram);
  const auto twin = sip::parse_via(inside.span(), inside.datagram());
  DEMARC_CHECK(via.has_value() == twin.has_value());
  if (!via) {
    DEMARC_CHECK(via.error() == twin.error());
    return;
  }
  for (const Span span :
       {via->transport_text, via->host, via->sent_by, via->branch, via->received, via->params}) {
    check_inside(span, via->whole);
  }
  DEMARC_CHECK(!via->host.empty() && !via->transport_text.empty());
  check_params(via->params, value);
  DEMARC_CHECK(via->transport == twin->transport && via->port == twin->port);
  DEMARC_CHECK(via->has_rport == twin->has_rport && via->rport == twin->rport);
  DEMARC_CHECK(inside.is_same(via->sent_by, twin->sent_by));
  DEMARC_CHECK(inside.is_same(via->branch, twin->branch));
  DEMARC_CHECK(inside.is_same(via->received, twin->received));
  // One element is a list of one.
  const auto top = sip::parse_top_via(value.span, value.datagram);
  DEMARC_CHECK(top.has_value() && top->branch == via->branch && top->sent_by == via->sent_by);
}

void check_name_addr(const Value& value, const Neighboured& inside) {
  const auto addr = sip::parse_name_addr(value.span, value.datagram);
  const auto twin = sip::parse_name_addr(inside.span(), inside.datagram());
  DEMARC_CHECK(addr.has_value() == twin.has_value());
  if (!addr) {
    DEMARC_CHECK(addr.error() == twin.error());
    return;
  }
  check_inside(addr->display_name, value.span);
  check_inside(addr->uri, value.span);
  check_inside(addr->params, value.span);
  check_inside(addr->tag, addr->params);
  DEMARC_CHECK(addr->tag == sip::find_param(addr->params, "tag", value.datagram).value);
  check_params(addr->params, value);
  DEMARC_CHECK(addr->has_quotes == twin->has_quotes);
  DEMARC_CHECK(inside.is_same(addr->display_name, twin->display_name));
  DEMARC_CHECK(inside.is_same(addr->uri, twin->uri));
  DEMARC_CHECK(inside.is_same(addr->params, twin->params));
}

// Elements come in order, without white space at their ends, and what is between them is white
// space and one comma.
std::vector<Span> elements_of(const Value& value) {
  std::vector<Span> elements;
  Span element;
  uint32_t position = value.span.offset;
  sip::ListCursor cursor(value.span, value.datagram);
  while (cursor.next(element)) {
    check_inside(element, value.span);
    DEMARC_CHECK(elements.size() <= value.span.length);
    DEMARC_CHECK(sip::trim_lws(element, value.datagram) == element);
    DEMARC_CHECK(element.empty() || element.offset >= position);
    if (!element.empty()) position = element.end();
    elements.push_back(element);
  }
  DEMARC_CHECK(!cursor.next(element));
  return elements;
}

// A cursor that reads a list in one pass says what a parser says of the elements one by one.
void check_via_cursor(const Value& value, const std::vector<Span>& elements) {
  sip::ViaCursor cursor(value.span, value.datagram);
  sip::Via via;
  for (const Span element : elements) {
    const auto expected = sip::parse_via(element, value.datagram);
    DEMARC_CHECK(cursor.next(via) == expected.has_value());
    if (!expected) break;
    DEMARC_CHECK(via.whole == expected->whole && via.sent_by == expected->sent_by);
    DEMARC_CHECK(via.branch == expected->branch && via.params == expected->params);
    DEMARC_CHECK(via.received == expected->received && via.rport == expected->rport);
  }
  const bool has_more = !cursor.failed() && cursor.next(via);
  DEMARC_CHECK(!has_more);
  DEMARC_CHECK(!elements.empty() || cursor.failed());
}

void check_name_addr_cursor(const Value& value, const std::vector<Span>& elements) {
  sip::NameAddrCursor cursor(value.span, value.datagram);
  sip::NameAddr addr;
  for (const Span element : elements) {
    const auto expected = sip::parse_name_addr(element, value.datagram);
    DEMARC_CHECK(cursor.next(addr) == expected.has_value());
    if (!expected) break;
    DEMARC_CHECK(addr.display_name == expected->display_name && addr.uri == expected->uri);
    DEMARC_CHECK(addr.params == expected->params && addr.tag == expected->tag);
  }
  const bool has_more = !cursor.failed() && cursor.next(addr);
  DEMARC_CHECK(!has_more);
  DEMARC_CHECK(!elements.empty() || cursor.failed());
}

// The cursor that reads URIs too: a name-addr and its URI, each as its own parser has it.
void check_address_cursor(const Value& value, const std::vector<Span>& elements) {
  sip::NameAddrCursor cursor(value.span, value.datagram);
  sip::NameAddr addr;
  sip::Uri uri;
  for (const Span element : elements) {
    const auto expected = sip::parse_name_addr(element, value.datagram);
    const auto expected_uri = expected.has_value() ? sip::parse_uri(expected->uri, value.datagram)
                                                   : Fail{expected.error()};
    DEMARC_CHECK(cursor.next(addr, uri) == expected_uri.has_value());
    if (!expected_uri) break;
    DEMARC_CHECK(addr.display_name == expected->display_name && addr.uri == expected->uri);
    DEMARC_CHECK(addr.params == expected->params && addr.tag == expected->tag);
    DEMARC_CHECK(uri.whole == expected_uri->whole && uri.scheme == expected_uri->scheme);
    DEMARC_CHECK(uri.user == expected_uri->user && uri.host == expected_uri->host);
    DEMARC_CHECK(uri.port == expected_uri->port && uri.params == expected_uri->params);
  }
}

void check_token_cursor(const Value& value, const std::vector<Span>& elements) {
  sip::TokenCursor cursor(value.span, value.datagram);
  Span token;
  for (const Span element : elements) {
    // A comma in quotes or in <> separates no elements, and is in no token.
    const bool is_token = ascii::is_token(text(element, value.datagram));
    const bool is_found = cursor.next(token);
    if (!is_token) break;
    DEMARC_CHECK(is_found ? token == element : cursor.failed());
    if (!is_found) break;
  }
  if (elements.empty()) DEMARC_CHECK(!cursor.next(token) && !cursor.failed());
}

// A CR or LF that is no fold, which parse() lets into no value. ListCursor trims it off an element
// where the other cursors refuse it.
bool has_bare_line_end(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 2 < text.size() && text[i + 1] == '\n' &&
        ascii::is_wsp(text[i + 2])) {
      i += 2;
    } else if (text[i] == '\r' || text[i] == '\n') {
      return true;
    }
  }
  return false;
}

void check_list(const Value& value) {
  const std::vector<Span> elements = elements_of(value);
  if (has_bare_line_end(value.datagram)) return;
  check_via_cursor(value, elements);
  check_name_addr_cursor(value, elements);
  check_address_cursor(value, elements);
  check_token_cursor(value, elements);
}

void check_numbers(const Value& value, const Neighboured& inside) {
  const auto cseq = sip::parse_cseq(value.span, value.datagram);
  const auto twin = sip::parse_cseq(inside.span(), inside.datagram());
  DEMARC_CHECK(cseq.has_value() == twin.has_value());
  if (cseq.has_value()) {
    DEMARC_CHECK(cseq->number <= sip::max_cseq && cseq->number == twin->number);
    DEMARC_CHECK(inside.is_same(cseq->method_text, twin->method_text));
    DEMARC_CHECK(ascii::is_token(text(cseq->method_text, value.datagram)));
  }
  for (const uint32_t maximum : {0u, 9u, 255u, UINT32_MAX}) {
    const auto number = sip::parse_number(value.span, value.datagram, maximum);
    DEMARC_CHECK(!number || *number <= maximum);
    const auto again = sip::parse_number(inside.span(), inside.datagram(), maximum);
    DEMARC_CHECK(number.has_value() == again.has_value() && (!number || *number == *again));
  }
}

void run(std::string_view input) {
  if (input.size() > max_value_octets) return;
  const Placed placed(input, 0, '\0');
  const Value value{placed.view(), {0, static_cast<uint16_t>(input.size())}};
  const Neighboured inside(input);
  check_via(value, inside);
  check_name_addr(value, inside);
  check_list(value);
  check_numbers(value, inside);
  if (input.empty() || input.front() == ';') {
    check_params(value.span, value);
    check_inside(sip::find_param(value.span, "tag", value.datagram).value, value.span);
  }
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
