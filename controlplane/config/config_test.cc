#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "controlplane/config/load.h"
#include "controlplane/config/value.h"

namespace demarc::config {
namespace {

constexpr std::string_view good = R"([port.wan]
device = "af_packet:veth0"
[port.lan]
device = "af_packet:veth1"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.acme]
realm = "outside"
peer = "198.51.100.20"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20:5070"
[[route]]
from = "pbx"
to = "acme"
[[route]]
from = "acme"
to = "pbx"
)";

// `good` with one piece replaced.
std::string with(std::string_view from, std::string_view to) {
  std::string text(good);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// The one problem of `text`, as the user sees it.
std::string only_problem(std::string_view text) {
  const std::vector<std::string> texts = texts_of(load_text(text), "f");
  EXPECT_EQ(texts.size(), 1u) << testing::PrintToString(texts);
  return texts.empty() ? "" : texts.front();
}

void expect_problem(std::string_view text, std::string_view begin) {
  const std::string problem = only_problem(text);
  EXPECT_EQ(problem.substr(0, begin.size()), begin) << problem;
  EXPECT_FALSE(load_text(text).is_good);
}

TEST(Load, TakesAMinimalConfigurationWithItsDefaults) {
  const Loaded loaded = load_text(good);
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  EXPECT_TRUE(loaded.problems.empty());
  const Config& config = loaded.config;
  EXPECT_EQ(config.platform.workers, 1);
  EXPECT_EQ(config.platform.record_ring, 8192u);
  EXPECT_EQ(find_block(config.ports, "wan")->twin, "dm-wan");
  const Realm& realm = *find_block(config.realms, "outside");
  EXPECT_EQ(realm.advertise, realm.address);
  EXPECT_EQ(realm.media, std::vector{realm.address});
  EXPECT_EQ(realm.advertise_media, realm.media);
  EXPECT_EQ(realm.media_ports.low, 16384);
  EXPECT_EQ(realm.media_ports.high, 32767);
  const Trunk& trunk = *find_block(config.trunks, "pbx");
  EXPECT_EQ(trunk.peer_host, "10.0.0.20");
  ASSERT_EQ(trunk.peers.size(), 1u);
  EXPECT_EQ(trunk.peers[0].endpoint.port, 5070);
  EXPECT_EQ(trunk.port, 5060);
  EXPECT_EQ(config.routes[0].from, "pbx");
  EXPECT_EQ(config.routes[0].origin.block.line, 17u);
}

TEST(Load, AdvertisedAddressServesMediaTooUnlessSaidOtherwise) {
  const Loaded nat = load_text(with("address = \"198.51.100.10\"",
                                    "address = \"198.51.100.10\"\nadvertise = \"203.0.113.5\"\n"
                                    "media = [\"198.51.100.11\", \"198.51.100.12\"]"));
  ASSERT_TRUE(nat.is_good) << testing::PrintToString(texts_of(nat, "f"));
  const Realm& realm = *find_block(nat.config.realms, "outside");
  ASSERT_EQ(realm.advertise_media.size(), 2u);
  EXPECT_EQ(realm.advertise_media[0], realm.advertise);
  EXPECT_EQ(realm.advertise_media[1], realm.advertise);
}

TEST(Load, RoundsTheRecordRingUp) {
  const Loaded loaded = load_text("[platform]\nrecord_ring = 1000\n" + std::string(good));
  ASSERT_TRUE(loaded.is_good);
  EXPECT_EQ(loaded.config.platform.record_ring, 1024u);
}

TEST(Load, ReportsEveryMistakeAtOnceInTheOrderOfTheFile) {
  const std::vector<std::string> texts = texts_of(load_text(R"([platform]
wrkers = 2
workers = 99
[port.wan]
device = 5
[realm.outside]
port = "wna"
address = "198.51.100.300"
[trunk.acme]
realm = "outside"
peer = "198.51.100.20"
t2_ms = 1
[[route]]
from = "acme"
)"),
                                                  "demarc.toml");
  const std::vector<std::string> expected = {
      "demarc.toml:2:1: unknown field \"wrkers\" in a platform block, did you mean \"workers\"?",
      "demarc.toml:3:11: workers: 99 is outside 1 to 64",
      "demarc.toml:5:10: device: expected a string, got an integer",
      "demarc.toml:7:8: port: there is no [port.wna], did you mean \"wan\"?",
      "demarc.toml:8:11: address: \"198.51.100.300\" is not an IP address",
      "demarc.toml:12:9: t2_ms: 1 ms is less than t1_ms, 500 ms",
      "demarc.toml:13:1: field \"to\" is missing: The trunk or group that is called; of several, "
      "the next one when a call failed at those before it."};
  EXPECT_EQ(texts, expected);
}

TEST(Load, GoesOnAfterWrongSyntax) {
  const std::vector<std::string> texts =
      texts_of(load_text(with("peer = \"198.51.100.20\"", "peer = 198.51.100.20") +
                         "[[route]]\nfrom = \"pbx\"\nto = acme\nstrip = 99\n"),
               "f");
  ASSERT_EQ(texts.size(), 4u) << testing::PrintToString(texts);
  EXPECT_TRUE(texts[0].starts_with("f:13:")) << texts[0];
  EXPECT_NE(texts[0].find("syntax"), std::string::npos);
  // The block that lost its line still stands in the same place as another one.
  EXPECT_TRUE(texts[1].starts_with("f:23:1: another route")) << texts[1];
  EXPECT_TRUE(texts[2].starts_with("f:25:")) << texts[2];
  EXPECT_EQ(texts[3], "f:26:9: strip: 99 is outside 0 to 32 digits");
}

TEST(Load, ABrokenHeaderTakesItsBlockAlong) {
  expect_problem(with("[trunk.acme]", "[trunk.acme"), "f:11:12: syntax:");
}

TEST(Load, NamesAFileThatIsNotThere) {
  const Loaded loaded = load_file("/nonexistent/demarc.toml");
  EXPECT_FALSE(loaded.is_good);
  EXPECT_EQ(texts_of(loaded, "x.toml"), std::vector<std::string>{"x.toml: no such file"});
  EXPECT_FALSE(load_file("/").is_good);
}

TEST(Load, WarnsOfATrunkWithoutRoutesAndTakesItAllTheSame) {
  const Loaded loaded = load_text(with("from = \"acme\"", "from = \"pbx\"\nprefix = \"00\""));
  EXPECT_TRUE(loaded.is_good);
  EXPECT_EQ(texts_of(loaded, "f"),
            std::vector<std::string>{
                "f:11:8: warning: no [[route]] is from \"acme\": its calls are refused"});
}

TEST(Tree, RefusesUnknownBlocks) {
  expect_problem("[trnk.x]\nrealm = \"a\"\n" + std::string(good),
                 "f:1:2: unknown block [trnk], did you mean \"trunk\"?");
  expect_problem("stray = 1\n" + std::string(good), "f:1:1: field \"stray\" stands in no block");
}

TEST(Tree, RefusesBlocksOfTheWrongForm) {
  expect_problem("platform = 3\n" + std::string(good), "f:1:1: expected [platform], got");
  expect_problem("port.x = 3\n" + std::string(good), "f:1:6: \"x\" stands in no block");
  std::string text = with("[[route]]\nfrom = \"acme\"\nto = \"pbx\"\n", "");
  text = text.replace(text.find("[[route]]"), 9, "[route]");
  const Loaded loaded = load_text(text);
  ASSERT_FALSE(loaded.is_good);
  EXPECT_EQ(text_of(loaded.problems.back(), "f"), "f:17:2: expected [[route]], got a table");
}

TEST(Tree, RefusesNamesThatRecordsCanNotHold) {
  expect_problem(std::string(good) + "[port.\"a b\"]\ndevice = \"x\"\ntwin = \"t\"\n",
                 "f:23:7: a name is");
  expect_problem(
      std::string(good) + "[port." + std::string(63, 'a') + "]\ndevice = \"x\"\ntwin = \"t\"\n",
      "f:23:7: a name is");
}

TEST(Tree, RefusesWrongTypes) {
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nport = \"5060\""),
                 "f:12:8: port: expected an integer, got a string");
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nport = 1.5"),
                 "f:12:8: port: expected an integer, got a number with a fraction");
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nsources = [1]"),
                 "f:12:12: sources: expected an IP address in quotes, got an integer");
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nsources = []"),
                 "f:12:11: sources: an empty array");
  expect_problem(with("[trunk.acme]", "[trunk.acme]\ntenant = 2024-01-01"),
                 "f:12:10: tenant: expected a string, got a date or time");
  expect_problem(
      with("\"198.51.100.20\"", "5"),
      "f:13:8: peer: expected an IP address with an optional port in quotes, or an array");
  expect_problem(with("\"10.0.0.10\"", "[\"10.0.0.10\"]"),
                 "f:10:11: address: expected an IP address in quotes, got an array");
}

