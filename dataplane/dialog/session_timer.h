// The session timer of one leg (RFC 4028): what is agreed with the peer, and when it is refreshed
// or given up. Pure arithmetic; call/ sends and listens. Any thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dataplane/contract/time.h"
#include "sip-parser/session_timer.h"

namespace demarc::dialog {

// What one request or response says, and what a trunk wants.
struct SessionTerms {
  bool is_supported = false;  // Supported or Require: timer
  sip::SessionExpires expires;
  uint32_t min_se_s = 0;  // 0: not said
  bool has_expires() const { return expires.interval_s != 0; }
};

struct SessionWishes {
  bool asks = false;  // for a timer of our own accord
  uint32_t expires_s = 1800;
  uint32_t min_se_s = 90;
};

// The timer in force; interval 0: none.
struct SessionTimer {
  uint32_t interval_s = 0;
  bool we_refresh = false;

  bool is_on() const { return interval_s != 0; }
  // Half the interval, as section 7.2 recommends.
  contract::Duration refresh_after() const {
    return contract::Duration::milliseconds(int64_t{interval_s} * 500);
  }
  // Section 10: BYE slightly before the end, min(32 s, a third) of it.
  contract::Duration give_up_after() const {
    return contract::Duration::seconds(interval_s - std::min(32u, interval_s / 3));
  }
};

// Whether a request's interval is below what we take: 422 with Min-SE (section 9, step 1). Only a
// peer that supports timers can be told.
inline bool is_too_small(const SessionTerms& request, const SessionWishes& ours) {
  return request.is_supported && request.has_expires() &&
         request.expires.interval_s < ours.min_se_s;
}

// What we answer to a request, as the UAS of section 9. A peer that asked gets its interval, or
// less when ours is less and no Min-SE forbids it; one that did not gets ours when we ask.
inline SessionTimer answer_terms(const SessionTerms& request, const SessionWishes& ours) {
  if (!request.has_expires() && !ours.asks) return {};
  SessionTimer timer;
  timer.interval_s = request.has_expires() ? request.expires.interval_s : ours.expires_s;
  if (ours.asks && request.has_expires()) {
    timer.interval_s = std::min(timer.interval_s, std::max(ours.expires_s, request.min_se_s));
  }
  timer.interval_s = std::max(sip::clamp_session_interval(timer.interval_s), request.min_se_s);
  // A peer without support can not be the refresher; one that has it is asked to be, unless it said
  // otherwise: it is nearer to what may fail.
  timer.we_refresh = !request.is_supported || request.expires.refresher == sip::Refresher::uas;
  return timer;
}

// What a 2xx to a request of ours agreed to (section 7.2). Without Session-Expires in it there is
// no timer, unless we asked for one: then we refresh on our own.
inline SessionTimer accepted_terms(const SessionTerms& response, const SessionWishes& ours) {
  SessionTimer timer;
  if (response.has_expires()) {
    timer.interval_s = sip::clamp_session_interval(response.expires.interval_s);
    timer.we_refresh = response.expires.refresher != sip::Refresher::uas;
  } else if (ours.asks) {
    timer.interval_s = ours.expires_s;
    timer.we_refresh = true;
  }
  return timer;
}

}  // namespace demarc::dialog
