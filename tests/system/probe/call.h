// One call at one end, as the caller or as the called side: the SIP of RFC 3261 sections 13, 15, 9
// and 17 that one call needs, and its media. Owned by Endpoint; one thread.

#pragma once

#include <string>
#include <string_view>

#include "tests/system/probe/options.h"
#include "tests/system/probe/sip_text.h"
#include "tests/system/probe/stream.h"
#include "tests/system/probe/summary.h"

namespace demarc::probe {

// What calls share; outlives them.
struct Shared {
  const Options& options;
  Summary& summary;
  int sip_fd = -1;

  void send(const std::string& text, const Address& to) const;
};

// A message that is sent again at t1, 2*t1, ... until something stops it (RFC 3261 section 17.1.1).
struct Resend {
  std::string text;
  Address to;
  Time next = 0;
  Time interval = 0;
  Time give_up = 0;

  bool is_active() const { return next != 0; }
  void stop() { next = 0; }
};

enum class State {
  inviting,    // caller: no final response yet
  ringing,     // called: no final response given yet
  refusing,    // called: 3xx-6xx sent, no ACK yet
  answered,    // called: 2xx sent, no ACK yet
  up,          // media flows
  finishing,   // this end hangs up: last packet sent, the peer's last one awaited
  hanging_up,  // BYE sent
  ended,
};

struct MediaSockets {
  int rtp = -1;
  int rtcp = -1;
  uint16_t port = 0;
};

class Call {
 public:
  Call(Shared& shared, uint32_t number, bool is_caller, MediaSockets sockets);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Caller: sends the INVITE. Called: takes it.
  void place(Time now);
  void take(const SipText& invite, const Address& from, Time now);

  void on_request(const SipText& request, const Address& from, Time now);
  void on_response(const SipText& response, Time now);
  void on_media(Time now);
  void tick(Time now);
  void hang_up(Time now);

  State state() const { return state_; }
  const std::string& call_id() const { return call_id_; }
  const MediaSockets& sockets() const { return sockets_; }

 private:
  // caller.cc
  void on_invite_response(const SipText& response, Time now);
  void on_answer(const SipText& response, Time now);
  void send_cancel(Time now);
  // called.cc
  void compose_response(int code, std::string_view reason, std::string_view body);
  void answer(Time now);
  void refuse(int code, std::string_view reason, Time now);
  void on_ack(Time now);
  void on_cancel(const SipText& request, const Address& from, Time now);
  // call.cc
  std::string request(std::string_view method, std::string_view branch) const;
  std::string response_text(const SipText& request, int code, std::string_view reason) const;
  Address media_address() const;  // as SDP says it
  void send_again(Resend& slot, std::string text, const Address& to, Time now);
  void run(Resend& slot, Time now, std::string_view what);
  void send_bye(Time now);
  void learn_target(const SipText& message);
  void count_answer();
  void fail(std::string what, Time now);
  void end(Time now);
  void close_sockets();
  bool hangs_up_itself() const;

  Shared& shared_;
  uint32_t number_;
  bool is_caller_;
  MediaSockets sockets_;
  Secrecy secrecy_;
  Stream stream_;
  State state_;
  std::string number_text_;
  std::string call_id_;
  std::string local_tag_;
  std::string remote_tag_;
  std::string local_uri_;
  std::string remote_uri_;
  std::string remote_target_;  // URI of the peer's Contact, or of the first INVITE
  Address remote_address_;     // where in-dialog requests go
  std::string branch_;         // of our INVITE
  std::string ack_;            // of the 2xx
  SipText invite_;             // called: the one received
  Address invite_from_;
  std::string invite_response_;
  Resend request_;
  Resend response_;
  uint32_t cseq_ = 1;
  Time started_ = 0;
  Time up_at_ = 0;
  Time bye_at_ = 0;
  bool ends_at_ack_ = false;  // called: told to hang up before the ACK came
  bool is_provisional_seen_ = false;
  bool is_ringing_seen_ = false;
  bool is_cancelled_ = false;
  bool is_answered_ = false;
  bool is_failed_ = false;
};

}  // namespace demarc::probe