TEST(Value, RefusesWhatIsOutsideItsRange) {
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nport = 0"), "f:12:8: port: 0 is outside 1 to");
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nport = 65536"), "f:12:8: port: 65536");
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nport = -1"), "f:12:8: port: -1 is outside");
  expect_problem(with("af_packet:veth0", ""), "f:2:10: device: must not be empty");
  expect_problem(with("af_packet:veth0", std::string(256, 'x')), "f:2:10: device: is longer than");
  expect_problem(with("af_packet:veth0", "a\\nb"), "f:2:10: device: must not hold control");
  expect_problem("[platform]\nidle = \"slep\"\n" + std::string(good),
                 "f:2:8: idle: \"slep\" is none of \"spin\", \"sleep\", did you mean \"sleep\"?");
}

TEST(Value, TakesPeersByName) {
  const Loaded loaded = load_text(with("198.51.100.20\"", "SIP.acme.example\""));
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const Trunk& trunk = *find_block(loaded.config.trunks, "acme");
  EXPECT_EQ(trunk.peer_host, "sip.acme.example");
  EXPECT_TRUE(trunk.peers[0].is_name());
  EXPECT_FALSE(trunk.peers[0].has_port);
  EXPECT_EQ(trunk.target_rows(), 16u);
  const Loaded with_port = load_text(with("198.51.100.20\"", "sip.acme.example:5061\""));
  ASSERT_TRUE(with_port.is_good);
  EXPECT_EQ(find_block(with_port.config.trunks, "acme")->peers[0].endpoint.port, 5061);
}

