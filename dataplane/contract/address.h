// IP addresses and endpoints of either family, in one plain form of network octet order.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/base/result.h"

namespace demarc::contract {

// IPv4 addresses are held IPv4-mapped (::ffff:a.b.c.d), so that one comparison serves both.
struct IpAddress {
  std::array<uint8_t, 16> octets{};

  static constexpr IpAddress v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
  }
  // From the four octets of an IPv4 header field, as they stand in memory.
  static IpAddress v4_from_wire(uint32_t wire_order);
  uint32_t v4_to_wire() const;

  bool is_v4() const {
    const Halves halves = to_halves();
    return halves.high == 0 && halves.low >> 32 == 0xffff;
  }
  // All octets zero: no address.
  bool is_set() const { return *this != IpAddress{}; }
  // Not an address that a packet may be sent to: unspecified, loopback, multicast, broadcast.
  bool is_unicast() const;
  // As two numbers, whose order is that of the octets: each message compares several addresses.
  struct Halves {
    uint64_t high = 0;
    uint64_t low = 0;
    friend constexpr auto operator<=>(const Halves&, const Halves&) = default;
  };
  constexpr Halves to_halves() const {
    const auto words = std::bit_cast<std::array<uint64_t, 2>>(octets);
    return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
  }
  friend constexpr auto operator<=>(const IpAddress& a, const IpAddress& b) {
    return a.to_halves() <=> b.to_halves();
  }
  friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) {
    return a.to_halves() == b.to_halves();
  }
};

struct Endpoint {
  IpAddress address;
  uint16_t port = 0;  // host order

  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

enum class AddressError : uint8_t { bad_syntax = 1, bad_port };

// "192.0.2.1", "2001:db8::1", "[2001:db8::1]".
Result<IpAddress, AddressError> parse_address(std::string_view text);
// "192.0.2.1:5060", "[2001:db8::1]:5060"; `default_port` when none is given.
Result<Endpoint, AddressError> parse_endpoint(std::string_view text, uint16_t default_port);

// Text forms of fixed capacity; they live as long as the object.
struct AddressText {
  std::array<char, 48> octets;
  uint8_t length = 0;
  std::string_view view() const { return {octets.data(), length}; }
};
// "192.0.2.1", "2001:db8::1".
AddressText print(const IpAddress& address);
// As a SIP host: IPv6 in brackets.
AddressText print_host(const IpAddress& address);
// "192.0.2.1:5060", "[2001:db8::1]:5060".
AddressText print(const Endpoint& endpoint);

}  // namespace demarc::contract
