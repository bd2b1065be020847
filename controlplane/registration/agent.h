// Agent: one registration of ours with a registrar (RFC 3261 section 10.2): when to ask, with what,
// and what an answer means. Moves by table.h. No thread, no clock, no socket: time in milliseconds
// of a clock that only grows and randomness are arguments; what is to be sent is handed out.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/registration/table.h"
#include "dataplane/contract/address.h"
#include "sip-parser/digest/client.h"
#include "sip-parser/digest/hasher.h"
#include "sip-parser/message.h"

namespace demarc::registration {

struct Settings {
  std::string registrar;            // Request-URI: "sip:provider.example"
  std::string aor;                  // "sip:user@provider.example"
  std::string user;                 // of the digest and of Contact
  std::string password;             // never logged, never shown
  std::string contact;              // host and port of ours, as advertised
  std::string contact_params = {};  // ";transport=tcp"
  uint32_t expires_s = 3600;
  bool allows_md5 = true;
  bool is_bulk = false;  // for all numbers of the account at once (RFC 6140)
  friend bool operator==(const Settings&, const Settings&) = default;
};

// What must survive a restart: the registrar knows us by it (RFC 3261 section 10.2.4).
struct Identity {
  std::string call_id;
  uint32_t cseq = 0;  // of the last request
  std::string tag;
};

// One REGISTER, for a worker.
struct Ask {
  contract::Endpoint target;
  std::string uri;
  std::string call_id;
  uint32_t cseq = 0;
  std::string fields;  // whole lines
  uint32_t wait_ms = 0;
};

// For people.
struct View {
  State state = State::off;
  bool is_registered = false;
  uint64_t expires_ms = 0;   // of the binding; 0: none
  uint64_t next_ms = 0;      // of the timer; 0: none
  std::string target;        // of the last request
  uint16_t last_status = 0;  // 0: none, or silence
  std::string last_answer;   // "200 OK", "no answer", "garbage: ..."
  unsigned failures = 0;     // rounds in a row
  uint64_t requests = 0;
  std::vector<std::string> service_route;
  std::vector<std::string> path;
};

inline constexpr uint32_t max_expires_s = 86'400;
inline constexpr uint64_t base_back_off_ms = 30'000;  // RFC 5626 section 4.5
inline constexpr uint64_t max_back_off_ms = 1'800'000;
inline constexpr uint64_t long_back_off_ms = 600'000;  // after a refusal, doubled up to an hour
inline constexpr uint64_t max_long_back_off_ms = 3'600'000;
inline constexpr unsigned max_requests_per_round = 24;
inline constexpr uint32_t wait_ms = 8'000;       // for a final response of one target
inline constexpr uint64_t patience_ms = 15'000;  // for any word of the worker

class Agent {
 public:
  using Random = std::function<uint64_t()>;
  // The first request comes within `delay_ms`.
  Agent(Settings settings, Identity identity, Random random, uint64_t delay_ms);

  // In the order of trying. The one that answered last is kept first while it is among them.
  void set_targets(std::vector<contract::Endpoint> targets);
  void begin(uint64_t now_ms);
  void refresh(uint64_t now_ms);
  // The target of the binding is known to be down: registers with the next one that is not, now.
  void move_on(uint64_t now_ms);
  // Takes the binding away; is_over() after that.
  void withdraw(uint64_t now_ms);
  // Fires the timer when it is due.
  void tick(uint64_t now_ms);
  // What to send now. Each one must be followed by one of the on_ functions, or by nothing.
  std::optional<Ask> take_request();

  // `text` is a message without body, as contract::OutsideEvent holds it.
  void on_response(std::string_view text, bool is_cut, uint64_t now_ms);
  void on_silence(uint64_t now_ms);
  // It could not be sent: tried again in a moment, at the same target.
  void on_unsent(uint64_t now_ms);

  // When tick() and take_request() have something to do; 0: never by themselves.
  uint64_t next_ms() const { return has_request_ && !targets_.empty() ? 1 : timer_ms_; }
  bool is_over() const { return state_ == State::off; }
  State state() const { return state_; }
  const Settings& settings() const { return settings_; }
  const Identity& identity() const { return identity_; }
  View view(uint64_t now_ms) const;

 private:
  struct Reply;

  void apply(Event event, uint64_t now_ms);
  void start_timers(Actions actions, uint64_t now_ms);
  void begin_round();
  // The next target of the round as `again`, or `failed` when there is none.
  Event next_target();
  Event judge(const Reply& reply, uint64_t now_ms);
  Event take_binding(const Reply& reply, uint64_t now_ms);
  Event take_challenge(const Reply& reply);
  Event take_longer(const Reply& reply);
  Event take_redirect(const Reply& reply);
  bool is_our_contact(const sip::Message& message, std::string_view text, bool& has_expires,
                      uint32_t& expires_s) const;
  std::string authorization(uint32_t& error);
  std::string contact_uri() const;
  std::string fields();
  uint64_t between(uint64_t low, uint64_t high);

  Settings settings_;
  Identity identity_;
  Random random_;
  const uint64_t delay_ms_;
  digest::Hasher hasher_;
  digest::ClientNonce nonce_;

  State state_ = State::off;
  uint64_t timer_ms_ = 0;
  bool has_request_ = false;  // to be taken
  bool is_awaited_ = false;   // taken, and nothing heard of it yet
  bool is_removal_ = false;
  std::vector<contract::Endpoint> targets_;
  size_t at_ = 0;                // of targets_
  size_t tried_ = 0;             // targets of this round
  unsigned asked_ = 0;           // requests of this round
  unsigned times_answered_ = 0;  // challenges, of this target
  std::string challenge_;        // the response whose challenge is answered, padded
  bool is_proxy_challenge_ = false;
  bool is_fresh_challenge_ = false;  // it was not answered yet
  uint32_t wanted_expires_s_;
  uint32_t granted_s_ = 0;
  uint64_t binding_until_ms_ = 0;
  uint64_t retry_after_ms_ = 0;
  unsigned failures_ = 0;
  unsigned refusals_ = 0;
  View seen_;
  std::string contact_line_;
};

}  // namespace demarc::registration
