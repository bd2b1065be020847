#include "controlplane/config/load.h"

#include <optional>

#include "controlplane/config/bind.h"
#include "controlplane/config/check.h"
#include "controlplane/config/check_routes.h"
#include "controlplane/config/named_files.h"
#include "controlplane/config/number_rules.h"
#include "controlplane/config/path.h"
#include "controlplane/config/prefix_lists.h"
#include "controlplane/config/time_zone.h"
#include "controlplane/config/tls_files.h"
#include "controlplane/config/tree.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::config {
namespace {

Loaded unreadable(std::string why) {
  Problems problems;
  problems.error({}, std::move(why));
  Loaded loaded;
  loaded.problems = problems.sorted();
  return loaded;
}

}  // namespace

Loaded load(File main, const Open& open) {
  Loaded loaded;
  Problems problems;
  const auto tree =
      std::make_shared<Tree>(read_tree(std::move(main), open, loaded.files, problems));
  loaded.config = bind(*tree, problems);
  place_named_files(loaded.config, loaded.files);
  loaded.config.files = names_of(loaded.files);
  check(loaded.config, tree->gaps, problems);
  read_table_files(loaded.config, problems);
  read_cost_files(loaded.config, problems);
  read_prefix_files(loaded.config, problems);
  check_listed_prefixes(loaded.config, problems);
  read_zones(loaded.config, problems);
  const auto now = static_cast<int64_t>(runtime::now_unix_ns() / 1'000'000'000);
  read_tls_files(loaded.config, now, problems);
  loaded.problems = problems.sorted();
  add_paths(*tree, loaded.problems);
  loaded.is_good = !problems.has_errors();
  loaded.tree = tree;
  return loaded;
}

Loaded load_text(std::string_view text) {
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  return load({"", std::string(text)}, nothing);
}

Loaded load_file(const std::string& path) {
  try {
    std::optional<std::string> text = open_file(path);
    return text ? load({path, std::move(*text)}, open_file) : unreadable("no such file");
  } catch (const runtime::FileError& error) {
    return unreadable(error.what());
  }
}

std::vector<std::string> texts_of(const Loaded& loaded, std::string_view file) {
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems) {
    const bool is_included = problem.at.file != 0 && problem.at.file < loaded.files.size();
    texts.push_back(text_of(problem, is_included ? loaded.files[problem.at.file].path : file));
  }
  return texts;
}

}  // namespace demarc::config
