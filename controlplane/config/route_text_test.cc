#include "controlplane/config/route_text.h"

#include <gtest/gtest.h>

#include <fstream>

#include "controlplane/config/load.h"
#include "controlplane/config/time_zone.h"
#include "controlplane/config/value.h"
#include "tests/support/temporary_directory.h"

namespace demarc::config {
namespace {

std::string spans_of(std::string_view text) {
  std::vector<contract::WeekSpan> spans;
  parse_hours(text, spans);
  std::string written;
  for (const contract::WeekSpan& span : merged(spans)) {
    written += std::to_string(span.begin / 1440) + "+" + std::to_string(span.begin % 1440) + "-" +
               std::to_string(span.end / 1440) + "+" + std::to_string(span.end % 1440) + " ";
  }
  return written;
}

TEST(Hours, AreDaysAndTimes) {
  EXPECT_EQ(spans_of("mon 08:00-18:30"), "0+480-0+1110 ");
  EXPECT_EQ(spans_of("Sat,sun"), "5+0-7+0 ");
  EXPECT_EQ(spans_of("mon-tue 9:00-12:00"), "0+540-0+720 1+540-1+720 ");
  EXPECT_EQ(spans_of("00:00-24:00"), "0+0-7+0 ");
  EXPECT_EQ(spans_of("fri-mon"), "0+0-1+0 4+0-7+0 ");
}

TEST(Hours, GoOnOverMidnightAndTheEndOfTheWeek) {
  EXPECT_EQ(spans_of("fri 22:00-06:00"), "4+1320-5+360 ");
  EXPECT_EQ(spans_of("sun 22:00-06:00"), "0+0-0+360 6+1320-7+0 ");
}

TEST(Hours, RefuseWhatIsNone) {
  std::vector<contract::WeekSpan> spans;
  for (const char* text :
       {"", " ", "mo 08:00-18:00", "mon 08:00", "mon 8-18", "mon 08:60-09:00", "mon 24:01-01:00",
        "mon 08:00-08:00", "mon, 08:00-09:00", "mon-", "-mon", "24:00-01:00", "mon 08:00-25:00"}) {
    EXPECT_THROW(parse_hours(text, spans), ValueError) << text;
  }
}

TEST(RouteHeaders, AreNamesAndPatterns) {
  const RouteHeader there = parse_route_header(" f ");
  EXPECT_EQ(there.name, "From");
  EXPECT_TRUE(there.pattern.empty());
  EXPECT_FALSE(there.is_negated);
  EXPECT_TRUE(parse_route_header("!X-Site").is_negated);
  const RouteHeader has = parse_route_header("X-Site = ^ber(lin)?$");
  EXPECT_EQ(has.name, "X-Site");
  EXPECT_EQ(has.pattern, "^ber(lin)?$");
  const RouteHeader has_not = parse_route_header("X-Site!=a=b");
  EXPECT_EQ(has_not.name, "X-Site");
  EXPECT_EQ(has_not.pattern, "a=b");
  EXPECT_TRUE(has_not.is_negated);
}

TEST(RouteHeaders, RefuseWhatIsNone) {
  for (const char* text : {"", "X Site", "X-Site =", "= a", "!", "!!X", "X-Site = (", "X: a"}) {
    EXPECT_THROW(parse_route_header(text), ValueError) << text;
  }
}

// A file of tzdata, version 2, with an empty first block.
std::string zone_file(const std::vector<std::pair<int64_t, uint8_t>>& times,
                      const std::vector<int32_t>& offsets, const std::string& footer) {
  const auto number = [](uint64_t value, unsigned octets) {
    std::string text;
    for (unsigned i = octets; i-- != 0;) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
  };
  const auto header = [&number](uint64_t time_count, uint64_t type_count) {
    std::string text = std::string("TZif2") + std::string(15, '\0');
    for (const uint64_t count :
         {uint64_t{0}, uint64_t{0}, uint64_t{0}, time_count, type_count, uint64_t{4}}) {
      text += number(count, 4);
    }
    return text;
  };
  std::string file = header(0, 1) + std::string(6 + 4, '\0');
  file += header(times.size(), offsets.size());
  for (const auto& [time, type] : times) file += number(static_cast<uint64_t>(time), 8);
  for (const auto& [time, type] : times) file += static_cast<char>(type);
  for (const int32_t offset : offsets) {
    file += number(static_cast<uint32_t>(offset), 4) + std::string(2, '\0');
  }
  return file + std::string("ABC\0", 4) + "\n" + footer + "\n";
}

TEST(Zones, AreReadFromTzdata) {
  const auto steps = parse_zone(zone_file(
      {{1000, 1}, {1500000000, 0}, {1900000000, 1}, {2100000000, 0}}, {3600, 7200}, "A,M3,M10"));
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].offset_s, 3600);
  EXPECT_EQ(steps[1].from_unix_s, 1900000000);
  EXPECT_EQ(steps[1].offset_s, 7200);
  EXPECT_EQ(steps[2].offset_s, 3600);
}

