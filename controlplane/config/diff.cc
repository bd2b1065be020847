#include "controlplane/config/diff.h"

#include <algorithm>

#include "controlplane/config/json_form.h"
#include "controlplane/config/path.h"

namespace demarc::config {
namespace {

using contract::BlockForm;
using contract::Change;
using contract::Field;
using Kind = Difference::Kind;

// What a block that comes or goes needs: as much as any of its fields.
Change needs_of(std::string_view kind) {
  for (const Field& field : contract::fields()) {
    if (field.block == kind && field.change == Change::restart) return Change::restart;
  }
  return Change::live;
}

class Comparison {
 public:
  std::vector<Difference> run(const Tree& before, const Tree& after) {
    for (const contract::BlockKind& kind : contract::block_kinds()) {
      const std::vector<Block>& old_blocks = before.of(kind.name);
      const std::vector<Block>& new_blocks = after.of(kind.name);
      if (kind.form == BlockForm::repeated) {
        compare_in_order(old_blocks, new_blocks);
      } else {
        compare_by_name(old_blocks, new_blocks);
      }
    }
    return std::move(differences_);
  }

 private:
  void note(Kind kind, const Block& block, size_t index) {
    differences_.push_back({kind, path_of(block, index), "", "", needs_of(block.kind)});
  }

  // Both are sorted by name.
  void compare_by_name(const std::vector<Block>& before, const std::vector<Block>& after) {
    size_t old_at = 0;
    size_t new_at = 0;
    while (old_at < before.size() || new_at < after.size()) {
      const Block* old_block = old_at < before.size() ? &before[old_at] : nullptr;
      const Block* new_block = new_at < after.size() ? &after[new_at] : nullptr;
      if (new_block == nullptr || (old_block != nullptr && old_block->name < new_block->name)) {
        note(Kind::removed, *old_block, old_at++);
      } else if (old_block == nullptr || new_block->name < old_block->name) {
        note(Kind::added, *new_block, new_at++);
      } else {
        compare_fields(*old_block, *new_block, new_at);
        ++old_at;
        ++new_at;
      }
    }
  }

  void compare_fields(const Block& before, const Block& after, size_t index) {
    for (const Field& field : contract::fields()) {
      if (field.block != after.kind) continue;
      const Value& old_value = before.values.at(field.name);
      const Value& new_value = after.values.at(field.name);
      const std::string old_text = json_of(field, old_value);
      const std::string new_text = json_of(field, new_value);
      const bool is_same =
          field.is_secret ? std::get<std::string>(old_value) == std::get<std::string>(new_value)
                          : old_text == new_text;
      if (is_same) continue;
      differences_.push_back({Kind::changed, path_of(after, index) + "/" + std::string(field.name),
                              old_text, new_text, field.change});
    }
  }

  static bool are_same(const Block& a, const Block& b) {
    Comparison fields;
    fields.compare_fields(a, b, 0);
    return fields.differences_.empty();
  }

  void compare_in_order(const std::vector<Block>& before, const std::vector<Block>& after) {
    const size_t least = std::min(before.size(), after.size());
    size_t front = 0;
    while (front < least && are_same(before[front], after[front])) ++front;
    size_t back = 0;
    while (back < least - front &&
           are_same(before[before.size() - 1 - back], after[after.size() - 1 - back])) {
      ++back;
    }
    if (before.size() == after.size()) {
      for (size_t i = front; i < after.size() - back; ++i) compare_fields(before[i], after[i], i);
      return;
    }
    for (size_t i = front; i < before.size() - back; ++i) note(Kind::removed, before[i], i);
    for (size_t i = front; i < after.size() - back; ++i) note(Kind::added, after[i], i);
  }

  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> diff(const Tree& before, const Tree& after) {
  return Comparison().run(before, after);
}

std::string_view spelling(Difference::Kind kind) {
  switch (kind) {
    case Kind::added:
      return "added";
    case Kind::removed:
      return "removed";
    case Kind::changed:
      break;
  }
  return "changed";
}

std::string_view spelling(contract::Change change) {
  return change == contract::Change::live ? "live" : "restart";
}

}  // namespace demarc::config
