// CallPolicy: how calls from and to one trunk are handled, as the configuration says. Part of its
// TrunkConfig row; compiled by the control plane, read by call/.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/contract/blob.h"

namespace demarc::contract {

// Limits of one trunk.
inline constexpr unsigned max_failover_codes = 64;
inline constexpr unsigned max_cause_rules = 32;
inline constexpr unsigned max_early_dialogs = 255;
inline constexpr unsigned max_header_rules = 64;
inline constexpr unsigned max_header_rule_text = 255;  // octets of a name, pattern, value or source
inline constexpr unsigned method_bits = 15;            // of HeaderRule::methods

// How far we take part in an extension with a peer.
enum class Use : uint8_t {
  off,        // never named to the peer; a request that requires it gets 420
  supported,  // used when the peer asks for it or needs it
  required,   // a peer without it gets 421
};

// Times that a target lets pass; a bit each in CallPolicy::failover_timeouts.
enum class FailoverTimeout : uint8_t {
  no_response = 1,  // nothing at all
  no_progress = 2,  // none that counts within failover_ms
  no_answer = 4,    // it rang too long
};
inline constexpr unsigned failover_timeout_count = 3;
// How a configuration says it.
constexpr std::string_view spelling(FailoverTimeout timeout) {
  return timeout == FailoverTimeout::no_response   ? "no_response"
         : timeout == FailoverTimeout::no_progress ? "no_progress"
                                                   : "no_answer";
}

// What ends the failover timer of an INVITE.
enum class Progress : uint8_t {
  any,      // every provisional response, 100 too
  session,  // 101 to 199
};

// What becomes of a REFER (RFC 3515) within a call.
enum class Transfer : uint8_t {
  refused,  // 405
  passed,   // to the other leg, whose peer acts on it; its Refer-To crosses as it stands
  handled,  // here: we call the target and join it with the other leg (RFC 3515, RFC 5589)
  passed_or_handled,  // passed, and handled here where the other leg does not take it
};

// Whether a REFER may be handled here.
constexpr bool may_handle(Transfer transfer) {
  return transfer == Transfer::handled || transfer == Transfer::passed_or_handled;
}

// What becomes of a redirection (3xx) of the peer for an INVITE that begins a call.
enum class Redirects : uint8_t {
  refused,   // the caller gets 480
  passed,    // the caller gets it, with Contacts that show no place of this peer
  followed,  // its Contacts become targets where the trunk knows them; else the caller gets 480
};

// The form in which a peer is told by whom a call was diverted.
enum class CallHistory : uint8_t { none, diversion, history_info };

// "A response with this status and this Q.850 cause counts as that status."
struct CauseRule {
  uint16_t status_code = 0;  // 0: any from 400 to 699
  uint16_t cause = 0;        // of Reason: Q.850 (RFC 3326); 0: whatever it is
  uint16_t becomes = 503;    // 400 to 699
  uint16_t reserved = 0;
};

// One step of header manipulation; the steps of a trunk are taken in order. Names that are ours by
// construction (Via, Route, Contact, To, Call-ID, CSeq, ...) can not be named.
struct HeaderRule {
  enum class Action : uint8_t {
    pass,     // lets fields of this name cross, which none does unless a rule or a policy says so
    remove,   // keeps fields of this name from crossing
    add,      // one more field, whatever came
    replace,  // the value of fields of this name; none is added
    copy,     // a field `name` with the value of the first field `source`
  };
  enum class Side : uint8_t {
    from_peer,  // to what this trunk's peer sends
    to_peer,    // to what it is sent
  };
  Action action = Action::pass;
  Side side = Side::from_peer;
  uint16_t methods = 0;  // bit per sip::Method; 0: all. A response counts as its request's method
  Text name;             // one '*' at the end matches any rest: "X-*"
  Text pattern;          // of the value that a field must have, '*' for any run; empty: any value
  Text value;            // of add and replace
  Text source;           // of copy: a header name
};

struct CallPolicy {
  // --- the peer as called side ---
  // Without progress in this time the next target is tried; with none left the call ends. 0 is off.
  uint32_t failover_ms = 10000;
  uint32_t failover_timeouts = 3;  // bits of FailoverTimeout that go on to the next target
  // Final responses that go on to the next target; sorted. Without next targets they are passed to
  // the caller.
  Array<uint16_t> failover_codes;
  // Applied to each failure before anything else looks at its code; the first match wins.
  Array<CauseRule> cause_rules;
  Progress progress = Progress::session;
  Redirects redirects = Redirects::refused;

  // --- both directions ---
  Use reliable_provisionals = Use::supported;  // RFC 3262
  // We ask for session timers (RFC 4028). A peer that asks for them gets them in any case.
  bool asks_session_timer = false;
  uint32_t session_expires_s = 1800;
  uint32_t min_se_s = 90;  // RFC 4028 section 5: at least 90
  uint16_t max_early_dialogs = 20;
  Transfer transfer = Transfer::refused;
  bool passes_unknown_methods = false;  // within a dialog; otherwise 501

  // --- identity and privacy ---
  bool is_trusted = false;      // of our trust domain (RFC 3325 section 2.3)
  bool keeps_identity = false;  // P-Asserted-Identity crosses from and to this peer, if trusted
  CallHistory history = CallHistory::none;
  bool takes_replaces = false;  // an INVITE of the peer may take a call over (RFC 3891)

  // --- transport ---
  bool accepts_sips = false;    // sips URIs (RFC 5630), over TLS; otherwise 416
  bool user_is_phone = false;   // URIs with a telephone number say user=phone
  bool large_over_tcp = false;  // UDP trunks: a request that UDP may not carry goes over TCP
  bool takes_alias = false;     // the peer's connections carry our requests, too (RFC 5923)
  bool needs_offer = false;     // an INVITE without SDP is not sent to the peer: 488
  bool makes_offer = false;     // where that is so: it is sent with an offer of our own instead

  bool closes_on_503 = false;  // a 503 with Retry-After is the end of the connection it came on

  // --- emergency calls ---
  bool passes_location = false;  // where a caller is goes on to the peer (RFC 6442)
  Text contact_host;             // in Contact instead of the address: an FQDN
  Text from_domain;              // in From and other identities of ours instead of it: as in a URI
  Array<HeaderRule> header_rules;
};

}  // namespace demarc::contract
