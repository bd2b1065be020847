// Peer: a scripted SIP endpoint of a ladder. It writes its own messages, remembers what it got, and
// knows just enough of RFC 3261 to answer in the right dialog and transaction.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/address.h"
#include "dataplane/transaction/path.h"

namespace demarc::flow {

// A message as text, with the few fields that a ladder looks at.
struct Wire {
  std::string text;
  std::string method;   // of a request, or of the CSeq of a response
  int status_code = 0;  // 0 in a request
  std::string body;

  explicit Wire(std::string octets);
  bool is_request() const { return status_code == 0; }
  // The value of the first field of that long name; empty when absent.
  std::string field(std::string_view name) const;
  std::vector<std::string> fields(std::string_view name) const;
  // "INVITE" or "180": how a ladder writes it.
  std::string label() const;
};

class Peer {
 public:
  Peer(std::string name, const std::string& address, const std::string& box_address);

  // What one line of a ladder sends: "INVITE sdp", "180", "183 sdp reliable", "200 sdp", "200 BYE",
  // "ACK", "PRACK", "UPDATE within sdp", "again", ...
  std::string compose(const std::string& what);
  void take(Wire message);

  const std::string& name() const { return name_; }
  const contract::Endpoint& endpoint() const { return endpoint_; }
  const contract::Endpoint& box_endpoint() const { return box_endpoint_; }
  std::deque<Wire>& inbox() { return inbox_; }
  // Every name and address that only this side may know.
  const std::vector<std::string>& secrets() const { return secrets_; }
  // SDP port that this peer offers and answers with.
  static constexpr int media_port = 40000;
  std::string called = "+442079460018";
  std::string called_name;           // before the address in To, "Bob "
  std::string extra_lines;           // into the next request, "Require: 100rel\r\n"
  std::string extra_response_lines;  // into every response but 100
  std::string body;                  // instead of the usual SDP
  std::string content_type = "application/sdp";
  std::string contact;       // instead of the usual
  std::string record_route;  // in what this peer sends first
  // How it speaks, and over which connection it sends when that is not UDP.
  contract::Transport transport = contract::Transport::udp;
  std::optional<contract::Transport> sends_over;  // what it sends, where that is another one
  // Requests of more than 1300 octets come over TCP (RFC 3261 section 18.1.1).
  bool takes_large_over_tcp = false;
  transaction::StreamId stream = transaction::StreamId::none;
  uint16_t connection_port = 5060;                 // of its own, on that connection
  transaction::Path last_path;                     // by which the last message came
  std::string tag_suffix;                          // makes another fork of the same peer
  std::string sdp() const;                         // as it would be sent now
  const std::string& tag() const { return tag_; }  // of its own, in any dialog
  const Wire* last_request(const std::string& method) const;
  const Wire* last_response(const std::string& method) const;

 private:
  std::string request(const std::string& method, bool has_sdp);
  std::string acknowledge(bool has_sdp);
  std::string prack(bool has_sdp);
  void learn(const Wire& message);
  std::string cancel();
  std::string in_dialog(const std::string& method, bool has_sdp);
  std::string response(const std::string& status, const std::string& method, bool has_sdp);
  std::string finish(std::string head, bool has_sdp);
  std::string via_transport() const;
  std::string host_port() const;
  std::string own_contact() const;
  std::string new_branch();
  std::string secret(std::string text);

  std::vector<std::string> secrets_;  // first: the others are noted in it as they are made
  std::string name_;
  std::string address_;
  contract::Endpoint endpoint_;
  contract::Endpoint box_endpoint_;
  // The dialog that this peer is in: its own and the other's name-addr, and where requests go.
  struct Dialog {
    std::string local, remote, target, call_id;
    bool is_known = false;
    bool is_caller = false;
  };
  Dialog dialog_;
  std::string reliable_;  // RSeq, CSeq and To of the last reliable provisional response
  std::string reliable_to_;
  int rseq_ = 100;  // of its own
  std::string tag_;
  std::string call_id_;  // of the dialog this peer began
  std::string invite_branch_;
  int cseq_ = 0;
  int invite_cseq_ = 0;
  int names_ = 0;
  std::string last_sent_;
  std::map<std::string, Wire> requests_;   // last of each method received
  std::map<std::string, Wire> responses_;  // last of each method received
  std::deque<Wire> inbox_;
};

}  // namespace demarc::flow
