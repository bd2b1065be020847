#include "controlplane/config/json_form.h"

#include <nlohmann/json.hpp>

#include "controlplane/config/secrets.h"

namespace demarc::config {
namespace {

using contract::BlockForm;
using contract::Field;
using json = nlohmann::ordered_json;

constexpr int deepest_json = 8;

std::string text_of(const contract::IpAddress& address) {
  return address.is_set() ? std::string(contract::print(address).view()) : std::string();
}

std::string text_of(const Prefix& prefix) {
  const unsigned length = prefix.address.is_v4() ? prefix.length - 96u : prefix.length;
  const std::string text(contract::print(prefix.address).view());
  return prefix.length == 128 ? text : text + "/" + std::to_string(length);
}

std::string text_of(const Peer& peer) {
  return peer.has_port ? peer.host + ":" + std::to_string(peer.endpoint.port) : peer.host;
}

std::string text_of(const PortRange& range) {
  return std::to_string(range.low) + "-" + std::to_string(range.high);
}

template <class T>
json json_of_value(const T& value) {
  return text_of(value);
}
json json_of_value(bool value) {
  return value;
}
json json_of_value(int64_t value) {
  return value;
}
json json_of_value(const std::string& value) {
  return value;
}
template <class T>
json json_of_value(const std::vector<T>& list) {
  json values = json::array();
  for (const T& value : list) values.push_back(json_of_value(value));
  return values;
}

json json_value(const Field& field, const Value& value) {
  if (field.is_secret) return std::get<std::string>(value).empty() ? "" : std::string(mask);
  return std::visit([](const auto& held) { return json_of_value(held); }, value);
}

json json_block(const Block& block, Extent extent) {
  json fields = json::object();
  for (const Field& field : contract::fields()) {
    if (field.block != block.kind) continue;
    if (extent == Extent::written && !block.is_written(field.name)) continue;
    fields[std::string(field.name)] = json_value(field, block.values.at(field.name));
  }
  return fields;
}

std::string dumped(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

// Values of a field, in one line.
std::string toml_value(const json& value, int depth) {
  if (depth > deepest_json) throw JsonError("it is nested too deeply");
  if (value.is_null()) throw JsonError("null has no meaning here; leave the field out");
  if (value.is_string()) return toml_string(value.get<std::string>());
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, element] : value.items()) {
    text += text.empty() ? "" : ", ";
    if (value.is_object()) text += toml_string(key) + " = ";
    text += toml_value(element, depth + 1);
  }
  return value.is_object() ? "{ " + text + " }" : "[" + text + "]";
}

std::string toml_block(const std::string& header, const json& fields) {
  std::string text = header + "\n";
  for (const auto& [key, value] : fields.items()) {
    text += (is_bare_key(key) ? key : toml_string(key)) + " = " + toml_value(value, 0) + "\n";
  }
  return text + "\n";
}

bool are_all_objects(const json& value) {
  for (const json& element : value) {
    if (!element.is_object()) return false;
  }
  return !value.empty();
}

// The blocks of one kind; empty when `value` has not the form of such blocks.
std::string toml_blocks(const std::string& kind, BlockForm form, const json& value) {
  std::string text;
  if (form == BlockForm::single && value.is_object()) return toml_block("[" + kind + "]", value);
  if (form == BlockForm::named && value.is_object() && are_all_objects(value)) {
    for (const auto& [name, fields] : value.items()) {
      const std::string key = is_bare_key(name) ? name : toml_string(name);
      text += toml_block("[" + kind + "." + key + "]", fields);
    }
  }
  if (form == BlockForm::repeated && value.is_array() && are_all_objects(value)) {
    for (const json& fields : value) text += toml_block("[[" + kind + "]]", fields);
  }
  return text;
}

}  // namespace

std::string json_of(const Tree& tree, Extent extent) {
  json document = json::object();
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    const std::string name(kind.name);
    for (const Block& block : tree.of(kind.name)) {
      json fields = json_block(block, extent);
      if (kind.form == BlockForm::named) {
        document[name][block.name] = std::move(fields);
      } else if (kind.form == BlockForm::repeated) {
        document[name].push_back(std::move(fields));
      } else if (!fields.empty()) {
        document[name] = std::move(fields);
      }
    }
  }
  return dumped(document, 2);
}

std::string json_of(const Field& field, const Value& value) {
  return dumped(json_value(field, value), -1);
}

std::string toml_of_json(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) throw JsonError("it is no JSON object");
  std::string loose;  // stands before the first block, where it belongs to none
  std::string blocks;
  for (const auto& [key, value] : document.items()) {
    std::string found;
    for (const contract::BlockKind& kind : contract::block_kinds()) {
      if (kind.name == key) found = toml_blocks(key, kind.form, value);
    }
    const bool is_empty = value.is_structured() && value.empty();
    if (found.empty() && !is_empty) {
      loose += (is_bare_key(key) ? key : toml_string(key)) + " = " + toml_value(value, 0) + "\n";
    }
    blocks += found;
  }
  return loose + blocks;
}

}  // namespace demarc::config
