// What the configuration says of calls: failover, several peers and trunks, identity, media.
#include "controlplane/config/cause_rule.h"
#include "controlplane/config/policy_harness.h"
#include "controlplane/config/value.h"

namespace demarc::config {
namespace {

TEST(Policy, SrtpIsOffAndItsSuitesAreTheSoundOnes) {
  const Srtp srtp = acme_with("").srtp;
  EXPECT_EQ(srtp.use, contract::SrtpUse::off);
  using enum contract::SrtpSuite;
  EXPECT_EQ(srtp.suites, (std::vector{aead_aes_256_gcm, aead_aes_128_gcm, aes_256_cm_hmac_sha1_80,
                                      aes_cm_128_hmac_sha1_80}));
}

TEST(Policy, SrtpTakesItsSuitesInTheirOrder) {
  const std::string text = with_trunk(
      "srtp = \"required\"\n"
      "srtp_suites = [\"AES_CM_128_HMAC_SHA1_32\", \"AEAD_AES_128_GCM\"]\n");
  const Srtp srtp = find_block(load_text(text).config.trunks, "acme")->srtp;
  EXPECT_EQ(srtp.use, contract::SrtpUse::required);
  using enum contract::SrtpSuite;
  EXPECT_EQ(srtp.suites, (std::vector{aes_cm_128_hmac_sha1_32, aead_aes_128_gcm}));
  expect_problems(text, {"f:12:8: warning: srtp: the keys are in SIP messages"});
}

TEST(Policy, RefusesSuitesThatAreNoneOrStandTwice) {
  expect_problems(with_trunk("srtp_suites = [\"F8_128_HMAC_SHA1_80\", \"AEAD_AES_128_GCM\", "
                             "\"AEAD_AES_128_GCM\"]\n"),
                  {"f:12:16: srtp_suites: \"F8_128_HMAC_SHA1_80\" is no suite",
                   "f:12:59: srtp_suites: AEAD_AES_128_GCM stands twice"});
  expect_problems(with_trunk("srtp = \"optional\"\nsrtp_suites = []\n"),
                  {"f:12:8: warning: srtp: the keys", "f:13:15: srtp_suites: none, but"});
}

TEST(Policy, ItsDefaultsAreThoseOfTheContract) {
  const Policy policy = acme_with("").policy;
  const contract::CallPolicy wanted;
  EXPECT_EQ(policy.failover_ms, wanted.failover_ms);
  EXPECT_EQ(policy.progress, wanted.progress);
  EXPECT_EQ(policy.redirects, wanted.redirects);
  EXPECT_EQ(policy.reliable_provisionals, wanted.reliable_provisionals);
  EXPECT_EQ(policy.session_timer, wanted.asks_session_timer);
  EXPECT_EQ(policy.session_expires_s, wanted.session_expires_s);
  EXPECT_EQ(policy.min_se_s, wanted.min_se_s);
  EXPECT_EQ(policy.max_early_dialogs, wanted.max_early_dialogs);
  EXPECT_EQ(policy.transfer, wanted.transfer);
  EXPECT_EQ(policy.replaces, wanted.takes_replaces);
  EXPECT_EQ(policy.passes_unknown_methods, wanted.passes_unknown_methods);
  EXPECT_EQ(policy.trusted, wanted.is_trusted);
  EXPECT_EQ(policy.keeps_identity, wanted.keeps_identity);
  EXPECT_EQ(policy.call_history, wanted.history);
  EXPECT_EQ(policy.passes_location, wanted.passes_location);
  EXPECT_EQ(policy.contact_host, "");
  EXPECT_EQ(policy.failover_codes, (std::vector<uint16_t>{408, 503, 504}));
  EXPECT_EQ(policy.failover_timeouts, (std::vector{contract::FailoverTimeout::no_response,
                                                   contract::FailoverTimeout::no_progress}));
  ASSERT_EQ(policy.cause_rules.size(), 1u);
  EXPECT_EQ(text_of(policy.cause_rules[0]), "486 Q.850/34 -> 503");
}

TEST(Policy, TakesEveryField) {
  const Policy policy = acme_with(R"(failover_ms = 0
progress = "any"
failover_codes = [603, 500]
cause_rules = ["Q.850/41 -> 503", "404 -> 480"]
redirects = "followed"
reliable_provisionals = "required"
session_timer = true
session_expires_s = 600
min_se_s = 120
max_early_dialogs = 4
transfer = "passed"
replaces = true
passes_unknown_methods = true
trusted = true
keeps_identity = true
call_history = "history_info"
passes_location = true
contact_host = "sbc.example.com"
)")
                            .policy;
  EXPECT_EQ(policy.failover_ms, 0u);
  EXPECT_EQ(policy.progress, contract::Progress::any);
  EXPECT_EQ(policy.failover_codes, (std::vector<uint16_t>{603, 500}));
  ASSERT_EQ(policy.cause_rules.size(), 2u);
  EXPECT_EQ(text_of(policy.cause_rules[0]), "Q.850/41 -> 503");
  EXPECT_EQ(text_of(policy.cause_rules[1]), "404 -> 480");
  EXPECT_EQ(policy.redirects, contract::Redirects::followed);
  EXPECT_EQ(policy.reliable_provisionals, contract::Use::required);
  EXPECT_TRUE(policy.session_timer);
  EXPECT_EQ(policy.session_expires_s, 600u);
  EXPECT_EQ(policy.min_se_s, 120u);
  EXPECT_EQ(policy.max_early_dialogs, 4);
  EXPECT_EQ(policy.transfer, contract::Transfer::passed);
  EXPECT_TRUE(policy.replaces);
  EXPECT_TRUE(policy.passes_unknown_methods);
  EXPECT_TRUE(policy.trusted);
  EXPECT_TRUE(policy.keeps_identity);
  EXPECT_EQ(policy.call_history, contract::CallHistory::history_info);
  EXPECT_TRUE(policy.passes_location);
  EXPECT_EQ(policy.contact_host, "sbc.example.com");
}

TEST(Policy, TheStateOfATrunkIsEnabledUnlessItSaysSo) {
  const auto state = [](std::string_view fields) { return acme_with(fields).state; };
  EXPECT_EQ(state(""), contract::TrunkState::enabled);
  EXPECT_EQ(state("state = \"draining\"\n"), contract::TrunkState::draining);
  EXPECT_EQ(state("state = \"disabled\"\n"), contract::TrunkState::disabled);
  EXPECT_FALSE(load_text(with_trunk("state = \"off\"\n")).is_good);
}

TEST(Policy, AChoiceIsTheEnumeratorOfItsName) {
  const auto policy = [](std::string_view fields) { return acme_with(fields).policy; };
  EXPECT_EQ(policy("reliable_provisionals = \"off\"\n").reliable_provisionals, contract::Use::off);
  EXPECT_EQ(policy("transfer = \"passed\"\n").transfer, contract::Transfer::passed);
  EXPECT_EQ(policy("transfer = \"passed_or_handled\"\n").transfer,
            contract::Transfer::passed_or_handled);
  EXPECT_EQ(policy("call_history = \"diversion\"\n").call_history,
            contract::CallHistory::diversion);
}

TEST(Policy, ReplacesGoesWithTransfersThatAreHandledUnlessItIsWritten) {
  const auto policy = [](std::string_view fields) { return acme_with(fields).policy; };
  EXPECT_FALSE(policy("transfer = \"passed\"\n").replaces);
  EXPECT_TRUE(policy("transfer = \"handled\"\n").replaces);
  EXPECT_TRUE(policy("transfer = \"passed_or_handled\"\n").replaces);
  EXPECT_FALSE(policy("transfer = \"handled\"\nreplaces = false\n").replaces);
  EXPECT_TRUE(policy("replaces = true\n").replaces);
}

TEST(Policy, AListMayBeOneValueAndEmptyWhereThereIsADefault) {
  EXPECT_EQ(acme_with("failover_codes = 503\n").policy.failover_codes, std::vector<uint16_t>{503});
  const Policy none = acme_with("failover_codes = []\ncause_rules = []\n").policy;
  EXPECT_TRUE(none.failover_codes.empty());
  EXPECT_TRUE(none.cause_rules.empty());
}

TEST(Policy, NamesTheTimeoutsThatGoOn) {
  EXPECT_EQ(acme_with("failover_timeouts = \"no_answer\"\n").policy.failover_timeouts,
            std::vector{contract::FailoverTimeout::no_answer});
  EXPECT_TRUE(acme_with("failover_timeouts = []\n").policy.failover_timeouts.empty());
  expect_problems(
      with_trunk("failover_timeouts = [\"no_answer\", \"ringing\", \"no_answer\"]\n"),
      {"f:12:35: failover_timeouts: \"ringing\" is none of \"no_response\", \"no_progress\" and",
       "f:12:46: failover_timeouts: \"no_answer\" stands twice"});
}

TEST(Policy, RefusesWhatIsOutOfRangeElementByElement) {
  expect_problems(with_trunk("failover_codes = [299, 503, 700, \"x\", 503]\n"),
                  {"f:12:19: failover_codes: 299 is outside 300 to 699",
                   "f:12:29: failover_codes: 700 is outside 300 to 699",
                   "f:12:34: failover_codes: expected an integer, got a string",
                   "f:12:39: failover_codes: 503 stands twice"});
  std::string many = "failover_codes = [300";
  for (unsigned code = 301; code <= 364; ++code) many += ", " + std::to_string(code);
  expect_problems(with_trunk(many + "]\n"), {"f:12:18: failover_codes: 65 elements, the limit is"});
  expect_problems(with_trunk("min_se_s = 89\n"), {"f:12:12: min_se_s: 89 is outside 90 to"});
  expect_problems(with_trunk("max_early_dialogs = 0\n"), {"f:12:21: max_early_dialogs: 0 is"});
  expect_problems(with_trunk("transfer = \"pased\"\n"),
                  {"f:12:12: transfer: \"pased\" is none of \"refused\", \"passed\", "
                   "\"handled\", \"passed_or_handled\", did you mean \"passed\"?"});
  expect_problems(with_trunk("trusted = \"yes\"\n"),
                  {"f:12:11: trusted: expected true or false, got a string"});
}

TEST(Policy, RefusesAnIntervalBelowTheShortest) {
  expect_problems(with_trunk("session_expires_s = 100\nmin_se_s = 101\n"),
                  {"f:12:21: session_expires_s: 100 s is less than min_se_s, 101 s"});
  expect_problems(with_trunk("min_se_s = 1801\n"),
                  {"f:11:8: session_expires_s: 1800 s is less than min_se_s, 1801 s"});
}

TEST(Policy, WarnsOfIdentityWithoutTrust) {
  const Loaded loaded = load_text(with_trunk("keeps_identity = true\n"));
  EXPECT_TRUE(loaded.is_good);
  EXPECT_EQ(texts_of(loaded, "f"),
            std::vector<std::string>{
                "f:12:18: warning: keeps_identity: says nothing without trusted = true"});
}

TEST(Policy, RefusesContactHostsThatAreNoNames) {
  for (const char* host : {"192.0.2.1", "-a.example", "a..example", "a.example.", "a b", "a_b.c",
                           "a.example:5060", "sip:a.example"}) {
    expect_problems(with_trunk("contact_host = \"" + std::string(host) + "\"\n"),
                    {"f:12:16: contact_host: \"" + std::string(host) + "\" is not a host name"});
  }
  EXPECT_EQ(acme_with("contact_host = \"3com.x-1.EXAMPLE\"\n").policy.contact_host,
            "3com.x-1.EXAMPLE");
  EXPECT_EQ(problems_of(with_trunk("contact_host = \"" + std::string(64, 'a') + "\"\n")).size(),
            1u);
}

TEST(CauseRule, IsReadInItsForms) {
  struct Case {
    std::string_view text;
    unsigned status, cause, becomes;
  };
  for (const Case& one : {Case{"486 Q.850/34 -> 503", 486, 34, 503},
                          {"Q.850/127->699", 0, 127, 699},
                          {"  400 -> 400 ", 400, 0, 400},
                          {"486\tq.850/1\t->\t480", 486, 1, 480}}) {
    SCOPED_TRACE(one.text);
    const contract::CauseRule rule = parse_cause_rule(one.text);
    EXPECT_EQ(rule.status_code, one.status);
    EXPECT_EQ(rule.cause, one.cause);
    EXPECT_EQ(rule.becomes, one.becomes);
    EXPECT_EQ(text_of(parse_cause_rule(text_of(rule))), text_of(rule));
  }
}

TEST(CauseRule, RefusesOtherText) {
  for (const char* text :
       {"", "486", "-> 503", "486 -> ", "486 -> 399", "486 -> 700", "399 -> 503", "700 -> 503",
        "486 34 -> 503", "486 Q.850/0 -> 503", "486 Q.850/128 -> 503", "486 Q.850/ -> 503",
        "486 SIP/34 -> 503", "Q.850/34 486 -> 503", "486 Q.850/34 Q.850/35 -> 503",
        "486 -> 503 -> 480", "486 Q.850/34 -> 503 x", "4860 -> 503"}) {
    EXPECT_THROW(parse_cause_rule(text), ValueError) << text;
  }
}

TEST(CauseRule, MistakesAreToldOfWhereTheyStand) {
  expect_problems(
      with_trunk("cause_rules = [\"x\", \"486 Q.850/34 -> 503\", \"Q.850/200 -> 503\",\n"
                 "  \"486 Q.850/34 -> 480\"]\n"),
      {"f:12:16: cause_rules: \"x\" is not a rule such as \"486 Q.850/34 -> 503\"",
       "f:12:44: cause_rules: \"Q.850/200\" is not a cause, Q.850/1 to Q.850/127",
       "f:13:3: cause_rules: \"486 Q.850/34 -> 480\" comes after a rule for the same"});
}

TEST(Peers, AreOneOrAListInOrder) {
  const Config config = good(replaced(
      "\"198.51.100.20\"", "[\"198.51.100.22:5070\", \"198.51.100.21\", \"198.51.100.22\"]"));
  const Trunk& trunk = *find_block(config.trunks, "acme");
  EXPECT_EQ(trunk.peer_host, "198.51.100.22");
  ASSERT_EQ(trunk.peers.size(), 3u);
  EXPECT_EQ(trunk.peers[0].endpoint.port, 5070);
  EXPECT_EQ(trunk.peers[1].endpoint.address, contract::IpAddress::v4(198, 51, 100, 21));
  EXPECT_EQ(trunk.peers[2].endpoint.port, 5060);
}

TEST(Peers, EachIsChecked) {
  expect_problems(
      replaced("\"198.51.100.20\"",
               "[\"198.51.100.20\", \"sip_acme.example\", \"2001:db8::1\",\n"
               " \"10.0.0.10\", \"198.51.100.20:5060\", \"224.0.0.1\", \"198.51.100.30\"]"),
      {"f:13:26: peer: \"sip_acme.example\" is not an IP address",
       "f:13:46: peer: 2001:db8::1 and 198.51.100.10 are of different IP versions",
       "f:14:2: peer: 10.0.0.10 is our own address in realm \"inside\"",
       "f:14:15: peer: 198.51.100.20:5060 stands twice",
       "f:14:37: peer: 224.0.0.1 is not an address that packets can be sent to",
       "f:17:8: peer: 198.51.100.30 is a source of trunk \"acme\" already"});
  expect_problems(replaced("\"198.51.100.20\"", "[]"), {"f:13:8: peer: an empty array"});
  std::string many;
  for (unsigned i = 1; i <= 17; ++i) {
    many += (many.empty() ? "[\"203.0.113." : ", \"203.0.113.") + std::to_string(i) + "\"";
  }
  expect_problems(replaced("\"198.51.100.20\"", many + "]"),
                  {"f:13:8: peer: 17 elements, the limit is 16"});
  expect_problems("[platform]\ntarget_capacity = 3\n" +
                      replaced("\"198.51.100.20\"", "[\"198.51.100.20\", \"198.51.100.21\"]"),
                  {"f:2:19: target_capacity: 4 targets do not fit 3"});
}

TEST(Routes, LeadToOneTrunkOrSeveralInOrder) {
  const Config config = good(replaced("to = \"acme\"", "to = [\"backup\", \"acme\"]"));
  EXPECT_EQ(config.routes[0].to, (std::vector<std::string>{"backup", "acme"}));
  EXPECT_EQ(config.routes[1].to, std::vector<std::string>{"pbx"});
  expect_problems(replaced("to = \"acme\"", "to = [\"acme\", \"bakup\", 5, \"acme\"]"),
                  {"f:22:15: to: there is no [trunk.bakup], did you mean \"backup\"?",
                   "f:22:24: to: expected a name in quotes, got an integer",
                   "f:22:27: to: \"acme\" stands twice"});
  expect_problems(replaced("to = \"acme\"", "to = []"), {"f:22:6: to: an empty array"});
}

TEST(MediaSources, AreFixedUnlessTheFileSaysOtherwise) {
  const MediaSources sources = acme_with("").sources_of_media;
  const contract::SourcePolicy wanted;
  EXPECT_EQ(sources.media_source, wanted.mode);
  EXPECT_EQ(sources.latch_packets, wanted.latch_packets);
  EXPECT_EQ(sources.latch_window_ms, wanted.latch_window_ms);
  EXPECT_TRUE(sources.media_sources.empty());
}

TEST(MediaSources, TakeEveryField) {
  const MediaSources sources = acme_with(R"(media_source = "latching"
media_sources = ["203.0.113.0/24", "2001:db8::/32"]
latch_packets = 9
latch_window_ms = 3000
)")
                                   .sources_of_media;
  EXPECT_EQ(sources.media_source, contract::SourcePolicy::Mode::latching);
  ASSERT_EQ(sources.media_sources.size(), 2u);
  EXPECT_EQ(sources.media_sources[0].length, 96 + 24);
  EXPECT_EQ(sources.media_sources[1].length, 32);
  EXPECT_EQ(sources.latch_packets, 9);
  EXPECT_EQ(sources.latch_window_ms, 3000u);
}

TEST(MediaSources, ThatAnybodyHasOrNobodyUsesAreMistakes) {
  expect_problems(with_trunk("media_sources = [\"203.0.113.0/24\"]\n"),
                  {"f:12:17: media_sources: says nothing without"});
  expect_problems(with_trunk("media_source = \"latching\"\n"
                             "media_sources = [\"10.0.0.0/8\", \"0.0.0.0/0\"]\n"),
                  {"f:13:32: media_sources: so wide a network"});
  expect_problems(with_trunk("latch_packets = 1\n"), {"f:12:17: latch_packets"});
}

TEST(Codecs, TheirDefaultsAreThoseOfTheContract) {
  const Codecs codecs = acme_with("").codecs;
  const contract::CodecPolicy wanted;
  EXPECT_TRUE(codecs.codecs.empty());
  EXPECT_TRUE(codecs.add_codecs.empty());
  EXPECT_EQ(codecs.ptime_ms, wanted.ptime_ms);
  EXPECT_EQ(codecs.comfort_noise, wanted.takes_noise);
  EXPECT_EQ(codecs.fill_silence, wanted.fills_silence);
  EXPECT_EQ(codecs.dtmf, wanted.dtmf);
  EXPECT_EQ(codecs.dtmf_payload_type, wanted.event_payload_type);
  EXPECT_EQ(codecs.media, wanted.way);
  EXPECT_TRUE(codecs.bypass_with.empty());
  EXPECT_EQ(codecs.rtcp, wanted.rtcp);
  EXPECT_EQ(codecs.media_dscp, wanted.dscp);
}

TEST(Codecs, TakeEveryField) {
  const Codecs codecs = acme_with(R"(codecs = ["PCMU", "G722"]
add_codecs = "pcma"
ptime_ms = 30
comfort_noise = true
fill_silence = true
dtmf = "info_dtmf"
dtmf_payload_type = 101
media = "bypassed"
bypass_with = "acme"
rtcp = "ensured"
media_dscp = 0
)")
                            .codecs;
  EXPECT_EQ(codecs.codecs, (std::vector<std::string>{"PCMU", "G722"}));
  EXPECT_EQ(codecs.add_codecs, (std::vector<std::string>{"pcma"}));
  EXPECT_EQ(codecs.ptime_ms, 30);
  EXPECT_TRUE(codecs.comfort_noise);
  EXPECT_TRUE(codecs.fill_silence);
  EXPECT_EQ(codecs.dtmf, contract::Dtmf::info_dtmf);
  EXPECT_EQ(codecs.dtmf_payload_type, 101);
  EXPECT_EQ(codecs.media, contract::MediaWay::bypassed);
  EXPECT_EQ(codecs.bypass_with, std::vector<std::string>{"acme"});
  EXPECT_EQ(codecs.rtcp, contract::RtcpWay::ensured);
  EXPECT_EQ(codecs.media_dscp, 0);
}

TEST(Bypass, NamesTrunksAndGroupsOnce) {
  expect_problems(
      with_trunk("media = \"bypassed\"\nbypass_with = [\"pxb\", \"lines\", \"lines\"]\n") +
          "[group.lines]\ntrunks = [\"pbx\"]\n",
      {"f:13:16: bypass_with: there is no [trunk.pxb]",
       "f:13:32: bypass_with: \"lines\" stands twice"});
}

TEST(Bypass, WithNamesAloneSaysNothing) {
  expect_problems(with_trunk("bypass_with = [\"acme\"]\n"),
                  {"f:12:15: bypass_with: says nothing without media = \"bypassed\""});
}

TEST(Bypass, OfOneSideAloneIsWarnedOf) {
  const std::string one = with_trunk("media = \"bypassed\"\nbypass_with = [\"pbx\"]\n");
  expect_problems(one, {"f:13:16: warning: bypass_with: relayed all the same, as \"pbx\" does not "
                        "bypass with \"acme\""});
  const std::string from = "[trunk.pbx]\n";
  const auto of_pbx = [&](const std::string& fields) {
    std::string text = one;
    return text.replace(text.find(from), from.size(), from + "media = \"bypassed\"\n" + fields);
  };
  expect_problems(of_pbx(""), {});
  expect_problems(of_pbx("bypass_with = [\"acme\"]\n"), {});
  expect_problems(
      of_pbx("bypass_with = [\"backup\"]\n"),
      {"f:13:16: warning: bypass_with: relayed", "f:21:16: warning: bypass_with: relayed"});
}

TEST(Codecs, SayEveryMistakeAtItsPlace) {
  expect_problems(with_trunk("codecs = [\"PC MA\", \"PCMU\", \"pcmu\"]\n"
                             "add_codecs = [\"G729\"]\n"
                             "ptime_ms = 25\n"
                             "dtmf_payload_type = 95\n"),
                  {"f:12:11: codecs: \"PC MA\" is not an encoding name such as \"PCMA\"",
                   "f:12:28: codecs: \"pcmu\" stands twice",
                   "f:13:15: add_codecs: \"G729\" is neither \"PCMU\" nor \"PCMA\"",
                   "f:14:12: ptime_ms: 25 is not a multiple of 10",
                   "f:15:21: dtmf_payload_type: 95 is neither 0 nor from 96 to 127"});
}

}  // namespace
}  // namespace demarc::config
