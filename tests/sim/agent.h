// Agent: one scripted user agent in one call: the caller, or the called side of one INVITE of ours.
// It writes and reads its own SIP as text, keeps its own transactions (RFC 3261 section 17) and
// does what its character says. The world calls it with messages and with what it planned itself.
//
//   agent.cc         transactions: sending, sending again, giving up
//   compose.cc       the messages that it writes
//   early.cc         reliable provisional responses and what both do in early dialogs
//   calling.cc       the caller until the answer
//   called.cc        the called side until the ACK
//   in_dialog.cc     what both do in the dialog, and its end
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/contract/address.h"
#include "tests/sim/character.h"
#include "tests/sim/dialogs.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/lines.h"
#include "tests/sim/network.h"
#include "tests/sim/random.h"
#include "tests/sim/tally.h"
#include "tests/sim/text.h"

namespace demarc::sim {

// What an agent lives in.
struct Surroundings {
  EventQueue& queue;
  Network& network;
  Lines& lines;
  Dialogs& dialogs;
  Tally& tally;
};

// Where a message came, and where its answer leaves: on the line, if that is open still.
struct Place {
  contract::Endpoint end;
  uint32_t line = nobody;
};

class Agent {
 public:
  enum class Role : uint8_t { calling, called };
  enum class Phase : uint8_t {
    begun,      // INVITE sent or received
    early,      // a provisional with a tag
    confirmed,  // 2xx received, or sent and acknowledged
    ended,
  };
  struct Setup {
    uint32_t id = 0;  // of the agent
    uint32_t call = 0;
    uint16_t trunk = 0;
    Role role = Role::calling;
    std::string address;      // its own
    std::string box_address;  // that it knows of the box
    std::string called;       // number
    contract::Transport transport = contract::Transport::udp;
    uint64_t random_seed = 0;
    Character character;
    Plays plays;
  };
  Agent(const Setup& setup, const Surroundings& surroundings);

  // The caller: sends its INVITE.
  void begin();
  // A message for this agent, at the place where it arrived.
  void receive(const Text& text, const Place& at);
  // A message of this agent's, or one for it, went down with its line.
  void on_loss(const Parcel& parcel);
  // What it planned for now.
  void act(uint32_t detail);
  // The end of the simulation: whoever is in a call hangs up.
  void hang_up();

  const std::string& call_id() const { return call_id_; }
  uint32_t call() const { return setup_.call; }
  uint16_t trunk() const { return setup_.trunk; }
  Role role() const { return setup_.role; }
  Phase phase() const { return phase_; }
  const Character& character() const { return setup_.character; }
  // Reacts to what comes, keeps to what RFC 3261 asks of a peer and got all that its lines were to
  // bring: what is said of both ends of a call can be said of this one.
  bool is_awake() const { return !is_deaf_; }
  bool is_sound() const {
    const Character& one = setup_.character;
    return !is_deaf_ && !has_lost_ && one.lies == 0 && !one.hangs_up_at_once &&
           one.lost_acks == 0 && one.kind != Kind::double_answering;
  }
  // In whatever this one writes of itself, and in nothing else.
  static std::string_view mark_of(Role role) { return role == Role::calling ? "zqin" : "zqout"; }

 private:
  // A transaction of its own; never forgotten, since an agent lives as long as one call.
  struct Transaction {
    Method method = Method::invite;
    bool is_client = true;
    bool is_over = false;     // client: final response; server: nothing to send again
    bool is_initial = false;  // client: makes the dialog
    bool is_first = false;    // server: the INVITE that made the dialog, one for each answer
    bool is_gone = false;     // server: that dialog was ended
    bool is_waiting = false;  // server: a re-INVITE that is answered later
    bool has_provisional = false;
    bool has_offer = false;  // client UPDATE: SDP
    uint16_t status = 0;     // last response received or sent
    unsigned fork = 0;
    uint32_t cseq = 0;
    std::string branch;
    std::string octets;   // the request, or the last response
    std::string request;  // server: the re-INVITE that waits
    std::string ack;      // client INVITE: what acknowledged it
    Place at;             // local end
    contract::Duration interval;
    contract::Instant deadline;
  };
  // What is planned for later: a number in the upper bits, what it is in the lower.
  enum class Plan : uint8_t {
    retransmit,  // transaction
    say_100,
    ring,    // how manieth
    answer,  // how manieth
    refuse,
    cancel,           // transaction
    answer_reinvite,  // transaction
    request,          // in the dialog
    early_request,    // of which fork
    notify,           // whether it is the last one
    bye,
    retry,    // a re-INVITE after 491
    refresh,  // of a session timer of so many seconds
    fall_deaf,
  };