TEST(Zones, RefuseWhatIsNoneOrLeavesTheFutureToARule) {
  EXPECT_THROW(parse_zone(""), ValueError);
  EXPECT_THROW(parse_zone("TZif1"), ValueError);
  EXPECT_THROW(parse_zone(zone_file({{1600000000, 1}}, {0}, "A")), ValueError) << "no such type";
  EXPECT_THROW(parse_zone(zone_file({{1700000000, 0}, {1600000000, 0}}, {0}, "A")), ValueError);
  EXPECT_THROW(parse_zone(zone_file({}, {86400}, "A")), ValueError);
  EXPECT_THROW(parse_zone(zone_file({{1600000000, 0}}, {0}, "A,M3,M10")), ValueError);
  const std::string good = zone_file({{1600000000, 0}}, {60}, "A");
  EXPECT_EQ(parse_zone(good).size(), 2u);
  // All of the file up to its footer is needed.
  for (size_t length = 0; length < good.size() - 3; ++length) {
    EXPECT_THROW(parse_zone(good.substr(0, length)), ValueError) << length;
  }
}

constexpr std::string_view base = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
usages = ["local", "world"]
[trunk.acme]
realm = "inside"
peer = "10.0.0.30"
port = 5070
[trunk.backup]
realm = "inside"
peer = "10.0.0.40"
port = 5080
[group.itsp]
trunks = ["acme", "backup"]
hunt = "weighted"
weights = [3, 1]
)";

std::vector<std::string> mistakes_of(const std::string& text) {
  std::vector<std::string> errors;
  const Loaded loaded = load_text(std::string(base) + text);
  for (const Problem& problem : loaded.problems) {
    if (!problem.is_warning) errors.push_back(problem.message);
  }
  return errors;
}

void expect_mistake(const std::string& text, const std::string& part) {
  const auto errors = mistakes_of(text);
  ASSERT_EQ(errors.size(), 1u) << text << testing::PrintToString(errors);
  EXPECT_NE(errors[0].find(part), std::string::npos) << errors[0];
}

TEST(RouteFields, AreRead) {
  const Loaded loaded = load_text(std::string(base) + R"(
[[route]]
name = "cheap"
usages = ["world"]
to = ["itsp"]
except_called = ['^\+1900', '^\+882']
except_calling = '^\+49'
headers = ["X-Site = ^berlin", "!Geolocation"]
hours = ["mon-fri 08:00-18:00"]
time_zone = "Etc/UTC"
[[route]]
from = "itsp"
to = "pbx"
)");
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  const Route& route = loaded.config.routes[0];
  EXPECT_EQ(route.name, "cheap");
  EXPECT_EQ(route.except_called.size(), 2u);
  EXPECT_EQ(route.headers.size(), 2u);
  EXPECT_EQ(route.hours.size(), 5u);
  EXPECT_EQ(loaded.config.zones.size(), 1u);
  EXPECT_EQ(loaded.config.groups[0].weights.size(), 2u);
  EXPECT_EQ(trunks_of(loaded.config, "itsp").size(), 2u);
  EXPECT_EQ(trunks_of(loaded.config, "pbx").size(), 1u);
}

