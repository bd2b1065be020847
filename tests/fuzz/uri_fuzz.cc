// parse_uri() and telephone_number() on any octets; neighbours of the URI do not matter. And
// is_ipv6_address() says what the C library says.

#include "sip-parser/uri.h"

#include <arpa/inet.h>

#include "sip-parser/base/ascii.h"
#include "sip-parser/ipv6.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using sip::Uri;

void check_uri(const Uri& uri, std::string_view datagram) {
  DEMARC_CHECK(text(uri.whole, datagram) == datagram);
  for (const char c : datagram) DEMARC_CHECK(c > ' ' && c < 0x7f);
  for (const Span span :
       {uri.scheme_text, uri.user, uri.password, uri.host, uri.params, uri.headers}) {
    check_inside(span, uri.whole);
  }
  if (uri.scheme == sip::UriScheme::sip || uri.scheme == sip::UriScheme::sips) {
    DEMARC_CHECK(!uri.host.empty());
  }
  sip::Param param;
  sip::ParamCursor cursor(uri.params, datagram);
  unsigned count = 0;
  while (cursor.next(param)) {
    check_inside(param.name, uri.params);
    check_inside(param.value, uri.params);
    DEMARC_CHECK(!param.name.empty() && ++count <= sip::max_params);
  }
}

void check_neighbours(std::string_view input, const Result<Uri, sip::ValueError>& alone) {
  const Neighboured inside(input);
  const auto uri = sip::parse_uri(inside.span(), inside.datagram());
  DEMARC_CHECK(uri.has_value() == alone.has_value());
  if (!uri) {
    DEMARC_CHECK(uri.error() == alone.error());
    return;
  }
  DEMARC_CHECK(uri->scheme == alone->scheme && uri->port == alone->port);
  DEMARC_CHECK(inside.is_same(alone->user, uri->user));
  DEMARC_CHECK(inside.is_same(alone->password, uri->password));
  DEMARC_CHECK(inside.is_same(alone->host, uri->host));
  DEMARC_CHECK(inside.is_same(alone->params, uri->params));
  DEMARC_CHECK(inside.is_same(alone->headers, uri->headers));
}

void check_telephone_number(std::string_view user) {
  char number[32];
  const uint16_t length = sip::telephone_number(user, number, sizeof number);
  DEMARC_CHECK(length <= sizeof number);
  for (uint16_t i = 0; i < length; ++i) {
    const char c = number[i];
    DEMARC_CHECK(ascii::is_digit(c) || c == '*' || c == '#' || (c == '+' && i == 0));
  }
  if (length == 0) return;
  // One octet of room less, and nothing is given: never a cut number.
  char tight[sizeof number];
  DEMARC_CHECK(sip::telephone_number(user, tight, length) == length);
  DEMARC_CHECK(sip::telephone_number(user, tight, static_cast<uint16_t>(length - 1)) == 0);
  // A number that was made plain stays as it is.
  DEMARC_CHECK(sip::telephone_number({number, length}, tight, sizeof tight) == length);
  DEMARC_CHECK(std::memcmp(number, tight, length) == 0);
}

// The C library wants a NUL behind the text, and knows none inside it. It refuses a leading zero in
// the numbers of an IPv4 address, which RFC 3261 section 25.1 does not.
void check_ipv6(std::string_view address) {
  if (address.find('\0') != std::string_view::npos) return;
  in6_addr ignored;
  const bool expected = inet_pton(AF_INET6, std::string(address).c_str(), &ignored) == 1;
  if (expected || address.find('.') == std::string_view::npos) {
    DEMARC_CHECK(sip::is_ipv6_address(address) == expected);
  }
  std::string reference("[");
  reference.append(address).append("]");
  DEMARC_CHECK(sip::is_ipv6_reference(reference) == sip::is_ipv6_address(address));
}

void run(std::string_view input) {
  if (input.size() > max_value_octets) return;
  const Placed placed(input, 0, '\0');
  const std::string_view datagram = placed.view();
  const auto uri = sip::parse_uri({0, static_cast<uint16_t>(datagram.size())}, datagram);
  if (uri.has_value()) {
    check_uri(*uri, datagram);
    check_telephone_number(text(uri->user, datagram));
  }
  check_telephone_number(datagram);
  check_ipv6(datagram);
  check_neighbours(input, uri);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
