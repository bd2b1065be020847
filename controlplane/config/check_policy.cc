#include "controlplane/config/check_policy.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "controlplane/config/cause_rule.h"
#include "controlplane/config/host.h"
#include "controlplane/config/reference.h"
#include "dataplane/contract/field_class.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/header_name.h"
#include "sip-parser/method.h"

namespace demarc::config {
namespace {

using contract::FieldClass;
using Action = contract::HeaderRule::Action;

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// What a rule's name can stand for among the fields that have a name here.
bool is_ours(std::string_view name) {
  if (!name.ends_with('*')) return contract::field_class(name) == FieldClass::ours;
  bool has_ours = false;
  for (unsigned i = 1; i < sip::header_name_count; ++i) {
    const std::string_view known = sip::spelling(static_cast<sip::HeaderName>(i));
    if (!contract::is_named_by(name, known)) continue;
    if (contract::field_class(known) != FieldClass::ours) return false;
    has_ours = true;
  }
  return has_ours;
}

std::string_view spelling(Action action) {
  constexpr std::string_view texts[] = {"pass", "remove", "add", "replace", "copy"};
  return texts[static_cast<size_t>(action)];
}

class PolicyChecker {
 public:
  PolicyChecker(const Config& config, const Gaps& gaps, Problems& problems)
      : config_(config), gaps_(gaps), problems_(problems) {}

  void run() {
    for (const Trunk& trunk : config_.trunks) check_trunk(trunk);
    for (const HeaderRule& rule : config_.headers) check_rule(rule);
    check_repeated_rules();
  }

 private:
  void check_trunk(const Trunk& trunk) {
    const Policy& policy = trunk.policy;
    const Origin& origin = trunk.origin;
    check_failover(policy, origin);
    check_codecs(trunk);
    if (policy.session_expires_s < policy.min_se_s) {
      problems_.error(origin.of("session_expires_s"),
                      "session_expires_s: " + std::to_string(policy.session_expires_s) +
                          " s is less than min_se_s, " + std::to_string(policy.min_se_s) + " s");
    }
    if (policy.keeps_identity && !policy.trusted) {
      problems_.warn(origin.of("keeps_identity"),
                     "keeps_identity: says nothing without trusted = true");
    }
    if (trunk.srtp.use != contract::SrtpUse::off) {
      if (trunk.transport != contract::Transport::tls) {
        problems_.warn(origin.of("srtp"),
                       "srtp: the keys are in SIP messages, which cross this trunk unencrypted");
      }
      if (trunk.srtp.suites.empty()) {
        problems_.error(origin.of("srtp_suites"), "srtp_suites: none, but srtp is not off");
      }
    }
    if (trunk.srtp.use == contract::SrtpUse::required &&
        trunk.codecs.media == contract::MediaWay::bypassed) {
      problems_.warn(origin.of("media"),
                     "media: relayed all the same, as srtp = \"required\" is seen to here");
    }
    check_bypass(trunk);
    check_media_sources(trunk);
    if (!policy.contact_host.empty() && !is_host_name(policy.contact_host)) {
      problems_.error(origin.of("contact_host"),
                      "contact_host: " + quoted(policy.contact_host) + " is not a host name");
    }
    check_domain(origin, "from_domain", policy.from_domain);
    check_domain(origin, "peer_domain", trunk.peer_domain);
    check_domain(origin, "peer_contact", trunk.peer_contact);
  }

  void check_domain(const Origin& origin, const std::string& field, const std::string& domain) {
    if (domain.empty() || is_host(domain)) return;
    problems_.error(origin.of(field),
                    field + ": " + quoted(domain) + " is neither a host name nor an address");
  }

  void check_bypass(const Trunk& trunk) {
    const std::vector<std::string>& names = trunk.codecs.bypass_with;
    const Origin& origin = trunk.origin;
    if (!names.empty() && trunk.codecs.media != contract::MediaWay::bypassed) {
      problems_.error(origin.of("bypass_with"),
                      "bypass_with: says nothing without media = \"bypassed\"");
    }
    std::set<std::string> seen;
    for (size_t i = 0; i < names.size(); ++i) {
      const Position at = origin.of("bypass_with", i);
      if (!seen.insert(names[i]).second) {
        problems_.error(at, "bypass_with: " + quoted(names[i]) + " stands twice");
      }
      if (find_block(config_.groups, names[i]) != nullptr) continue;
      if (!refers({"bypass_with", "trunk", at}, names[i], config_.trunks, gaps_, problems_))
        continue;
      check_partner(trunk, *find_block(config_.trunks, names[i]), at);
    }
  }

