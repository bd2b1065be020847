#include "tests/flow/peer.h"

#include <sstream>

namespace demarc::flow {
namespace {

std::string parameter(const std::string& value, const std::string& name) {
  const size_t at = value.find(";" + name + "=");
  if (at == std::string::npos) return {};
  const size_t begin = at + name.size() + 2;
  return value.substr(begin, value.find_first_of(";>, ", begin) - begin);
}

std::string between(const std::string& text, char open, char close) {
  const size_t begin = text.find(open);
  return begin == std::string::npos ? text
                                    : text.substr(begin + 1, text.find(close, begin) - begin - 1);
}

}  // namespace

Wire::Wire(std::string octets) : text(std::move(octets)) {
  const size_t end = text.find("\r\n\r\n");
  body = end == std::string::npos ? "" : text.substr(end + 4);
  std::istringstream line(text.substr(0, text.find("\r\n")));
  std::string first;
  line >> first;
  if (first != "SIP/2.0") {
    method = first;
    return;
  }
  line >> status_code;
  std::istringstream cseq(field("CSeq"));
  std::string number;
  cseq >> number >> method;
}

std::vector<std::string> Wire::fields(std::string_view name) const {
  std::vector<std::string> values;
  const std::string start = "\r\n" + std::string(name) + ": ";
  const size_t end = text.find("\r\n\r\n");
  for (size_t at = text.find(start); at < end; at = text.find(start, at + 1)) {
    const size_t begin = at + start.size();
    values.push_back(text.substr(begin, text.find("\r\n", begin) - begin));
  }
  return values;
}

std::string Wire::field(std::string_view name) const {
  const std::vector<std::string> values = fields(name);
  return values.empty() ? "" : values.front();
}

std::string Wire::label() const {
  return is_request() ? method : std::to_string(status_code) + " (" + method + ")";
}

Peer::Peer(std::string name, const std::string& address, const std::string& box_address)
    : name_(std::move(name)),
      address_(address),
      endpoint_(*contract::parse_endpoint(address, 5060)),
      box_endpoint_(*contract::parse_endpoint(box_address, 5060)),
      tag_(secret(name_ + "-tag")),
      call_id_(secret(name_ + "-call-id@" + address)) {
  secret(address);
  secret(box_address);
}

std::string Peer::secret(std::string text) {
  secrets_.push_back(text);
  return text;
}

void Peer::take(Wire message) {
  learn(message);
  auto& last = message.is_request() ? requests_ : responses_;
  last.insert_or_assign(message.method, message);
  inbox_.push_back(std::move(message));
}

// What RFC 3261 section 12 says that a message makes or changes of a dialog.
void Peer::learn(const Wire& message) {
  const bool refreshes = message.method == "INVITE" || message.method == "UPDATE";
  if (message.is_request()) {
    if (message.method == "INVITE" && parameter(message.field("To"), "tag").empty()) {
      dialog_ = {
          message.field("To"), message.field("From"), "", message.field("Call-ID"), true, false};
    }
  } else if (message.method == "INVITE" && message.status_code > 100 && message.status_code < 300) {
    if (dialog_.is_known && !dialog_.is_caller) {
      // To our re-INVITE: the dialog stays.
    } else {
      dialog_.local = message.field("From");
      dialog_.remote = message.field("To");
      dialog_.call_id = message.field("Call-ID");
      dialog_.is_known = dialog_.is_caller = true;
    }
    const std::string rseq = message.field("RSeq");
    if (!rseq.empty()) {
      reliable_ = rseq + " " + message.field("CSeq");
      reliable_to_ = message.field("To");
    }
  }
  const std::string contact_field = message.field("Contact");
  if (refreshes && !contact_field.empty()) dialog_.target = between(contact_field, '<', '>');
}

const Wire* Peer::last_request(const std::string& method) const {
  const auto found = requests_.find(method);
  return found == requests_.end() ? nullptr : &found->second;
}

const Wire* Peer::last_response(const std::string& method) const {
  const auto found = responses_.find(method);
  return found == responses_.end() ? nullptr : &found->second;
}

std::string Peer::compose(const std::string& what) {
  std::istringstream words(what);
  std::string first, word, method;
  words >> first;
  bool has_sdp = false;
  while (words >> word) {
    if (word == "sdp") {
      has_sdp = true;
    } else if (word == "reliable") {
      extra_lines += "Require: 100rel\r\nRSeq: " + std::to_string(++rseq_) + "\r\n";
    } else {
      method = word;
    }
  }
  if (first == "again") return last_sent_;
  if (first == "ACK") return acknowledge(has_sdp);
  if (first == "PRACK") return last_sent_ = prack(has_sdp);
  if (first == "CANCEL") return last_sent_ = cancel();
  if (first[0] >= '1' && first[0] <= '9') {
    return last_sent_ = response(first, method.empty() ? "INVITE" : method, has_sdp);
  }
  const bool is_within = method == "within";
  return last_sent_ =
             is_within || first == "BYE" ? in_dialog(first, has_sdp) : request(first, has_sdp);
}

std::string Peer::via_transport() const {
  return transport == contract::Transport::tcp   ? "TCP"
         : transport == contract::Transport::tls ? "TLS"
                                                 : "UDP";
}

// Over TLS the port is written, since it is not the one that is meant without.
std::string Peer::host_port() const {
  return transport == contract::Transport::tls ? address_ + ":5060" : address_;
}

std::string Peer::own_contact() const {
  if (!contact.empty()) return contact;
  const std::string uri = "sip:" + name_ + "@" + host_port();
  if (transport == contract::Transport::udp) return uri;
  return uri + (transport == contract::Transport::tcp ? ";transport=tcp" : ";transport=tls");
}

std::string Peer::new_branch() {
  return secret("z9hG4bK-" + name_ + "-" + std::to_string(++names_));
}

std::string Peer::sdp() const {
  if (!body.empty()) return body;
  return "v=0\r\no=" + name_ + " 1 1 IN IP4 " + address_ + "\r\ns=" + name_ + "\r\nc=IN IP4 " +
         address_ + "\r\nt=0 0\r\nm=audio " + std::to_string(media_port) +
         " RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";
}

std::string Peer::finish(std::string head, bool has_sdp) {
  head += extra_lines;
  extra_lines.clear();
  const std::string content = has_sdp ? sdp() : "";
  if (has_sdp) head += "Content-Type: " + content_type + "\r\n";
  return head + "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content;
}

std::string Peer::request(const std::string& method, bool has_sdp) {
  const std::string branch = new_branch();
  ++cseq_;
  if (method == "INVITE") {
    invite_branch_ = branch;
    invite_cseq_ = cseq_;
  }
  const std::string box = contract::print(box_endpoint_.address).view().data();
  std::string head = method + " sip:" + called + "@" + box + " SIP/2.0\r\n";
  head +=
      "Via: SIP/2.0/" + via_transport() + " " + host_port() + ";branch=" + branch + ";rport\r\n";
  if (!record_route.empty()) head += "Record-Route: " + record_route + "\r\n";
  head += "Max-Forwards: 70\r\nFrom: \"Caller\" <sip:+4915112345@" + address_ + ">;tag=" + tag_ +
          "\r\nTo: " + called_name + "<sip:" + called + "@" + box + ">\r\nCall-ID: " + call_id_ +
          "\r\nCSeq: " + std::to_string(cseq_) + " " + method + "\r\nContact: <" + own_contact() +
          ">\r\n";
  return finish(head, has_sdp);
}

// The ACK to the last final response to our INVITE; of a non-2xx it belongs to the INVITE's
// transaction (RFC 3261 section 17.1.1.3).
std::string Peer::acknowledge(bool has_sdp) {
  const Wire* final_response = last_response("INVITE");
  if (final_response == nullptr) return "no final response to acknowledge";
  const bool is_success = final_response->status_code < 300;
  const std::string target =
      is_success ? between(final_response->field("Contact"), '<', '>') : "sip:x@box";
  const std::string branch = is_success ? new_branch() : invite_branch_;
  return finish("ACK " + target + " SIP/2.0\r\nVia: SIP/2.0/" + via_transport() + " " +
                    host_port() + ";branch=" + branch + ";rport\r\nMax-Forwards: 70\r\nFrom: " +
                    final_response->field("From") + "\r\nTo: " + final_response->field("To") +
                    "\r\nCall-ID: " + final_response->field("Call-ID") +
                    "\r\nCSeq: " + std::to_string(invite_cseq_) + " ACK\r\n",
                has_sdp);
}

std::string Peer::cancel() {
  if (invite_branch_.empty()) invite_branch_ = new_branch();
  const std::string box = contract::print(box_endpoint_.address).view().data();
  return finish("CANCEL sip:" + called + "@" + box + " SIP/2.0\r\nVia: SIP/2.0/" + via_transport() +
                    " " + host_port() + ";branch=" + invite_branch_ +
                    ";rport\r\nMax-Forwards: 70\r\nFrom: \"Caller\" " + "<sip:+4915112345@" +
                    address_ + ">;tag=" + tag_ + "\r\nTo: <sip:" + called + "@" + box +
                    ">\r\nCall-ID: " + call_id_ + "\r\nCSeq: " + std::to_string(invite_cseq_) +
                    " CANCEL\r\n",
                false);
}

// A request in the dialog that this peer began or took part in.
std::string Peer::in_dialog(const std::string& method, bool has_sdp) {
  if (!dialog_.is_known) return "no dialog";
  ++cseq_;
  const std::string branch = new_branch();
  if (method == "INVITE") {
    invite_branch_ = branch;
    invite_cseq_ = cseq_;
  }
  const std::string own_tag = dialog_.is_caller ? "" : ";tag=" + tag_ + tag_suffix;
  return finish(method + " " + dialog_.target + " SIP/2.0\r\nVia: SIP/2.0/" + via_transport() +
                    " " + host_port() + ";branch=" + branch +
                    ";rport\r\nMax-Forwards: 70\r\nFrom: " + dialog_.local + own_tag +
                    "\r\nTo: " + dialog_.remote + "\r\nCall-ID: " + dialog_.call_id +
                    "\r\nCSeq: " + std::to_string(cseq_) + " " + method + "\r\nContact: <" +
                    own_contact() + ">\r\n",
                has_sdp);
}

// For the last reliable provisional response, in its early dialog.
std::string Peer::prack(bool has_sdp) {
  const std::string remote = dialog_.remote;
  dialog_.remote = reliable_to_;
  extra_lines += "RAck: " + reliable_ + "\r\n";
  std::string request = in_dialog("PRACK", has_sdp);
  dialog_.remote = remote;
  return request;
}

std::string Peer::response(const std::string& status, const std::string& method, bool has_sdp) {
  const Wire* request = last_request(method);
  if (request == nullptr) return "no request to answer";
  std::string head = "SIP/2.0 " + status + " Whatever\r\n";
  for (const std::string& via : request->fields("Via")) head += "Via: " + via + "\r\n";
  if (!record_route.empty()) head += "Record-Route: " + record_route + "\r\n";
  const std::string to = request->field("To");
  const bool needs_tag = parameter(to, "tag").empty() && status != "100";
  head += "From: " + request->field("From") + "\r\nTo: " + to +
          (needs_tag ? ";tag=" + tag_ + tag_suffix : "") +
          "\r\nCall-ID: " + request->field("Call-ID") + "\r\nCSeq: " + request->field("CSeq") +
          "\r\n";
  if (status != "100") head += extra_response_lines;
  if (status != "100" && (method == "INVITE" || method == "UPDATE")) {
    head += "Contact: <" + own_contact() + ">\r\n";
  }
  return finish(head, has_sdp);
}

}  // namespace demarc::flow
