// A direction of a call's media as JSON: ledger, quality, addresses, verdict. The one form of it,
// in the API and in call records; fields are added, never renamed or removed. For .cc files only,
// since it shows nlohmann's types.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "dataplane/contract/media_summary.h"
#include "dataplane/contract/media_totals.h"

namespace demarc::media_report {

// [0] from the caller, [1] from the called. What was not measured is null.
nlohmann::ordered_json media_json(const contract::MediaSummary (&media)[2], uint64_t now_unix_ns);
// The same of one m-line among several, with what it is.
nlohmann::ordered_json stream_json(const contract::MediaSummary (&media)[2], uint64_t now_unix_ns);
// What all m-lines of a call did together, per direction.
nlohmann::ordered_json totals_json(const contract::MediaTotals (&totals)[2]);

}  // namespace demarc::media_report
