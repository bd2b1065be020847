#include "controlplane/registration/agent.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sip-parser/base/ascii.h"
#include "sip-parser/contact.h"
#include "sip-parser/cseq.h"
#include "sip-parser/parse.h"
#include "sip-parser/retry_after.h"
#include "sip-parser/write.h"

namespace demarc::registration {
namespace {

using sip::HeaderName;

constexpr size_t max_authorization_octets = 2048;
constexpr uint64_t unsent_retry_ms = 1'000;
constexpr uint64_t max_retry_after_ms = 3'600'000;

std::string padded(std::string_view text) {
  std::string copy(text);
  copy.append(sip::padding_octets, '\0');
  return copy;
}

std::string hex(uint64_t value) {
  std::string digits;
  for (unsigned i = 0; i < 16; ++i) digits += "0123456789abcdef"[value >> (4 * i) & 15];
  return digits;
}

// Every element of every field of this name.
std::vector<std::string> list_of(const sip::Message& message, HeaderName name,
                                 std::string_view text) {
  std::vector<std::string> values;
  for (const auto* field = message.first(name); field != nullptr; field = message.next(*field)) {
    sip::ListCursor cursor(field->value, text);
    for (Span element; cursor.next(element) && values.size() < 16;) {
      values.emplace_back(demarc::text(element, text));
    }
  }
  return values;
}

bool has_param(const sip::Uri& uri, std::string_view name, std::string_view text) {
  sip::Param param;
  for (sip::ParamCursor params(uri.params, text); params.next(param);) {
    if (ascii::iequals(demarc::text(param.name, text), name)) return true;
  }
  return false;
}

uint32_t number_in(const sip::Message& message, HeaderName name, std::string_view text) {
  if (!message.has(name)) return 0;
  const auto number = sip::parse_number(message.value(name), text, UINT32_MAX);
  return number ? *number : 0;
}

}  // namespace

// One response, read.
struct Agent::Reply {
  sip::Message message;
  std::string text;  // padded
  bool is_cut = false;
  std::string_view view() const {
    return std::string_view(text).substr(0, text.size() - sip::padding_octets);
  }
};

Agent::Agent(Settings settings, Identity identity, Random random, uint64_t delay_ms)
    : settings_(std::move(settings)),
      identity_(std::move(identity)),
      random_(std::move(random)),
      delay_ms_(delay_ms),
      wanted_expires_s_(settings_.expires_s) {
  if (identity_.call_id.empty()) identity_.call_id = hex(random_()) + hex(random_());
  if (identity_.tag.empty()) identity_.tag = hex(random_());
}

void Agent::set_targets(std::vector<contract::Endpoint> targets) {
  if (targets == targets_) return;
  const contract::Endpoint current = at_ < targets_.size() ? targets_[at_] : contract::Endpoint{};
  targets_ = std::move(targets);
  const auto found = std::find(targets_.begin(), targets_.end(), current);
  at_ = found == targets_.end() ? 0 : static_cast<size_t>(found - targets_.begin());
  // Where the binding was is no target any more: it is made anew where there is one.
  const bool is_lost = found == targets_.end() && current.port != 0;
  if (is_lost && state_ == State::registered && !targets_.empty()) timer_ms_ = 1;
}

void Agent::begin(uint64_t now_ms) {
  apply(Event::begin, now_ms);
}

void Agent::refresh(uint64_t now_ms) {
  apply(Event::refresh, now_ms);
}

void Agent::move_on(uint64_t now_ms) {
  if (state_ != State::registered || targets_.size() < 2) return;
  at_ = 0;  // targets that are down stand last
  apply(Event::refresh, now_ms);
}

void Agent::withdraw(uint64_t now_ms) {
  apply(Event::withdraw, now_ms);
}

void Agent::tick(uint64_t now_ms) {
  if (timer_ms_ == 0 || now_ms < timer_ms_) return;
  const bool is_under_way = state_ == State::registering || state_ == State::refreshing;
  if (is_under_way) seen_.last_answer = "no word of the dataplane";
  is_awaited_ = false;
  has_request_ = false;
  if (is_under_way) ++failures_;
  apply(Event::timer, now_ms);
}

void Agent::apply(Event event, uint64_t now_ms) {
  const Step taken = step(state_, event);
  if (!taken.is_edge) return;
  state_ = taken.to;
  timer_ms_ = 0;
  if ((taken.actions & action::begin_round) != 0) begin_round();
  is_removal_ = (taken.actions & action::send_removal) != 0;
  has_request_ = (taken.actions & (action::send | action::send_removal)) != 0;
  is_awaited_ = false;
  start_timers(taken.actions, now_ms);
}

void Agent::start_timers(Actions actions, uint64_t now_ms) {
  uint64_t after_ms = 0;
  if ((actions & action::start_delay) != 0) after_ms = delay_ms_ == 0 ? 0 : between(0, delay_ms_);
  if ((actions & action::start_patience) != 0) after_ms = patience_ms;
  if ((actions & action::start_refresh) != 0) {
    // Between 80 and 90 percent; short ones at half, so that another try still fits.
    const uint64_t granted_ms = uint64_t{granted_s_} * 1000;
    after_ms = granted_s_ < 60 ? granted_ms / 2 : between(granted_ms / 10 * 8, granted_ms / 10 * 9);
  }
  if ((actions & action::start_back_off) != 0) {
    // RFC 5626 section 4.5: half to all of a time that doubles.
    const unsigned doublings = std::min(failures_ == 0 ? 0u : failures_ - 1, 6u);
    const uint64_t upper_ms = std::min(base_back_off_ms << doublings, max_back_off_ms);
    after_ms = std::max(between(upper_ms / 2, upper_ms), retry_after_ms_);
  }
  if ((actions & action::start_long_back_off) != 0) {
    const unsigned doublings = std::min(refusals_ == 0 ? 0u : refusals_ - 1, 3u);
    const uint64_t upper_ms = std::min(long_back_off_ms << doublings, max_long_back_off_ms);
    after_ms = std::max(between(upper_ms / 2, upper_ms), retry_after_ms_);
  }
  if ((actions & action::timers) != 0) timer_ms_ = now_ms + std::max<uint64_t>(after_ms, 1);
}

void Agent::begin_round() {
  tried_ = 0;
  asked_ = 0;
  times_answered_ = 0;
  retry_after_ms_ = 0;
  if (at_ >= targets_.size()) at_ = 0;
}

std::optional<Ask> Agent::take_request() {
  if (!has_request_ || targets_.empty()) return {};
  has_request_ = false;
  is_awaited_ = true;
  ++asked_;
  ++seen_.requests;
  ++identity_.cseq;
  Ask ask;
  ask.target = targets_[at_];
  ask.uri = settings_.registrar;
  ask.call_id = identity_.call_id;
  ask.cseq = identity_.cseq;
  ask.fields = fields();
  ask.wait_ms = wait_ms;
  seen_.target = std::string(contract::print(ask.target).view());
  return ask;
}

// RFC 6140 section 5.1: one for all numbers has no user; the registrar puts each number there.
std::string Agent::contact_uri() const {
  if (settings_.is_bulk) return "sip:" + settings_.contact + settings_.contact_params + ";bnc";
  return "sip:" + settings_.user + "@" + settings_.contact + settings_.contact_params;
}

std::string Agent::fields() {
  const uint32_t expires_s = is_removal_ ? 0 : wanted_expires_s_;
  std::string lines = "From: <" + settings_.aor + ">;tag=" + identity_.tag + "\r\n";
  lines += "To: <" + settings_.aor + ">\r\n";
  lines += "Contact: <" + contact_uri() + ">\r\n";
  // A proxy or registrar that does not know what bnc means must not bind this Contact.
  if (settings_.is_bulk) lines += "Require: gin\r\nProxy-Require: gin\r\n";
  lines += "Expires: " + std::to_string(expires_s) + "\r\n";
  lines += "Supported: path\r\n";
  uint32_t error = 0;
  const std::string credentials = authorization(error);
  if (credentials.empty()) return lines;
  lines += is_proxy_challenge_ ? "Proxy-Authorization: " : "Authorization: ";
  return lines + credentials + "\r\n";
}

// With the last challenge, also before being asked again. Empty without one, or when it can not be
// answered.
std::string Agent::authorization(uint32_t& error) {
  if (challenge_.empty()) return {};
  sip::Message message;
  const std::string_view text(challenge_.data(), challenge_.size() - sip::padding_octets);
  if (!sip::parse(text, message)) return {};
  const digest::ClientPolicy policy{
      .expected_realm = "",
      .algorithms = settings_.allows_md5 ? digest::with_md5 : digest::without_md5};
  const HeaderName name =
      is_proxy_challenge_ ? HeaderName::proxy_authenticate : HeaderName::www_authenticate;
  const auto challenge = digest::choose_challenge(hasher_, policy, {message, text, name});
  if (!challenge) return {};
  std::array<char, max_authorization_octets> buffer;
  sip::Writer writer(buffer);
  const std::string cnonce = hex(random_());
  const digest::Account account{.username = settings_.user, .password = settings_.password};
  const digest::ClientRequest request{.method = "REGISTER",
                                      .uri = settings_.registrar,
                                      .body = "",
                                      .cnonce = cnonce,
                                      .times_answered = 0};
  const digest::Challenged challenged{*challenge, text};
  const digest::ClientError failure =
      is_fresh_challenge_
          ? answer_challenge(hasher_, writer, nonce_, policy, challenged, account, request)
          : authorize_next(hasher_, writer, nonce_, policy, challenged, account, request);
  is_fresh_challenge_ = false;
  error = static_cast<uint32_t>(failure);
  return failure == digest::ClientError::none ? std::string(writer.written()) : std::string();
}

void Agent::on_unsent(uint64_t now_ms) {
  if (!is_awaited_) return;
  is_awaited_ = false;
  has_request_ = false;
  seen_.last_answer = "not sent";
  // Back to a state that waits a moment and counts nothing.
  if (state_ == State::unregistering) return apply(Event::failed, now_ms);
  apply(Event::failed, now_ms);
  timer_ms_ = now_ms + unsent_retry_ms;
}

void Agent::on_silence(uint64_t now_ms) {
  if (!is_awaited_) return;
  seen_.last_status = 0;
  seen_.last_answer = "no answer";
  apply(next_target(), now_ms);
}

void Agent::on_response(std::string_view text, bool is_cut, uint64_t now_ms) {
  if (!is_awaited_) return;
  Reply reply;
  reply.text = padded(text);
  reply.is_cut = is_cut;
  if (!sip::parse(reply.view(), reply.message) || reply.message.is_request) {
    seen_.last_status = 0;
    seen_.last_answer = "garbage: no response";
    return apply(next_target(), now_ms);
  }
  seen_.last_status = reply.message.status_code;
  seen_.last_answer = std::to_string(reply.message.status_code) + " " +
                      std::string(demarc::text(reply.message.reason_phrase, reply.view()));
  apply(judge(reply, now_ms), now_ms);
}

Event Agent::judge(const Reply& reply, uint64_t now_ms) {
  const uint16_t status = reply.message.status_code;
  if (asked_ >= max_requests_per_round) return ++failures_, Event::failed;
  if (status < 300) return take_binding(reply, now_ms);
  if (status < 400) return take_redirect(reply);
  if (status == 401 || status == 407) return take_challenge(reply);
  if (status == 423) return take_longer(reply);
  if (status == 403 || status == 404) return ++refusals_, Event::refused;
  if (status == 420 && settings_.is_bulk) {
    seen_.last_answer += " (no registration of all numbers at once)";
    return ++refusals_, Event::refused;
  }
  const auto retry =
      sip::parse_retry_after(reply.message.value(HeaderName::retry_after), reply.view());
  if (retry) {
    retry_after_ms_ = std::min<uint64_t>(uint64_t{retry->delay_s} * 1000, max_retry_after_ms);
  }
  return next_target();
}

// RFC 3261 section 10.2.4: how long, says our Contact, then Expires, then what we asked for.
Event Agent::take_binding(const Reply& reply, uint64_t now_ms) {
  if (is_removal_) {
    binding_until_ms_ = 0;
    return Event::accepted;
  }
  bool has_expires = false;
  uint32_t expires_s = 0;
  if (!is_our_contact(reply.message, reply.view(), has_expires, expires_s)) {
    seen_.last_answer += reply.is_cut        ? " (too long)"
                         : settings_.is_bulk ? " (without our Contact with bnc)"
                                             : " (without our Contact)";
    return next_target();
  }
  if (!has_expires && reply.message.has(HeaderName::expires)) {
    expires_s = number_in(reply.message, HeaderName::expires, reply.view());
    has_expires = true;
  }
  if (!has_expires) expires_s = wanted_expires_s_;
  if (expires_s == 0) {
    seen_.last_answer += " (for 0 s)";
    return next_target();
  }
  granted_s_ = std::min(expires_s, max_expires_s);
  binding_until_ms_ = now_ms + uint64_t{granted_s_} * 1000;
  failures_ = refusals_ = 0;
  times_answered_ = 0;
  seen_.service_route = list_of(reply.message, HeaderName::service_route, reply.view());
  seen_.path = list_of(reply.message, HeaderName::path, reply.view());
  return Event::accepted;
}

bool Agent::is_our_contact(const sip::Message& message, std::string_view text, bool& has_expires,
                           uint32_t& expires_s) const {
  const auto ours = contract::parse_endpoint(settings_.contact, 5060);
  for (const auto* field = message.first(HeaderName::contact); field != nullptr;
       field = message.next(*field)) {
    sip::ListCursor cursor(field->value, text);
    for (Span element; cursor.next(element);) {
      const auto contact = sip::parse_contact(element, text);
      if (!contact || contact->is_star) continue;
      const sip::Uri& uri = contact->address.uri;
      const auto address = contract::parse_address(demarc::text(uri.host, text));
      const uint16_t port = uri.port == 0 ? uint16_t{5060} : uri.port;
      const bool is_user = settings_.is_bulk ? uri.user.length == 0 && has_param(uri, "bnc", text)
                                             : demarc::text(uri.user, text) == settings_.user;
      if (!ours || !address || !is_user || *address != ours->address || port != ours->port) {
        continue;
      }
      has_expires = contact->has_expires;
      expires_s = contact->expires_s;
      return true;
    }
  }
  return false;
}

// RFC 3261 section 22: answered once, and once more when the nonce was only stale.
Event Agent::take_challenge(const Reply& reply) {
  const bool is_proxy = reply.message.status_code == 407;
  const HeaderName name = is_proxy ? HeaderName::proxy_authenticate : HeaderName::www_authenticate;
  const digest::ClientPolicy policy{
      .expected_realm = "",
      .algorithms = settings_.allows_md5 ? digest::with_md5 : digest::without_md5};
  const auto challenge =
      digest::choose_challenge(hasher_, policy, {reply.message, reply.view(), name});
  if (!challenge) {
    seen_.last_answer += " (" + std::string(digest::spelling(challenge.error())) + ")";
    return ++refusals_, Event::refused;
  }
  // Credentials that were sent without being asked do not count: their nonce may be forgotten.
  const bool is_again = times_answered_ == 1 && challenge->is_stale;
  if (times_answered_ != 0 && !is_again) {
    challenge_.clear();
    seen_.last_answer += " (credentials not taken)";
    return ++refusals_, Event::refused;
  }
  ++times_answered_;
  challenge_ = reply.text;
  is_proxy_challenge_ = is_proxy;
  is_fresh_challenge_ = true;
  return Event::again;
}

// RFC 3261 section 10.3 step 7.
Event Agent::take_longer(const Reply& reply) {
  const uint32_t least_s = number_in(reply.message, HeaderName::min_expires, reply.view());
  if (least_s <= wanted_expires_s_ || least_s > max_expires_s) return next_target();
  wanted_expires_s_ = least_s;
  return Event::again;
}

// Followed to a target of the trunk and nowhere else (decision D10).
Event Agent::take_redirect(const Reply& reply) {
  for (const auto* field = reply.message.first(HeaderName::contact); field != nullptr;
       field = reply.message.next(*field)) {
    sip::ListCursor cursor(field->value, reply.view());
    for (Span element; cursor.next(element);) {
      const auto contact = sip::parse_contact(element, reply.view());
      if (!contact || contact->is_star) continue;
      const sip::Uri& uri = contact->address.uri;
      const auto address = contract::parse_address(demarc::text(uri.host, reply.view()));
      if (!address) continue;
      const contract::Endpoint there{*address, uri.port == 0 ? uint16_t{5060} : uri.port};
      const auto found = std::find(targets_.begin(), targets_.end(), there);
      if (found == targets_.end() || tried_ + 1 >= targets_.size()) continue;
      at_ = static_cast<size_t>(found - targets_.begin());
      ++tried_;
      times_answered_ = 0;
      return Event::again;
    }
  }
  return next_target();
}

Event Agent::next_target() {
  if (tried_ + 1 >= targets_.size() || asked_ >= max_requests_per_round) {
    ++failures_;
    // The next round begins with another one.
    if (!targets_.empty()) at_ = (at_ + 1) % targets_.size();
    return Event::failed;
  }
  ++tried_;
  at_ = (at_ + 1) % targets_.size();
  times_answered_ = 0;
  return Event::again;
}

View Agent::view(uint64_t now_ms) const {
  View view = seen_;
  view.state = state_;
  view.expires_ms = binding_until_ms_ > now_ms ? binding_until_ms_ : 0;
  view.is_registered = view.expires_ms != 0;
  view.next_ms = timer_ms_;
  view.failures = failures_ + refusals_;
  return view;
}

uint64_t Agent::between(uint64_t low, uint64_t high) {
  return low + random_() % (high - low + 1);
}

}  // namespace demarc::registration
