// Records, walks and the cache, without a network.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <random>

#include "controlplane/dns/cache.h"
#include "controlplane/dns/kept_choices.h"
#include "controlplane/dns/walk.h"
#include "controlplane/runtime/files.h"

namespace demarc::dns {
namespace {

using namespace std::literals;

contract::Endpoint endpoint(std::string_view text) {
  return *contract::parse_endpoint(text, 5060);
}

// DNS as a table: what is not in it is absent.
struct World {
  std::map<Key, Answer> answers;
  std::map<Key, Known> others;

  void add_a(const std::string& name, std::vector<std::string> addresses,
             RecordType type = RecordType::a) {
    for (const std::string& text : addresses) {
      answers[{name, type}].addresses.push_back(*contract::parse_address(text));
    }
  }
  void add_srv(const std::string& name, Srv srv) {
    answers[{name, RecordType::srv}].services.push_back(std::move(srv));
  }
  void add_naptr(const std::string& name, Naptr naptr) {
    answers[{name, RecordType::naptr}].pointers.push_back(std::move(naptr));
  }
  Walked ask(const Host& host) const {
    return walk(host, [&](const Key& key) -> Lookup {
      if (const auto other = others.find(key); other != others.end()) return {other->second};
      const auto found = answers.find(key);
      if (found == answers.end()) return {Known::absent};
      return {Known::present, &found->second};
    });
  }
  std::string choices(const Host& host) const {
    std::string text;
    for (const Choice& choice : ask(host).choices) {
      text += std::string(contract::print(choice.endpoint).view()) + " " +
              std::to_string(choice.priority) + "/" + std::to_string(choice.weight) + "; ";
    }
    return text;
  }
};

TEST(Walk, APortLeadsToAddressesAlone) {
  World world;
  world.add_a("sip.example", {"192.0.2.2", "192.0.2.1"});
  world.add_srv("_sip._udp.sip.example", {0, 0, 5080, "other.example"});
  EXPECT_EQ(world.choices({"sip.example", 5070, true}), "192.0.2.1:5070 0/0; 192.0.2.2:5070 0/0; ");
  EXPECT_EQ(world.ask({"sip.example", 5070, true}).asked.size(), 1u);
}

TEST(Walk, WithoutAPortNaptrLeadsToSrvOfOurTransport) {
  World world;
  world.add_naptr("example", {50, 50, "s", "SIPS+D2T", "", "_sips._tcp.example"});
  world.add_naptr("example", {90, 50, "s", "SIP+D2U", "", "_sip._udp.backup.example"});
  world.add_naptr("example", {90, 10, "s", "SIP+D2U", "", "_sip._udp.main.example"});
  world.add_srv("_sip._udp.main.example", {20, 1, 5062, "b.example"});
  world.add_srv("_sip._udp.main.example", {10, 7, 5061, "a.example"});
  world.add_srv("_sip._udp.backup.example", {10, 0, 5060, "c.example"});
  world.add_a("a.example", {"192.0.2.1"});
  world.add_a("b.example", {"192.0.2.2"});
  world.add_a("c.example", {"192.0.2.3"});
  EXPECT_EQ(world.choices({"example", 0, true}),
            "192.0.2.1:5061 0/7; 192.0.2.2:5062 1/1; 192.0.2.3:5060 2/0; ");
}

TEST(Walk, WithoutNaptrSrvIsAskedAndWithoutSrvAddresses) {
  World world;
  world.add_a("example", {"192.0.2.9"});
  EXPECT_EQ(world.choices({"example", 0, true}), "192.0.2.9:5060 0/0; ");
  world.add_srv("_sip._udp.example", {1, 2, 5065, "a.example"});
  world.add_a("a.example", {"192.0.2.1"});
  EXPECT_EQ(world.choices({"example", 0, true}), "192.0.2.1:5065 0/2; ");
}

TEST(Walk, NaptrOfOtherTransportsAndWithExpressionsIsPassedOver) {
  World world;
  world.add_a("example", {"192.0.2.9"});
  world.add_naptr("example", {1, 1, "s", "SIP+D2T", "", "_sip._tcp.example"});
  world.add_naptr("example", {1, 1, "u", "SIP+D2U", "!.*!sip:x@y!", ""});
  EXPECT_EQ(world.choices({"example", 0, true}), "192.0.2.9:5060 0/0; ");
}

TEST(Walk, AsksForTheTransportOfTheTrunk) {
  World world;
  world.add_naptr("example", {1, 1, "s", "SIP+D2U", "", "_sip._udp.example"});
  world.add_naptr("example", {2, 1, "s", "SIPS+D2T", "", "_sips._tcp.example"});
  world.add_srv("_sips._tcp.example", {0, 0, 5071, "a.example"});
  world.add_srv("_sip._tcp.example", {0, 0, 5070, "a.example"});
  world.add_a("a.example", {"192.0.2.1"});
  world.add_a("bare.example", {"192.0.2.2"});
  EXPECT_EQ(world.choices({"example", 0, true, Service::tls}), "192.0.2.1:5071 0/0; ");
  EXPECT_EQ(world.choices({"example", 0, true, Service::tcp}), "192.0.2.1:5070 0/0; ");
  EXPECT_EQ(world.choices({"bare.example", 0, true, Service::tls}), "192.0.2.2:5061 0/0; ");
}

TEST(Walk, ADotSaysThatThereIsNoService) {
  World world;
  world.add_a("example", {"192.0.2.9"});
  world.add_srv("_sip._udp.example", {0, 0, 0, ""});
  const Walked walked = world.ask({"example", 0, true});
  EXPECT_TRUE(walked.is_complete);
  EXPECT_TRUE(walked.choices.empty());
}

TEST(Walk, AsksForTheFamilyOfTheRealm) {
  World world;
  world.add_a("example", {"192.0.2.9"});
  world.add_a("example", {"2001:db8::9"}, RecordType::aaaa);
  EXPECT_EQ(world.choices({"example", 5060, false}), "[2001:db8::9]:5060 0/0; ");
}

TEST(Walk, StopsWhereAnAnswerIsMissingAndSaysSo) {
  World world;
  world.others[{"example", RecordType::naptr}] = Known::nothing;
  Walked walked = world.ask({"example", 0, true});
  EXPECT_FALSE(walked.is_complete);
  ASSERT_EQ(walked.asked.size(), 1u);
  EXPECT_EQ(walked.asked[0].type, RecordType::naptr);
  world.others = {{{"_sip._udp.example", RecordType::srv}, Known::nothing}};
  walked = world.ask({"example", 0, true});
  EXPECT_FALSE(walked.is_complete);
  EXPECT_EQ(walked.asked.back().name, "_sip._udp.example");
}

TEST(Walk, OneSilentNameCostsNoOther) {
  World world;
  world.add_srv("_sip._udp.example", {1, 0, 5060, "a.example"});
  world.add_srv("_sip._udp.example", {2, 0, 5060, "b.example"});
  world.others[{"a.example", RecordType::a}] = Known::failed;
  world.add_a("b.example", {"192.0.2.2"});
  const Walked walked = world.ask({"example", 0, true});
  EXPECT_TRUE(walked.is_complete);
  EXPECT_TRUE(walked.has_failed);
  ASSERT_EQ(walked.choices.size(), 1u);
  EXPECT_EQ(walked.choices[0].endpoint, endpoint("192.0.2.2"));
}

TEST(Walk, GivesEachAddressOnceAndNoMoreThanFit) {
  World world;
  world.add_srv("_sip._udp.example", {1, 0, 5060, "a.example"});
  world.add_srv("_sip._udp.example", {2, 0, 5060, "a.example"});
  for (int i = 1; i <= 30; ++i) world.add_a("a.example", {"192.0.2." + std::to_string(i)});
  EXPECT_EQ(world.ask({"example", 0, true}).choices.size(), max_choices);
}

TEST(Record, ReadsWhatServersSend) {
  const std::string_view a[] = {"\xc0\x00\x02\x01"sv};
  EXPECT_EQ(read_answer(RecordType::a, a).addresses.size(), 1u);
  const std::string srv = "\0\x0a\0\x05\x13\xc4\x01"s + "A\x07" + "example\0"s;
  const std::string_view services[] = {srv};
  const Answer answer = read_answer(RecordType::srv, services);
  ASSERT_EQ(answer.services.size(), 1u);
  EXPECT_EQ(answer.services[0].priority, 10);
  EXPECT_EQ(answer.services[0].weight, 5);
  EXPECT_EQ(answer.services[0].port, 5060);
  EXPECT_EQ(answer.services[0].target, "a.example");
  const std::string naptr = "\0\x01\0\x02\x01S\x07sip+d2u\0\x04_sip\x04_udp\x01x\0"s;
  const std::string_view pointers[] = {naptr};
  const Answer pointer = read_answer(RecordType::naptr, pointers);
  ASSERT_EQ(pointer.pointers.size(), 1u);
  EXPECT_EQ(pointer.pointers[0].flags, "s");
  EXPECT_EQ(pointer.pointers[0].service, "SIP+D2U");
  EXPECT_EQ(pointer.pointers[0].replacement, "_sip._udp.x");
}

TEST(Record, CountsWhatCanNotBeRead) {
  const std::string_view addresses[] = {"\x7f\0\0\x01"sv, "\xe0\0\0\x01"sv, "\x01\x02\x03"sv, ""sv,
                                        "\0\0\0\0"sv};
  EXPECT_EQ(read_answer(RecordType::a, addresses).malformed, 5u);
  const std::string_view services[] = {"\0\x0a\0\x05\x13\xc4"sv,  // no name
                                       "\0\x0a\0\x05\x13\xc4\x05"
                                       "ab\0"sv,  // cut label
                                       "\0\x0a\0\x05\0\0\x01"
                                       "a\0"sv,                           // port 0
                                       "\0\x0a\0\x05\x13\xc4\xc0\x0c"sv,  // compressed
                                       "\0\x0a\0\x05\x13\xc4\x01\r\0"sv,  // no host
                                       "\0\x0a\0\x05\x13\xc4\x01"
                                       "a\0b"sv};
  const Answer answer = read_answer(RecordType::srv, services);
  EXPECT_EQ(answer.malformed, 6u);
  EXPECT_TRUE(answer.empty());
}

TEST(Record, AnyOctetsAreReadOrCounted) {
  std::mt19937 random(7);
  const std::string seeds[] = {
      "\0\x0a\0\x05\x13\xc4\x01"
      "a\x07"
      "example\0"s,
      "\0\x01\0\x02\x01S\x07sip+d2u\0\x04_sip\x04_udp\x01x\0"s, "\xc0\x00\x02\x01"s};
  for (int round = 0; round < 30'000; ++round) {
    std::string octets = seeds[random() % 3];
    for (unsigned i = random() % 4; i != 0 && !octets.empty(); --i) {
      octets[random() % octets.size()] = static_cast<char>(random());
    }
    octets.resize(random() % 3 == 0 ? random() % (octets.size() + 1) : octets.size());
    // In memory of exactly its size, so that asan sees a step beyond it.
    const std::vector<char> exact(octets.begin(), octets.end());
    const std::string_view rdata[] = {{exact.data(), exact.size()}};
    for (const RecordType type :
         {RecordType::a, RecordType::aaaa, RecordType::srv, RecordType::naptr}) {
      const Answer answer = read_answer(type, rdata);
      EXPECT_EQ(answer.empty(), answer.malformed == 1);
      for (const Srv& srv : answer.services) EXPECT_LT(srv.target.size(), 256u);
    }
  }
}

Outcome present(std::string_view address, uint64_t ttl_ms) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::present;
  outcome.answer.addresses = {*contract::parse_address(address)};
  outcome.ttl_ms = ttl_ms;
  return outcome;
}
Outcome failed() {
  Outcome outcome;
  outcome.error = "timeout";
  return outcome;
}

const Key key{"a.example", RecordType::a};

TEST(Cache, AsksOnceAndAgainWhenTheTimeIsOver) {
  Cache cache;
  EXPECT_EQ(cache.lookup(key, 0).known, Known::nothing);
  EXPECT_EQ(cache.take_due(0).size(), 1u);
  EXPECT_TRUE(cache.take_due(0).empty());
  EXPECT_TRUE(cache.store(key, present("192.0.2.1", 30'000), 100));
  EXPECT_TRUE(cache.take_due(30'099).empty());
  EXPECT_EQ(cache.next_due_ms(200), 30'100u);
  EXPECT_EQ(cache.take_due(30'100).size(), 1u);
  EXPECT_FALSE(cache.store(key, present("192.0.2.1", 30'000), 30'200));
  EXPECT_TRUE(cache.take_due(40'000).empty());
}

TEST(Cache, KeepsAnAnswerWhileServersAreSilent) {
  Cache cache;
  cache.lookup(key, 0);
  cache.take_due(0);
  cache.store(key, present("192.0.2.1", 30'000), 0);
  cache.take_due(30'000);
  EXPECT_FALSE(cache.store(key, failed(), 35'000));
  EXPECT_EQ(cache.lookup(key, 35'000).known, Known::present);
  EXPECT_TRUE(cache.rows(35'000)[0].is_stale);
  EXPECT_EQ(cache.rows(35'000)[0].last_error, "timeout");
  EXPECT_TRUE(cache.take_due(36'999).empty());
  EXPECT_EQ(cache.take_due(37'000).size(), 1u);
  EXPECT_FALSE(cache.store(key, failed(), 37'000));
  EXPECT_TRUE(cache.take_due(40'999).empty());
  EXPECT_EQ(cache.take_due(41'000).size(), 1u);
  // An answer of a week ago is none.
  EXPECT_TRUE(cache.store(key, failed(), max_stale_ms + 1));
  EXPECT_EQ(cache.lookup(key, max_stale_ms + 1).known, Known::failed);
}

TEST(Cache, RemembersThatThereIsNothing) {
  Cache cache;
  cache.lookup(key, 0);
  cache.take_due(0);
  Outcome outcome;
  outcome.kind = Outcome::Kind::absent;
  outcome.ttl_ms = 90'000;
  EXPECT_TRUE(cache.store(key, outcome, 0));
  EXPECT_EQ(cache.lookup(key, 1).known, Known::absent);
  EXPECT_TRUE(cache.take_due(89'999).empty());
  EXPECT_EQ(cache.take_due(90'000).size(), 1u);
}

TEST(Cache, BoundsTheTimesThatServersGive) {
  Cache cache;
  cache.lookup(key, 0);
  cache.take_due(0);
  cache.store(key, present("192.0.2.1", 0), 0);
  EXPECT_TRUE(cache.take_due(min_ttl_ms - 1).empty());
  EXPECT_EQ(cache.take_due(min_ttl_ms).size(), 1u);
  cache.store(key, present("192.0.2.1", UINT64_MAX / 2), 0);
  EXPECT_LE(cache.next_due_ms(0), max_ttl_ms);
}

TEST(Cache, ForgetsWhatNobodyUses) {
  Cache cache;
  cache.lookup(key, 0);
  cache.take_due(0);
  cache.store(key, present("192.0.2.1", max_ttl_ms), 0);
  EXPECT_TRUE(cache.take_due(unused_ms + 1).empty());
  EXPECT_TRUE(cache.rows(unused_ms + 1).empty());
  EXPECT_FALSE(cache.store(key, present("192.0.2.1", 5), unused_ms + 2));
}

TEST(KeptChoices, SurviveARestartAndAFileThatIsNone) {
  const std::string path = testing::TempDir() + "kept-" + std::to_string(::getpid()) + ".json";
  const Host host{"sip.example", 0, true};
  {
    KeptChoices kept(path);
    kept.note(host, {{endpoint("192.0.2.1:5061"), 1, 7}, {endpoint("192.0.2.2"), 2, 0}});
    kept.save();
  }
  const KeptChoices kept(path);
  ASSERT_EQ(kept.of(host).size(), 2u);
  EXPECT_EQ(kept.of(host)[0], (Choice{endpoint("192.0.2.1:5061"), 1, 7}));
  EXPECT_TRUE(kept.of({"sip.example", 0, false}).empty());
  for (const char* text : {"", "[1]", "{\"sip.example:0/4\":[{\"address\":\"127.0.0.1:1\"}]}",
                           "{\"sip.example:0/4\":3}"}) {
    runtime::replace_file(path, text);
    EXPECT_TRUE(KeptChoices(path).of(host).empty()) << text;
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace demarc::dns
