// REGISTERs and what they get, as a worker would hand them over.
#include "controlplane/registrar/registrar.h"

#include <gtest/gtest.h>

#include <array>

#include "sip-parser/digest/client.h"
#include "sip-parser/parse.h"

namespace demarc::registrar {
namespace {

constexpr contract::TrunkId branch{3};
constexpr contract::TrunkId shop{4};

TrunkPlan plan_of(const std::string& name, contract::TrunkId id) {
  TrunkPlan trunk;
  trunk.name = name;
  trunk.id = id;
  trunk.local = *contract::parse_endpoint("198.51.100.10", 5060);
  trunk.sources = {{contract::IpAddress::v4(192, 0, 2, 0), 120}};
  trunk.settings.is_used = true;
  trunk.settings.digest_realm = "demarc";
  trunk.settings.expires_s = 3600;
  trunk.settings.min_s = 60;
  trunk.settings.max_s = 7200;
  return trunk;
}

// What one REGISTER says.
struct Saying {
  std::string user = "u1";
  std::string password = "secret1";
  std::string to = {};  // the user, if empty
  std::string source = "192.0.2.9:5060";
  std::string fields = "Contact: <sip:u1@192.0.2.9>\r\n";  // Contact, Expires and so on
  std::string call_id = "one@pbx";
  uint32_t cseq = 0;  // 0: one more than the last
  bool takes_md5 = false;
};

class RegistrarTest : public testing::Test {
 protected:
  RegistrarTest() : registrar("", std::string(32, 's'), times) {
    plan = {plan_of("branch", branch), plan_of("shop", shop)};
    plan[0].passwords = {{"u1", "secret1"}, {"u2", "secret2"}};
    plan[1].passwords = {{"s1", "secret3"}};
    adopt();
  }
  void adopt() { registrar.adopt(plan, times); }
  TrunkPlan& trunk() { return plan[0]; }

  std::string text_of(const Saying& saying, const std::string& authorization) {
    const std::string to = saying.to.empty() ? saying.user : saying.to;
    const uint32_t cseq = saying.cseq == 0 ? ++cseq_ : saying.cseq;
    return "REGISTER sip:demarc SIP/2.0\r\nMax-Forwards: 70\r\nFrom: <sip:" + to +
           "@demarc>;tag=f\r\nTo: <sip:" + to + "@demarc>\r\nCall-ID: " + saying.call_id +
           "\r\nCSeq: " + std::to_string(cseq) + " REGISTER\r\n" + saying.fields + authorization +
           "Content-Length: 0\r\n\r\n";
  }
  Answer ask(const std::string& text, const std::string& source) {
    registrar.take({++id_, 0, branch, *contract::parse_endpoint(source, 5060), text}, times);
    publish();
    const std::vector<Answer> answers = registrar.take_answers(times);
    EXPECT_EQ(answers.size(), 1u);
    return answers.empty() ? Answer{} : answers.front();
  }
  // What the dataplane does all the time.
  void publish() {
    if (is_published) registrar.in_force(registrar.version(), times);
  }
  // The Authorization line that answers this 401.
  std::string credentials(const Saying& saying, const Answer& challenge) {
    std::string text = "SIP/2.0 401 Unauthorized\r\n" + challenge.fields + "\r\n";
    const size_t size = text.size();
    text.append(sip::padding_octets, '\0');
    const std::string_view view = std::string_view(text).substr(0, size);
    sip::Message message;
    EXPECT_TRUE(sip::parse(view, message));
    digest::ClientPolicy policy;
    if (saying.takes_md5) policy.algorithms = digest::AlgorithmSet{}.with(digest::Algorithm::md5);
    const auto chosen = digest::choose_challenge(
        hasher, policy, {message, view, sip::HeaderName::www_authenticate});
    if (!chosen) return {};
    std::array<char, 2048> octets;
    sip::Writer writer(octets);
    writer.begin(sip::HeaderName::authorization);
    digest::ClientNonce nonce;
    EXPECT_EQ(
        digest::answer_challenge(
            hasher, writer, nonce, policy, {*chosen, view}, {saying.user, saying.password, {}},
            {.method = "REGISTER", .uri = "sip:demarc", .body = {}, .cnonce = "c"}),
        digest::ClientError::none);
    writer.end();
    return std::string(writer.written());
  }
  // As a peer does: without credentials, and then with them.
  Answer say(const Saying& saying) {
    const Answer challenge = ask(text_of(saying, {}), saying.source);
    if (challenge.status_code != 401) return challenge;
    return ask(text_of(saying, credentials(saying, challenge)), saying.source);
  }
  size_t live() {
    size_t count = 0;
    for (const trunks::BoundPlace& place : registrar.bound("branch"))
      count += place.is_over ? 0 : 1;
    return count;
  }

