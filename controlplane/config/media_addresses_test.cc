// The media addresses of a realm, against one another.
#include <gtest/gtest.h>

#include "controlplane/config/load.h"

namespace demarc::config {
namespace {

// "line:column: message" of each error, in a realm whose `media` stands in line 6.
std::vector<std::string> errors_of(const std::string& media) {
  const Loaded loaded = load_text(
      "[port.wan]\ndevice = \"a\"\n[realm.outside]\nport = \"wan\"\naddress = \"198.51.100.10\"\n"
      "media = " +
      media + "\n[trunk.acme]\nrealm = \"outside\"\npeer = \"198.51.100.20\"\n");
  std::vector<std::string> all;
  for (const Problem& problem : loaded.problems) {
    if (problem.is_warning) continue;
    std::string text = std::to_string(problem.at.line);
    text.append(":").append(std::to_string(problem.at.column)).append(": ");
    all.push_back(text.append(problem.message));
  }
  return all;
}

using Texts = std::vector<std::string>;

// Calls take them in turn: every second one would be shown an address that its peer has no way to.
TEST(MediaAddresses, OfBothIpVersionsAreRefused) {
  EXPECT_EQ(errors_of(R"(["198.51.100.11", "2001:db8::5", "198.51.100.12", "2001:db8::6"])"),
            (Texts{"6:27: media: 2001:db8::5 and 198.51.100.11 are of different IP versions",
                   "6:59: media: 2001:db8::6 and 198.51.100.11 are of different IP versions"}));
}

TEST(MediaAddresses, MayBeOfAnotherIpVersionThanSignalling) {
  EXPECT_EQ(errors_of(R"(["2001:db8::5", "2001:db8::6"])"), Texts());
}

TEST(MediaAddresses, ThatCanNotBeUsedAreNamedWhereTheyStand) {
  EXPECT_EQ(errors_of(R"(["198.51.100.11", "224.0.0.1"])"),
            (Texts{"6:27: media: 224.0.0.1 is not an address that packets can be sent to"}));
}

}  // namespace
}  // namespace demarc::config