TEST(Value, RefusesPeersThatAreNoAddress) {
  expect_problem(with("198.51.100.20\"", "sip.acme.example:0\""),
                 "f:13:8: peer: \"0\" is not a port");
  expect_problem(with("198.51.100.20\"", "sip..example\""),
                 "f:13:8: peer: \"sip..example\" is not an IP address");
  expect_problem(with("198.51.100.20\"", "-sip.example\""),
                 "f:13:8: peer: \"-sip.example\" is not an IP address");
  expect_problem(with("198.51.100.20\"", "198.51.100.20:0\""), "f:13:8: peer: \"0\" is not a port");
  expect_problem(with("198.51.100.20\"", "1.2.3\""),
                 "f:13:8: peer: \"1.2.3\" is not an IP address");
  expect_problem(with("198.51.100.20\"", "\""), "f:13:8: peer: \"\" is not an IP address");
}

// One trunk with these lines more.
std::string account(std::string_view lines) {
  return with("[trunk.acme]", "[trunk.acme]\n" + std::string(lines));
}

TEST(Account, TakesARegistration) {
  const Loaded loaded = load_text(
      account("register = true\nuser = \"u1\"\npassword = \"p\"\naor = \"sip:u1@acme.example\"\n"));
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const Account& taken = find_block(loaded.config.trunks, "acme")->account;
  EXPECT_TRUE(taken.is_registered);
  EXPECT_EQ(taken.aor, "sip:u1@acme.example");
  EXPECT_EQ(taken.expires_s, 3600u);
}

TEST(Account, RefusesWhatIsNotWhole) {
  expect_problem(account("register = true"), "f:12:12: register: needs user and password");
  expect_problem(account("register = true\nuser = \"u\""), "f:12:12: register: needs user and");
  expect_problem(account("password = \"p\""), "f:12:12: password: there is no user");
  EXPECT_NE(only_problem(account("register_numbers = true")).find("says nothing without register"),
            std::string::npos);
  expect_problem(account("user = \"a b\""), "f:12:8: user: \"a b\" can not be the user part");
  expect_problem(account("user = \"a@b\""), "f:12:8: user: \"a@b\" can not be the user part");
  for (const char* aor : {"u@x", "sip:x", "sip:@x", "sip:u@", "sip:u@x>y", "sips:u@x"}) {
    expect_problem(account("aor = \"" + std::string(aor) + "\""),
                   "f:12:7: aor: \"" + std::string(aor) + "\" is not like");
  }
  expect_problem(account("expires_s = 59"), "f:12:13: expires_s: 59 is outside");
  expect_problem(account("probe_failures = 0"), "f:12:18: probe_failures: 0 is outside");
}

