// The first half of loading: TOML text becomes blocks of typed fields, as contract::fields() says.
// Finds wrong syntax, unknown blocks and fields, wrong types and ranges, missing fields, and files
// that can not be included.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/file.h"
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

// Where a credential stands: from `begin` up to, not including, `end`, quotes included.
struct SecretPlace {
  Position begin;
  Position end;
  std::string path;  // "/trunk/acme/password"
  std::string value;
};

struct Tree {
  std::map<std::string_view, std::vector<Block>> blocks;  // by kind; a kind without any is missing
  std::vector<SecretPlace> secrets;
  Gaps gaps;

  // In the order of the file, named ones sorted by name.
  const std::vector<Block>& of(std::string_view kind) const;
};

// Reads `main` and what it includes through `open`; `files` gets them all, `main` first.
Tree read_tree(File main, const Open& open, std::vector<File>& files, Problems& problems);

}  // namespace demarc::config
