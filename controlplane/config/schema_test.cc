#include "controlplane/config/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "controlplane/config/json_form.h"
#include "controlplane/config/load.h"
#include "dataplane/contract/fields.h"

namespace demarc::config {
namespace {

using json = nlohmann::json;

std::string text_of(const std::string& path) {
  const char* root = std::getenv("DEMARC_SOURCE");
  EXPECT_NE(root, nullptr);
  std::ifstream file(std::string(root == nullptr ? "" : root) + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// As far as our schema goes; a word that it does not know is a mistake of this test.
bool fits(const json& value, const json& schema);

bool fits_object(const json& value, const json& schema) {
  for (const auto& name : schema.value("required", json::array())) {
    if (!value.contains(name.get<std::string>())) return false;
  }
  const json properties = schema.value("properties", json::object());
  const json patterns = schema.value("patternProperties", json::object());
  for (const auto& [name, one] : value.items()) {
    bool is_known = properties.contains(name);
    if (is_known && !fits(one, properties[name])) return false;
    for (const auto& [pattern, form] : patterns.items()) {
      if (!std::regex_search(name, std::regex(pattern))) continue;
      is_known = true;
      if (!fits(one, form)) return false;
    }
    if (!is_known) return false;
  }
  return true;
}

bool fits_list(const json& value, const json& schema) {
  if (value.size() < schema.value("minItems", size_t{0})) return false;
  if (value.size() > schema.value("maxItems", SIZE_MAX)) return false;
  return std::all_of(value.begin(), value.end(),
                     [&](const json& one) { return fits(one, schema["items"]); });
}

bool fits_text(const std::string& value, const json& schema) {
  if (value.size() < schema.value("minLength", size_t{0})) return false;
  if (value.size() > schema.value("maxLength", SIZE_MAX)) return false;
  if (schema.contains("pattern") &&
      !std::regex_search(value, std::regex(schema["pattern"].get<std::string>()))) {
    return false;
  }
  const json all = schema.value("enum", json::array({value}));
  return std::find(all.begin(), all.end(), json(value)) != all.end();
}

bool fits(const json& value, const json& schema) {
  if (schema.contains("anyOf")) {
    const json& forms = schema["anyOf"];
    return std::any_of(forms.begin(), forms.end(),
                       [&](const json& form) { return fits(value, form); });
  }
  const std::string type = schema.at("type");
  if (type == "object") return value.is_object() && fits_object(value, schema);
  if (type == "array") return value.is_array() && fits_list(value, schema);
  if (type == "boolean") return value.is_boolean();
  if (type == "string") return value.is_string() && fits_text(value, schema);
  EXPECT_EQ(type, "integer");
  return value.is_number_integer() && value >= schema.at("minimum") &&
         value <= schema.at("maximum");
}

TEST(Schema, TakesTheExamples) {
  const json schema = json::parse(json_schema());
  for (const char* name : {"cheapest", "lync2013", "pbx-registers", "teams"}) {
    const Loaded loaded = load_text(text_of(std::string("/docs/examples/") + name + ".toml"));
    ASSERT_NE(loaded.tree, nullptr) << name;
    const json form = json::parse(json_of(*loaded.tree, Extent::written));
    EXPECT_FALSE(form.empty()) << name;
    EXPECT_TRUE(fits(form, schema)) << name << "\n" << form.dump(2);
  }
}

TEST(Schema, RefusesWrongValues) {
  const json schema = json::parse(json_schema());
  const auto takes = [&](const char* trunk) {
    return fits({{"trunk", {{"acme", json::parse(trunk)}}}}, schema);
  };
  EXPECT_TRUE(takes(R"({"realm": "outside", "t1_ms": 500, "srtp": "off", "codecs": ["PCMA"]})"));
  EXPECT_FALSE(takes(R"({"t1_ms": 500})")) << "no realm";
  EXPECT_FALSE(takes(R"({"realm": 7})"));
  EXPECT_FALSE(takes(R"({"realm": "outside", "t1_ms": 0})"));
  EXPECT_FALSE(takes(R"({"realm": "outside", "t1_ms": "500"})"));
  EXPECT_FALSE(takes(R"({"realm": "outside", "srtp": "maybe"})"));
  EXPECT_FALSE(takes(R"({"realm": "outside", "codecs": [8]})"));
  EXPECT_FALSE(takes(R"({"realm": "outside", "register": "yes"})"));
  EXPECT_FALSE(takes(R"({"realm": "outside", "t1ms": 500})")) << "no such field";
  EXPECT_FALSE(fits({{"trunks", json::object()}}, schema)) << "no such block";
}

// Fields, values of choices, presets and events are what stands there as a word of ours.
TEST(TrunkSettings, NameFieldsThatExist) {
  std::set<std::string> known = {"lync2013", "limit_near"};
  for (const contract::BlockKind& kind : contract::block_kinds()) known.emplace(kind.name);
  for (const contract::Field& field : contract::fields()) {
    known.emplace(field.name);
    std::stringstream choices{std::string(field.choices)};
    for (std::string one; std::getline(choices, one, '|');) known.insert(one);
  }
  const std::string page = text_of("/docs/trunk-settings.md");
  const std::regex word("`\\[*([a-z][a-z0-9_]*)(\\.NAME)?\\]*( = [^`]*)?`");
  size_t count = 0;
  for (auto at = std::sregex_iterator(page.begin(), page.end(), word); at != std::sregex_iterator();
       ++at, ++count) {
    EXPECT_TRUE(known.contains((*at)[1].str())) << (*at)[0].str();
  }
  EXPECT_GT(count, 50u);
}

}  // namespace
}  // namespace demarc::config