TEST(Account, NoMistakeShowsAPassword) {
  const std::string secret(200, 'S');
  const Loaded loaded = load_text(account("password = \"" + secret + "\""));
  for (const std::string& text : texts_of(loaded, "f")) {
    EXPECT_EQ(text.find("SSSS"), std::string::npos) << text;
  }
}

TEST(Value, RefusesPortRangesThatSplitAPair) {
  const auto range = [](std::string_view text) {
    return with("address = \"198.51.100.10\"",
                "address = \"198.51.100.10\"\nmedia_ports = \"" + std::string(text) + "\"");
  };
  EXPECT_TRUE(load_text(range("20000-20999")).is_good);
  expect_problem(range("20001-20999"), "f:8:15: media_ports: the low port must be even");
  expect_problem(range("20000-20998"), "f:8:15: media_ports: the high port must be odd");
  expect_problem(range("20999-20000"), "f:8:15: media_ports: the low port must be below");
  expect_problem(range("1000-2001"), "f:8:15: media_ports: the low port must be at least 1024");
  expect_problem(range("20000"), "f:8:15: media_ports: \"20000\" is not a range");
  expect_problem(range("20000-70001"), "f:8:15: media_ports: \"20000-70001\" is not a range");
}

TEST(Prefix, IsReadInTheIpv4MappedForm) {
  EXPECT_EQ(parse_prefix("192.0.2.16/28").length, 124);
  EXPECT_EQ(parse_prefix("192.0.2.1").length, 128);
  EXPECT_EQ(parse_prefix("2001:db8::/32").length, 32);
  EXPECT_EQ(parse_prefix("0.0.0.0/0").length, 96);
  EXPECT_THROW(parse_prefix("192.0.2.0/33"), ValueError);
  EXPECT_THROW(parse_prefix("192.0.2.0/"), ValueError);
  EXPECT_THROW(parse_prefix("/8"), ValueError);
  try {
    parse_prefix("192.0.2.17/28");
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("\"192.0.2.16/28\""), std::string::npos);
  }
}

TEST(Check, RefusesReferencesToNothing) {
  expect_problem(with("port = \"wan\"", "port = \"wam\""),
                 "f:6:8: port: there is no [port.wam], did you mean \"wan\"?");
  expect_problem(with("realm = \"inside\"", "realm = \"insid\""),
                 "f:15:9: realm: there is no [realm.insid], did you mean \"inside\"?");
  expect_problem(with("to = \"acme\"", "to = \"acne\""),
                 "f:19:6: to: there is no [trunk.acne], did you mean \"acme\"?");
}

TEST(Check, RefusesWhatIsTakenTwice) {
  expect_problem(with("af_packet:veth1", "af_packet:veth0"), "f:2:10: device: \"af_packet:veth0\"");
  expect_problem(with("device = \"af_packet:veth1\"", "device = \"x\"\ntwin = \"dm-wan\""),
                 "f:1:7: twin: \"dm-wan\" is another port's already");
  expect_problem(
      with("address = \"10.0.0.10\"", "address = \"10.0.0.10\"\nmedia = \"198.51.100.10\""),
      "f:7:11: address: 198.51.100.10 is an address of realm \"inside\" already");
  expect_problem(with("address = \"10.0.0.10\"",
                      "address = \"10.0.0.10\"\nmedia = [\"10.0.0.11\", \"10.0.0.11\"]"),
                 "f:11:9: media: 10.0.0.11 stands twice");
}

TEST(Check, RefusesSourcesThatDoNotTellTrunksApart) {
  const std::string two = std::string(good) + "[trunk.other]\nrealm = \"outside\"\npeer = \"";
  const std::string route = "\"\n[[route]]\nfrom = \"other\"\nto = \"pbx\"\n";
  expect_problem(two + "198.51.100.20:5080" + route,
                 "f:25:8: peer: 198.51.100.20 is a source of trunk \"acme\" already");
  EXPECT_TRUE(load_text(two + "198.51.100.20\"\nport = 5061" + route.substr(1)).is_good);
  EXPECT_TRUE(load_text(two + "198.51.100.21\"\nsources = \"198.51.100.0/24" + route).is_good)
      << "a shorter prefix is told apart";
  expect_problem(two + "198.51.100.21\"\nsources = \"198.51.100.20" + route,
                 "f:26:11: sources: 198.51.100.20 is a source of trunk \"acme\" already");
}

