#include "controlplane/config/schema.h"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "controlplane/config/json_form.h"
#include "controlplane/runtime/suggest.h"

namespace demarc::config {
namespace {

using contract::BlockForm;
using contract::Field;
using contract::FieldType;
using json = nlohmann::ordered_json;

constexpr const char* name_pattern = "^[A-Za-z0-9._-]{1,62}$";

json choices_of(const Field& field) {
  json all = json::array();
  std::string_view rest = field.choices;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find('|'), rest.size());
    all.push_back(std::string(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

// Of one element where the type is a list.
json element_schema(const Field& field) {
  switch (field.type) {
    case FieldType::boolean:
      return {{"type", "boolean"}};
    case FieldType::integer:
    case FieldType::integers:
      return {{"type", "integer"}, {"minimum", field.minimum}, {"maximum", field.maximum}};
    case FieldType::choice:
      return {{"type", "string"}, {"enum", choices_of(field)}};
    case FieldType::text:
    case FieldType::texts:
      return {{"type", "string"}, {"minLength", field.minimum}, {"maxLength", field.maximum}};
    case FieldType::port_range:
      return {{"type", "string"}, {"pattern", "^ *[0-9]+ *- *[0-9]+ *$"}};
    case FieldType::name:
    case FieldType::names:
      return {{"type", "string"}, {"x-names", std::string(field.choices)}};
    case FieldType::address:
    case FieldType::addresses:
    case FieldType::endpoints:
      break;
  }
  return {{"type", "string"}};
}

json field_schema(const Field& field) {
  json schema = element_schema(field);
  if (is_list(field.type)) {
    const int least = field.default_text.empty() ? 1 : 0;
    const json list = {
        {"type", "array"}, {"items", schema}, {"minItems", least}, {"maxItems", field.most}};
    schema = {{"anyOf", json::array({schema, list})}};
  }
  schema["description"] = std::string(field.doc);
  if (!field.default_text.empty()) {
    schema["default"] = json::parse(json_of(field, default_value(field)));
  }
  if (!field.unit.empty()) schema["x-unit"] = std::string(field.unit);
  schema["x-change"] = field.change == contract::Change::live ? "live" : "restart";
  if (field.is_secret) schema["writeOnly"] = true;
  return schema;
}

json block_schema(const contract::BlockKind& kind) {
  json properties = json::object();
  json required = json::array();
  for (const Field& field : contract::fields()) {
    if (field.block != kind.name) continue;
    properties[std::string(field.name)] = field_schema(field);
    if (field.is_required) required.push_back(std::string(field.name));
  }
  json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

json kind_schema(const contract::BlockKind& kind) {
  json schema = block_schema(kind);
  if (kind.form == BlockForm::named) {
    schema = {{"type", "object"},
              {"patternProperties", {{name_pattern, schema}}},
              {"additionalProperties", false}};
  } else if (kind.form == BlockForm::repeated) {
    schema = {{"type", "array"}, {"items", schema}};
  }
  schema["description"] = std::string(kind.doc);
  return schema;
}

std::string form_of(const contract::BlockKind& kind) {
  const std::string name(kind.name);
  switch (kind.form) {
    case BlockForm::single:
      return "[" + name + "]";
    case BlockForm::named:
      return "[" + name + ".NAME]";
    case BlockForm::repeated:
      break;
  }
  return "[[" + name + "]]";
}

std::string joined(const json& values) {
  std::string text;
  for (const json& value : values) {
    text += text.empty() ? "" : ", ";
    text += value.get<std::string>();
  }
  return text;
}

std::string range_of(const Field& field) {
  const std::string span = std::to_string(field.minimum) + " to " + std::to_string(field.maximum);
  switch (field.type) {
    case FieldType::integer:
      return span;
    case FieldType::integers:
      return "up to " + std::to_string(field.most) + ", each " + span;
    case FieldType::text:
      return span + " characters";
    case FieldType::texts:
      return "up to " + std::to_string(field.most) + ", each " + span + " characters";
    case FieldType::choice:
      return joined(choices_of(field));
    case FieldType::name:
    case FieldType::names:
      return "of a " + std::string(field.choices) + " block";
    case FieldType::port_range:
      return "from " + span;
    case FieldType::addresses:
    case FieldType::endpoints:
      return "up to " + std::to_string(field.most);
    case FieldType::boolean:
    case FieldType::address:
      break;
  }
  return "";
}

std::string type_of(const Field& field) {
  constexpr std::array<std::string_view, 12> names = {
      "boolean",   "integer",    "string",   "choice",  "name",  "address",
      "addresses", "port range", "integers", "strings", "names", "peers"};
  return std::string(names[static_cast<size_t>(field.type)]);
}

std::string row_of(const Field& field) {
  std::string standard = "-";
  if (field.is_required) standard = "required";
  if (!field.default_text.empty()) standard = "`" + std::string(field.default_text) + "`";
  std::string type = type_of(field);
  if (!field.unit.empty()) type += ", " + std::string(field.unit);
  return "| `" + std::string(field.name) + "` | " + type + " | " + standard + " | " +
         range_of(field) + " | " + (field.change == contract::Change::live ? "live" : "restart") +
         " | " + std::string(field.doc) + (field.is_secret ? " Shown nowhere." : "") + " |\n";
}

// "  t1_ms  integer, ms, 1 to 60000, default 500, live\n      Timer T1 of RFC 3261.\n"
std::string explained(const Field& field) {
  std::string line = "  " + std::string(field.name) + ": " + type_of(field);
  if (!field.unit.empty()) line += ", " + std::string(field.unit);
  if (const std::string range = range_of(field); !range.empty()) line += ", " + range;
  if (field.is_required) line += ", required";
  if (!field.default_text.empty()) line += ", default " + std::string(field.default_text);
  line += field.change == contract::Change::live ? ", live" : ", restart";
  return line + "\n      " + std::string(field.doc) + "\n";
}

}  // namespace

std::string explain(std::string_view path) {
  const std::string_view block = path.substr(0, path.find('.'));
  const bool has_field = block.size() < path.size();
  std::string text;
  std::vector<std::string_view> known;
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    known.push_back(kind.name);
    if (!path.empty() && block != kind.name) continue;
    if (!has_field) text += form_of(kind) + ": " + std::string(kind.doc) + "\n";
    if (path.empty()) continue;
    known.clear();
    for (const Field& field : contract::fields()) {
      if (field.block != kind.name) continue;
      known.push_back(field.name);
      if (!has_field || field.name == path.substr(block.size() + 1)) text += explained(field);
    }
    break;
  }
  if (!text.empty()) return text;
  const std::string_view wrong =
      has_field && !known.empty() ? path.substr(block.size() + 1) : block;
  throw std::invalid_argument("there is no " + std::string(path) +
                              runtime::did_you_mean(wrong, known));
}

std::string field_names() {
  std::string names;
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    names += (names.empty() ? "" : " ") + std::string(kind.name);
    for (const Field& field : contract::fields()) {
      if (field.block == kind.name) {
        names += " " + std::string(kind.name) + "." + std::string(field.name);
      }
    }
  }
  return names;
}

std::string json_schema() {
  json properties = json::object();
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    properties[std::string(kind.name)] = kind_schema(kind);
  }
  const json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "Configuration of demarc"},
                       {"type", "object"},
                       {"properties", properties},
                       {"additionalProperties", false}};
  return schema.dump(2) + "\n";
}

