#include "controlplane/config/check_limits.h"

#include <algorithm>
#include <set>

#include "controlplane/config/reference.h"

namespace demarc::config {
namespace {

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

void check_limits(const Config& config, const Gaps& gaps, Problems& problems) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const PrefixLimit& limit : config.prefix_limits) {
    const Origin& origin = limit.origin;
    refers({"trunk", "trunk", origin.of("trunk")}, limit.trunk, config.trunks, gaps, problems);
    if (limit.prefix.find_first_not_of("0123456789*#+") != std::string::npos) {
      problems.error(origin.of("prefix"),
                     "prefix: " + quoted(limit.prefix) + " may hold digits, '*', '#' and '+' only");
    }
    if (limit.calls == 0 && limit.rate == 0 && !gaps.has_lost_fields) {
      problems.error(origin.block, "neither max_calls nor calls_per_second says what the limit is");
    }
    if (!seen.emplace(limit.trunk, limit.prefix).second) {
      problems.error(origin.block, "another limit of " + quoted(limit.trunk) +
                                       " has the same prefix " + quoted(limit.prefix));
    }
  }
  size_t rows = config.prefix_limits.size();
  for (const Group& group : config.groups) {
    for (const uint32_t rate : {group.rate, group.rate_in, group.rate_out}) rows += rate != 0;
  }
  const Platform& platform = config.platform;
  if (gaps.has_lost_blocks || rows <= platform.limit_capacity) return;
  problems.error(platform.origin.of("limit_capacity"), "limit_capacity: " + std::to_string(rows) +
                                                           " limits do not fit " +
                                                           std::to_string(platform.limit_capacity));
}

}  // namespace demarc::config
