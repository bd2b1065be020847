// WireRules: what SIP demands of the box, judged from the messages on the wire alone. The world
// shows it every message that arrives at the box and every one that the box sends.
//
//   wire_rules.cc     messages that arrive, and the end
//   sent_rules.cc     every message that the box sends, as such
//   sent_requests.cc, sent_responses.cc   what it must be in its transaction and dialog
//   session_rules.cc  offers, answers and reliable provisional responses of a dialog
//
// A message that its sender or the network changed obliges the box to nothing, and what it names
// is `doubtful` from then on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dataplane/stream/unanswered.h"
#include "dataplane/transaction/outbox.h"
#include "sip-parser/message.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/failure.h"
#include "tests/sim/network.h"
#include "tests/sim/options.h"
#include "tests/sim/text.h"

namespace demarc::sim {

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

class WireRules {
 public:
  WireRules(const Options& options, const EventQueue& queue, Failure& failure)
      : options_(options), queue_(queue), failure_(failure) {}

  // A datagram reaches the box; what it does with it is one step.
  void begin_step(const Parcel& parcel, const Text& text, uint32_t call);
  // A line broke before anything came back on it: its worker is told, which is a step.
  void begin_step(const stream::Unanswered::Request& undelivered);
  // A timer or the operator begins a step.
  void begin_step() { cause_ = nullptr; }
  // One message that the step wants sent.
  struct Leg {
    uint32_t call = nobody;
    bool is_calling = true;
  };
  void on_sent(const transaction::Send& send, const Text& text, std::string_view complaint,
               const Leg& leg);
  void end_step();
  // Once a second: 2xx that should have been sent again.
  void audit();
  // Everything is over: what was left undone.
  void finish();

  // The final status that a caller got; 0 when none. Of the INVITE with this Call-ID and no To tag.
  struct Attempt {
    uint32_t call = nobody;
    unsigned begun = 0;        // INVITE transactions, as far as the wire can tell
    unsigned records_due = 0;  // accepted INVITE transactions
    int final_status = 0;      // of the last of them
    bool is_doubtful = false;
  };
  const ByText<Attempt>& attempts() const { return attempts_; }
  // When a request last began a transaction, of a peer's or of ours.
  contract::Instant last_begun() const { return last_begun_; }

 private:
  // A server transaction of ours, known by what the peer sent.
  struct Served {
    uint32_t call = nobody;
    bool is_invite = false;
    bool is_initial = false;  // INVITE without a To tag
    bool is_owed = false;     // an intact request arrived
    bool is_doubtful = false;
    int final_status = 0;
    uint64_t final_hash = 0;
    contract::Instant final_at;
    std::string from, call_id;
    uint32_t cseq = 0;
    bool has_offer = false;                                      // SDP in a re-INVITE or UPDATE
    transaction::StreamId stream = transaction::StreamId::none;  // that it came on
  };
  // A 2xx of ours to an INVITE, until its ACK.
  struct Answer {
    std::string key;
    uint32_t call = nobody;
    contract::Instant first, last;
    contract::Duration interval;
  };
  // A client transaction of ours.
  struct Sent {
    uint32_t call = nobody;
    uint16_t trunk = 0;
    bool is_invite = false;
    bool is_reliable = false;  // over a connection
    uint64_t hash = 0;
    uint32_t cseq = 0;
    bool is_doubtful = false;
    bool is_gone = false;  // a response came after its end
    bool has_success = false;
    bool is_acknowledged = false;  // a non-2xx
    int final_status = 0;
    std::string dialog;
    unsigned offered_lines = 0;  // m-lines of the offer in it; 0: none
    contract::Instant begun, provisional, final_at, cancelled;
  };
  // A dialog that a 2xx to an INVITE of ours made, by Call-ID, To tag and CSeq.
  struct Answered {
    uint32_t call = nobody;
    bool is_owed = false;
    bool is_acknowledged = false;
  };

  void on_request(const Parcel& parcel, const Text& text, uint32_t call);
  void on_response(const Parcel& parcel, const Text& text, uint32_t call);
  bool is_alive(const Sent& sent, contract::Instant at) const;

  void check_hidden(std::string_view octets, uint16_t trunk, const Leg& leg);
  void check_parses(std::string_view octets, uint32_t call);
  void on_sent_request(const transaction::Send& send, const Text& text, uint32_t call);
  void on_sent_ack(const Text& text, uint32_t call);
  void on_sent_cancel(const Text& text, uint32_t call);
  void check_dialog_order(const Text& text, const std::string& dialog, uint32_t call);
  void on_sent_response(const transaction::Send& send, const Text& text, uint32_t call);
  void check_way(const transaction::Send& send, const Text& text, const Served& served,
                 uint32_t call);
  void check_echo(const Served& served, const Text& text, uint32_t call);
  bool is_stateless(const Served& served, int status_code) const;
  void on_final(Served& served, const Text& text, uint32_t call);
  void on_answer(const Text& text, uint32_t call, bool is_again);
  void close_answer(const Text& ack);

  // What a dialog agreed about its session, as far as its messages show.
  struct Session {
    unsigned agreed_lines = 0;  // m-lines
    std::string open_offer;     // of ours: key in sent_
  };
  void check_lines(const Text& text, const std::string& dialog, uint32_t call);
  void on_sent_offer(const Text& text, const std::string& dialog, uint32_t call);
  void on_offer_answered(const Sent& sent);
  void on_sent_answer(const Served& served, const Text& text, uint32_t call);
  bool has_open_offer(const std::string& dialog) const;
  void on_sent_provisional(const Text& text, uint32_t call);
  void close_answers(const std::string& dialog);

  const Options& options_;
  const EventQueue& queue_;
  Failure& failure_;
  const Parcel* cause_ = nullptr;
  std::string owed_ack_;                 // of the INVITE whose non-2xx came in this step
  ByText<Served> served_;                // by branch and method
  ByText<Sent> sent_;                    // by branch and method
  ByText<Answered> answered_;            // by Call-ID, To tag and CSeq
  ByText<uint32_t> last_cseq_;           // of ours, by dialog
  ByText<std::string> pending_invites_;  // of ours, by dialog: key in sent_
  ByText<Attempt> attempts_;             // by Call-ID
  ByText<Session> sessions_;             // of confirmed dialogs of ours
  struct Reliable {
    uint32_t rseq = 0;
    uint64_t hash = 0;
  };
  ByText<Reliable> reliable_;  // the last one of ours, by dialog and CSeq
  std::vector<Answer> answers_;
  contract::Instant last_begun_;
  sip::Message message_;
  std::string padded_;
};

// Keys of the tables above.
std::string transaction_key(std::string_view branch, std::string_view method);
std::string dialog_key(std::string_view call_id, std::string_view local_tag,
                       std::string_view remote_tag);
std::string answer_key(const Text& text);

}  // namespace demarc::sim
