#include "controlplane/config/load.h"

#include <optional>

#include "controlplane/config/bind.h"
#include "controlplane/config/check.h"
#include "controlplane/config/number_rules.h"
#include "controlplane/config/tls_files.h"
#include "controlplane/config/tree.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::config {
namespace {

constexpr size_t longest_file = 16u << 20;

Loaded finish(Config config, const Problems& problems) {
  return {std::move(config), problems.sorted(), !problems.has_errors()};
}

}  // namespace

Loaded load_text(std::string_view text) {
  Problems problems;
  const Tree tree = read_tree(text, problems);
  Config config = bind(tree, problems);
  check(config, tree.gaps, problems);
  read_table_files(config, problems);
  read_tls_files(config, static_cast<int64_t>(runtime::now_unix_ns() / 1'000'000'000), problems);
  return finish(std::move(config), problems);
}

Loaded load_file(const std::string& path) {
  Problems problems;
  try {
    const std::optional<std::string> text = runtime::read_file(path, longest_file);
    if (text) return load_text(*text);
    problems.error({}, "no such file");
  } catch (const runtime::FileError& error) {
    problems.error({}, error.what());
  }
  return finish({}, problems);
}

std::vector<std::string> texts_of(const Loaded& loaded, std::string_view file) {
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems) texts.push_back(text_of(problem, file));
  return texts;
}

}  // namespace demarc::config
