#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "controlplane/media/media_json.h"
#include "controlplane/rest/handlers.h"
#include "controlplane/rest/json_text.h"
#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"
#include "sip-parser/base/ascii.h"

namespace demarc::rest {
namespace {

using contract::CallPhase;
using contract::CallSlot;
using contract::DirectoryCell;
using contract::DirectoryRow;
using contract::Region;
using contract::RowText;
using contract::TrunkId;
using contract::WorkerIndex;
using json = nlohmann::ordered_json;

constexpr uint64_t default_limit = 100;
constexpr uint64_t highest_limit = 1000;
// Slots looked at for one answer, so that a large empty directory does not hold the API up.
constexpr uint64_t most_slots = 1u << 16;

json trunk_name(TrunkId id, const ConfigState& state) {
  if (id == TrunkId::none) return nullptr;
  const std::string_view name = state.ids.trunks.name_of(contract::index_of(id));
  return name.empty() ? "#" + std::to_string(contract::index_of(id)) : std::string(name);
}

std::string id_of(const DirectoryRow& row) {
  return std::to_string(row.worker) + "-" + std::to_string(row.serial);
}

// The m-lines of a call; those that its row has not may be fewer than there are.
struct Media {
  DirectoryRow row;
  Region::FurtherStreams further = {};
  unsigned further_count = 0;
};

Media media_of(const Region& region, const DirectoryRow& row) {
  Media media{.row = row};
  media.further_count = region.further_streams(row, media.further);
  return media;
}

json totals_of(const Media& media) {
  contract::MediaTotals totals[2];
  for (unsigned side = 0; side < 2; ++side) {
    add(totals[side], media.row.media[side]);
    for (unsigned i = 0; i < media.further_count; ++i) {
      add(totals[side], media.further[i].media[side]);
    }
  }
  return media_report::totals_json(totals);
}

// In the order of the SDP.
json streams_of(const Media& media, uint64_t now_unix_ns) {
  std::map<uint8_t, json> streams;
  const auto show = [&](const contract::MediaSummary(&stream)[2]) {
    if (stream[0].streams == 0) return;
    streams[stream[0].media_index] = media_report::stream_json(stream, now_unix_ns);
  };
  show(media.row.media);
  for (unsigned i = 0; i < media.further_count; ++i) show(media.further[i].media);
  json all = json::array();
  for (auto& [index, stream] : streams) all.push_back(std::move(stream));
  return all;
}

json call_of(const Media& media, const ConfigState& state) {
  const DirectoryRow& row = media.row;
  return {{"id", id_of(row)},
          {"phase", spelling(row.phase)},
          {"from", trunk_name(row.from, state)},
          {"to", trunk_name(row.to, state)},
          {"calling", row.text(RowText::calling)},
          {"called", row.text(RowText::called)},
          {"started", time_or_null(row.started_unix_ns)},
          {"answered", time_or_null(row.answered_unix_ns)},
          {"call_id_in", row.text(RowText::call_id_in)},
          {"call_id_out", row.text(RowText::call_id_out)},
          {"m_lines", row.media[0].streams},
          {"media", media_report::media_json(row.media, runtime::now_unix_ns())},
          {"totals", totals_of(media)}};
}

// False for a free slot, and for one whose writer died in the middle.
bool read_call(const Region& region, WorkerIndex worker, uint32_t slot, DirectoryRow& row) {
  const DirectoryCell& cell = region.directory(worker, CallSlot{slot});
  return cell.version() != 0 && cell.load(row) && row.phase != CallPhase::none;
}

bool parse_number(const Request& request, std::string_view name, uint64_t maximum,
                  uint64_t& value) {
  const auto found = request.query.find(name);
  return found == request.query.end() || ascii::parse_decimal(found->second, maximum, value);
}

}  // namespace

// A cursor is the number of the next slot over all workers: a call is never shown twice, and one
// that lives through the whole listing is never left out.
Response get_calls(const Request& request, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  if (attachment == nullptr) return detached(request);
  const Region& region = attachment->region();
  const uint64_t slots_each = region.sizes().calls_per_worker;
  const uint64_t slots = slots_each * region.workers();
  uint64_t limit = default_limit;
  uint64_t cursor = 0;
  if (!parse_number(request, "limit", highest_limit, limit) || limit == 0) {
    return problem(400, "limit must be 1 to 1000", request.path);
  }
  if (!parse_number(request, "cursor", slots, cursor)) {
    return problem(400, "cursor is none that this API gave out", request.path);
  }
  const ConfigState state = sources.config();
  json rows = json::array();
  const uint64_t stop = std::min(slots, cursor + most_slots);
  while (cursor < stop && rows.size() < limit) {
    DirectoryRow row;
    const auto worker = static_cast<WorkerIndex>(cursor / slots_each);
    if (read_call(region, worker, static_cast<uint32_t>(cursor % slots_each), row)) {
      rows.push_back(call_of(media_of(region, row), state));
    }
    ++cursor;
  }
  json body = {{"calls", rows}, {"next_cursor", nullptr}};
  if (cursor < slots) body["next_cursor"] = std::to_string(cursor);
  return json_response(body);
}

NamedCalls calls_of(const std::vector<std::string>& trunks, const Sources& sources) {
  NamedCalls named;
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  if (trunks.empty() || attachment == nullptr) return named;
  const ConfigState state = sources.config();
  std::set<TrunkId> wanted;
  for (const std::string& trunk : trunks) {
    const auto id = state.ids.trunks.all().find(trunk);
    if (id != state.ids.trunks.all().end()) {
      wanted.insert(TrunkId{static_cast<uint16_t>(id->second)});
    }
  }
  const Region& region = attachment->region();
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    for (uint32_t slot = 0; slot < region.sizes().calls_per_worker; ++slot) {
      DirectoryRow row;
      if (!read_call(region, static_cast<WorkerIndex>(worker), slot, row)) continue;
      if (!wanted.contains(row.from) && !wanted.contains(row.to)) continue;
      if (named.ids.size() < max_named_calls) named.ids.push_back(id_of(row));
      ++named.count;
    }
  }
  return named;
}