TEST(RouteFields, AreRefusedWhereTheyMakeNoSense) {
  const std::string to = "[[route]]\nto = \"acme\"\n";
  expect_mistake(to, "\"from\" is missing");
  expect_mistake(to + "from = \"pbx\"\nusages = \"world\"\n", "mean nothing beside `from`");
  expect_mistake(to + "usages = [\"world\", \"world\"]\n", "stands twice");
  expect_mistake(to + "from = \"nobody\"\n", "there is no [trunk.nobody]");
  expect_mistake(to + "from = \"pbx\"\nexcept_called = [\"1\", \"(\"]\n", "except_called: ");
  expect_mistake(to + "from = \"pbx\"\nheaders = [\"a b\"]\n", "headers: ");
  expect_mistake(to + "from = \"pbx\"\nhours = [\"noon\"]\n", "hours: ");
  expect_mistake(to + "from = \"pbx\"\ntime_zone = \"Etc/UTC\"\n", "means nothing without hours");
  const std::string hours = to + "from = \"pbx\"\nhours = \"mon\"\ntime_zone = ";
  expect_mistake(hours + "\"Mars/Olympus\"\n", "there is no ");
  expect_mistake(hours + "\"../passwd\"\n", "is not a zone");
  expect_mistake(hours + "\"/etc/passwd\"\n", "is not a zone");
  expect_mistake("[[route]]\nfrom = \"pbx\"\nto = [\"itsp\", \"acme\"]\n", "stands twice");
  expect_mistake("[[route]]\nfrom = \"pbx\"\nto = \"itsp\"\nhunt = \"least_busy\"\n",
                 "the group has its own");
}

TEST(Groups, AreRefusedWhereTheyMakeNoSense) {
  const std::string route = "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\n";
  expect_mistake(route + "[group.pbx]\ntrunks = \"acme\"\n", "there is a [trunk.pbx], too");
  expect_mistake(route + "[group.g]\ntrunks = \"nobody\"\n", "there is no [trunk.nobody]");
  expect_mistake(route + "[group.g]\ntrunks = [\"acme\", \"acme\"]\n", "stands twice");
  expect_mistake(route + "[group.g]\ntrunks = \"acme\"\nweights = [1]\n", "means nothing unless");
  expect_mistake(route + "[group.g]\ntrunks = \"acme\"\nhunt = \"weighted\"\nweights = [1, 2]\n",
                 "2 of them for 1 trunks");
}

TEST(Costs, AreReadWithTheConfiguration) {
  const support::TemporaryDirectory directory;
  const std::string path = directory.path("costs.csv");
  std::ofstream(path) << "+44,0.01\n+1,dear\n";
  const std::string route = "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\n";
  expect_mistake(route + "[costs.acme]\nfile = \"" + path + "\"\n", path + ":2: ");
  std::ofstream(path) << "+44,0.01\n";
  EXPECT_TRUE(mistakes_of(route + "[costs.acme]\nfile = \"" + path + "\"\n").empty());
  expect_mistake(route + "[costs.acme]\nfile = \"" + path + ".not\"\n", "there is no ");
}

TEST(Usages, ThatNoRouteServesAreToldOf) {
  const Loaded loaded =
      load_text(std::string(base) + "[[route]]\nusages = \"local\"\nto = \"acme\"\n");
  ASSERT_TRUE(loaded.is_good);
  std::string all;
  for (const std::string& text : texts_of(loaded, "f")) all += text + "\n";
  EXPECT_NE(all.find("no [[route]] serves \"world\""), std::string::npos) << all;
  EXPECT_EQ(all.find("\"pbx\": its calls are refused"), std::string::npos) << all;
}

}  // namespace
}  // namespace demarc::config