  // Both have to want it. Of a group some may, so nothing is said of those.
  void check_partner(const Trunk& trunk, const Trunk& partner, const Position& at) {
    if (trunk.codecs.media != contract::MediaWay::bypassed) return;
    const Codecs& theirs = partner.codecs;
    const auto is_trunk = [&](const std::string& name) {
      const std::vector<std::string> members = trunks_of(config_, name);
      return std::find(members.begin(), members.end(), trunk.name) != members.end();
    };
    const bool is_named =
        theirs.bypass_with.empty() ||
        std::any_of(theirs.bypass_with.begin(), theirs.bypass_with.end(), is_trunk);
    if (theirs.media == contract::MediaWay::bypassed && is_named) return;
    problems_.warn(at, "bypass_with: relayed all the same, as " + quoted(partner.name) +
                           " does not bypass with " + quoted(trunk.name));
  }

  // What a fixed source can not use says that latching was meant, so it is no small matter.
  void check_media_sources(const Trunk& trunk) {
    const MediaSources& sources = trunk.sources_of_media;
    const bool is_latching = sources.media_source == contract::SourcePolicy::Mode::latching;
    if (!is_latching && !sources.media_sources.empty()) {
      problems_.error(trunk.origin.of("media_sources"),
                      "media_sources: says nothing without media_source = \"latching\"");
    }
    for (size_t i = 0; i < sources.media_sources.size(); ++i) {
      const Prefix& prefix = sources.media_sources[i];
      const bool is_wide = prefix.length < (prefix.address.is_v4() ? 96 + 8 : 16);
      if (!is_wide) continue;
      problems_.error(trunk.origin.of("media_sources", i),
                      "media_sources: so wide a network lets anybody take a call's media; "
                      "at most a /8 of IPv4 and a /16 of IPv6");
    }
  }

  void check_codecs(const Trunk& trunk) {
    const Codecs& codecs = trunk.codecs;
    const Origin& origin = trunk.origin;
    check_codec_names("codecs", codecs.codecs, origin);
    check_codec_names("add_codecs", codecs.add_codecs, origin);
    for (size_t i = 0; i < codecs.add_codecs.size(); ++i) {
      const std::string& name = codecs.add_codecs[i];
      if (ascii::iequals(name, "PCMU") || ascii::iequals(name, "PCMA")) continue;
      problems_.error(origin.of("add_codecs", i),
                      "add_codecs: " + quoted(name) + " is neither \"PCMU\" nor \"PCMA\"");
    }
    if (codecs.ptime_ms % 10 != 0) {
      problems_.error(origin.of("ptime_ms"),
                      "ptime_ms: " + std::to_string(codecs.ptime_ms) + " is not a multiple of 10");
    }
    if (codecs.dtmf_payload_type != 0 && codecs.dtmf_payload_type < 96) {
      problems_.error(origin.of("dtmf_payload_type"),
                      "dtmf_payload_type: " + std::to_string(codecs.dtmf_payload_type) +
                          " is neither 0 nor from 96 to 127");
    }
  }

  // RFC 8866 section 6.6: names are compared without case.
  void check_codec_names(std::string_view field, const std::vector<std::string>& names,
                         const Origin& origin) {
    for (size_t i = 0; i < names.size(); ++i) {
      const auto is_it = [&](const std::string& other) { return ascii::iequals(other, names[i]); };
      const std::string what = std::string(field) + ": " + quoted(names[i]);
      if (!ascii::is_token(names[i])) {
        problems_.error(origin.of(field, i), what + " is not an encoding name such as \"PCMA\"");
      } else if (std::any_of(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i),
                             is_it)) {
        problems_.error(origin.of(field, i), what + " stands twice");
      }
    }
  }

  void check_failover(const Policy& policy, const Origin& origin) {
    std::set<uint16_t> codes;
    for (size_t i = 0; i < policy.failover_codes.size(); ++i) {
      if (codes.insert(policy.failover_codes[i]).second) continue;
      problems_.error(
          origin.of("failover_codes", i),
          "failover_codes: " + std::to_string(policy.failover_codes[i]) + " stands twice");
    }
    std::set<std::pair<uint16_t, uint16_t>> conditions;
    for (size_t i = 0; i < policy.cause_rules.size(); ++i) {
      const contract::CauseRule& rule = policy.cause_rules[i];
      if (rule.status_code == 0 && rule.cause == 0) continue;  // refused already
      if (conditions.emplace(rule.status_code, rule.cause).second) continue;
      problems_.error(origin.of("cause_rules", i),
                      "cause_rules: " + quoted(text_of(rule)) + " comes after a rule for the same");
    }
  }

