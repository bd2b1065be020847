#include "sip-parser/via.h"

#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/base/char_class.h"
#include "sip-parser/host_port.h"
#include "sip-parser/lws.h"
#include "sip-parser/plain_reader.h"

namespace demarc::sip {
namespace {

constexpr CharClass token = CharClass::where(ascii::is_token);

Transport transport_of(std::string_view text) {
  for (const Transport transport : {Transport::udp, Transport::tcp, Transport::tls, Transport::sctp,
                                    Transport::ws, Transport::wss}) {
    if (ascii::iequals(text, spelling(transport))) return transport;
  }
  return Transport::other;
}

// One token, then the white space behind it. Empty when there is none.
Span read_token(std::string_view datagram, uint32_t& position, uint32_t end) {
  const uint32_t begin = position;
  position = find_outside(datagram, begin, end, token);
  const Span read = make_span(begin, position);
  position = skip_lws(datagram, position, end);
  return read;
}

bool skip_slash(std::string_view datagram, uint32_t& position, uint32_t end) {
  if (position == end || datagram[position] != '/') return false;
  position = skip_lws(datagram, position + 1, end);
  return true;
}

// sent-protocol LWS: "SIP" SLASH "2.0" SLASH transport LWS
bool read_sent_protocol(std::string_view datagram, uint32_t& position, uint32_t end, Via& via) {
  const Span name = read_token(datagram, position, end);
  if (!ascii::is_word(text(name, datagram), "sip") || !skip_slash(datagram, position, end)) {
    return false;
  }
  const Span version = read_token(datagram, position, end);
  if (text(version, datagram) != "2.0" || !skip_slash(datagram, position, end)) return false;
  via.transport_text = read_token(datagram, position, end);
  if (via.transport_text.empty() || position == via.transport_text.end()) return false;
  via.transport = transport_of(text(via.transport_text, datagram));
  return true;
}

// The same where it is spelled as nearly everybody does: "SIP/2.0/UDP ", in one load of 12 octets,
// and a host begins behind it.
bool read_usual_sent_protocol(std::string_view datagram, uint32_t& position, uint32_t end,
                              Via& via) {
  constexpr std::string_view usual = "SIP/2.0/";
  if (end - position <= usual.size() + 4 ||
      std::memcmp(datagram.data() + position, usual.data(), usual.size()) != 0) {
    return false;
  }
  const auto is_transport = [&](std::string_view name) {
    return std::memcmp(datagram.data() + position + 8, name.data(), 4) == 0;
  };
  via.transport = is_transport("UDP ")   ? Transport::udp
                  : is_transport("TCP ") ? Transport::tcp
                  : is_transport("TLS ") ? Transport::tls
                                         : Transport::other;
  if (via.transport == Transport::other) return false;
  via.transport_text.assign(position + 8, position + 11);
  position += 12;
  return true;
}

ValueError take_rport(const Param& param, std::string_view datagram, Via& via) {
  if (via.has_rport || param.has_quotes) return ValueError::bad_syntax;
  via.has_rport = true;
  if (!param.has_value) return ValueError{};
  uint32_t position = param.value.offset;
  const ValueError error = read_port(datagram, position, param.value.end(), via.rport);
  return error == ValueError{} && position == param.value.end() ? error : ValueError::out_of_range;
}

ValueError take_param(const Param& param, std::string_view datagram, Via& via) {
  const std::string_view name = text(param.name, datagram);
  switch (name.size()) {
    case 6:
      if (!ascii::is_word(name, "branch")) break;
      // An empty branch is none at all, so an unset one tells a first from a second.
      if (!via.branch.empty() || !param.has_value || param.has_quotes) {
        return ValueError::bad_syntax;
      }
      via.branch = param.value;
      break;
    case 5:
      if (ascii::is_word(name, "rport")) return take_rport(param, datagram, via);
      break;
    case 8:
      if (!ascii::is_word(name, "received")) break;
      if (via.received != Span{} || !param.has_value) return ValueError::bad_syntax;
      via.received = param.value;
      break;
    default:
      break;
  }
  return ValueError{};
}

void clear_behind_host(Via& via) {
  via.port = 0;
  via.branch = via.received = via.params = Span{};
  via.has_rport = false;
  via.rport = 0;
}

// A parameter of a Via that is read plainly. False: the general way is to say what it is.
bool take_plain_param(Span name, Span value, std::string_view datagram, Via& via) {
  const std::string_view spelled = text(name, datagram);
  if (spelled.size() == 6 && ascii::is_word(spelled, "branch")) {
    if (!via.branch.empty() || value.empty()) return false;
    via.branch = value;
  } else if (spelled.size() == 8 && ascii::is_word(spelled, "received")) {
    if (!via.received.empty() || value.empty()) return false;
    via.received = value;
  } else if (spelled.size() == 5 && ascii::is_word(spelled, "rport")) {
    if (via.has_rport) return false;
    via.has_rport = true;
    return value.empty() ||
           PlainReader::read_whole_port(datagram, value.offset, value.end(), via.rport);
  }
  return true;
}

// A Via without white space but for the SP before its host. False: it is to be read by read_any().
bool read_plain_via(std::string_view datagram, uint32_t& position, uint32_t end, Via& via) {
  uint32_t at = position;
  if (!read_usual_sent_protocol(datagram, at, end, via)) return false;
  PlainReader reader(datagram, at, end);
  reader.advance();
  if (reader.position() == at) return false;
  via.host.assign(at, reader.position());
  clear_behind_host(via);
  if (reader.octet() == ':' && !reader.read_port(datagram, via.port)) return false;
  const uint32_t params = reader.position();
  via.sent_by.assign(at, params);
  if (!reader.read_params(
          [&](Span name, Span value) { return take_plain_param(name, value, datagram, via); })) {
    return false;
  }
  via.whole.assign(position, reader.position());
  if (params != reader.position()) via.params.assign(params, reader.position());
  position = reader.position();
  return true;
}

// One Via, up to a comma or the end. ValueError{} is success.
[[gnu::noinline]] ValueError read_any(std::string_view datagram, uint32_t& position, uint32_t end,
                                      Via& via) {
  position = skip_lws(datagram, position, end);
  const uint32_t begin = position;
  if (!read_sent_protocol(datagram, position, end, via)) return ValueError::bad_syntax;

  const uint32_t sent_by = position;
  HostPort host_port;
  ValueError error = read_host_port<Blanks::around_colon>(datagram, position, end, host_port);
  if (error != ValueError{}) return error;
  clear_behind_host(via);
  via.host = host_port.host;
  via.port = host_port.port;
  via.sent_by.assign(sent_by, position);

  const uint32_t params = skip_lws(datagram, position, end);
  ParamCursor cursor(make_span(params, end), datagram, ParamCursor::Ends::at_comma);
  for (Param param; cursor.next(param);) {
    error = take_param(param, datagram, via);
    if (error != ValueError{}) return error;
  }
  if (cursor.failed()) return cursor.error();
  position = cursor.position();
  const uint32_t stop = trim_lws_end(datagram, begin, position);
  via.whole.assign(begin, stop);
  if (params < stop) via.params.assign(params, stop);
  return ValueError{};
}

ValueError read_via(std::string_view datagram, uint32_t& position, uint32_t end, Via& via) {
  if (read_plain_via(datagram, position, end, via)) [[likely]]
    return ValueError{};
  return read_any(datagram, position, end, via);
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
  uint32_t position = element.offset;
  const ValueError error = read_via(datagram, position, element.end(), via);
  if (error != ValueError{}) return Fail{error};
  if (position != element.end()) return Fail{ValueError::bad_syntax};
  return via;
}

Result<Via, ValueError> parse_top_via(Span value, std::string_view datagram) {
  Via via;
  const ValueError error = read_top_via(value, datagram, via);
  if (error != ValueError{}) return Fail{error};
  return via;
}

// Flat, as read_next() is.
[[gnu::flatten]] ValueError read_top_via(Span value, std::string_view datagram, Via& via) {
  uint32_t position = value.offset;
  return read_via(datagram, position, value.end(), via);
}

// Flat: its steps are short, and calls between them would cost more than they do.
[[gnu::flatten]] bool ViaCursor::read_next(Via& via) {
  error_ = read_via(datagram_, position_, end_, via);
  is_done_ = error_ != ValueError{} || position_ == end_;
  ++position_;  // the comma
  return error_ == ValueError{};
}

bool has_magic_cookie(std::string_view branch) {
  return branch.size() > magic_cookie.size() &&
         branch.substr(0, magic_cookie.size()) == magic_cookie;
}

}  // namespace demarc::sip
