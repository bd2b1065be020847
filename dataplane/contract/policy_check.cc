#include <algorithm>
#include <cstring>

#include "dataplane/contract/checker.h"
#include "dataplane/contract/field_class.h"
#include "sip-parser/base/ascii.h"

namespace demarc::contract {
namespace {

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
  });
}

void check_failover(Checker& checker, const CallPolicy& policy) {
  const auto value = [&](bool holds) { checker.require(holds, SectionError::bad_value); };
  value(policy.failover_ms <= 600000 && policy.progress <= Progress::session);
  value(policy.redirects <= Redirects::followed);
  value(policy.failover_timeouts < 1u << failover_timeout_count);
  const auto codes = checker.array(policy.failover_codes);
  value(codes.size() <= max_failover_codes);
  for (const uint16_t code : codes) value(code >= 300 && code <= 699);
  for (size_t i = 1; i < codes.size(); ++i) {
    checker.require(codes[i - 1] < codes[i], SectionError::out_of_order);
  }
  const auto rules = checker.array(policy.cause_rules);
  value(rules.size() <= max_cause_rules);
  for (const CauseRule& rule : rules) {
    value(rule.status_code == 0 || (rule.status_code >= 400 && rule.status_code <= 699));
    value(rule.cause <= 127 && (rule.status_code != 0 || rule.cause != 0));
    value(rule.becomes >= 400 && rule.becomes <= 699);
  }
}

// An action has the texts that it needs and no others.
bool has_its_texts(HeaderRule::Action action, std::string_view value, std::string_view source) {
  const bool has_value = action == HeaderRule::Action::add || action == HeaderRule::Action::replace;
  const bool has_source = action == HeaderRule::Action::copy;
  return has_value != value.empty() && has_source != source.empty();
}

// What writes a field says which; what takes one may mean several.
bool may_be_wildcard(HeaderRule::Action action) {
  return action != HeaderRule::Action::add && action != HeaderRule::Action::copy;
}

bool is_rule_name(std::string_view name, bool may_be_wildcard) {
  if (!ascii::is_token(name) || name.size() > max_header_rule_text) return false;
  const size_t star = name.find('*');
  if (star == std::string_view::npos) return field_class(name) != FieldClass::ours;
  return may_be_wildcard && star == name.size() - 1;
}

void check_header_rule(Checker& checker, const HeaderRule& rule) {
  const auto value = [&](bool holds) { checker.require(holds, SectionError::bad_value); };
  value(rule.action <= HeaderRule::Action::copy && rule.side <= HeaderRule::Side::to_peer);
  value(rule.methods < (1u << method_bits));
  value(is_rule_name(checker.text(rule.name), may_be_wildcard(rule.action)));
  const std::string_view source = checker.text(rule.source);
  const std::string_view given = checker.text(rule.value);
  const std::string_view pattern = checker.text(rule.pattern);
  value(has_its_texts(rule.action, given, source));
  value(source.empty() || is_rule_name(source, false));
  value(pattern.empty() || rule.action != HeaderRule::Action::add);
  for (const std::string_view text : {given, pattern}) {
    value(text.size() <= max_header_rule_text && is_printable(text));
  }
}

}  // namespace

void check_policy(Checker& checker, const CallPolicy& policy) {
  const auto value = [&](bool holds) { checker.require(holds, SectionError::bad_value); };
  check_failover(checker, policy);
  value(policy.reliable_provisionals <= Use::required &&
        policy.transfer <= Transfer::passed_or_handled);
  value(policy.history <= CallHistory::history_info);
  value(policy.min_se_s >= 90 && policy.min_se_s <= policy.session_expires_s &&
        policy.session_expires_s <= 86400);
  value(policy.max_early_dialogs >= 1 && policy.max_early_dialogs <= max_early_dialogs);
  for (const bool* flag :
       {&policy.asks_session_timer, &policy.passes_unknown_methods, &policy.is_trusted,
        &policy.keeps_identity, &policy.accepts_sips, &policy.user_is_phone, &policy.large_over_tcp,
        &policy.takes_alias, &policy.takes_replaces, &policy.needs_offer, &policy.makes_offer,
        &policy.closes_on_503, &policy.passes_location}) {
    checker.boolean(*flag);
  }
  // As octets: what is no bool must not be read as one.
  value(std::memcmp(&policy.makes_offer, &policy.needs_offer, 1) <= 0);
  const std::string_view contact = checker.text(policy.contact_host);
  value(contact.size() <= 253 && std::all_of(contact.begin(), contact.end(), [](char c) {
          return ascii::is_alphanum(c) || c == '-' || c == '.';
        }));
  const std::string_view from = checker.text(policy.from_domain);
  value(from.size() <= 253 && std::all_of(from.begin(), from.end(), [](char c) {
          return ascii::is_alphanum(c) ||
                 std::string_view("-.[:]").find(c) != std::string_view::npos;
        }));
  const auto rules = checker.array(policy.header_rules);
  value(rules.size() <= max_header_rules);
  for (const HeaderRule& rule : rules) check_header_rule(checker, rule);
}

// Without suites there is no SRTP, and each stands once.
void check_srtp(Checker& checker, const SrtpPolicy& srtp) {
  const auto value = [&](bool holds) { checker.require(holds, SectionError::bad_value); };
  value(srtp.use <= SrtpUse::required && srtp.suite_count <= srtp_suite_count);
  value((srtp.use == SrtpUse::off) == (srtp.suite_count == 0));
  unsigned seen = 0;
  for (unsigned i = 0; i < srtp_suite_count; ++i) {
    const auto suite = static_cast<unsigned>(srtp.suites[i]);
    value(suite < srtp_suite_count);
    if (i >= srtp.suite_count || suite >= srtp_suite_count) continue;
    value((seen & 1u << suite) == 0);
    seen |= 1u << suite;
  }
}

void check_sources(Checker& checker, const SourcePolicy& policy) {
  const auto value = [&](bool holds) { checker.require(holds, SectionError::bad_value); };
  value(policy.mode <= SourcePolicy::Mode::latching);
  value(policy.latch_packets >= min_latch_packets && policy.latch_packets <= max_latch_packets);
  value(policy.latch_window_ms >= 100 && policy.latch_window_ms <= max_latch_window_ms);
  const auto prefixes = checker.array(policy.prefixes);
  value(prefixes.size() <= max_media_sources);
  for (const MediaPrefix& prefix : prefixes) value(prefix.prefix_length <= 128);
}

}  // namespace demarc::contract
