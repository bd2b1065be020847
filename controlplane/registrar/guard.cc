#include "controlplane/registrar/guard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sip-parser/write.h"

namespace demarc::registrar {
namespace {

using digest::Outcome;

constexpr size_t max_challenge_octets = 2048;

// What says that somebody guesses, rather than that a nonce is old.
bool is_failure(Outcome outcome) {
  return outcome == Outcome::bad_response || outcome == Outcome::unknown_user ||
         outcome == Outcome::wrong_uri;
}

// Without the -sess forms, which nobody needs.
digest::AlgorithmSet algorithms_of(config::Registrar::Digest allowed) {
  using Digest = config::Registrar::Digest;
  if (allowed == Digest::md5) return digest::AlgorithmSet{}.with(digest::Algorithm::md5);
  return allowed == Digest::any ? digest::sha_2_only.with(digest::Algorithm::md5)
                                : digest::sha_2_only;
}

uint16_t refusal_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::malformed:
    case Outcome::too_many:
      return 400;
    case Outcome::table_full:
      return 503;
    default:
      return 0;
  }
}

}  // namespace

Guard::Guard(std::string secret) : secret_(std::move(secret)) {}

bool Guard::is_heard(const contract::IpAddress& address, uint64_t now_ms) {
  if (sources_.size() >= max_sources && !sources_.contains(address)) {
    forget_idle(now_ms);
    if (sources_.size() >= max_sources) return false;
  }
  Source& source = sources_[address];
  if (now_ms < source.silent_until_ms) return false;
  const uint64_t full_ms = register_every_ms * register_burst;
  const uint64_t meter_ms = std::max(source.meter_ms, now_ms) + register_every_ms;
  if (meter_ms > now_ms + full_ms) return false;
  source.meter_ms = meter_ms;
  return true;
}

void Guard::forget_idle(uint64_t now_ms) {
  std::erase_if(sources_, [&](const auto& entry) {
    return entry.second.meter_ms <= now_ms && entry.second.silent_until_ms <= now_ms;
  });
}

void Guard::note_failure(const contract::IpAddress& address, uint64_t now_ms) {
  Source& source = sources_[address];
  if (++source.failures < max_failures) return;
  source.failures = 0;
  source.silent_until_ms = now_ms + silence_ms;
}

Guard::Found Guard::find(const Plan& plan, const TrunkPlan& at, const std::string& user) {
  for (const TrunkPlan& trunk : plan) {
    if (!trunk.is_beside(at)) continue;
    const auto found = trunk.passwords.find(user);
    if (found != trunk.passwords.end()) return {&trunk, found->second};
  }
  return {};
}

Guard::Judgement Guard::judge(const Plan& plan, const TrunkPlan& at, const sip::Message& message,
                              std::string_view text, const contract::Endpoint& source,
                              uint64_t now_ms) {
  const contract::AddressText bound_to = contract::print(source);
  digest::ServerPolicy policy;
  policy.realm = at.settings.digest_realm;
  policy.secret = secret_;
  policy.algorithms = algorithms_of(at.settings.digest);
  const digest::Received received{message, text, sip::HeaderName::authorization};
  const digest::Found found = digest::find_credentials(received, policy.realm);
  Judgement judgement;
  if (found.count != 0) {
    judgement.user = std::string(demarc::text(found.items[0].username, text));
  }
  const Found known = find(plan, at, judgement.user);
  // A user that is not known is judged by a password that nobody has: it takes as long.
  const digest::Account account{
      judgement.user, known.trunk == nullptr ? std::string_view(secret_) : known.password, {}};
  const digest::Verdict verdict =
      digest::authenticate(hasher_, policy, replays_, received, account,
                           {.source = bound_to.view(), .expected_uri = {}, .now_ms = now_ms});
  if (verdict.is_ok() && known.trunk != nullptr) {
    sources_[source.address].failures = 0;
    judgement.kind = Judgement::Kind::good;
    judgement.trunk = known.trunk;
    return judgement;
  }
  if (is_failure(verdict.outcome)) note_failure(source.address, now_ms);
  if (const uint16_t status = refusal_of(verdict.outcome); status != 0) {
    judgement.kind = Judgement::Kind::refused;
    judgement.status_code = status;
    return judgement;
  }
  judgement.fields = challenges(policy, bound_to.view(), verdict.is_stale, now_ms);
  return judgement;
}

std::string Guard::challenges(const digest::ServerPolicy& policy, std::string_view source,
                              bool is_stale, uint64_t now_ms) {
  const digest::NonceText nonce = digest::make_nonce(hasher_, {policy.secret, policy.realm, source},
                                                     {.made_ms = now_ms, .serial = ++serial_});
  std::array<char, max_challenge_octets> octets;
  sip::Writer writer(octets);
  digest::write_challenges(hasher_, writer, sip::HeaderName::www_authenticate, policy,
                           {.nonce = nonce.view(), .opaque = {}, .is_stale = is_stale});
  return std::string(writer.written());
}

}  // namespace demarc::registrar
