// The value parsers on any octets: Via, name-addr, parameters, lists, CSeq and plain numbers. What
// they give lies in the value, and the neighbours of the value do not matter.

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
  check_inside(sip::tag_of(*addr, value.datagram), addr->params);
  check_params(addr->params, value);
  DEMARC_CHECK(addr->has_quotes == twin->has_quotes);
  DEMARC_CHECK(inside.is_same(addr->display_name, twin->display_name));
  DEMARC_CHECK(inside.is_same(addr->uri, twin->uri));
  DEMARC_CHECK(inside.is_same(addr->params, twin->params));
}

// Elements come in order, without white space at their ends, and what is between them is white
// space and one comma.
void check_list(const Value& value) {
  Span element;
  uint32_t position = value.span.offset;
  size_t count = 0;
  sip::ListCursor cursor(value.span, value.datagram);
  while (cursor.next(element)) {
    check_inside(element, value.span);
    DEMARC_CHECK(++count <= size_t{1} + value.span.length);
    DEMARC_CHECK(sip::trim_lws(element, value.datagram) == element);
    if (element.empty()) continue;
    DEMARC_CHECK(element.offset >= position);
    position = element.end();
    static_cast<void>(sip::parse_via(element, value.datagram));
    static_cast<void>(sip::parse_name_addr(element, value.datagram));
  }
  DEMARC_CHECK(!cursor.next(element));
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
