#include "controlplane/config/tree.h"

#include <toml++/toml.h>

#include <array>
#include <optional>

#include "controlplane/config/syntax.h"
#include "controlplane/runtime/suggest.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

using contract::Field;
using contract::FieldType;

constexpr std::array<std::string_view, 8> kinds = {"platform", "port",  "realm", "trunk",
                                                   "tls",      "table", "route", "header"};
constexpr size_t longest_name = 62;  // what a call record has room for

Position position_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

// Reads the blocks; every mistake goes to `problems` with its position.
class Reader {
 public:
  Reader(Tree& tree, Problems& problems) : tree_(tree), problems_(problems) {}

  void read(const toml::table& root) {
    for (const auto& [key, node] : root) read_kind(key, node);
    if (tree_.platform.values.empty()) tree_.platform = empty_block("platform", "", {1, 1});
  }

 private:
  void read_kind(const toml::key& key, const toml::node& node) {
    const Position at = position_of(key.source());
    if (key == "platform") {
      if (const toml::table* table = table_of(node, at, "[platform]")) {
        tree_.platform = read_block("platform", "", *table, at);
      }
    } else if (key == "port") {
      read_named("port", node, at, tree_.ports);
    } else if (key == "realm") {
      read_named("realm", node, at, tree_.realms);
    } else if (key == "trunk") {
      read_named("trunk", node, at, tree_.trunks);
    } else if (key == "tls") {
      read_named("tls", node, at, tree_.tls);
    } else if (key == "table") {
      read_named("table", node, at, tree_.tables);
    } else if (key == "route") {
      read_repeated("route", node, at, tree_.routes);
    } else if (key == "header") {
      read_repeated("header", node, at, tree_.headers);
    } else {
      const std::string name(key.str());
      const std::string what = node.is_table() || node.is_array_of_tables()
                                   ? "unknown block [" + name + "]"
                                   : "field \"" + name + "\" stands in no block";
      problems_.error(at, what + runtime::did_you_mean(name, kinds));
    }
  }

  const toml::table* table_of(const toml::node& node, Position at, const std::string& form) {
    if (const toml::table* table = node.as_table()) return table;
    problems_.error(at, "expected " + form + ", got " + type_name(node));
    return nullptr;
  }

  void read_named(std::string_view kind, const toml::node& node, Position at,
                  std::vector<Block>& blocks) {
    const std::string form = "[" + std::string(kind) + ".NAME]";
    const toml::table* all = table_of(node, at, form);
    if (all == nullptr) return;
    for (const auto& [key, value] : *all) {
      const Position block_at = position_of(key.source());
      const std::string name(key.str());
      if (!value.is_table()) {
        problems_.error(block_at, "\"" + name + "\" stands in no block: " + form + " is missing");
        continue;
      }
      check_name(name, block_at);
      blocks.push_back(read_block(kind, name, *value.as_table(), block_at));
    }
  }

  void read_repeated(std::string_view kind, const toml::node& node, Position at,
                     std::vector<Block>& blocks) {
    const std::string form = "[[" + std::string(kind) + "]]";
    const toml::array* all = node.as_array();
    if (all == nullptr) {
      problems_.error(at, "expected " + form + ", got " + type_name(node));
      return;
    }
    for (const toml::node& element : *all) {
      const Position block_at = position_of(element.source());
      if (const toml::table* table = table_of(element, block_at, form)) {
        blocks.push_back(read_block(kind, "", *table, block_at));
      }
    }
  }

  void check_name(const std::string& name, Position at) {
    bool is_good = !name.empty() && name.size() <= longest_name;
    for (const char c : name) {
      is_good = is_good && (ascii::is_alphanum(c) || c == '-' || c == '_' || c == '.');
    }
    if (!is_good) {
      problems_.error(at, "a name is 1 to 62 letters, digits, '-', '_' and '.'");
    }
  }

