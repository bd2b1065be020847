#include "tests/sim/agent.h"

namespace demarc::sim {
namespace {

std::string_view reason_of(uint16_t status) {
  if (status < 200) return "Wait";
  return status < 300 ? "Fine" : "Sorry";
}

constexpr std::string_view allow_line =
    "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, MESSAGE, NOTIFY, REFER, PRACK\r\n";

}  // namespace

std::string Agent::new_branch() {
  std::string branch = "z9hG4bK-" + mark_ + "-";
  append(branch, ++names_);
  return branch;
}

std::string Agent::local_tag(unsigned fork) const {
  std::string tag = mark_ + "-t";
  append(tag, fork);
  return tag;
}

// A tag of its own names its fork.
unsigned Agent::fork_of(std::string_view tag) const {
  const size_t at = tag.rfind('t');
  return at == std::string_view::npos ? 0 : number(tag.substr(at + 1));
}

void Agent::write_via(std::string& out, std::string_view branch) const {
  constexpr std::string_view protocols[] = {"UDP ", "TCP ", "TLS "};
  out.append("Via: SIP/2.0/").append(protocols[static_cast<size_t>(setup_.transport)]);
  out.append(setup_.address).append(";branch=").append(branch).append(";rport");
  out.append(is_reliable() ? ";alias\r\n" : "\r\n");
}

// An offer, or the answer to one: as many m-lines, in its order (RFC 3264 section 6).
void Agent::write_sdp(std::string& out, unsigned fork, std::string_view offer) const {
  const unsigned own = setup_.plays.forks_differ ? fork : 0;
  out.append("v=0\r\no=").append(mark_).append(" ");
  append(out, 1 + own);
  out += " ";
  append(out, sdp_version_);
  out.append(" IN IP4 ").append(setup_.address).append("\r\ns=-\r\nc=IN IP4 ");
  out.append(setup_.address).append("\r\nt=0 0\r\n");
  const uint32_t port = 20000 + setup_.id % 10000 * 4 + own * 4;
  unsigned lines = 0;
  for_each_line(offer, [&](std::string_view line) {
    if (!line.starts_with("m=")) return;
    out.append(line.substr(0, line.find(' '))).append(" ");
    append(out, port + 2 * lines++);
    std::string_view formats = line.substr(line.find(' ', line.find(' ') + 1));
    // Every second fork takes the first format only: "RTP/AVP 8".
    const size_t second = formats.find(' ', formats.find(' ', 1) + 1);
    if (own % 2 == 1) formats = formats.substr(0, second);
    out.append(formats).append("\r\n");
  });
  if (lines == 0) {
    out += "m=audio ";
    append(out, port);
    out += " RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";
    if (setup_.id % 5 == 0) {
      out += "m=video ";
      append(out, port + 2);
      out += " RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n";
    }
  }
  if (is_holding_) out += "a=sendonly\r\n";
}

void Agent::finish(std::string& out, std::string_view sdp) const {
  if (!sdp.empty()) out += "Content-Type: application/sdp\r\n";
  out += "Content-Length: ";
  append(out, sdp.size());
  out.append("\r\n\r\n").append(sdp);
}

std::string Agent::compose_request(Method method, uint32_t cseq, std::string_view branch,
                                   std::string_view extra, bool has_sdp, std::string_view offer) {
  const bool is_called = setup_.role == Role::called;
  std::string out;
  out.reserve(900);
  std::string uri = remote_target_;
  if (uri.empty()) uri = "sip:" + setup_.called + "@" + setup_.box_address;
  out.append(spelling(method)).append(" ").append(uri).append(" SIP/2.0\r\n");
  write_via(out, branch);
  if (method == Method::invite && setup_.character.has_record_route && remote_tag_.empty()) {
    out.append("Record-Route: <sip:").append(setup_.address).append(";lr>\r\n");
  }
  out += "Max-Forwards: 70\r\n";
  if (is_called) {
    out.append("From: ").append(invite_to_).append(";tag=").append(local_tag(dialog_fork_));
    out.append("\r\nTo: ").append(invite_from_).append("\r\n");
  } else {
    out.append("From: \"Caller\" <sip:").append("+1").append("@").append(setup_.address);
    out.append(">;tag=").append(local_tag(0)).append("\r\nTo: <sip:").append(setup_.called);
    out.append("@").append(setup_.box_address).append(">");
    if (!remote_tag_.empty()) out.append(";tag=").append(remote_tag_);
    out += "\r\n";
  }
  out.append("Call-ID: ").append(call_id_).append("\r\nCSeq: ");
  append(out, cseq);
  out.append(" ").append(spelling(method)).append("\r\nContact: <sip:").append(mark_).append("@");
  out.append(setup_.character.has_alien_contact ? "192.168.7.7" : setup_.address).append(">\r\n");
  const bool may_refresh = method == Method::invite || method == Method::update;
  if (may_refresh && has_allow_) out += allow_line;
  out += extra;
  std::string sdp;
  if (has_sdp) write_sdp(sdp, dialog_fork_, offer);
  finish(out, sdp);
  return out;
}

std::string Agent::compose_response(const Text& request, uint16_t status, unsigned fork,
                                    bool has_sdp, std::string_view extra) {
  std::string out;
  out.reserve(900);
  out += "SIP/2.0 ";
  append(out, status);
  out.append(" ").append(reason_of(status)).append("\r\n");
  for (unsigned i = 0; i < request.field_count(); ++i) {
    const Text::Field& field = request.field_at(i);
    if (field.name == "Via" || field.name == "Record-Route") {
      out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
  }
  const bool is_dialog = request.method == "INVITE" && status > 100 && status < 300;
  if (is_dialog && setup_.character.has_record_route && request.to_tag.empty()) {
    out.append("Record-Route: <sip:").append(setup_.address).append(";lr>\r\n");
  }
  out.append("From: ").append(request.from).append("\r\nTo: ").append(request.to);
  if (request.to_tag.empty() && status != 100) out.append(";tag=").append(local_tag(fork));
  out.append("\r\nCall-ID: ").append(request.call_id).append("\r\nCSeq: ");
  append(out, request.cseq);
  out.append(" ").append(request.method).append("\r\n");
  if (is_dialog && has_allow_) out += allow_line;
  const bool is_update = request.method == "UPDATE" && status < 300 && setup_.plays.has_update;
  const bool is_subscribed = request.method == "SUBSCRIBE" && status < 300;
  if (is_dialog || is_update || is_subscribed) {
    out.append("Contact: <sip:").append(mark_).append("@");
    out.append(setup_.character.has_alien_contact ? "192.168.7.7" : setup_.address).append(">\r\n");
  }
  out += extra;
  std::string sdp;
  if (has_sdp)
    write_sdp(sdp, request.to_tag.empty() ? fork : fork_of(request.to_tag), request.body);
  finish(out, sdp);
  return out;
}

// The ACK to a final response of our INVITE; to a non-2xx it belongs to the INVITE's transaction
// and has its branch (RFC 3261 section 17.1.1.3).
std::string Agent::compose_ack(const Text& response, std::string_view branch, bool has_sdp) {
  std::string out;
  out.reserve(600);
  std::string uri(response.is_success() ? response.contact_uri : std::string_view{});
  if (uri.empty()) uri = "sip:" + setup_.called + "@" + setup_.box_address;
  out.append("ACK ").append(uri).append(" SIP/2.0\r\n");
  write_via(out, branch);
  out.append("Max-Forwards: 70\r\nFrom: ").append(response.from).append("\r\nTo: ");
  out.append(response.to).append("\r\nCall-ID: ").append(response.call_id).append("\r\nCSeq: ");
  append(out, response.cseq);
  out += " ACK\r\n";
  std::string sdp;
  if (has_sdp) write_sdp(sdp, 0, response.body);
  finish(out, sdp);
  return out;
}

// Request-URI, Via, From, To, Call-ID and CSeq number of the INVITE (RFC 3261 section 9.1).
std::string Agent::compose_cancel(const Transaction& invite) const {
  Text text;
  static_cast<void>(text.read(invite.octets));
  std::string out;
  out.reserve(500);
  out.append("CANCEL ").append(text.uri).append(" SIP/2.0\r\n");
  write_via(out, invite.branch);
  out.append("Max-Forwards: 70\r\nFrom: ").append(text.from).append("\r\nTo: ").append(text.to);
  out.append("\r\nCall-ID: ").append(text.call_id).append("\r\nCSeq: ");
  append(out, text.cseq);
  out += " CANCEL\r\n";
  finish(out, {});
  return out;
}

}  // namespace demarc::sim
