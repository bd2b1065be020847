#include "controlplane/config/number_rules.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "controlplane/config/load.h"

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
)";

// The errors of a configuration, one a line.
std::string errors_of(const std::string& more) {
  std::string all;
  for (const Problem& problem : load_text(std::string(base) + more).problems) {
    if (problem.is_warning) continue;
    all += std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column) + ": " +
           problem.message + "\n";
  }
  return all;
}

TEST(NumberRules, AreReadInTheirOrder) {
  const Loaded loaded = load_text(std::string(base) + R"(called_in = ['^(\d{4})$ -> +1425555$1',
             "prefix 00 -> +"]
calling_out = '^\+1206 -> anonymous'
extensions = "dropped"
)");
  ASSERT_TRUE(loaded.is_good);
  const Numbers& numbers = loaded.config.trunks[0].numbers;
  ASSERT_EQ(numbers.called_in.size(), 2u);
  EXPECT_EQ(numbers.called_in[0].pattern, R"(^(\d{4})$)");
  EXPECT_EQ(numbers.called_in[1].line, 10);
  ASSERT_EQ(numbers.calling_out.size(), 1u);
  EXPECT_TRUE(numbers.calling_out[0].hides_caller);
  EXPECT_FALSE(numbers.keeps_extension);
}

TEST(NumberRules, AreToldOfAllAtOnceWithTheirPositions) {
  const std::string errors = errors_of(R"(called_in = ['^(\d -> $1',
             "prefix 00 -> +", '^1 -> $3']
called_out = ["^1 -> anonymous", "table nowhere", "table"]
)");
  EXPECT_NE(errors.find("9:14: called_in: pattern \"^(\\d\", character 5: missing closing"),
            std::string::npos)
      << errors;
  EXPECT_NE(errors.find("10:32: called_in: the replacement names $3"), std::string::npos) << errors;
  EXPECT_NE(errors.find("only a calling number can become anonymous"), std::string::npos);
  EXPECT_NE(errors.find("called_out: there is no [table.nowhere]"), std::string::npos) << errors;
  EXPECT_NE(errors.find("called_out: \"table\" is not a rule"), std::string::npos) << errors;
}

TEST(NameRules, AreReadAndCheckedAsNumberRulesAre) {
  const Loaded loaded = load_text(std::string(base) + R"(caller_names = ['^(\d{4})$ -> "Desk $1"',
             "^.*$ -> remove"]
called_names = "prefix +44 -> keep"
)");
  ASSERT_TRUE(loaded.is_good);
  const Numbers& numbers = loaded.config.trunks[0].numbers;
  ASSERT_EQ(numbers.caller_names.size(), 2u);
  EXPECT_EQ(numbers.caller_names[0].replacement, "Desk $1");
  EXPECT_EQ(numbers.caller_names[1].line, 10);
  ASSERT_EQ(numbers.called_names.size(), 1u);
  EXPECT_EQ(numbers.called_names[0].name_action, contract::NameAction::keep);
  const std::string errors = errors_of("caller_names = [\"^1 -> 1\", \"table nowhere\"]\n");
  EXPECT_NE(errors.find("caller_names: \"1\" is neither keep nor remove"), std::string::npos)
      << errors;
  EXPECT_NE(errors.find("caller_names: there is no [table.nowhere]"), std::string::npos) << errors;
}

class TableFiles : public ::testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(file_) << text; }
  ~TableFiles() override { std::remove(file_.c_str()); }
  std::string block() const {
    return "called_in = \"table dids\"\n[table.dids]\nfile = \"" + file_ + "\"\n";
  }
  const std::string file_ = testing::TempDir() + "dids-" +
                            testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv";
};

TEST_F(TableFiles, AreReadWithTheConfiguration) {
  write("number,did\n2001,+14255550101\n");
  const Loaded loaded = load_text(std::string(base) + block());
  ASSERT_TRUE(loaded.is_good);
  ASSERT_EQ(loaded.config.tables.size(), 1u);
  ASSERT_EQ(loaded.config.tables[0].rows->size(), 1u);
  EXPECT_EQ(loaded.config.tables[0].rows->front().replacement, "+14255550101");
}

TEST_F(TableFiles, NameTheLineOfEachMistake) {
  write("2001,+14255550101\n2001,5\nx5,1\n");
  const std::string errors = errors_of(block());
  EXPECT_NE(errors.find("11:8: " + file_ + ":2: \"2001\" stands twice"), std::string::npos)
      << errors;
  EXPECT_NE(errors.find(":3: \"x5\" may hold digits"), std::string::npos) << errors;
}

TEST_F(TableFiles, AreForWhatTheyHold) {
  write("2001,Anna\n");
  const std::string names = "[table.dids]\nholds = \"names\"\nfile = \"" + file_ + "\"\n";
  EXPECT_TRUE(load_text(std::string(base) + "caller_names = \"table dids\"\n" + names).is_good);
  EXPECT_NE(errors_of("called_in = \"table dids\"\n" + names)
                .find("called_in: [table.dids] holds names, no numbers"),
            std::string::npos);
  write("2001,1\n");
  EXPECT_NE(errors_of("called_names = \"table dids\"\n[table.dids]\nfile = \"" + file_ + "\"\n")
                .find("called_names: [table.dids] holds numbers, no names"),
            std::string::npos);
}

TEST_F(TableFiles, ThatAreMissingAreMistakes) {
  EXPECT_NE(errors_of(block()).find("11:8: file: there is no " + file_), std::string::npos);
  EXPECT_NE(errors_of("[table.dids]\n").find("field \"file\" is missing"), std::string::npos);
}

TEST_F(TableFiles, MayHaveAHundredThousandRows) {
  std::string text;
  for (int i = 0; i < 100000; ++i)
    text += std::to_string(4420000000 + i) + ",+" + std::to_string(i + 1) + "\n";
  write(text);
  const Loaded loaded = load_text(std::string(base) + block());
  ASSERT_TRUE(loaded.is_good);
  EXPECT_EQ(loaded.config.tables[0].rows->size(), 100000u);
}

TEST(RouteRules, AreToldOfAllAtOnce) {
  const std::string errors = errors_of(R"x([[route]]
from = "pbx"
to = "pbx"
prefix = "+44"
called = "^(1"
calling = ")"
calling_prefix = "x"
weights = [1, 2]
suppress_caller_id = true
[[route]]
from = "pbx"
to = "pbx"
alternate_caller_id = "0123"
[[route]]
from = "pbx"
to = "pbx"
calling = "^1"
[[route]]
from = "pbx"
to = "pbx"
calling = "^1"
)x");
  for (const char* wanted :
       {"called: pattern", "means nothing beside a prefix", "calling: pattern",
        "calling_prefix: \"x\" may hold digits", "weights: means nothing unless hunt",
        "weights: 2 of them for 1 trunks", "field \"alternate_caller_id\" is missing",
        "alternate_caller_id: \"0123\" is not a number",
        "another route from \"pbx\" has the same priority and conditions"}) {
    EXPECT_NE(errors.find(wanted), std::string::npos) << wanted << " in\n" << errors;
  }
}

}  // namespace
}  // namespace demarc::config
