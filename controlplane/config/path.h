// Paths of blocks and fields as JSON pointers (RFC 6901), as they stand in the JSON form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/problem.h"

namespace demarc::config {

struct Block;
struct Tree;

// One name within a pointer: '~' and '/' are written as "~0" and "~1".
std::string escaped(std::string_view name);

// "/trunk/acme", "/route/2", "/platform". `index` is the place among the blocks of its kind.
std::string path_of(const Block& block, size_t index);

// Gives each problem that has none the path of the block, field or element that it points at.
void add_paths(const Tree& tree, std::vector<Problem>& problems);

}  // namespace demarc::config