  Times times{1'000'000, 1'700'000'000'000};
  bool is_published = true;
  Plan plan;
  Registrar registrar;
  digest::Hasher hasher;
  uint32_t cseq_ = 0;
  uint64_t id_ = 0;
};

TEST_F(RegistrarTest, AsksForCredentialsAndBindsWhoHasThem) {
  Saying saying;
  const Answer challenge = ask(text_of(saying, {}), saying.source);
  EXPECT_EQ(challenge.status_code, 401);
  EXPECT_EQ(challenge.fields.find("MD5"), challenge.fields.rfind("MD5"));
  EXPECT_LT(challenge.fields.find("SHA-256"), challenge.fields.find("MD5"));
  const Answer answer = ask(text_of(saying, credentials(saying, challenge)), saying.source);
  EXPECT_EQ(answer.status_code, 200);
  EXPECT_EQ(answer.fields, "Contact: <sip:u1@192.0.2.9>;expires=3600\r\n");
  const auto bound = registrar.bound("branch");
  ASSERT_EQ(bound.size(), 1u);
  EXPECT_EQ(bound[0].target, *contract::parse_endpoint("192.0.2.9:5060", 0));
  EXPECT_EQ(bound[0].host, "192.0.2.9");
  EXPECT_FALSE(bound[0].is_over);
}

TEST_F(RegistrarTest, ChallengesAsTheTrunkSays) {
  Saying saying;
  saying.takes_md5 = true;
  EXPECT_EQ(say(saying).status_code, 200);
  trunk().settings.digest = config::Registrar::Digest::sha256;
  adopt();
  Answer challenge = ask(text_of(saying, {}), saying.source);
  EXPECT_EQ(challenge.fields.find("MD5"), std::string::npos);
  EXPECT_NE(challenge.fields.find("SHA-256"), std::string::npos);
  trunk().settings.digest = config::Registrar::Digest::md5;
  adopt();
  challenge = ask(text_of(saying, {}), saying.source);
  EXPECT_EQ(challenge.fields.find("SHA"), std::string::npos);
  EXPECT_EQ(challenge.fields.find("WWW"), challenge.fields.rfind("WWW"));
  EXPECT_EQ(say(saying).status_code, 200);
}

TEST_F(RegistrarTest, AWrongPasswordAndAnUnknownUserGetTheSame) {
  Saying wrong;
  wrong.password = "guess";
  Saying unknown;
  unknown.user = "nobody";
  for (const Saying& saying : {wrong, unknown}) {
    const Answer answer = say(saying);
    EXPECT_EQ(answer.status_code, 401);
    EXPECT_EQ(answer.fields.find("stale"), std::string::npos);
  }
  EXPECT_EQ(live(), 0u);
}

TEST_F(RegistrarTest, WhoGuessesHearsNothingForAWhile) {
  Saying wrong;
  wrong.password = "guess";
  for (uint32_t i = 0; i < max_failures; ++i) {
    EXPECT_EQ(say(wrong).status_code, 401);
    times.now_ms += 1000;
  }
  EXPECT_EQ(say(wrong).status_code, 0);
  EXPECT_EQ(say({}).status_code, 0);  // the same source
  Saying other;
  other.source = "192.0.2.10:5060";
  other.fields = "Contact: <sip:u1@192.0.2.10>\r\n";
  EXPECT_EQ(say(other).status_code, 200);
  times.now_ms += silence_ms;
  EXPECT_EQ(say({}).status_code, 200);
}

TEST_F(RegistrarTest, OneSourceMaySendNoMoreThanItMay) {
  for (uint32_t i = 0; i < register_burst; ++i) {
    EXPECT_EQ(ask(text_of({}, {}), "192.0.2.9:5060").status_code, 401);
  }
  EXPECT_EQ(ask(text_of({}, {}), "192.0.2.9:5060").status_code, 0);
  EXPECT_EQ(ask(text_of({}, {}), "192.0.2.10:5060").status_code, 401);
  times.now_ms += register_every_ms;
  EXPECT_EQ(ask(text_of({}, {}), "192.0.2.9:5060").status_code, 401);
}

TEST_F(RegistrarTest, ANonceIsStaleInTimeAndIsForOneSource) {
  Saying saying;
  const Answer challenge = ask(text_of(saying, {}), saying.source);
  const std::string authorization = credentials(saying, challenge);
  Answer answer = ask(text_of(saying, authorization), "192.0.2.9:5099");
  EXPECT_EQ(answer.status_code, 401);
  times.now_ms += digest::default_nonce_lifetime_ms + 1;
  answer = ask(text_of(saying, authorization), saying.source);
  EXPECT_EQ(answer.status_code, 401);
  EXPECT_NE(answer.fields.find("stale=true"), std::string::npos);
}

TEST_F(RegistrarTest, TheSameCredentialsWorkOnce) {
  Saying saying;
  const Answer challenge = ask(text_of(saying, {}), saying.source);
  const std::string authorization = credentials(saying, challenge);
  EXPECT_EQ(ask(text_of(saying, authorization), saying.source).status_code, 200);
  EXPECT_EQ(ask(text_of(saying, authorization), saying.source).status_code, 401);
}

TEST_F(RegistrarTest, NobodyRegistersForAnother) {
  Saying saying;
  saying.to = "u2";
  EXPECT_EQ(say(saying).status_code, 403);
  EXPECT_EQ(live(), 0u);
}

TEST_F(RegistrarTest, AnAccountOfAnotherTrunkAtTheSamePortIsThatTrunks) {
  Saying saying;
  saying.user = "s1";
  saying.password = "secret3";
  EXPECT_EQ(say(saying).status_code, 200);
  EXPECT_TRUE(registrar.bound("branch").empty());
  EXPECT_EQ(registrar.bound("shop").size(), 1u);
}

TEST_F(RegistrarTest, OnePlaceIsOneTrunks) {
  Saying first;
  first.user = "s1";
  first.password = "secret3";
  EXPECT_EQ(say(first).status_code, 200);
  EXPECT_EQ(say({}).status_code, 403);
  EXPECT_EQ(live(), 0u);
}

TEST_F(RegistrarTest, AnIntervalThatIsTooShortGets423) {
  Saying saying;
  saying.fields = "Contact: <sip:u1@192.0.2.9>;expires=59\r\n";
  const Answer answer = say(saying);
  EXPECT_EQ(answer.status_code, 423);
  EXPECT_EQ(answer.fields, "Min-Expires: 60\r\n");
  EXPECT_EQ(live(), 0u);
}

TEST_F(RegistrarTest, AnIntervalThatIsTooLongIsMadeShorter) {
  Saying saying;
  saying.fields = "Contact: <sip:u1@192.0.2.9>\r\nExpires: 99999\r\n";
  EXPECT_EQ(say(saying).fields, "Contact: <sip:u1@192.0.2.9>;expires=7200\r\n");
}

TEST_F(RegistrarTest, ABindingEndsWithItsInterval) {
  Saying saying;
  saying.fields = "Contact: <sip:u1@192.0.2.9>;expires=60\r\n";
  EXPECT_EQ(say(saying).status_code, 200);
  times.now_ms += 60'000;
  registrar.tick(times);
  EXPECT_EQ(live(), 0u);
  ASSERT_EQ(registrar.bound("branch").size(), 1u);
  EXPECT_TRUE(registrar.bound("branch")[0].is_over);
}

TEST_F(RegistrarTest, IsAskedWhoIsBoundWithoutAContact) {
  EXPECT_EQ(say({}).status_code, 200);
  Saying query;
  query.fields = {};
  times.now_ms += 600'000;
  EXPECT_EQ(say(query).fields, "Contact: <sip:u1@192.0.2.9>;expires=3000\r\n");
}

TEST_F(RegistrarTest, OneContactIsTakenAwayWithAnIntervalOfZero) {
  EXPECT_EQ(say({}).status_code, 200);
  Saying saying;
  saying.fields = "Contact: <sip:u1@192.0.2.9>;expires=0\r\n";
  const Answer answer = say(saying);
  EXPECT_EQ(answer.status_code, 200);
  EXPECT_EQ(answer.fields, "");
  EXPECT_EQ(live(), 0u);
}

TEST_F(RegistrarTest, AllAreTakenAwayByAStarWithZeroAlone) {
  trunk().settings.max_bindings = 2;
  adopt();
  Saying saying;
  saying.fields = "Contact: <sip:u1@192.0.2.9>, <sip:u1@192.0.2.9:5062>\r\n";
  EXPECT_EQ(say(saying).status_code, 200);
  EXPECT_EQ(live(), 2u);
  for (const std::string_view wrong : {"Contact: *\r\n", "Contact: *\r\nExpires: 60\r\n",
                                       "Contact: *, <sip:u1@192.0.2.9>\r\nExpires: 0\r\n"}) {
    saying.fields = wrong;
    EXPECT_EQ(say(saying).status_code, 400) << wrong;
  }
  EXPECT_EQ(live(), 2u);
  saying.fields = "Contact: *\r\nExpires: 0\r\n";
  EXPECT_EQ(say(saying).status_code, 200);
  EXPECT_EQ(live(), 0u);
}

TEST_F(RegistrarTest, WhatWasOvertakenChangesNothing) {
  Saying saying;
  saying.cseq = 50;
  EXPECT_EQ(say(saying).status_code, 200);
  saying.cseq = 50;
  EXPECT_EQ(say(saying).status_code, 500);
  saying.cseq = 49;
  saying.fields = "Contact: *\r\nExpires: 0\r\n";
  EXPECT_EQ(say(saying).status_code, 500);
  EXPECT_EQ(live(), 1u);
  saying.call_id = "another@pbx";  // it began anew
  EXPECT_EQ(say(saying).status_code, 200);
}

TEST_F(RegistrarTest, OfOneBindingTheNewestCounts) {
  EXPECT_EQ(say({}).status_code, 200);
  Saying moved;
  moved.source = "192.0.2.10:5060";
  moved.fields = "Contact: <sip:u1@192.0.2.10>\r\n";
  EXPECT_EQ(say(moved).status_code, 200);
  const auto bound = registrar.bound("branch");
  ASSERT_EQ(bound.size(), 2u);
  EXPECT_EQ(bound[0].host, "192.0.2.10");
  EXPECT_TRUE(bound[1].is_over);
}

TEST_F(RegistrarTest, OfSeveralThereAreNoMoreThanThereMayBe) {
  trunk().settings.max_bindings = 2;
  adopt();
  Saying saying;
  saying.fields = "Contact: <sip:u1@192.0.2.9>;q=0.5, <sip:u1@192.0.2.9:5062>\r\n";
  EXPECT_EQ(say(saying).fields,
            "Contact: <sip:u1@192.0.2.9>;expires=3600;q=0.5\r\n"
            "Contact: <sip:u1@192.0.2.9:5062>;expires=3600\r\n");
  EXPECT_EQ(registrar.bound("branch")[0].target.port, 5062);  // the higher q
  saying.fields = "Contact: <sip:u1@192.0.2.9:5064>\r\n";
  EXPECT_EQ(say(saying).status_code, 403);
  saying.fields = "Contact: <sip:u1@192.0.2.9:5062>;expires=0, <sip:u1@192.0.2.9:5064>\r\n";
  EXPECT_EQ(say(saying).status_code, 200);
  EXPECT_EQ(live(), 2u);
}

TEST_F(RegistrarTest, EachAccountHasItsOwn) {
  EXPECT_EQ(say({}).status_code, 200);
  Saying other;
  other.user = "u2";
  other.password = "secret2";
  other.source = "192.0.2.10:5060";
  other.fields = "Contact: <sip:u2@192.0.2.10>\r\n";
  EXPECT_EQ(say(other).status_code, 200);
  EXPECT_EQ(live(), 2u);
}

TEST_F(RegistrarTest, AContactElsewhereIsRefusedUnlessItIsBehindNat) {
  Saying saying;
  saying.source = "192.0.2.9:31000";
  for (const std::string_view host : {"10.0.0.5", "192.0.2.10", "pbx.example"}) {
    saying.fields = "Contact: <sip:u1@" + std::string(host) + ":5070>\r\n";
    EXPECT_EQ(say(saying).status_code, 403) << host;
  }
  trunk().settings.is_behind_nat = true;
  adopt();
  EXPECT_EQ(say(saying).status_code, 200);
  const auto bound = registrar.bound("branch");
  ASSERT_EQ(bound.size(), 1u);
  EXPECT_EQ(bound[0].target, *contract::parse_endpoint("192.0.2.9:31000", 0));
  EXPECT_EQ(bound[0].host, "pbx.example");
  EXPECT_EQ(bound[0].port, 5070);
}

TEST_F(RegistrarTest, AConnectionIsTheWayBack) {
  trunk().transport = contract::Transport::tls;
  adopt();
  Saying saying;
  saying.source = "192.0.2.9:41234";
  saying.fields = "Contact: <sip:u1@192.0.2.9;transport=tls>\r\n";
  EXPECT_EQ(say(saying).status_code, 200);
  EXPECT_EQ(registrar.bound("branch")[0].target.port, 41234);
  EXPECT_EQ(registrar.bound("branch")[0].port, 5061);
}

TEST_F(RegistrarTest, APathLeadsCallsAndIsSaidAgainToWhoKnowsIt) {
  Saying saying;
  saying.fields =
      "Contact: <sip:u1@10.0.0.5>\r\nPath: <sip:192.0.2.9:5080;lr>, <sip:inner;lr>\r\n"
      "Supported: path\r\n";
  const Answer answer = say(saying);
  EXPECT_EQ(answer.status_code, 200);
  EXPECT_NE(answer.fields.find("Path: <sip:192.0.2.9:5080;lr>, <sip:inner;lr>\r\n"),
            std::string::npos);
  const auto bound = registrar.bound("branch");
  ASSERT_EQ(bound.size(), 1u);
  EXPECT_EQ(bound[0].route, "<sip:192.0.2.9:5080;lr>, <sip:inner;lr>");
  EXPECT_EQ(bound[0].target.port, 5080);
  EXPECT_EQ(bound[0].host, "10.0.0.5");
}

TEST_F(RegistrarTest, ExtensionsThatWeHaveNotAreNamed) {
  Saying saying;
  saying.fields = "Contact: <sip:u1@192.0.2.9>\r\nRequire: path, gin, x-new\r\n";
  const Answer answer = ask(text_of(saying, {}), saying.source);
  EXPECT_EQ(answer.status_code, 420);
  EXPECT_EQ(answer.fields, "Unsupported: gin, x-new\r\n");
}

TEST_F(RegistrarTest, AContactThatIsNoneGets400) {
  for (const std::string& contact : {std::string("<tel:+49>"), std::string("<sip:>"),
                                     "<sip:" + std::string(300, 'x') + "@192.0.2.9>"}) {
    Saying saying;
    saying.fields = "Contact: " + contact + "\r\n";
    EXPECT_EQ(ask(text_of(saying, {}), saying.source).status_code, 400) << contact;
  }
}

TEST_F(RegistrarTest, A200WaitsForTheDataplaneAndARefreshDoesNot) {
  Saying saying;
  const Answer challenge = ask(text_of(saying, {}), saying.source);
  is_published = false;
  const auto source = *contract::parse_endpoint(saying.source, 0);
  const std::string text = text_of(saying, credentials(saying, challenge));
  registrar.take({1, 0, branch, source, text}, times);
  EXPECT_TRUE(registrar.take_answers(times).empty());
  registrar.in_force(registrar.version(), times);
  const std::vector<Answer> answers = registrar.take_answers(times);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status_code, 200);
  EXPECT_EQ(say(saying).status_code, 200);  // unpublished
}

TEST_F(RegistrarTest, WithoutTheDataplaneItIsA503InTime) {
  Saying saying;
  const Answer challenge = ask(text_of(saying, {}), saying.source);
  const std::string text = text_of(saying, credentials(saying, challenge));
  registrar.take({1, 0, branch, *contract::parse_endpoint(saying.source, 0), text}, times);
  EXPECT_TRUE(registrar.take_answers(times).empty());
  times.now_ms += in_force_patience_ms;
  registrar.tick(times);
  const std::vector<Answer> answers = registrar.take_answers(times);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].status_code, 503);
  EXPECT_EQ(live(), 0u);
}

TEST_F(RegistrarTest, AnAccountThatLeftTakesItsBindingAlong) {
  EXPECT_EQ(say({}).status_code, 200);
  trunk().passwords.erase("u1");
  adopt();
  EXPECT_EQ(live(), 0u);
  EXPECT_EQ(say({}).status_code, 401);
}

TEST_F(RegistrarTest, ATrunkThatIsNotKnownIsA503) {
  plan.clear();
  adopt();
  EXPECT_EQ(say({}).status_code, 503);
}

TEST_F(RegistrarTest, GarbageGetsA400) {
  EXPECT_EQ(ask("REGISTER\r\n\r\n", "192.0.2.9:5060").status_code, 400);
  EXPECT_EQ(ask("", "192.0.2.9:5060").status_code, 400);
}

}  // namespace
}  // namespace demarc::registrar