TEST(Check, RefusesSignallingPortsAmongMediaPorts) {
  expect_problem(with("[trunk.acme]", "[trunk.acme]\nport = 20000"),
                 "f:12:8: port: 20000 lies in the media_ports of realm \"outside\", 16384-32767");
  EXPECT_TRUE(load_text(with("[trunk.acme]", "[trunk.acme]\nport = 33000")).is_good);
}

TEST(Check, RefusesAddressesThatCanNotBeUsed) {
  expect_problem(with("198.51.100.20\"", "224.0.0.1\""), "f:13:8: peer: 224.0.0.1 is not an");
  expect_problem(with("198.51.100.20\"", "2001:db8::1\""), "f:13:8: peer: 2001:db8::1 and");
  expect_problem(with("198.51.100.20\"", "10.0.0.10\""), "f:13:8: peer: 10.0.0.10 is our own");
  expect_problem(with("address = \"198.51.100.10\"",
                      "address = \"127.0.0.1\"\nadvertise = "
                      "\"198.51.100.10\""),
                 "f:7:11: address: 127.0.0.1 is not an address");
  expect_problem(with("address = \"198.51.100.10\"",
                      "address = \"198.51.100.10\"\nadvertise_media = [\"1.2.3.4\", \"1.2.3.5\"]"),
                 "f:8:19: advertise_media: 2 addresses for 1 in media");
  expect_problem(with("address = \"198.51.100.10\"",
                      "address = \"198.51.100.10\"\nmedia = \"198.51.100.0/30\""),
                 "f:8:9: media: expected addresses, got a network");
}

TEST(Check, RefusesAPeerThatIsOneOfOurMediaAddresses) {
  std::string text = with("address = \"10.0.0.10\"",
                          "address = \"10.0.0.10\"\nmedia = [\"10.0.0.11\", \"10.0.0.12\"]");
  text.replace(text.find("10.0.0.20"), 9, "10.0.0.12");
  expect_problem(text, "f:17:8: peer: 10.0.0.12 is our own address in realm \"inside\"");
}

TEST(Check, ComparesTheIpVersionOfEveryAdvertisedMediaAddress) {
  const auto realm = [](std::string_view fields) {
    return with("address = \"198.51.100.10\"",
                "address = \"198.51.100.10\"\n" + std::string(fields));
  };
  expect_problem(realm("media = \"2001:db8::11\"\nadvertise = \"203.0.113.5\"\n"
                       "advertise_media = \"203.0.113.5\""),
                 "f:10:19: advertise_media: 203.0.113.5 and 2001:db8::11 are of different");
  expect_problem(realm("media = \"198.51.100.11\"\nadvertise_media = \"2001:db8::5\""),
                 "f:9:19: advertise_media: 2001:db8::5 and 198.51.100.11 are of different");
  expect_problem(realm("advertise = \"2001:db8::5\""),
                 "f:8:13: advertise: 2001:db8::5 and 198.51.100.10 are of different");
}

TEST(Check, RefusesMorePortsThanTheDataplaneHas) {
  const auto ports = [](unsigned count) {
    std::string text(good);
    for (unsigned i = 2; i < count; ++i) {
      text += "[port.p" + std::to_string(i) + "]\ndevice = \"d" + std::to_string(i) + "\"\n";
    }
    return text;
  };
  EXPECT_TRUE(load_text(ports(8)).is_good);
  const Loaded nine = load_text(ports(9));
  EXPECT_FALSE(nine.is_good);
  EXPECT_NE(only_problem(ports(9)).find("9 [port.NAME] blocks, the limit is 8"), std::string::npos);
}

TEST(Check, RefusesMoreAddressesThanTheDataplaneHas) {
  // One for signalling here, one in the other realm.
  const auto realm = [](unsigned media) {
    std::string list;
    for (unsigned i = 0; i < media; ++i) {
      list += (i == 0 ? "\"10.1." : ", \"10.1.") + std::to_string(i / 200) + "." +
              std::to_string(i % 200 + 1) + "\"";
    }
    return "[platform]\nmedia_addresses = 512\n" +
           with("address = \"10.0.0.10\"", "address = \"10.0.0.10\"\nmedia = [" + list + "]");
  };
  EXPECT_TRUE(load_text(realm(510)).is_good);
  expect_problem(realm(511), "f: 513 addresses in all realms, the limit is 512");
}