  // agent.cc
  void plan(contract::Duration after, Plan what, uint32_t number = 0);
  void transmit(const std::string& octets, const Place& at, bool may_lie = true);
  std::string lie(const std::string& octets);
  uint32_t start(Method method, std::string octets, std::string branch, bool is_initial = false);
  void respond(uint32_t transaction, uint16_t status, std::string octets);
  void retransmit(uint32_t transaction);
  bool repeats(const Transaction& transaction) const;
  bool is_reliable() const { return setup_.transport != contract::Transport::udp; }
  void give_up_answer(uint32_t transaction);
  Transaction* find(bool is_client, std::string_view branch, Method method);
  bool has_pending_invite() const;
  bool has_waiting_invite() const;
  bool has_own_update() const;
  bool has_open_offer() const;

  // compose.cc
  std::string new_branch();
  std::string local_tag(unsigned fork) const;
  unsigned fork_of(std::string_view tag) const;
  void write_sdp(std::string& out, unsigned fork, std::string_view offer = {}) const;
  void finish(std::string& out, std::string_view sdp) const;
  std::string compose_request(Method method, uint32_t cseq, std::string_view branch,
                              std::string_view extra, bool has_sdp, std::string_view offer = {});
  std::string compose_response(const Text& request, uint16_t status, unsigned fork, bool has_sdp,
                               std::string_view extra = {});
  std::string compose_ack(const Text& response, std::string_view branch, bool has_sdp);
  std::string compose_cancel(const Transaction& invite) const;
  void write_via(std::string& out, std::string_view branch) const;

  // calling.cc
  void on_response(const Text& text);
  void on_invite_response(Transaction& invite, const Text& text);
  void on_answer(Transaction& invite, const Text& text);
  void on_refusal(Transaction& invite, const Text& text);
  void cancel(uint32_t transaction);
  void send_cancel(uint32_t transaction);

  // early.cc
  void prack(const Text& provisional);
  bool answers_by_prack(const Text& provisional) const;
  bool is_insisting(unsigned fork) const;
  bool has_early_session(std::string_view remote_tag, std::string_view own_tag) const;
  void on_prack(const Text& text, uint32_t transaction);
  void send_early_request(unsigned fork);
  void plan_early_request(unsigned fork);

  // called.cc
  void on_initial_invite(const Text& text);
  void ring(uint32_t number);
  void answer(uint32_t number);
  void refuse(uint16_t status);
  void insist(unsigned fork, uint32_t rseq);
  void stop_insisting();
  void stop_insisting(uint32_t rseq, unsigned fork);
  std::string session_timer(const Text& request) const;
  void on_cancel(const Text& text);
  void on_ack(const Text& text);

  // in_dialog.cc
  void on_request(const Text& text);
  void on_subscribe(const Text& text, uint32_t transaction);
  void notify(bool is_last);
  void subscribe();
  void on_update(const Text& text, uint32_t transaction);
  void on_reinvite(const Text& text, uint32_t transaction);
  void answer_reinvite(uint32_t transaction, uint16_t status);
  void on_bye(const Text& text, uint32_t transaction);
  void leave_fork(std::string_view tag);
  void stop_answering();
  void confirm();
  void publish_dialog();
  std::string refer_to();
  void send_request();
  void send_reinvite();
  void refresh(uint32_t expires_s);
  void bye();

  Setup setup_;
  Surroundings surroundings_;
  Random random_;
  Random plays_random_;   // for what setup_.plays enables
  const bool has_allow_;  // names what it takes
  Phase phase_ = Phase::begun;
  bool is_deaf_ = false;
  bool has_answered_ = false;  // with a 2xx, of whichever fork
  bool is_cancelled_ = false;
  bool has_lost_ = false;
  bool has_planned_end_ = false;
  Place own_;
  contract::Endpoint box_;
  Place arrived_at_;  // of the message in hand
  std::string call_id_;
  std::string mark_;
  std::string remote_tag_;
  std::string remote_target_;
  std::string invite_from_, invite_to_;  // called: of the INVITE
  std::string invite_;                   // called: the INVITE as it came
  uint32_t cseq_ = 0;
  uint32_t remote_rseq_ = 0;
  uint32_t local_rseq_ = 0;
  // Of an early dialog, where those have offers: by the tag of the called side, which is ours or
  // the peer's.
  struct Early {
    uint32_t rseq = 0;         // the last one
    bool has_said = false;     // SDP in a reliable response
    bool has_session = false;  // it was acknowledged
  };
  std::map<std::string, Early, std::less<>> early_;
  uint32_t names_ = 0;
  uint32_t sdp_version_ = 1;
  unsigned byes_ = 0;
  std::string left_tag_;  // of the dialog that the last of them ended
  static constexpr unsigned max_byes = 5;
  unsigned dialog_fork_ = 0;  // called: which of its forks the caller is in a call with
  bool is_holding_ = false;
  std::vector<Transaction> transactions_;
};

}  // namespace demarc::sim
