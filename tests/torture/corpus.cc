#include "tests/torture/corpus.h"

#include <cstdlib>

namespace demarc::torture {
namespace {

using sip::Capabilities;

constexpr std::string_view methods[] = {"INVITE",  "ACK",      "BYE",     "CANCEL",
                                        "OPTIONS", "REGISTER", "MESSAGE", "PRACK"};
constexpr std::string_view option_tags[] = {"100rel", "timer"};
constexpr std::string_view body_types[] = {"application/sdp", "multipart/mixed", "text/plain"};

std::string with_line_ends(std::string_view text) {
  std::string octets;
  for (const char c : text) octets += c == '\n' ? std::string("\r\n") : std::string(1, c);
  return octets;
}

// What stands in << >>.
std::string octets_of(std::string_view word, size_t body_octets) {
  if (word == "length") return std::to_string(body_octets);
  const size_t star = word.find('*');
  if (star == std::string_view::npos) {
    return {static_cast<char>(std::strtoul(std::string(word).c_str(), nullptr, 16))};
  }
  std::string octets;
  for (unsigned long i = std::strtoul(std::string(word).c_str(), nullptr, 10); i > 0; --i) {
    octets += with_line_ends(word.substr(star + 1));
  }
  return octets;
}

std::string expand_part(std::string_view text, size_t body_octets) {
  std::string octets;
  while (!text.empty()) {
    const size_t end = text.find(">>");
    if (text.substr(0, 2) == "<<" && end != std::string_view::npos) {
      octets += octets_of(text.substr(2, end - 2), body_octets);
      text.remove_prefix(end + 2);
      continue;
    }
    octets += with_line_ends(text.substr(0, 1));
    text.remove_prefix(1);
  }
  return octets;
}

}  // namespace

const Capabilities user_agent{
    .methods = methods, .option_tags = option_tags, .body_types = body_types};
const Capabilities registrar{.methods = methods,
                             .option_tags = option_tags,
                             .body_types = body_types,
                             .challenge = Capabilities::Challenge::unauthorized};
const Capabilities proxy{.role = Capabilities::Role::proxy, .is_forwarding = true};

std::string expand(std::string_view text) {
  const size_t empty_line = text.find("\n\n");
  if (empty_line == std::string_view::npos) return expand_part(text, 0);
  const std::string body = expand_part(text.substr(empty_line + 2), 0);
  return expand_part(text.substr(0, empty_line + 2), body.size()) + body;
}

std::string_view value(const sip::Message& message, std::string_view datagram,
                       sip::HeaderName name) {
  return demarc::text(message.value(name), datagram);
}

unsigned count(const sip::Message& message, sip::HeaderName name) {
  unsigned fields = 0;
  for (const sip::HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    ++fields;
  }
  return fields;
}

}  // namespace demarc::torture
