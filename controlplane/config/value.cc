#include "controlplane/config/value.h"

#include <array>

#include "controlplane/config/host.h"
#include "controlplane/runtime/suggest.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

using contract::FieldType;

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

contract::IpAddress parse_ip(std::string_view text) {
  const auto address = contract::parse_address(text);
  if (!address) throw ValueError(quoted(text) + " is not an IP address");
  return *address;
}

std::string choice_value(const contract::Field& field, std::string_view text) {
  std::vector<std::string_view> known;
  for (std::string_view rest = field.choices; !rest.empty();) {
    const size_t end = std::min(rest.find('|'), rest.size());
    known.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (const std::string_view choice : known) {
    if (choice == text) return std::string(text);
  }
  std::string all;
  for (const std::string_view choice : known) all += (all.empty() ? "" : ", ") + quoted(choice);
  throw ValueError(quoted(text) + " is none of " + all + runtime::did_you_mean(text, known));
}

std::string bounded_text(const contract::Field& field, std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
      throw ValueError("must not hold control characters");
    }
  }
  const int64_t length = static_cast<int64_t>(text.size());
  if (length < field.minimum) throw ValueError("must not be empty");
  if (length > field.maximum) {
    throw ValueError("is longer than " + std::to_string(field.maximum) + " characters");
  }
  return std::string(text);
}

// Whether there is such a block is known later. No name at all would look like a field that is
// missing, which has been reported where it is.
std::string block_name(std::string_view text, bool is_required) {
  if (text.empty() && is_required) throw ValueError("must not be empty");
  return std::string(text);
}

// "sip.provider.example", "sip.provider.example:5080"
bool read_name(std::string_view text, Peer& peer) {
  const size_t colon = std::min(text.find(':'), text.size());
  if (!is_host_name(text.substr(0, colon))) return false;
  for (const char c : text.substr(0, colon)) peer.host += ascii::to_lower(c);
  peer.endpoint.port = 5060;  // or that of the transport, which bind.cc knows
  if (colon == text.size()) return true;
  uint64_t port = 0;
  if (!ascii::parse_decimal(text.substr(colon + 1), 65535, port) || port == 0) {
    throw ValueError(quoted(text.substr(colon + 1)) + " is not a port, 1 to 65535");
  }
  peer.endpoint.port = static_cast<uint16_t>(port);
  peer.has_port = true;
  return true;
}

Peer peer_value(std::string_view text) {
  if (Peer named; read_name(text, named)) return named;
  const auto endpoint = contract::parse_endpoint(text, 5060);
  const size_t colon = text.rfind(':');
  if (!endpoint && endpoint.error() == contract::AddressError::bad_port) {
    throw ValueError(quoted(text.substr(colon + 1)) + " is not a port, 1 to 65535");
  }
  if (!endpoint) {
    throw ValueError(quoted(text) + " is not an IP address with an optional port, \"192.0.2.1\", " +
                     "\"192.0.2.1:5060\" or \"[2001:db8::1]:5060\", nor a host name");
  }
  const contract::AddressText host = contract::print_host(endpoint->address);
  const bool has_port = contract::parse_endpoint(text, 5061)->port == endpoint->port;
  return {std::string(host.view()), *endpoint, has_port};
}

PortRange range_value(const contract::Field& field, std::string_view text) {
  const size_t dash = text.find('-');
  uint64_t low = 0;
  uint64_t high = 0;
  if (dash == std::string_view::npos ||
      !ascii::parse_decimal(ascii::trim(text.substr(0, dash)), 65535, low) ||
      !ascii::parse_decimal(ascii::trim(text.substr(dash + 1)), 65535, high)) {
    throw ValueError(quoted(text) + " is not a range of ports such as \"16384-32767\"");
  }
  if (low < static_cast<uint64_t>(field.minimum)) {
    throw ValueError("the low port must be at least " + std::to_string(field.minimum));
  }
  if (low >= high) throw ValueError("the low port must be below the high port");
  if (low % 2 != 0) {
    throw ValueError("the low port must be even: RTP takes the even port of a pair");
  }
  if (high % 2 != 1) {
    throw ValueError("the high port must be odd: RTCP takes the odd port of a pair");
  }
  return {static_cast<uint16_t>(low), static_cast<uint16_t>(high)};
}

