#include "sip-parser/sdp/candidate.h"

#include "sip-parser/sdp/connection.h"

namespace demarc::sdp {
namespace {

CandidateTransport transport_of(std::string_view text) {
  if (ascii::iequals(text, "UDP")) return CandidateTransport::udp;
  if (ascii::iequals(text, "TCP")) return CandidateTransport::tcp;
  return CandidateTransport::other;
}

CandidateType type_of(std::string_view text) {
  if (text == "host") return CandidateType::host;
  if (text == "srflx") return CandidateType::srflx;
  if (text == "prflx") return CandidateType::prflx;
  if (text == "relay") return CandidateType::relay;
  return CandidateType::other;
}

// Of either type: an IPv4 address or a name is one for IPv6 as well.
bool is_any_address(std::string_view text) {
  return is_address(text, AddressType::ip6);
}

bool is_foundation(std::string_view text) {
  return !text.empty() && text.size() <= max_foundation_octets && ice_text.covers(text);
}

bool read_port(std::string_view text, uint16_t& port) {
  return read_number(text, {0, 65535}, port);
}

// What stands before "typ"; false at a mistake.
bool read_fixed_part(std::string_view& rest, std::string_view body, Candidate& candidate) {
  const std::string_view foundation = take_word(rest);
  const std::string_view component = take_word(rest);
  const std::string_view transport = take_word(rest);
  const std::string_view priority = take_word(rest);
  const std::string_view address = take_word(rest);
  const std::string_view port = take_word(rest);
  if (!is_foundation(foundation) || !is_token(transport) || !is_any_address(address)) return false;
  candidate.foundation = span_of(foundation, body);
  candidate.transport = transport_of(transport);
  candidate.transport_text = span_of(transport, body);
  candidate.address = span_of(address, body);
  return read_number(component, {1, max_component}, candidate.component) &&
         read_number(priority, {1, max_candidate_priority}, candidate.priority) &&
         read_port(port, candidate.port);
}

// raddr and rport, where they stand.
bool read_related(std::string_view& rest, std::string_view body, Candidate& candidate) {
  std::string_view ahead = rest;
  if (take_word(ahead) == "raddr") {
    const std::string_view address = take_word(ahead);
    if (!is_any_address(address)) return false;
    candidate.related_address = span_of(address, body);
    rest = ahead;
  }
  ahead = rest;
  if (take_word(ahead) == "rport") {
    if (!read_port(take_word(ahead), candidate.related_port)) return false;
    candidate.has_related_port = true;
    rest = ahead;
  }
  return true;
}

// Pairs of words.
bool are_extensions(std::string_view rest) {
  for (std::string_view name = take_word(rest); !name.empty(); name = take_word(rest)) {
    if (!visible.covers(name) || !visible.covers(take_word(rest))) return false;
  }
  return true;
}

}  // namespace

Result<Candidate, ValueError> parse_candidate(Span value, std::string_view body) {
  std::string_view rest = text(value, body);
  Candidate candidate;
  if (!read_fixed_part(rest, body, candidate)) return Fail{ValueError::bad_syntax};
  if (take_word(rest) != "typ") return Fail{ValueError::bad_syntax};
  const std::string_view type = take_word(rest);
  if (!is_token(type)) return Fail{ValueError::bad_syntax};
  candidate.type = type_of(type);
  candidate.type_text = span_of(type, body);
  if (!read_related(rest, body, candidate)) return Fail{ValueError::bad_syntax};
  std::string_view words = rest;
  if (take_word(words).empty()) return candidate;
  // A name without a value would read the next one as its value.
  size_t count = 0;
  for (words = rest; !take_word(words).empty();) ++count;
  if (count % 2 != 0 || !are_extensions(rest)) return Fail{ValueError::bad_syntax};
  candidate.extensions = span_of(rest, body);
  return candidate;
}

bool take_extension(Span& extensions, std::string_view body, CandidateExtension& extension) {
  std::string_view rest = text(extensions, body);
  const std::string_view name = take_word(rest);
  const std::string_view value = take_word(rest);
  extensions = rest.empty() ? Span{} : span_of(rest, body);
  if (value.empty()) return false;
  extension = {span_of(name, body), span_of(value, body)};
  return true;
}

bool take_remote_candidate(Span& rest, std::string_view body, RemoteCandidate& candidate) {
  std::string_view words = text(rest, body);
  const std::string_view component = take_word(words);
  if (component.empty()) {
    rest = Span{};
    return false;
  }
  const std::string_view address = take_word(words);
  if (!read_number(component, {1, max_component}, candidate.component) ||
      !is_any_address(address) || !read_port(take_word(words), candidate.port)) {
    return false;
  }
  candidate.address = span_of(address, body);
  rest = words.empty() ? Span{} : span_of(words, body);
  return true;
}

namespace {

Result<Span, ValueError> parse_ice_text(Span value, std::string_view body, uint32_t minimum) {
  if (!ice_text.covers(text(value, body))) return Fail{ValueError::bad_syntax};
  if (value.length < minimum || value.length > max_ice_octets) {
    return Fail{ValueError::out_of_range};
  }
  return value;
}

}  // namespace

Result<Span, ValueError> parse_ice_ufrag(Span value, std::string_view body) {
  return parse_ice_text(value, body, min_ice_ufrag_octets);
}

Result<Span, ValueError> parse_ice_pwd(Span value, std::string_view body) {
  return parse_ice_text(value, body, min_ice_pwd_octets);
}

bool has_ice_option(Span value, std::string_view body, std::string_view option) {
  std::string_view rest = text(value, body);
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    if (word == option) return true;
  }
  return false;
}

}  // namespace demarc::sdp