std::string reference_page() {
  std::string page =
      "# Configuration reference\n\n"
      "Made by `demarc reference`; do not edit. One TOML file holds all of it. `include = "
      "[\"routes.toml\"]` at its top, before the\nfirst block, reads further files; routes, header "
      "rules and limits of an included file stand behind those of the file\nthat includes it. "
      "Paths "
      "of these, of certificates and of tables are relative to the file that names them. A list of "
      "one may\nbe written without brackets.\n\n"
      "A change that is *live* takes effect for new calls at once. A call in progress keeps its "
      "route and numbers, its limits'\ncounts, its media timeouts and `srtp` with its suites; "
      "where reliable provisional responses are turned off, it goes on\nwith those that it began. "
      "What comes later within it is by the settings in force: the codecs of a further offer, "
      "header\n"
      "fields, transfers, digits and session timers. Targets that it tries later have the settings "
      "of their trunk at that time.\nA change that needs a *restart* waits for the next start of "
      "the dataplane; `demarc diff FILE` says which changes of a file do.\n";
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    page += "\n## " + form_of(kind) + "\n\n" + std::string(kind.doc) + "\n\n";
    page += "| field | type | default | range | change | meaning |\n|---|---|---|---|---|---|\n";
    for (const Field& field : contract::fields()) {
      if (field.block == kind.name) page += row_of(field);
    }
  }
  return page;
}

}  // namespace demarc::config
