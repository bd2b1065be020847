#include "dataplane/route/failover.h"

#include <algorithm>

namespace demarc::route {

uint16_t failure_status(const contract::CallPolicy& policy, const contract::TrunkSection& section,
                        uint16_t status_code, uint16_t q850_cause) {
  if (status_code < 400 || status_code > 699) return status_code;
  for (const contract::CauseRule& rule : elements(section.header, policy.cause_rules)) {
    if (rule.status_code != 0 && rule.status_code != status_code) continue;
    if (rule.cause != 0 && rule.cause != q850_cause) continue;
    return rule.becomes;
  }
  return status_code;
}

bool is_next_tried(const contract::CallPolicy& policy, const contract::TrunkSection& section,
                   uint16_t status_code) {
  const auto codes = elements(section.header, policy.failover_codes);
  return std::binary_search(codes.begin(), codes.end(), status_code);
}

bool is_next_tried(const contract::CallPolicy& policy, contract::FailoverTimeout timeout) {
  return (policy.failover_timeouts & static_cast<unsigned>(timeout)) != 0;
}

}  // namespace demarc::route
