// Whether a name of a field leads to a block; reports it when not. Used by check.cc and
// check_policy.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/problem.h"
#include "controlplane/runtime/suggest.h"

namespace demarc::config {

struct Reference {
  std::string_view field;
  std::string_view kind;  // of the block that is named
  Position at;
};

// An empty name is of a field that is missing or was refused, which has been reported already.
// After blocks were lost for wrong syntax nothing is said.
template <class Block>
bool refers(const Reference& reference, const std::string& name, const std::vector<Block>& blocks,
            const Gaps& gaps, Problems& problems) {
  if (find_block(blocks, name) != nullptr) return true;
  if (gaps.has_lost_blocks || name.empty()) return false;
  std::vector<std::string_view> known;
  for (const Block& block : blocks) known.push_back(block.name);
  problems.error(reference.at, std::string(reference.field) + ": there is no [" +
                                   std::string(reference.kind) + "." + name + "]" +
                                   runtime::did_you_mean(name, known));
  return false;
}

}  // namespace demarc::config