TEST(Check, TakesRangesOfCpus) {
  const auto platform = [](std::string_view fields) {
    return "[platform]\n" + std::string(fields) + "\n" + std::string(good);
  };
  EXPECT_TRUE(load_text(platform("workers = 4\ncores = \"2-5\"")).is_good);
  EXPECT_TRUE(load_text(platform("workers = 3\ncores = \"2-3, 8\"")).is_good);
  expect_problem(platform("workers = 5\ncores = \"2-5\""),
                 "f:3:9: cores: 5 workers need as many CPUs, 4 named");
  expect_problem(platform("cores = \"5-2\""), "f:2:9: cores: \"5-2\" is not a list");
  expect_problem(platform("cores = \"2-\""), "f:2:9: cores: \"2-\" is not a list");
  expect_problem(platform("cores = \"2-1024\""), "f:2:9: cores: \"2-1024\" is not a list");
  expect_problem(platform("cores = \"2-4,3\""), "f:2:9: cores: CPU 3 is named twice");
}

TEST(Check, RefusesRoutesThatCanNotBeChosen) {
  expect_problem(std::string(good) + "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\n",
                 "f:23:1: another route from \"pbx\" has the same prefix \"\"");
  expect_problem(std::string(good) + "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefix = \"0a\"\n",
                 "f:26:10: prefix: \"0a\" may hold digits");
  expect_problem(with("to = \"acme\"", "to = \"acme\"\nadd = \"<\""),
                 "f:20:7: add: \"<\" may hold digits");
}

TEST(Check, RefusesAPlatformThatDoesNotFit) {
  const auto platform = [](std::string_view field) {
    return "[platform]\n" + std::string(field) + "\n" + std::string(good);
  };
  expect_problem(platform("trunk_capacity = 1"), "f:2:18: trunk_capacity: 2 trunks do not fit 1");
  expect_problem(platform("target_capacity = 1"), "f:2:19: target_capacity: 2 targets do not fit");
  expect_problem(platform("media_addresses = 1"),
                 "f:2:19: media_addresses: 2 addresses do not fit 1");
  expect_problem(platform("cores = \"2;3\""), "f:2:9: cores: \"2;3\" is not a list");
  expect_problem(platform("cores = \"2,\""), "f:2:9: cores: \"2,\" is not a list");
  expect_problem(platform("cores = \"2,2\""), "f:2:9: cores: CPU 2 is named twice");
  expect_problem(platform("workers = 2\ncores = \"2\""), "f:3:9: cores: 2 workers need as many");
  EXPECT_EQ(text_of(load_text("").problems.front(), "f"), "f: there is no [port.NAME] block");
}

// Whatever stands in the file, loading ends with an answer.
TEST(Load, SurvivesMutatedFiles) {
  constexpr unsigned seed = 20240501;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr std::string_view pieces = "[]\"'=.,#\n\\\x01\xff\xc3{}0123456789abcdefT:-_ ";
  unsigned refused = 0;
  for (unsigned round = 0; round < 600; ++round) {
    std::string text(good);
    for (unsigned change = 0; change <= round % 8; ++change) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = pieces[random() % pieces.size()];
          break;
        case 1:
          text.erase(at, random() % 20);
          break;
        default:
          text.insert(at, text.substr(random() % text.size(), random() % 20));
          break;
      }
    }
    const Loaded loaded = load_text(text);
    if (!loaded.is_good) {
      ++refused;
      EXPECT_FALSE(loaded.problems.empty());
    }
  }
  EXPECT_GT(refused, 300u);
}

TEST(Load, EndsForDeepAndHugeInput) {
  EXPECT_FALSE(load_text("a = " + std::string(100'000, '[')).is_good);
  EXPECT_FALSE(load_text(std::string(300'000, '\n') + "a = ").is_good);
  EXPECT_FALSE(load_text(std::string(1000, '\0')).is_good);
}

TEST(Load, ANameThatIsEmptyLeadsNowhere) {
  expect_problem(with("port = \"lan\"", "port = \"\""), "f:9:8: port: must not be empty");
  expect_problem(with("realm = \"outside\"\npeer", "realm = \"\"\npeer"),
                 "f:12:9: realm: must not be empty");
  expect_problem(with("to = \"acme\"", "to = \"\""), "f:19:6: to: must not be empty");
  expect_problem(with("to = \"acme\"", "to = [\"acme\", \"\"]"), "f:19:15: to: must not be empty");
}

}  // namespace
}  // namespace demarc::config
