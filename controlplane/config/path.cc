#include "controlplane/config/path.h"

#include <map>

#include "controlplane/config/tree.h"

namespace demarc::config {
namespace {

using Paths = std::map<Position, std::string>;

void collect(const Block& block, const std::string& path, Paths& paths) {
  paths.emplace(block.origin.block, path);
  for (const auto& [field, at] : block.origin.fields) paths.emplace(at, path + "/" + field);
  for (const auto& [field, positions] : block.origin.elements) {
    for (size_t i = 0; i < positions.size(); ++i) {
      paths.emplace(positions[i], path + "/" + field + "/" + std::to_string(i));
    }
  }
}

}  // namespace

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '~') {
      text += "~0";
    } else if (c == '/') {
      text += "~1";
    } else {
      text += c;
    }
  }
  return text;
}

std::string path_of(const Block& block, size_t index) {
  const std::string path = "/" + std::string(block.kind);
  if (!block.name.empty()) return path + "/" + escaped(block.name);
  for (const contract::BlockKind& kind : contract::block_kinds()) {
    if (kind.name == block.kind && kind.form == contract::BlockForm::repeated) {
      return path + "/" + std::to_string(index);
    }
  }
  return path;
}

void add_paths(const Tree& tree, std::vector<Problem>& problems) {
  if (problems.empty()) return;
  Paths paths;
  for (const auto& [kind, blocks] : tree.blocks) {
    for (size_t i = 0; i < blocks.size(); ++i) collect(blocks[i], path_of(blocks[i], i), paths);
  }
  for (Problem& problem : problems) {
    const auto found = paths.find(problem.at);
    if (problem.path.empty() && found != paths.end()) problem.path = found->second;
  }
}

}  // namespace demarc::config
