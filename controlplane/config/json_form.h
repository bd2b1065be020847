// The JSON form of a configuration, one to one with the TOML tree: {"platform": {...},
// "trunk": {"acme": {...}}, "route": [{...}]}. Credentials are shown as the mask.
// The API gives and takes it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "controlplane/config/tree.h"

namespace demarc::config {

// With what stands in the file, or with every default as well.
enum class Extent : uint8_t { written, all };

std::string json_of(const Tree& tree, Extent extent);

// One value as JSON. A credential that is set is the mask.
std::string json_of(const contract::Field& field, const Value& value);

struct JsonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The same configuration as TOML, block by block. What JSON can say and a configuration can not is
// left to load() to refuse. Throws JsonError for what is no JSON object.
std::string toml_of_json(std::string_view json);

}  // namespace demarc::config
