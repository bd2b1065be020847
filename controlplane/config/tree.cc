#include "controlplane/config/tree.h"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>

#include "controlplane/config/path.h"
#include "controlplane/config/syntax.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/suggest.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

using contract::Field;
using contract::FieldType;

constexpr std::string_view include_key = "include";
constexpr size_t longest_name = 62;  // what a call record has room for

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

const contract::BlockKind* find_kind(std::string_view name) {
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

// Reads the blocks of one file; every mistake goes to `problems` with its position.
class Reader {
 public:
  Reader(Tree& tree, uint16_t file, Problems& problems)
      : tree_(tree), file_(file), problems_(problems) {}

  void read(const toml::table& root) {
    for (const auto& [key, node] : root) {
      if (key == include_key) continue;
      if (const contract::BlockKind* kind = find_kind(key.str())) {
        read_kind(*kind, key, node);
      } else {
        unknown_kind(key, node);
      }
    }
  }

  // What a kind that stands in no file is like.
  void add_default(std::string_view kind) {
    tree_.blocks[kind].push_back(empty_block(kind, "", {1, 1}));
  }

 private:
  Position position_of(const toml::source_region& region) const {
    return {region.begin.line, region.begin.column, file_};
  }

  void read_kind(const contract::BlockKind& kind, const toml::key& key, const toml::node& node) {
    const Position at = position_of(key.source());
    switch (kind.form) {
      case contract::BlockForm::single:
        return read_single(kind.name, node, at);
      case contract::BlockForm::named:
        return read_named(kind.name, node, at);
      case contract::BlockForm::repeated:
        return read_repeated(kind.name, node, at);
    }
  }

  void unknown_kind(const toml::key& key, const toml::node& node) {
    const std::string name(key.str());
    const std::string what = node.is_table() || node.is_array_of_tables()
                                 ? "unknown block [" + name + "]"
                                 : "field \"" + name + "\" stands in no block";
    std::vector<std::string_view> known;
    for (const contract::BlockKind& kind : contract::block_kinds()) known.push_back(kind.name);
    problems_.error(position_of(key.source()), what + runtime::did_you_mean(name, known),
                    "/" + escaped(name));
  }

  // TOML itself refuses a block that stands twice in one file.
  bool is_new(std::string_view kind, const std::string& name, Position at) {
    if (file_ == 0) return true;
    for (const Block& block : tree_.of(kind)) {
      if (block.name != name) continue;
      const std::string shown = name.empty() ? std::string(kind) : std::string(kind) + "." + name;
      problems_.error(at, "[" + shown + "] stands in another file already, at its line " +
                              std::to_string(block.origin.block.line));
      return false;
    }
    return true;
  }

  void read_single(std::string_view kind, const toml::node& node, Position at) {
    const toml::table* table = table_of(node, at, "[" + std::string(kind) + "]");
    if (table == nullptr || !is_new(kind, "", at)) return;
    tree_.blocks[kind].push_back(read_block(kind, "", *table, at));
  }

  const toml::table* table_of(const toml::node& node, Position at, const std::string& form) {
    if (const toml::table* table = node.as_table()) return table;
    problems_.error(at, "expected " + form + ", got " + type_name(node));
    return nullptr;
  }

  void read_named(std::string_view kind, const toml::node& node, Position at) {
    const std::string form = "[" + std::string(kind) + ".NAME]";
    const toml::table* all = table_of(node, at, form);
    if (all == nullptr) return;
    for (const auto& [key, value] : *all) {
      const Position block_at = position_of(key.source());
      const std::string name(key.str());
      if (!value.is_table()) {
        problems_.error(block_at, "\"" + name + "\" stands in no block: " + form + " is missing",
                        "/" + std::string(kind) + "/" + escaped(name));
        continue;
      }
      check_name(name, block_at);
      if (!is_new(kind, name, block_at)) continue;
      Block block = read_block(kind, name, *value.as_table(), block_at);
      tree_.blocks[kind].push_back(std::move(block));
    }
  }

  void read_repeated(std::string_view kind, const toml::node& node, Position at) {
    const std::string form = "[[" + std::string(kind) + "]]";
    const toml::array* all = node.as_array();
    if (all == nullptr) {
      problems_.error(at, "expected " + form + ", got " + type_name(node));
      return;
    }
    for (const toml::node& element : *all) {
      const Position block_at = position_of(element.source());
      if (const toml::table* table = table_of(element, block_at, form)) {
        Block block = read_block(kind, "", *table, block_at);
        tree_.blocks[kind].push_back(std::move(block));
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
        unknown_field(block, key);
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
        if (field->is_secret && node.is_string()) note_secret(block, *field, node);
      } catch (const ValueError& error) {
        block.origin.refused.emplace(field->name);
        problems_.error(value_at, std::string(field->name) + ": " + error.what());
      }
    }
    if (!tree_.gaps.has_lost_fields) find_missing(block);
    return block;
  }

  void note_secret(const Block& block, const Field& field, const toml::node& node) {
    const toml::source_position& end = node.source().end;
    tree_.secrets.push_back({position_of(node.source()),
                             {end.line, end.column, file_},
                             block_path(block) + "/" + std::string(field.name),
                             block.get<std::string>(field.name)});
  }

  // Of a block that is not among the tree's yet.
  std::string block_path(const Block& block) const {
    return path_of(block, tree_.of(block.kind).size());
  }

  void unknown_field(const Block& block, const toml::key& key) {
    std::vector<std::string_view> known;
    for (const Field& field : contract::fields()) {
      if (field.block == block.kind) known.push_back(field.name);
    }
    problems_.error(position_of(key.source()),
                    "unknown field \"" + std::string(key.str()) + "\" in a " +
                        std::string(block.kind) + " block" +
                        runtime::did_you_mean(key.str(), known),
                    block_path(block) + "/" + escaped(key.str()));
  }

  void find_missing(const Block& block) {
    for (const Field& field : contract::fields()) {
      if (field.block != block.kind || !field.is_required || block.is_written(field.name)) continue;
      problems_.error(
          block.origin.block,
          "field \"" + std::string(field.name) + "\" is missing: " + std::string(field.doc),
          block_path(block) + "/" + std::string(field.name));
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
    size_t index = 0;
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
        problems_.error(
            at, std::string(field.name) + ": " + error.what(),
            block_path(block) + "/" + std::string(field.name) + "/" + std::to_string(index));
      }
      ++index;
    }
    block.values[field.name] = std::move(list);
  }

  Tree& tree_;
  const uint16_t file_;
  Problems& problems_;
};