  Block empty_block(std::string_view kind, const std::string& name, Position at) {
    Block block;
    block.kind = kind;
    block.name = name;
    block.origin.block = at;
    for (const Field& field : contract::fields()) {
      if (field.block == kind) block.values.emplace(field.name, default_value(field));
    }
    return block;
  }

  Block read_block(std::string_view kind, const std::string& name, const toml::table& table,
                   Position at) {
    Block block = empty_block(kind, name, at);
    for (const auto& [key, node] : table) {
      const Field* field = contract::find_field(kind, key.str());
      if (field == nullptr) {
        unknown_field(kind, key);
        continue;
      }
      const Position value_at = position_of(node.source());
      // Noted even when the value is refused: it is not missing.
      block.origin.fields[std::string(field->name)] = value_at;
      try {
        if (is_list(field->type) && node.is_array()) {
          read_list(*field, *node.as_array(), block);
        } else {
          block.values[field->name] = read_value(*field, node);
        }
      } catch (const ValueError& error) {
        block.origin.refused.emplace(field->name);
        problems_.error(value_at, std::string(field->name) + ": " + error.what());
      }
    }
    if (!tree_.gaps.has_lost_fields) find_missing(block);
    return block;
  }

  void unknown_field(std::string_view kind, const toml::key& key) {
    std::vector<std::string_view> known;
    for (const Field& field : contract::fields()) {
      if (field.block == kind) known.push_back(field.name);
    }
    problems_.error(position_of(key.source()), "unknown field \"" + std::string(key.str()) +
                                                   "\" in a " + std::string(kind) + " block" +
                                                   runtime::did_you_mean(key.str(), known));
  }

  void find_missing(const Block& block) {
    for (const Field& field : contract::fields()) {
      if (field.block != block.kind || !field.is_required || block.is_written(field.name)) continue;
      problems_.error(block.origin.block, "field \"" + std::string(field.name) +
                                              "\" is missing: " + std::string(field.doc));
    }
  }

  static Value read_value(const Field& field, const toml::node& node) {
    if (const auto* string = node.as_string()) return text_value(field, string->get());
    if (field.type == FieldType::integer && node.is_integer()) {
      return integer_value(field, node.as_integer()->get());
    }
    if (field.type == FieldType::boolean && node.is_boolean()) return node.as_boolean()->get();
    if (field.type == FieldType::integers && node.is_integer()) {
      return std::vector<int64_t>{integer_value(field, node.as_integer()->get())};
    }
    throw ValueError("expected " + std::string(wanted(field.type)) + ", got " + type_name(node));
  }

  // Every element that is wrong is told of; those that are good count.
  void read_list(const Field& field, const toml::array& array, Block& block) {
    if (array.empty() && field.default_text.empty()) {
      throw ValueError("an empty array; leave the field out instead");
    }
    if (array.size() > field.most) {
      throw ValueError(std::to_string(array.size()) + " elements, the limit is " +
                       std::to_string(field.most));
    }
    Value list = empty_list(field);
    std::vector<Position>& positions = block.origin.elements[std::string(field.name)];
    for (const toml::node& element : array) {
      const Position at = position_of(element.source());
      try {
        const bool is_wanted =
            field.type == FieldType::integers ? element.is_integer() : element.is_string();
        if (!is_wanted) {
          throw ValueError("expected " + std::string(wanted_element(field.type)) + ", got " +
                           type_name(element));
        }
        append(list, read_value(field, element));
        positions.push_back(at);
      } catch (const ValueError& error) {
        problems_.error(at, std::string(field.name) + ": " + error.what());
      }
    }
    block.values[field.name] = std::move(list);
  }

  Tree& tree_;
  Problems& problems_;
};

}  // namespace

Tree read_tree(std::string_view text, Problems& problems) {
  Tree tree;
  const toml::table root = parse_all(std::string(text), problems, tree.gaps);
  Reader(tree, problems).read(root);
  return tree;
}

}  // namespace demarc::config
