#include "dataplane/contract/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "sip-parser/base/ascii.h"

namespace demarc::contract {
namespace {

// The digits of every octet, padded to one word, so that they are copied without a branch.
struct OctetText {
  char digits[4];
  uint8_t length;
};
constexpr std::array<OctetText, 256> octet_texts = [] {
  std::array<OctetText, 256> texts{};
  for (unsigned octet = 0; octet < texts.size(); ++octet) {
    OctetText& text = texts[octet];
    if (octet >= 100) text.digits[text.length++] = static_cast<char>('0' + octet / 100);
    if (octet >= 10) text.digits[text.length++] = static_cast<char>('0' + octet / 10 % 10);
    text.digits[text.length++] = static_cast<char>('0' + octet % 10);
  }
  return texts;
}();

// Four numbers of one to three digits, none with a zero before others: what inet_pton() takes.
bool parse_v4(std::string_view text, IpAddress& address) {
  address = IpAddress::v4(0, 0, 0, 0);
  size_t at = 0;
  for (unsigned i = 12;; ++i) {
    const size_t begin = at;
    unsigned octet = 0;
    for (; at < text.size() && at < begin + 3 && ascii::is_digit(text[at]); ++at) {
      octet = octet * 10 + static_cast<unsigned>(text[at] - '0');
    }
    if (at == begin || octet > 255 || (text[begin] == '0' && at > begin + 1)) return false;
    address.octets[i] = static_cast<uint8_t>(octet);
    if (i == 15) return at == text.size();
    if (at == text.size() || text[at++] != '.') return false;
  }
}

}  // namespace

IpAddress IpAddress::v4_from_wire(uint32_t wire_order) {
  IpAddress address = v4(0, 0, 0, 0);
  std::memcpy(&address.octets[12], &wire_order, 4);
  return address;
}

uint32_t IpAddress::v4_to_wire() const {
  uint32_t wire_order;
  std::memcpy(&wire_order, &octets[12], 4);
  return wire_order;
}

bool IpAddress::is_unicast() const {
  if (is_v4()) return octets[12] != 0 && octets[12] != 127 && octets[12] < 224;
  IpAddress loopback;
  loopback.octets[15] = 1;
  return is_set() && *this != loopback && octets[0] != 0xff;
}

Result<IpAddress, AddressError> parse_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  IpAddress v4;
  if (parse_v4(text, v4)) return v4;
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy) return Fail{AddressError::bad_syntax};
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = 0;
  IpAddress v6;
  if (inet_pton(AF_INET6, copy, v6.octets.data()) == 1) return v6;
  return Fail{AddressError::bad_syntax};
}

Result<Endpoint, AddressError> parse_endpoint(std::string_view text, uint16_t default_port) {
  Endpoint endpoint;
  endpoint.port = default_port;
  const size_t colon = text.rfind(':');
  const bool has_brackets = !text.empty() && text.front() == '[';
  const bool has_port =
      colon != std::string_view::npos &&
      (has_brackets ? colon > 0 && text[colon - 1] == ']' : text.find(':') == colon);
  if (has_port) {
    uint64_t port;
    if (!ascii::parse_decimal(text.substr(colon + 1), 65535, port) || port == 0) {
      return Fail{AddressError::bad_port};
    }
    endpoint.port = static_cast<uint16_t>(port);
    text = text.substr(0, colon);
  }
  const Result<IpAddress, AddressError> address = parse_address(text);
  if (!address) return Fail{address.error()};
  endpoint.address = *address;
  return endpoint;
}

// IPv4 by hand: each message of ours shows an address several times, and inet_ntop() goes through
// printf.
AddressText print(const IpAddress& address) {
  AddressText text;
  if (!address.is_v4()) {
    inet_ntop(AF_INET6, address.octets.data(), text.octets.data(), text.octets.size());
    text.length = static_cast<uint8_t>(std::strlen(text.octets.data()));
    return text;
  }
  char* out = text.octets.data();
  for (unsigned i = 12; i < 16; ++i) {
    if (i != 12) *out++ = '.';
    const OctetText& octet = octet_texts[address.octets[i]];
    std::memcpy(out, octet.digits, sizeof octet.digits);
    out += octet.length;
  }
  *out = '\0';
  text.length = static_cast<uint8_t>(out - text.octets.data());
  return text;
}

AddressText print_host(const IpAddress& address) {
  AddressText text = print(address);
  if (address.is_v4()) return text;
  std::copy_backward(text.octets.begin(), text.octets.begin() + text.length,
                     text.octets.begin() + text.length + 1);
  text.octets[0] = '[';
  text.octets[text.length + 1u] = ']';
  text.length = static_cast<uint8_t>(text.length + 2);
  return text;
}

AddressText print(const Endpoint& endpoint) {
  AddressText text = print_host(endpoint.address);
  char* out = text.octets.data() + text.length;
  char digits[5];
  unsigned count = 0;
  for (unsigned rest = endpoint.port; count == 0 || rest != 0; rest /= 10) {
    digits[count++] = static_cast<char>('0' + rest % 10);
  }
  // "[" 39 "]" ":" 5 fits the 48 octets; IPv4-mapped text is never longer.
  if (text.length + 1 + count <= text.octets.size()) {
    *out++ = ':';
    while (count != 0) *out++ = digits[--count];
  }
  text.length = static_cast<uint8_t>(out - text.octets.data());
  return text;
}

}  // namespace demarc::contract
