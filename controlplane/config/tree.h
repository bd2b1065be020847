// The first half of loading: TOML text becomes blocks of typed fields, as contract::fields() says.
// Finds wrong syntax, unknown blocks and fields, wrong types and ranges, and missing fields.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/problem.h"
#include "controlplane/config/value.h"

namespace demarc::config {

// One [kind], [kind.name] or [[kind]]; every field of the kind has a value.
struct Block {
  std::string_view kind;
  std::string name;
  std::map<std::string_view, Value> values;
  Origin origin;

  template <class T>
  const T& get(std::string_view field) const {
    return std::get<T>(values.at(field));
  }
  bool is_written(std::string_view field) const { return origin.fields.contains(field); }
};

struct Tree {
  Block platform;
  std::vector<Block> ports, realms, trunks, tls, tables, routes, headers;
  Gaps gaps;
};

Tree read_tree(std::string_view text, Problems& problems);

}  // namespace demarc::config
