#include "controlplane/config/prefix_lists.h"

#include <gtest/gtest.h>

#include <fstream>

#include "controlplane/config/load.h"
#include "tests/support/temporary_directory.h"

namespace demarc::config {
namespace {

constexpr std::string_view base = R"([port.lan]
device = "b"
[realm.inside]
port = "lan"
address = "10.0.0.10"
[trunk.pbx]
realm = "inside"
peer = "10.0.0.20"
[trunk.acme]
realm = "inside"
peer = "10.0.0.30"
port = 5070
[prefixes.uk]
file = "uk.csv"
[prefixes.us]
file = "us.csv"
)";

constexpr std::string_view by_list = R"([[route]]
from = "pbx"
to = "acme"
prefixes = "uk"
)";

class PrefixLists : public ::testing::Test {
 protected:
  PrefixLists() {
    write("uk.csv", "+44\n+4479\n");
    write("us.csv", "+1\n");
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory.path(name)) << text;
  }
  Loaded loaded(const std::string& more) {
    write("demarc.toml", std::string(base) + more);
    return load_file(directory.path("demarc.toml"));
  }
  // The errors of a configuration, one a line.
  std::string errors_of(const std::string& more) {
    std::string all;
    for (const Problem& problem : loaded(more).problems) {
      if (problem.is_warning) continue;
      all += std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + ": " +
             problem.message + "\n";
    }
    return all;
  }
  static void expect_in(const std::string& errors, const std::string& wanted) {
    EXPECT_NE(errors.find(wanted), std::string::npos) << wanted << " in\n" << errors;
  }
  support::TemporaryDirectory directory;
};

TEST_F(PrefixLists, AreReadWithTheConfiguration) {
  const Loaded good = loaded(std::string(by_list));
  ASSERT_TRUE(good.is_good) << testing::PrintToString(texts_of(good, "f"));
  ASSERT_EQ(good.config.prefix_lists.size(), 2u);
  EXPECT_EQ(good.config.prefix_lists[0].file, directory.path("uk.csv"));
  EXPECT_EQ(good.config.prefix_lists[0].rows->size(), 2u);
  EXPECT_EQ(good.config.routes[0].prefixes, "uk");
}

TEST_F(PrefixLists, MayBeginWithAByteOrderMark) {
  write("uk.csv", "\xef\xbb\xbf+44\n+4479\n");
  EXPECT_EQ(errors_of(std::string(by_list)), "");
}

TEST_F(PrefixLists, NameTheLineAndColumnOfEachMistake) {
  write("uk.csv", "+44\n+4x\n+44\n");
  write("us.csv", "  +1-2\n");
  const std::string errors = errors_of(std::string(by_list));
  expect_in(errors, "14:8: " + directory.path("uk.csv") + ":2:3: \"+4x\" may hold digits");
  expect_in(errors, "14:8: " + directory.path("uk.csv") + ":3:1: \"+44\" stands twice");
  expect_in(errors, "16:8: " + directory.path("us.csv") + ":1:5: ");
}

TEST_F(PrefixLists, SayHowManyMistakesAreNotNamed) {
  std::string text;
  for (int i = 0; i < 103; ++i) text += "x1\n";
  write("uk.csv", text);
  expect_in(errors_of(std::string(by_list)), directory.path("uk.csv") + ": 3 further mistakes");
}

TEST_F(PrefixLists, ThatAreMissingAreMistakes) {
  expect_in(errors_of("[prefixes.de]\nfile = \"de.csv\"\n"),
            "18:8: file: there is no " + directory.path("de.csv"));
  expect_in(errors_of("[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefixes = \"uks\"\n"),
            "20:12: prefixes: there is no [prefixes.uks], did you mean");
}

TEST_F(PrefixLists, StandInForAPrefixOrAPattern) {
  expect_in(errors_of(std::string(by_list) + "prefix = \"+44\"\n"),
            "prefixes: mean nothing beside a prefix");
  expect_in(errors_of(std::string(by_list) + "called = '^1'\n"),
            "prefixes: mean nothing beside a pattern");
}

TEST_F(PrefixLists, WithoutARowAreToldOf) {
  write("uk.csv", "prefix\n");
  const Loaded empty = loaded(std::string(by_list));
  EXPECT_TRUE(empty.is_good);
  expect_in(testing::PrintToString(texts_of(empty, "f")), "has no prefixes");
}

TEST_F(PrefixLists, HaveNoPrefixThatAnotherRouteHas) {
  const std::string alone = "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefix = \"+4479\"\n";
  expect_in(errors_of(alone + std::string(by_list)), "24:12: prefixes: \"+4479\" of " +
                                                         directory.path("uk.csv") +
                                                         ":2 is that of demarc.toml:17, too");
  EXPECT_EQ(errors_of(std::string(by_list) + alone + "priority = 50\n"), "")
      << "the other one goes first";
  write("us.csv", "+1\n+44\n");
  const std::string other = "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefixes = \"us\"\n";
  expect_in(errors_of(std::string(by_list) + other),
            "\"+44\" of " + directory.path("us.csv") + ":2 is that of ");
  EXPECT_EQ(errors_of(std::string(by_list) +
                      "[[route]]\nfrom = \"acme\"\nto = \"pbx\"\nprefixes = \"us\"\n"),
            "")
      << "calls of another trunk";
}

TEST_F(PrefixLists, ThatAreUnknownHaveNoPrefix) {
  const std::string unknown = "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefixes = \"de\"\n";
  const std::string all = "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\n";
  EXPECT_EQ(errors_of(unknown + all + std::string(by_list)),
            "20:12: prefixes: there is no [prefixes.de]\n");
}

TEST_F(PrefixLists, AreOfOneRouteUnderTheSameConditions) {
  const std::string errors = errors_of(std::string(by_list) + std::string(by_list));
  expect_in(errors, "24:12: prefixes: another route has \"uk\", too");
  EXPECT_EQ(errors.find("+44"), std::string::npos) << errors;
}

}  // namespace
}  // namespace demarc::config
