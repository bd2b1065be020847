#include "controlplane/trunks/policy.h"

#include <algorithm>

#include "sip-parser/base/ascii.h"
#include "sip-parser/method.h"

namespace demarc::trunks {
namespace {

using Builder = contract::SectionBuilder<contract::TrunkSection>;

// A bit for each method of sip::Method, and no more.
static_assert(contract::method_bits == static_cast<unsigned>(sip::Method::update) + 1);

uint16_t bits_of(const std::vector<std::string>& methods) {
  unsigned bits = 0;
  for (const std::string& method : methods) {
    bits |= 1u << static_cast<unsigned>(sip::method_of(method));
  }
  return static_cast<uint16_t>(bits);
}

contract::Array<contract::HeaderRule> compile_rules(const std::string& trunk,
                                                    const std::vector<config::HeaderRule>& rules,
                                                    Builder& builder) {
  std::vector<contract::HeaderRule> rows;
  for (const config::HeaderRule& rule : rules) {
    if (rule.trunk != trunk) continue;
    contract::HeaderRule& row = rows.emplace_back();
    row.action = rule.action;
    row.side = rule.side;
    row.methods = bits_of(rule.methods);
    row.name = builder.text(rule.name);
    row.pattern = builder.text(rule.pattern);
    row.value = builder.text(rule.value);
    row.source = builder.text(rule.source);
  }
  return builder.array<contract::HeaderRule>(rows);
}

}  // namespace

contract::CallPolicy compile_policy(const config::Trunk& trunk,
                                    const std::vector<config::HeaderRule>& rules,
                                    Builder& builder) {
  const config::Policy& policy = trunk.policy;
  contract::CallPolicy row;
  row.failover_ms = policy.failover_ms;
  std::vector<uint16_t> codes = policy.failover_codes;
  std::sort(codes.begin(), codes.end());
  row.failover_codes = builder.array<uint16_t>(codes);
  row.failover_timeouts = 0;
  for (const contract::FailoverTimeout timeout : policy.failover_timeouts) {
    row.failover_timeouts |= static_cast<uint8_t>(timeout);
  }
  row.cause_rules = builder.array<contract::CauseRule>(policy.cause_rules);
  row.progress = policy.progress;
  row.redirects = policy.redirects;
  row.reliable_provisionals = policy.reliable_provisionals;
  row.asks_session_timer = policy.session_timer;
  row.session_expires_s = policy.session_expires_s;
  row.min_se_s = policy.min_se_s;
  row.max_early_dialogs = policy.max_early_dialogs;
  row.transfer = policy.transfer;
  row.takes_replaces = policy.replaces;
  row.passes_unknown_methods = policy.passes_unknown_methods;
  row.is_trusted = policy.trusted;
  row.keeps_identity = policy.keeps_identity;
  row.history = policy.call_history;
  row.passes_location = policy.passes_location;
  row.accepts_sips = policy.accepts_sips;
  row.user_is_phone = policy.user_is_phone;
  row.large_over_tcp = policy.large_over_tcp;
  row.takes_alias = policy.takes_alias;
  row.closes_on_503 = policy.closes_on_503;
  row.needs_offer = policy.needs_offer;
  row.makes_offer = policy.makes_offer;
  row.contact_host = builder.text(policy.contact_host);
  row.from_domain = builder.text(policy.from_domain);
  row.header_rules = compile_rules(trunk.name, rules, builder);
  return row;
}

contract::SrtpPolicy compile_srtp(const config::Srtp& srtp) {
  contract::SrtpPolicy row;
  row.use = srtp.use;
  if (srtp.use == contract::SrtpUse::off) return row;
  for (const contract::SrtpSuite suite : srtp.suites) row.suites[row.suite_count++] = suite;
  return row;
}

contract::SourcePolicy compile_sources(const config::Trunk& trunk, Builder& builder) {
  const config::MediaSources& sources = trunk.sources_of_media;
  contract::SourcePolicy row;
  row.mode = sources.media_source;
  row.latch_packets = sources.latch_packets;
  row.latch_window_ms = sources.latch_window_ms;
  std::vector<contract::MediaPrefix> prefixes;
  for (const config::Prefix& prefix : sources.media_sources) {
    prefixes.push_back({prefix.address, static_cast<uint8_t>(prefix.length)});
  }
  row.prefixes = builder.array<contract::MediaPrefix>(prefixes);
  return row;
}

contract::CodecPolicy compile_codecs(const config::Codecs& codecs, Builder& builder) {
  contract::CodecPolicy row;
  std::vector<contract::Text> names;
  for (const std::string& name : codecs.codecs) names.push_back(builder.text(name));
  row.allowed = builder.array<contract::Text>(names);
  for (const std::string& name : codecs.add_codecs) {
    row.added |=
        ascii::iequals(name, "PCMU") ? contract::AddedCodecs::pcmu : contract::AddedCodecs::pcma;
  }
  row.dtmf = codecs.dtmf;
  row.event_payload_type = codecs.dtmf_payload_type;
  row.dscp = codecs.media_dscp;
  row.way = codecs.media;
  row.rtcp = codecs.rtcp;
  row.takes_noise = codecs.comfort_noise;
  row.fills_silence = codecs.fill_silence;
  row.ptime_ms = codecs.ptime_ms;
  return row;
}

}  // namespace demarc::trunks