// Reads a file and, behind it, those that it includes, in their order.
class FileReader {
 public:
  FileReader(Tree& tree, const Open& open, std::vector<File>& files, Problems& problems)
      : tree_(tree), open_(open), files_(files), problems_(problems) {}

  void read(File file) {
    const auto index = static_cast<uint16_t>(files_.size());
    octets_ += file.text.size();
    files_.push_back(std::move(file));
    const toml::table root = parse_all(files_[index].text, index, problems_, tree_.gaps);
    Reader(tree_, index, problems_).read(root);
    const toml::node* list = root.get(include_key);
    if (list == nullptr) return;
    open_now_.push_back(index);
    read_list(*list, index);
    open_now_.pop_back();
  }

 private:
  void read_list(const toml::node& list, uint16_t includer) {
    if (list.is_string()) return include(list, includer);
    if (!list.is_array()) return refuse(list, includer, "expected a path in quotes or an array");
    for (const toml::node& element : *list.as_array()) {
      if (element.is_string()) {
        include(element, includer);
      } else {
        refuse(element, includer, "expected a path in quotes");
      }
    }
  }

  void include(const toml::node& node, uint16_t includer) {
    const std::string& written = node.as_string()->get();
    if (const std::string fault = fault_of(written); !fault.empty()) {
      return refuse(node, includer, fault);
    }
    const std::string path = path_beside(files_[includer].path, written);
    for (uint16_t i = 0; i < files_.size(); ++i) {
      if (path_beside("", files_[i].path) != path) continue;
      const bool is_loop = std::find(open_now_.begin(), open_now_.end(), i) != open_now_.end();
      return refuse(node, includer,
                    is_loop ? path + " includes itself" : path + " is included already");
    }
    try {
      std::optional<std::string> text = open_(path);
      if (!text) return refuse(node, includer, "no such file: " + path);
      if (octets_ + text->size() > longest_file) {
        return refuse(node, includer, "all files together are longer than 16 MB");
      }
      read({path, std::move(*text)});
    } catch (const runtime::FileError& error) {
      refuse(node, includer, error.what());
    }
  }

  std::string fault_of(const std::string& path) const {
    if (path.empty() || path.size() > longest_include_path) return "a path is 1 to 1023 characters";
    for (const char c : path) {
      if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
        return "must not hold control characters";
    }
    if (files_.size() > max_included_files) return "more than 256 files are included";
    return {};
  }

  void refuse(const toml::node& node, uint16_t includer, const std::string& why) {
    const toml::source_position& at = node.source().begin;
    problems_.error({at.line, at.column, includer}, std::string(include_key) + ": " + why,
                    "/" + std::string(include_key));
    // What a file that was not read would have held is not missed.
    tree_.gaps.has_lost_blocks = true;
  }

  Tree& tree_;
  const Open& open_;
  std::vector<File>& files_;
  Problems& problems_;
  std::vector<uint16_t> open_now_;  // the files that include the one that is read
  size_t octets_ = 0;
};

}  // namespace

const std::vector<Block>& Tree::of(std::string_view kind) const {
  static const std::vector<Block> none;
  const auto found = blocks.find(kind);
  return found == blocks.end() ? none : found->second;
}

Tree read_tree(File main, const Open& open, std::vector<File>& files, Problems& problems) {
  Tree tree;
  FileReader(tree, open, files, problems).read(std::move(main));
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    std::vector<Block>& blocks = tree.blocks[kind.name];
    if (kind.form == contract::BlockForm::single && blocks.empty()) {
      Reader(tree, 0, problems).add_default(kind.name);
    }
    if (kind.form != contract::BlockForm::named) continue;
    std::sort(blocks.begin(), blocks.end(),
              [](const Block& a, const Block& b) { return a.name < b.name; });
  }
  return tree;
}

}  // namespace demarc::config