// "408, 503, 504"
std::vector<std::string> default_texts(std::string_view text) {
  std::vector<std::string> texts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    texts.emplace_back(ascii::trim(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return texts;
}

std::vector<int64_t> default_integers(std::string_view text) {
  std::vector<int64_t> integers;
  for (const std::string& one : default_texts(text)) {
    uint64_t number = 0;
    DEMARC_CHECK(ascii::parse_decimal(one, UINT32_MAX, number));
    integers.push_back(static_cast<int64_t>(number));
  }
  return integers;
}

contract::IpAddress masked(contract::IpAddress address, unsigned length) {
  for (unsigned bit = length; bit < 128; ++bit) {
    address.octets[bit / 8] = static_cast<uint8_t>(address.octets[bit / 8] & ~(0x80u >> bit % 8));
  }
  return address;
}

}  // namespace

int64_t integer_value(const contract::Field& field, int64_t number) {
  if (number >= field.minimum && number <= field.maximum) return number;
  std::string unit = field.unit.empty() ? "" : " " + std::string(field.unit);
  throw ValueError(std::to_string(number) + " is outside " + std::to_string(field.minimum) +
                   " to " + std::to_string(field.maximum) + unit);
}

Prefix parse_prefix(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {parse_ip(text), 128};
  const contract::IpAddress address = parse_ip(text.substr(0, slash));
  const unsigned longest = address.is_v4() ? 32 : 128;
  uint64_t length = 0;
  if (!ascii::parse_decimal(text.substr(slash + 1), longest, length)) {
    throw ValueError(quoted(text) + ": the prefix length must be 0 to " + std::to_string(longest));
  }
  const unsigned mapped = static_cast<unsigned>(length) + (128 - longest);
  const contract::IpAddress network = masked(address, mapped);
  if (network != address) {
    throw ValueError(quoted(text) + " has bits beyond its prefix; the network is \"" +
                     std::string(contract::print(network).view()) + "/" + std::to_string(length) +
                     "\"");
  }
  return {address, static_cast<uint8_t>(mapped)};
}

Value text_value(const contract::Field& field, std::string_view text) {
  switch (field.type) {
    case FieldType::text:
      return bounded_text(field, text);
    case FieldType::choice:
      return choice_value(field, text);
    case FieldType::name:
      return block_name(text, field.is_required);
    case FieldType::address:
      return parse_ip(text);
    case FieldType::addresses:
      return std::vector<Prefix>{parse_prefix(text)};
    case FieldType::port_range:
      return range_value(field, text);
    case FieldType::texts:
      return std::vector<std::string>{bounded_text(field, text)};
    case FieldType::names:
      return std::vector<std::string>{block_name(text, true)};
    case FieldType::endpoints:
      return std::vector<Peer>{peer_value(text)};
    case FieldType::boolean:
    case FieldType::integer:
    case FieldType::integers:
      break;
  }
  throw ValueError("expected " + std::string(wanted(field.type)) + ", got a string");
}

Value default_value(const contract::Field& field) {
  const std::string_view text = field.default_text;
  switch (field.type) {
    case FieldType::boolean:
      return text == "true";
    case FieldType::integer: {
      uint64_t number = 0;
      DEMARC_CHECK(ascii::parse_decimal(text, UINT32_MAX, number));
      return static_cast<int64_t>(number);
    }
    case FieldType::address:
      if (text.empty()) return contract::IpAddress{};
      break;
    case FieldType::addresses:
      if (text.empty()) return std::vector<Prefix>{};
      break;
    case FieldType::integers:
      return default_integers(text);
    case FieldType::texts:
    case FieldType::names:
      return default_texts(text);
    case FieldType::endpoints:
      return std::vector<Peer>{};
    case FieldType::text:
    case FieldType::name:
      return std::string(text);
    case FieldType::choice:
    case FieldType::port_range:
      break;
  }
  return text_value(field, text);
}

bool is_list(FieldType type) {
  return type == FieldType::addresses || type == FieldType::integers || type == FieldType::texts ||
         type == FieldType::names || type == FieldType::endpoints;
}

Value empty_list(const contract::Field& field) {
  contract::Field without_default = field;
  without_default.default_text = {};
  return default_value(without_default);
}

void append(Value& list, Value more) {
  const auto copy_all = [&]<class T>(std::vector<T>& all) {
    std::vector<T>& added = std::get<std::vector<T>>(more);
    all.insert(all.end(), added.begin(), added.end());
  };
  const auto is_no_list = [](auto&) { DEMARC_CHECK(false); };
  std::visit(Overloaded{copy_all, is_no_list}, list);
}

std::string_view wanted(FieldType type) {
  constexpr std::array<std::string_view, 12> texts = {
      "true or false",
      "an integer",
      "a string",
      "a string",
      "a name in quotes",
      "an IP address in quotes",
      "an IP address in quotes or an array of them",
      "a range of ports in quotes",
      "an integer or an array of them",
      "a string or an array of them",
      "a name in quotes or an array of them",
      "an IP address with an optional port in quotes, or an array of them"};
  return texts[static_cast<size_t>(type)];
}

std::string_view wanted_element(FieldType type) {
  switch (type) {
    case FieldType::addresses:
      return wanted(FieldType::address);
    case FieldType::integers:
      return wanted(FieldType::integer);
    case FieldType::names:
      return wanted(FieldType::name);
    case FieldType::endpoints:
      return "an IP address with an optional port in quotes";
    default:
      return wanted(FieldType::text);
  }
}

}  // namespace demarc::config
