#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "controlplane/config/diff.h"
#include "controlplane/config/json_form.h"
#include "controlplane/config/load.h"
#include "controlplane/config/path.h"
#include "controlplane/config/schema.h"
#include "controlplane/config/secrets.h"

namespace demarc::config {
namespace {

using nlohmann::json;

constexpr std::string_view good = R"([port.wan]
device = "af_packet:veth0"
[realm.outside]
port = "wan"
address = "198.51.100.10"
[trunk.acme]
realm = "outside"
peer = ["198.51.100.20", "sip.example.com:5070"]
sources = ["198.51.100.0/24", "2001:db8::/32", "0.0.0.0/0", "::/0", "2001:db8::5"]
user = "me"
password = "s3cr\u0065t"   # after it
register = true
[trunk.pbx]
realm = "outside"
peer = "198.51.100.30"
port = 5070
[[route]]
from = "acme"
to = "pbx"
[[route]]
from = "pbx"
to = "acme"
prefix = "9"
)";

// Files by path, as a disk has them.
using Disk = std::map<std::string, std::string>;

Loaded load_from(const Disk& disk, const std::string& main) {
  const auto open = [&disk](const std::string& path) -> std::optional<std::string> {
    const auto found = disk.find(path);
    if (found == disk.end()) return std::nullopt;
    return found->second;
  };
  return load({main, disk.at(main)}, open);
}

std::vector<std::string> problems_of(const Disk& disk, const std::string& main) {
  return texts_of(load_from(disk, main), main);
}

// With a line before the first block.
std::string main_text(const std::string& first_line) {
  return first_line + "\n" + std::string(good);
}

constexpr const char* route = "[[route]]\nfrom = \"acme\"\nto = \"pbx\"\n";

TEST(Include, BlocksOfIncludedFilesStandBehindThoseOfTheFile) {
  const Disk disk = {
      {"/etc/d.toml", "include = [\"more/a.toml\", \"b.toml\"]\n" + std::string(good)},
      {"/etc/more/a.toml",
       "include = \"../c.toml\"\n[[route]]\nfrom = \"pbx\"\n"
       "to = \"acme\"\nprefix = \"1\"\n"},
      {"/etc/c.toml", "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefix = \"2\"\n"},
      {"/etc/b.toml", "[[route]]\nfrom = \"pbx\"\nto = \"acme\"\nprefix = \"3\"\n"}};
  const Loaded loaded = load_from(disk, "/etc/d.toml");
  ASSERT_TRUE(loaded.is_good) << testing::PrintToString(texts_of(loaded, "f"));
  ASSERT_EQ(loaded.config.routes.size(), 5u);
  EXPECT_EQ(loaded.config.routes[2].prefix, "1");
  EXPECT_EQ(loaded.config.routes[3].prefix, "2");
  EXPECT_EQ(loaded.config.routes[4].prefix, "3");
  ASSERT_EQ(loaded.files.size(), 4u);
  EXPECT_EQ(loaded.files[2].path, "/etc/c.toml");
  const std::vector<std::string> names = {"d.toml", "more/a.toml", "c.toml", "b.toml"};
  EXPECT_EQ(loaded.config.files, names);
  EXPECT_EQ(loaded.config.routes[3].origin.block.file, 2);
  EXPECT_EQ(place_of(names, 2, 1), "c.toml:1");
  EXPECT_EQ(place_of(names, 4, 1), "line 1");
  EXPECT_EQ(place_of(load_text(good).config.files, 0, 7), "line 7");
  EXPECT_EQ(names_of({{"/etc/d.toml", ""}, {"/var/e.toml", ""}})[1], "/var/e.toml");
}

TEST(Include, AMistakeNamesTheIncludedFile) {
  const Disk disk = {{"d.toml", main_text("include = \"r.toml\"")},
                     {"r.toml", "\n[[route]]\nfrom = \"acme\"\nto = \"nobody\"\nprefix = \"7\"\n"}};
  const Loaded loaded = load_from(disk, "d.toml");
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(texts_of(loaded, "d.toml")[0].substr(0, 11), "r.toml:4:6:");
  EXPECT_EQ(loaded.problems[0].path, "/route/2/to");
}

TEST(Include, WrongSyntaxThereIsFoundBesideMistakesHere) {
  const Disk disk = {{"d.toml", main_text("include = \"r.toml\"") +
                                    "[trunk.x]\nrealm = 3\npeer = \"192.0.2.1\"\n"},
                     {"r.toml", "[[route\n"}};
  const std::vector<std::string> problems = problems_of(disk, "d.toml");
  ASSERT_EQ(problems.size(), 2u) << testing::PrintToString(problems);
  EXPECT_EQ(problems[0].substr(0, 7), "d.toml:");
  EXPECT_EQ(problems[1].substr(0, 9), "r.toml:1:");
}

TEST(Include, LoopsMissingFilesAndWrongValuesAreMistakes) {
  const std::string text = main_text("include = \"a.toml\"");
  EXPECT_EQ(problems_of({{"d.toml", text}, {"a.toml", "include = \"d.toml\"\n"}}, "d.toml"),
            std::vector<std::string>{"a.toml:1:11: include: d.toml includes itself"});
  EXPECT_EQ(problems_of({{"d.toml", text}}, "d.toml"),
            std::vector<std::string>{"d.toml:1:11: include: no such file: a.toml"});
  EXPECT_EQ(problems_of({{"d.toml", main_text("include = [\"a.toml\", \"./a.toml\"]")},
                         {"a.toml", std::string(route) + "prefix = \"7\"\n"}},
                        "d.toml"),
            std::vector<std::string>{"d.toml:1:22: include: a.toml is included already"});
  for (const char* wrong : {"include = 3", "include = [3]", "include = \"\"",
                            "include = \"a\\u0000\"", "include = { a = 1 }"}) {
    const std::vector<std::string> problems = problems_of({{"d.toml", main_text(wrong)}}, "d.toml");
    ASSERT_EQ(problems.size(), 1u) << wrong;
    EXPECT_NE(problems[0].find("include: "), std::string::npos) << problems[0];
  }
}

TEST(Include, HasALimit) {
  std::string list = "include = [";
  Disk disk;
  for (unsigned i = 0; i <= max_included_files; ++i) {
    list += "\"" + std::to_string(i) + "\",";
    disk[std::to_string(i)] = "";
  }
  disk["d.toml"] = main_text(list + "]");
  const std::vector<std::string> problems = problems_of(disk, "d.toml");
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_NE(problems[0].find("more than 256 files"), std::string::npos);
}

TEST(Include, ABlockStandsInOneFileOnly) {
  const Disk disk = {{"d.toml", main_text("include = \"a.toml\"")},
                     {"a.toml", "[trunk.acme]\nrealm = \"outside\"\npeer = \"192.0.2.9\"\n"}};
  EXPECT_EQ(problems_of(disk, "d.toml"),
            std::vector<std::string>{
                "a.toml:1:8: [trunk.acme] stands in another file already, at its line 7"});
}

TEST(Include, TextAloneIncludesNothing) {
  const Loaded loaded = load_text("include = \"/etc/passwd\"\n" + std::string(good));
  EXPECT_FALSE(loaded.is_good);
  EXPECT_EQ(loaded.files.size(), 1u);
}

TEST(Path, EveryMistakeHasThePathOfWhatIsWrong) {
  std::string text(good);
  text +=
      "[trunk.x]\nrealm = \"outside\"\npeer = [\"192.0.2.7\", \"nope!\"]\nprot = 1\n"
      "t1_ms = 0\n[trunk.y]\nrealm = \"outside\"\n[[route]]\nfrom = \"x\"\nto = \"zz\"\n[bad]\n";
  std::vector<std::string> paths;
  for (const Problem& problem : load_text(text).problems) {
    if (!problem.is_warning) paths.push_back(problem.path);
  }
  std::sort(paths.begin(), paths.end());
  const std::vector<std::string> wanted = {"/bad",          "/route/2/to",    "/trunk/x/peer/1",
                                           "/trunk/x/prot", "/trunk/x/t1_ms", "/trunk/y/peer"};
  EXPECT_EQ(paths, wanted);
  EXPECT_EQ(escaped("a/b~c"), "a~1b~0c");
}

TEST(Secrets, AreFoundInEveryFormAndPutBackOctetByOctet) {
  for (const char* literal :
       {"\"plain\"", "'single'", "\"q\\\"uote \\u00e9\"", "\"\"\"three\"\"\"", "'''also'''"}) {
    std::string text = "# \xc3\xa9\n[trunk.\"a\"]\nuser = \"\xc3\xa9\"\npassword = ";
    text += literal;
    text += " # rest\n[trunk]\nb = { tenant = \"\xc3\xa9\", password = ";
    text += literal;
    text += " }\n";
    const Loaded loaded = load_text(text);
    ASSERT_EQ(loaded.tree->secrets.size(), 2u) << text;
    std::vector<std::string> taken;
    const auto take = [&taken](const SecretPlace&, std::string_view found) {
      taken.emplace_back(found);
      return std::string("\"***\"");
    };
    const std::string hidden = replace_secrets(loaded.files[0], 0, *loaded.tree, take);
    EXPECT_EQ(taken, (std::vector<std::string>{literal, literal}));
    const Loaded again = load_text(hidden);
    const auto put_back = [literal](const SecretPlace& place, std::string_view) {
      EXPECT_EQ(place.value, mask);
      return std::string(literal);
    };
    EXPECT_EQ(replace_secrets(again.files[0], 0, *again.tree, put_back), text);
  }
}

TEST(Secrets, NoFormShowsThem) {
  const Loaded loaded = load_text(good);
  ASSERT_TRUE(loaded.is_good);
  EXPECT_EQ(loaded.config.trunks[0].account.password, "s3cret");
  for (const Extent extent : {Extent::written, Extent::all}) {
    const std::string text = json_of(*loaded.tree, extent);
    EXPECT_EQ(text.find("s3cr"), std::string::npos);
    EXPECT_EQ(json::parse(text)["trunk"]["acme"]["password"], "***");
  }
  const std::string shown = masked(loaded.files, *loaded.tree)[0].text;
  EXPECT_EQ(shown.find("s3cr"), std::string::npos);
  EXPECT_NE(shown.find("password = \"***\"   # after it\n"), std::string::npos);
}

TEST(JsonForm, SaysWhatTheFileSaysAndNoMore) {
  const json form = json::parse(json_of(*load_text(good).tree, Extent::written));
  EXPECT_EQ(form["trunk"]["acme"]["peer"], json({"198.51.100.20", "sip.example.com:5070"}));
  EXPECT_EQ(form["trunk"]["acme"]["sources"],
            json({"198.51.100.0/24", "2001:db8::/32", "0.0.0.0/0", "::/0", "2001:db8::5"}));
  EXPECT_EQ(form["trunk"]["pbx"].size(), 3u);
  EXPECT_EQ(form["route"][0]["to"], json::array({"pbx"}));
  EXPECT_FALSE(form.contains("platform"));
  const json all = json::parse(json_of(*load_text(good).tree, Extent::all));
  EXPECT_EQ(all["platform"]["workers"], 1);
  EXPECT_EQ(all["realm"]["outside"]["media_ports"], "16384-32767");
  EXPECT_EQ(all["trunk"]["pbx"]["failover_codes"], json({408, 503, 504}));
}

TEST(JsonForm, GoesToTomlAndBackWithoutAChange) {
  const Loaded loaded = load_text(good);
  const std::string text = json_of(*loaded.tree, Extent::all);
  const Loaded again = load_text(toml_of_json(text));
  // Optional fields that are empty can not be written.
  EXPECT_FALSE(again.is_good);
  const std::string written = json_of(*loaded.tree, Extent::written);
  const Loaded third = load_text(toml_of_json(written));
  EXPECT_TRUE(third.is_good) << testing::PrintToString(texts_of(third, "f"));
  EXPECT_EQ(json_of(*third.tree, Extent::written), written);
}

TEST(JsonForm, MistakesKeepTheirPaths) {
  const std::string text =
      toml_of_json(R"({"x": 1, "trunk": {"a": {"realm": 3, "peer": ["192.0.2.1", 4]}}})");
  std::vector<std::string> paths;
  for (const Problem& problem : load_text(text).problems) paths.push_back(problem.path);
  EXPECT_NE(std::find(paths.begin(), paths.end(), "/trunk/a/realm"), paths.end());
  EXPECT_NE(std::find(paths.begin(), paths.end(), "/x"), paths.end());
}

TEST(JsonForm, WhatTomlHasNoFormForIsRefused) {
  for (const char* wrong : {"", "[]", "3", "{", "{\"trunk\": {\"a\": {\"realm\": null}}}",
                            "{\"x\": [[[[[[[[[[1]]]]]]]]]]}"}) {
    EXPECT_THROW(toml_of_json(wrong), JsonError) << wrong;
  }
}

TEST(JsonForm, NoTextLeavesItsString) {
  const json nasty = {{"trunk", {{"a", {{"user", "\"\n[trunk.evil]\nx = '''\\\x7f"}}}}}};
  const Loaded loaded = load_text(toml_of_json(nasty.dump()));
  EXPECT_EQ(loaded.tree->of("trunk").size(), 1u);
  const json key = {{"trunk", {{"a]\n[trunk.evil", {{"realm", "x"}}}}}};
  EXPECT_EQ(load_text(toml_of_json(key.dump())).tree->of("trunk").size(), 1u);
}

std::vector<std::string> diff_texts(const std::string& before, const std::string& after) {
  std::vector<std::string> texts;
  for (const Difference& one : diff(*load_text(before).tree, *load_text(after).tree)) {
    texts.push_back(std::string(spelling(one.kind)) + " " + one.path + " " + one.before + " " +
                    one.after + " " + std::string(spelling(one.needs)));
  }
  return texts;
}

std::string with(const std::string& from, const std::string& to) {
  std::string text(good);
  return text.replace(text.find(from), from.size(), to);
}

TEST(Diff, CommentsOrderAndWrittenDefaultsAreNoDifference) {
  const std::string text(good);
  EXPECT_TRUE(diff_texts(text, text).empty());
  EXPECT_TRUE(diff_texts(text, "# new\n" + text).empty());
  EXPECT_TRUE(diff_texts(text, with("port = 5070\n", "port = 5070\nt1_ms = 500\n")).empty());
  EXPECT_TRUE(diff_texts(text, with("s3cr\\u0065t", "s3cret")).empty());
}

TEST(Diff, NamesFieldsBlocksAndWhatTheyNeed) {
  const std::string text(good);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(diff_texts(text, with("port = 5070", "port = 5080")),
            Texts{"changed /trunk/pbx/port 5070 5080 live"});
  EXPECT_EQ(diff_texts(text, with("veth0", "veth9")),
            Texts{"changed /port/wan/device \"af_packet:veth0\" \"af_packet:veth9\" restart"});
  EXPECT_EQ(diff_texts(text, with("s3cr\\u0065t", "other")),
            Texts{"changed /trunk/acme/password \"***\" \"***\" live"});
  EXPECT_EQ(diff_texts(text, text + "[trunk.z]\nrealm = \"outside\"\npeer = \"192.0.2.1\"\n"),
            Texts{"added /trunk/z   live"});
  EXPECT_EQ(diff_texts(text + "[platform]\nworkers = 2\n", text),
            Texts{"changed /platform/workers 2 1 restart"});
}

TEST(Diff, ARouteInTheMiddleIsOneDifference) {
  const auto routes = [](const char* prefixes) {
    std::string text(good.substr(0, good.find("[[route]]")));
    for (const char* p = prefixes; *p != '\0'; ++p) {
      text += std::string(route) + "prefix = \"" + std::string(1, *p) + "\"\n";
    }
    return text;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(diff_texts(routes("123"), routes("1923")), Texts{"added /route/1   live"});
  EXPECT_EQ(diff_texts(routes("123"), routes("13")), Texts{"removed /route/1   live"});
  EXPECT_EQ(diff_texts(routes("123"), routes("193")),
            Texts{"changed /route/1/prefix \"2\" \"9\" live"});
}

TEST(Schema, DescribesEveryField) {
  const json schema = json::parse(json_schema());
  const json& trunk = schema["properties"]["trunk"]["patternProperties"].front();
  EXPECT_EQ(trunk["required"], json({"realm"}));
  EXPECT_EQ(trunk["properties"]["t1_ms"]["default"], 500);
  EXPECT_EQ(trunk["properties"]["password"]["writeOnly"], true);
  EXPECT_EQ(schema["properties"]["platform"]["properties"]["workers"]["x-change"], "restart");
  size_t described = 0;
  for (const auto& [name, kind] : schema["properties"].items()) {
    const json& block = kind.contains("patternProperties") ? kind["patternProperties"].front()
                        : kind.contains("items")           ? kind["items"]
                                                           : kind;
    described += block["properties"].size();
  }
  EXPECT_EQ(described, contract::fields().size());
}

TEST(Fields, BelongToKindsThatExistAndStandOnce) {
  std::set<std::string> seen;
  for (const contract::Field& field : contract::fields()) {
    EXPECT_TRUE(seen.insert(std::string(field.block) + "." + std::string(field.name)).second);
    const auto kinds = contract::block_kinds();
    EXPECT_TRUE(std::any_of(kinds.begin(), kinds.end(),
                            [&](const auto& kind) { return kind.name == field.block; }));
    EXPECT_TRUE(!field.is_secret || field.type == contract::FieldType::text);
  }
}

TEST(ReferencePage, IsCurrent) {
  const char* root = std::getenv("DEMARC_SOURCE");
  ASSERT_NE(root, nullptr);
  std::ifstream file(std::string(root) + "/docs/configuration.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(text.str() == reference_page()) << "run demarc reference > docs/configuration.md";
}

}  // namespace
}  // namespace demarc::config
