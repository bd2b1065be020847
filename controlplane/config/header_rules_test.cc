// [[header]]: what becomes of header fields of a trunk's messages.
#include "controlplane/config/policy_harness.h"

namespace demarc::config {
namespace {

TEST(HeaderRules, AreTakenInTheOrderOfTheFile) {
  const Config config = good(with_trunk("") + R"([[header]]
trunk = "acme"
side = "from_peer"
action = "replace"
name = "s"
value = "hidden"
pattern = "*secret*"
methods = ["INVITE", "BYE"]
[[header]]
trunk = "acme"
name = "X-*"
[[header]]
trunk = "pbx"
action = "copy"
name = "x-charge"
source = "P-ASSERTED-identity"
methods = "INVITE"
)");
  ASSERT_EQ(config.headers.size(), 3u);
  const HeaderRule& first = config.headers[0];
  EXPECT_EQ(first.trunk, "acme");
  EXPECT_EQ(first.side, contract::HeaderRule::Side::from_peer);
  EXPECT_EQ(first.action, contract::HeaderRule::Action::replace);
  EXPECT_EQ(first.name, "Subject") << "the compact form is the long one";
  EXPECT_EQ(first.value, "hidden");
  EXPECT_EQ(first.pattern, "*secret*");
  EXPECT_EQ(first.methods, (std::vector<std::string>{"INVITE", "BYE"}));
  EXPECT_EQ(config.headers[1].side, contract::HeaderRule::Side::to_peer);
  EXPECT_EQ(config.headers[1].action, contract::HeaderRule::Action::pass);
  EXPECT_EQ(config.headers[1].name, "X-*");
  EXPECT_EQ(config.headers[2].name, "x-charge");
  EXPECT_EQ(config.headers[2].source, "P-Asserted-Identity");
}

TEST(HeaderRules, RefuseNamesThatAreOurs) {
  for (const char* name :
       {"Via", "v", "Contact", "Route", "Record-Route", "Max-Forwards", "call-id", "CSeq", "To",
        "f", "Content-Type", "Content-*", "content-length", "Via*", "Max-*", "WWW-*"}) {
    const std::vector<std::string> problems = problems_of(with_header(
        "trunk = \"acme\"\naction = \"remove\"\nname = \"" + std::string(name) + "\"\n"));
    ASSERT_EQ(problems.size(), 1u) << name;
    EXPECT_EQ(problems[0].substr(0, 13), "f:32:8: name:") << name;
    EXPECT_NE(problems[0].find("is written by demarc alone"), std::string::npos) << problems[0];
  }
  for (const char* name :
       {"*", "C*", "Call-*", "X-*", "User-Agent", "P-Asserted-Identity", "!x~"}) {
    good(with_header("trunk = \"acme\"\naction = \"remove\"\nname = \"" + std::string(name) +
                     "\"\n"));
  }
}

TEST(HeaderRules, RefuseNamesThatAreNone) {
  for (const char* name : {"a b", "X-*-y", "*X", "X:", "X-\u00e9", "<x>"}) {
    expect_problems(with_header("trunk = \"acme\"\nname = \"" + std::string(name) + "\"\n"),
                    {"f:31:8: name: \"" + std::string(name) + "\" is not the name of a header"});
  }
  expect_problems(with_header("trunk = \"acme\"\nname = \"\"\n"), {"f:31:8: name: must not be"});
  expect_problems(with_header("trunk = \"acme\"\nname = \"" + std::string(256, 'x') + "\"\n"),
                  {"f:31:8: name: is longer than 255 characters"});
}

TEST(HeaderRules, RefuseToPassWhatHasAPolicyOfItsOwn) {
  for (const char* name : {"P-Asserted-Identity", "Privacy", "Diversion", "History-Info"}) {
    expect_problems(
        with_header("trunk = \"acme\"\naction = \"pass\"\nname = \"" + std::string(name) + "\"\n"),
        {"f:31:10: action: " + std::string(name) + " crosses as the fields of [trunk]"});
  }
}

TEST(HeaderRules, AnActionHasTheFieldsThatItNeedsAndNoOthers) {
  const auto rule = [](std::string_view action, std::string_view fields) {
    return with_header("trunk = \"acme\"\naction = \"" + std::string(action) +
                       "\"\nname = \"X-a\"\n" + std::string(fields));
  };
  expect_problems(rule("add", ""), {"f:29:1: field \"value\" is missing: add needs it"});
  expect_problems(rule("replace", "value = \"\"\n"), {"f:33:9: value: must not be empty"});
  expect_problems(rule("copy", "value = \"x\"\n"),
                  {"f:29:1: field \"source\" is missing: copy needs it",
                   "f:33:9: value: means nothing to copy"});
  expect_problems(
      rule("remove", "value = \"x\"\nsource = \"X-b\"\n"),
      {"f:33:9: value: means nothing to remove", "f:34:10: source: means nothing to remove"});
  expect_problems(rule("add", "value = \"x\"\npattern = \"*\"\n"),
                  {"f:34:11: pattern: means nothing to add"});
  expect_problems(rule("copy", "source = \"Via\"\n"), {"f:33:10: source: \"Via\" is written by"});
  expect_problems(rule("copy", "source = \"X-*\"\n"), {"f:33:10: source: \"X-*\": one field"});
  expect_problems(rule("add", "value = \"a\\nb\"\n"), {"f:33:9: value: must not hold control"});
  expect_problems(rule("ad", "value = \"x\"\n"), {"f:31:10: action: \"ad\" is none of"});
  expect_problems(
      with_header("trunk = \"acme\"\naction = \"add\"\nname = \"X-*\"\nvalue = \"x\"\n"),
      {"f:32:8: name: \"X-*\": one field is to be named, without '*'"});
}

TEST(HeaderRules, RefuseUnknownTrunksAndMethods) {
  expect_problems(with_header("trunk = \"acne\"\nname = \"X-a\"\n"
                              "methods = [\"INVITE\", \"INVIT\", \"invite\", \"INVITE\"]\n"),
                  {"f:30:9: trunk: there is no [trunk.acne], did you mean \"acme\"?",
                   "f:32:22: methods: \"INVIT\" is not a method that is known, did you mean",
                   "f:32:31: methods: \"invite\" is not a method that is known",
                   "f:32:41: methods: \"INVITE\" stands twice"});
  expect_problems(with_header(""),
                  {"f:29:1: field \"trunk\" is missing", "f:29:1: field \"name\" is missing"});
  expect_problems("[header]\nname = \"X-a\"\n" + with_trunk(""),
                  {"f:1:2: expected [[header]], got"});
}

TEST(HeaderRules, RefuseRepetitionsAndTooMany) {
  const std::string rule = "[[header]]\ntrunk = \"acme\"\nname = \"x-a\"\n";
  expect_problems(with_trunk("") + rule + rule, {"f:32:1: the same rule stands twice"});
  std::string many;
  for (unsigned i = 0; i < 65; ++i) {
    many += "[[header]]\ntrunk = \"acme\"\nname = \"X-" + std::to_string(i) + "\"\n";
  }
  expect_problems(with_trunk("") + many, {"f:221:1: more than 64 header rules of trunk \"acme\""});
}

}  // namespace
}  // namespace demarc::config
