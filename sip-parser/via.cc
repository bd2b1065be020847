#include "sip-parser/via.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/host_port.h"
#include "sip-parser/lws.h"

namespace demarc::sip {
namespace {

Transport transport_of(std::string_view token) {
  for (const Transport transport : {Transport::udp, Transport::tcp, Transport::tls, Transport::sctp,
                                    Transport::ws, Transport::wss}) {
    if (ascii::iequals(token, spelling(transport))) return transport;
  }
  return Transport::other;
}

// One token, then the white space behind it. Empty when there is none.
Span read_token(std::string_view datagram, uint32_t& position, uint32_t end) {
  const uint32_t begin = position;
  while (position < end && ascii::is_token(datagram[position])) ++position;
  const Span token = make_span(begin, position);
  position = skip_lws(datagram, position, end);
  return token;
}

bool skip_slash(std::string_view datagram, uint32_t& position, uint32_t end) {
  if (position == end || datagram[position] != '/') return false;
  position = skip_lws(datagram, position + 1, end);
  return true;
}

// sent-protocol LWS: "SIP" SLASH "2.0" SLASH transport LWS
bool read_sent_protocol(std::string_view datagram, uint32_t& position, uint32_t end, Via& via) {
  const Span name = read_token(datagram, position, end);
  if (!ascii::iequals(text(name, datagram), "SIP") || !skip_slash(datagram, position, end)) {
    return false;
  }
  const Span version = read_token(datagram, position, end);
  if (text(version, datagram) != "2.0" || !skip_slash(datagram, position, end)) return false;
  via.transport_text = read_token(datagram, position, end);
  if (via.transport_text.empty() || position == via.transport_text.end()) return false;
  via.transport = transport_of(text(via.transport_text, datagram));
  return true;
}

Result<Via, ValueError> read_params(Via via, std::string_view datagram) {
  bool has_branch = false;
  bool has_received = false;
  Param param;
  ParamCursor cursor(via.params, datagram);
  while (cursor.next(param)) {
    const std::string_view name = text(param.name, datagram);
    if (ascii::iequals(name, "branch")) {
      if (has_branch || !param.has_value || param.has_quotes) return Fail{ValueError::bad_syntax};
      has_branch = true;
      via.branch = param.value;
    } else if (ascii::iequals(name, "received")) {
      if (has_received || !param.has_value) return Fail{ValueError::bad_syntax};
      has_received = true;
      via.received = param.value;
    } else if (ascii::iequals(name, "rport")) {
      if (via.has_rport || param.has_quotes) return Fail{ValueError::bad_syntax};
      via.has_rport = true;
      if (!param.has_value) continue;
      uint64_t port = 0;
      if (!ascii::parse_decimal(text(param.value, datagram), 65535, port) || port == 0) {
        return Fail{ValueError::out_of_range};
      }
      via.rport = static_cast<uint16_t>(port);
    }
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return via;
}

}  // namespace

std::string_view spelling(Transport transport) {
  switch (transport) {
    case Transport::udp:
      return "UDP";
    case Transport::tcp:
      return "TCP";
    case Transport::tls:
      return "TLS";
    case Transport::sctp:
      return "SCTP";
    case Transport::ws:
      return "WS";
    case Transport::wss:
      return "WSS";
    case Transport::other:
      break;
  }
  return "";
}

Result<Via, ValueError> parse_via(Span element, std::string_view datagram) {
  Via via;
  via.whole = trim_lws(element, datagram);
  const uint32_t end = via.whole.end();
  uint32_t position = via.whole.offset;
  if (!read_sent_protocol(datagram, position, end, via)) return Fail{ValueError::bad_syntax};

  const Result<HostPort, ValueError> host_port = read_host_port(make_span(position, end), datagram);
  if (!host_port) return Fail{host_port.error()};
  via.host = host_port->host;
  via.port = host_port->port;
  via.sent_by = make_span(position, host_port->end);
  position = skip_lws(datagram, host_port->end, end);
  if (position != end) {
    if (datagram[position] != ';') return Fail{ValueError::bad_syntax};
    via.params = make_span(position, end);
  }
  return read_params(via, datagram);
}

Result<Via, ValueError> parse_top_via(Span value, std::string_view datagram) {
  Span element;
  ListCursor cursor(value, datagram);
  if (!cursor.next(element)) return Fail{ValueError::bad_syntax};
  return parse_via(element, datagram);
}

bool has_magic_cookie(std::string_view branch) {
  return branch.size() > magic_cookie.size() &&
         branch.substr(0, magic_cookie.size()) == magic_cookie;
}

}  // namespace demarc::sip