  void error(const HeaderRule& rule, std::string_view field, const std::string& what) {
    problems_.error(rule.origin.of(field), std::string(field) + ": " + what);
  }

  void check_rule(const HeaderRule& rule) {
    refers({"trunk", "trunk", rule.origin.of("trunk")}, rule.trunk, config_.trunks, gaps_,
           problems_);
    const bool is_one = rule.action == Action::add || rule.action == Action::copy;
    if (!rule.name.empty()) check_name(rule, "name", rule.name, !is_one);
    check_methods(rule);
    if (rule.origin.refused.contains("action")) return;
    check_texts(rule);
    if (rule.action == Action::pass && !rule.name.ends_with('*') &&
        contract::field_class(rule.name) == FieldClass::policy) {
      error(rule, "action", rule.name + " crosses as the fields of [trunk] say; no rule passes it");
    }
  }

  void check_name(const HeaderRule& rule, std::string_view field, std::string_view name,
                  bool may_be_wildcard) {
    const size_t star = name.find('*');
    if (!ascii::is_token(name) || (star != std::string_view::npos && star + 1 != name.size())) {
      return error(rule, field, quoted(name) + " is not the name of a header field");
    }
    if (star != std::string_view::npos && !may_be_wildcard) {
      return error(rule, field, quoted(name) + ": one field is to be named, without '*'");
    }
    if (is_ours(name)) {
      error(rule, field, quoted(name) + " is written by demarc alone; no rule can name it");
    }
  }

  // An action has the fields that it needs and no others.
  void check_texts(const HeaderRule& rule) {
    const bool has_value = rule.action == Action::add || rule.action == Action::replace;
    const std::string action(spelling(rule.action));
    const auto belongs = [&](std::string_view field, const std::string& text, bool is_wanted) {
      if (rule.origin.refused.contains(field)) return;
      if (is_wanted && text.empty() && !gaps_.has_lost_fields &&
          !rule.origin.fields.contains(field)) {
        problems_.error(rule.origin.block,
                        "field \"" + std::string(field) + "\" is missing: " + action + " needs it");
      } else if (is_wanted && text.empty() && rule.origin.fields.contains(field)) {
        error(rule, field, "must not be empty");
      } else if (!is_wanted && !text.empty()) {
        error(rule, field, "means nothing to " + action);
      }
    };
    belongs("value", rule.value, has_value);
    belongs("source", rule.source, rule.action == Action::copy);
    if (rule.action == Action::add) belongs("pattern", rule.pattern, false);
    if (rule.action == Action::copy && !rule.source.empty()) {
      check_name(rule, "source", rule.source, false);
    }
  }

  void check_methods(const HeaderRule& rule) {
    std::set<std::string> methods;
    for (size_t i = 0; i < rule.methods.size(); ++i) {
      const std::string& method = rule.methods[i];
      const Position at = rule.origin.of("methods", i);
      if (sip::method_of(method) == sip::Method::other) {
        std::vector<std::string_view> known;
        for (unsigned bit = 1; bit < contract::method_bits; ++bit) {
          known.push_back(sip::spelling(static_cast<sip::Method>(bit)));
        }
        problems_.error(at, "methods: " + quoted(method) + " is not a method that is known" +
                                runtime::did_you_mean(method, known));
      } else if (!methods.insert(method).second) {
        problems_.error(at, "methods: " + quoted(method) + " stands twice");
      }
    }
  }

  void check_repeated_rules() {
    std::map<std::string, size_t> counts;
    std::set<std::tuple<std::string, contract::HeaderRule::Side, Action, std::string, std::string,
                        std::string, std::string, std::vector<std::string>>>
        rules;
    for (const HeaderRule& rule : config_.headers) {
      if (rule.trunk.empty() || rule.name.empty()) continue;
      if (!rules
               .emplace(rule.trunk, rule.side, rule.action, rule.name, rule.pattern, rule.value,
                        rule.source, rule.methods)
               .second) {
        problems_.error(rule.origin.block, "the same rule stands twice");
      }
      if (++counts[rule.trunk] == contract::max_header_rules + 1) {
        problems_.error(rule.origin.block, "more than " +
                                               std::to_string(contract::max_header_rules) +
                                               " header rules of trunk " + quoted(rule.trunk));
      }
    }
  }

  const Config& config_;
  const Gaps& gaps_;
  Problems& problems_;
};

}  // namespace

void check_policies(const Config& config, const Gaps& gaps, Problems& problems) {
  PolicyChecker(config, gaps, problems).run();
}

}  // namespace demarc::config