namespace {

// A call by its name in the path; what the caller gets where there is none.
struct Found {
  std::optional<Response> refusal = {};
  CallSlot slot = CallSlot::none;
  DirectoryRow row = {};
};

Found find_call(const Request& request, const Region& region) {
  const std::string_view id = std::string_view(request.path).substr(call_path.size());
  const size_t dash = std::min(id.find('-'), id.size());
  uint64_t worker = 0;
  uint64_t serial = 0;
  if (!ascii::parse_decimal(id.substr(0, dash), contract::max_workers - 1, worker) ||
      !ascii::parse_decimal(id.substr(std::min(dash + 1, id.size())), UINT64_MAX, serial)) {
    return {.refusal = problem(400, "a call is named WORKER-SERIAL", request.path)};
  }
  for (uint32_t slot = 0; worker < region.workers() && slot < region.sizes().calls_per_worker;
       ++slot) {
    DirectoryRow row;
    if (read_call(region, static_cast<WorkerIndex>(worker), slot, row) && row.serial == serial) {
      return {.slot = CallSlot{slot}, .row = row};
    }
  }
  return {.refusal = problem(404, "there is no such call; it may have ended", request.path)};
}

// The peers get BYE, CANCEL or a refusal, whatever the call is at; the directory shows what came of
// it, so nobody waits for the worker's event.
Response hang_up(const Request& request, const Region& region, const Found& found) {
  // While the dataplane ends its calls, its main thread is the one that puts commands in.
  const contract::DataplaneState state = region.header().state.load(std::memory_order_acquire);
  if (state != contract::DataplaneState::running && state != contract::DataplaneState::draining) {
    return problem(409, "the dataplane is ending all calls", request.path);
  }
  contract::Event event;
  contract::EventRing events = region.events(found.row.worker);
  while (events.pop(event)) {
  }
  const contract::Command command{contract::Command::Kind::hang_up, found.slot, found.row.serial};
  if (!region.commands(found.row.worker).push(command)) {
    return problem(503, "the worker has commands enough for now", request.path);
  }
  const std::string id = id_of(found.row);
  runtime::log(runtime::Level::info, "rest", "call " + id + " is hung up by " + request.user);
  Response response = json_response({{"call", id}, {"hanging_up", true}});
  response.status = 202;
  return response;
}

}  // namespace

Response respond_call(const Request& request, const Sources& sources) {
  const std::shared_ptr<const link::Attachment> attachment = sources.attachment();
  if (attachment == nullptr) return detached(request);
  Found found = find_call(request, attachment->region());
  if (found.refusal) return *std::move(found.refusal);
  if (request.method == "DELETE") return hang_up(request, attachment->region(), found);
  const Media media = media_of(attachment->region(), found.row);
  json body = call_of(media, sources.config());
  body["streams"] = streams_of(media, runtime::now_unix_ns());
  return json_response(body);
}

}  // namespace demarc::rest
