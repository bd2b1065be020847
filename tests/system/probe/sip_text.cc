#include "tests/system/probe/sip_text.h"

#include <strings.h>

#include <charconv>

namespace demarc::probe {

namespace {

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view compact_form(std::string_view name) {
  if (equal(name, "Via")) return "v";
  if (equal(name, "From")) return "f";
  if (equal(name, "To")) return "t";
  if (equal(name, "Call-ID")) return "i";
  if (equal(name, "Contact")) return "m";
  return name;
}

bool parse_first_line(std::string_view line, SipText& out) {
  if (line.starts_with("SIP/2.0 ") && line.size() >= 11) {
    const auto result = std::from_chars(line.data() + 8, line.data() + 11, out.status_code);
    return result.ec == std::errc{} && out.status_code >= 100;
  }
  const size_t first = line.find(' ');
  const size_t second = line.rfind(' ');
  if (first == std::string_view::npos || second <= first) return false;
  if (line.substr(second + 1) != "SIP/2.0") return false;
  out.method = line.substr(0, first);
  out.request_uri = line.substr(first + 1, second - first - 1);
  return true;
}

}  // namespace

std::string SipText::field(std::string_view name) const {
  const std::string_view compact = compact_form(name);
  for (const auto& [key, value] : fields) {
    if (equal(key, name) || equal(key, compact)) return value;
  }
  return {};
}

std::string SipText::cseq_method() const {
  const std::string cseq = field("CSeq");
  const size_t space = cseq.rfind(' ');
  return space == std::string::npos ? std::string() : cseq.substr(space + 1);
}

std::optional<SipText> parse_sip(std::string_view datagram) {
  SipText message;
  bool is_first = true;
  while (true) {
    const size_t end = datagram.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = datagram.substr(0, end);
    datagram.remove_prefix(end + 2);
    if (is_first) {
      if (!parse_first_line(line, message)) return std::nullopt;
      is_first = false;
    } else if (line.empty()) {
      break;
    } else {
      const size_t colon = line.find(':');
      if (colon == std::string_view::npos) return std::nullopt;
      message.fields.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
  }
  message.body = datagram;
  return message;
}

std::string parameter(std::string_view field, std::string_view name) {
  const size_t close = field.find('>');
  size_t at = field.find(';', close == std::string_view::npos ? 0 : close);
  while (at != std::string_view::npos) {
    field.remove_prefix(at + 1);
    at = field.find(';');
    const std::string_view item = field.substr(0, at);
    const size_t equals = item.find('=');
    if (equals != std::string_view::npos && equal(trim(item.substr(0, equals)), name)) {
      return std::string(trim(item.substr(equals + 1)));
    }
  }
  return {};
}

std::string uri_of(std::string_view field) {
  const size_t open = field.find('<');
  if (open != std::string_view::npos) {
    return std::string(field.substr(open + 1, field.find('>', open) - open - 1));
  }
  return std::string(trim(field.substr(0, field.find(';'))));
}

std::string user_of(std::string_view uri) {
  const size_t colon = uri.find(':');
  const size_t at = uri.find('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon) return {};
  return std::string(uri.substr(colon + 1, at - colon - 1));
}

std::optional<Address> address_of(std::string_view uri) {
  const size_t at = uri.find('@');
  std::string_view host = uri.substr(at == std::string_view::npos ? uri.find(':') + 1 : at + 1);
  host = host.substr(0, host.find_first_of(";?"));
  return parse_address(host, 5060);
}

std::optional<Address> audio_address(std::string_view body) {
  std::string host;
  uint16_t port = 0;
  while (!body.empty()) {
    const size_t end = body.find('\n');
    std::string_view line = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("c=IN IP")) {
      host = line.substr(line.rfind(' ') + 1);
    } else if (line.starts_with("m=audio ")) {
      std::from_chars(line.data() + 8, line.data() + line.size(), port);
    }
  }
  if (host.empty() || port == 0) return std::nullopt;
  return parse_address(host.find(':') == std::string::npos ? host : "[" + host + "]", port);
}

std::string make_sdp(const Address& media, Codec codec, std::string_view protocol,
                     std::string_view key_line) {
  const std::string where = std::string(media.is_v6 ? "IP6 " : "IP4 ") + media.host();
  const std::string format = std::to_string(payload_type_of(codec));
  return "v=0\r\no=probe 1 1 IN " + where + "\r\ns=-\r\nc=IN " + where + "\r\nt=0 0\r\nm=audio " +
         std::to_string(media.port()) + " " + std::string(protocol) + " " + format +
         "\r\na=rtpmap:" + format + " " + std::string(name_of(codec)) + "/8000\r\na=ptime:20\r\n" +
         std::string(key_line) + "a=sendrecv\r\n";
}

}  // namespace demarc::probe
