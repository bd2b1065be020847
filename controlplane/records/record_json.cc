#include "controlplane/records/record_json.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "controlplane/media/media_json.h"
#include "controlplane/runtime/wall_clock.h"

namespace demarc::records {
namespace {

using contract::CallEnd;
using contract::CallRecord;
using json = nlohmann::ordered_json;

std::string_view spelling(contract::AttemptEnd end) {
  constexpr std::string_view names[] = {"none",        "answered",  "refused",   "no_response",
                                        "no_progress", "no_answer", "cancelled", "taken",
                                        "unreachable", "limited",   "dropped"};
  static_assert(std::size(names) == static_cast<size_t>(contract::AttemptEnd::dropped) + 1,
                "every reason has its name");
  const size_t index = static_cast<size_t>(end);
  return index < std::size(names) ? names[index] : "unknown";
}

std::string_view spelling(contract::TransferPart part) {
  constexpr std::string_view names[] = {"none", "referred", "target", "replaced", "replacing"};
  static_assert(std::size(names) == static_cast<size_t>(contract::TransferPart::replacing) + 1,
                "every part has its name");
  const size_t index = static_cast<size_t>(part);
  return index < std::size(names) ? names[index] : "unknown";
}

// A spool file comes from a disk: its lengths are not trusted.
template <unsigned capacity>
std::string text_of(const contract::FixedText<capacity>& text) {
  return std::string(text.octets, std::min<size_t>(text.length, capacity));
}

json time_of(uint64_t unix_ns) {
  if (unix_ns == 0) return nullptr;
  return runtime::utc_text(unix_ns);
}

json seconds_between(uint64_t begin_ns, uint64_t end_ns) {
  if (begin_ns == 0 || end_ns < begin_ns) return nullptr;
  return static_cast<double>((end_ns - begin_ns) / 1'000'000) / 1000;
}

json endpoint_of(const contract::Endpoint& endpoint) {
  if (endpoint.port == 0) return nullptr;
  return std::string(contract::print(endpoint).view());
}

unsigned kept_attempts(const CallRecord& record) {
  return std::min<unsigned>(record.attempt_count, contract::max_attempts);
}

// One of its routes. A spool file comes from a disk: its indexes are not trusted.
const contract::RecordRoute& route_of(const CallRecord& record, uint8_t route) {
  static const contract::RecordRoute none;
  return route < contract::max_record_routes ? record.routes[route] : none;
}

// Every target that was tried, in order. Those that are left out stand before the last one.
json attempts_of(const CallRecord& record) {
  json attempts = json::array();
  const unsigned kept = kept_attempts(record);
  for (unsigned i = 0; i < kept; ++i) {
    const contract::Attempt& attempt = record.attempts[i];
    const contract::RecordRoute& route = route_of(record, attempt.route);
    attempts.push_back(
        {{"target", endpoint_of(attempt.target)},
         {"trunk_id", contract::index_of(attempt.trunk)},
         {"route", text_of(route.name)},
         {"route_line", route.line},
         {"end", spelling(attempt.end)},
         {"status", attempt.status_code == 0 ? json(nullptr) : json(attempt.status_code)},
         {"cause", attempt.cause == 0 ? json(nullptr) : json(attempt.cause)},
         {"after_ms", attempt.after_ms},
         {"ringing_ms", attempt.ringing_ms == 0 ? json(nullptr) : json(attempt.ringing_ms)}});
  }
  return attempts;
}

constexpr std::pair<contract::LimitMet, std::string_view> limit_names[] = {
    {contract::LimitMet::trunk_calls_in, "trunk_calls_in"},
    {contract::LimitMet::trunk_calls_out, "trunk_calls_out"},
    {contract::LimitMet::calls_in, "calls_in"},
    {contract::LimitMet::calls_out, "calls_out"},
    {contract::LimitMet::rate_in, "rate_in"},
    {contract::LimitMet::rate_out, "rate_out"},
    {contract::LimitMet::group_in, "group_in"},
    {contract::LimitMet::group_out, "group_out"},
    {contract::LimitMet::prefix_in, "prefix_in"},
    {contract::LimitMet::prefix_out, "prefix_out"},
    {contract::LimitMet::prefix_rate_in, "prefix_rate_in"},
    {contract::LimitMet::prefix_rate_out, "prefix_rate_out"},
    {contract::LimitMet::group_rate_in, "group_rate_in"},
    {contract::LimitMet::group_rate_out, "group_rate_out"},
    {contract::LimitMet::bandwidth_in, "bandwidth_in"},
    {contract::LimitMet::bandwidth_out, "bandwidth_out"},
    {contract::LimitMet::group_one_way_in, "group_one_way_in"},
    {contract::LimitMet::group_one_way_out, "group_one_way_out"},
    {contract::LimitMet::group_one_way_rate_in, "group_one_way_rate_in"},
    {contract::LimitMet::group_one_way_rate_out, "group_one_way_rate_out"},
    {contract::LimitMet::group_bandwidth_in, "group_bandwidth_in"},
    {contract::LimitMet::group_bandwidth_out, "group_bandwidth_out"}};
static_assert(std::size(limit_names) == contract::limit_met_bits, "every limit has its name");

// The limits that the call met, by name.
json limits_of(const CallRecord& record) {
  json met = json::array();
  for (const auto& [limit, name] : limit_names) {
    if ((record.limits_met & static_cast<uint32_t>(limit)) != 0) met.push_back(name);
  }
  return met;
}

json line_of(uint16_t line) {
  if (line == 0) return nullptr;
  return line;
}

// Lines of the configuration's rules that rewrote numbers; null where none did.
json rules_of(const CallRecord& record) {
  return {{"called_in", line_of(record.called_in_line)},
          {"calling_in", line_of(record.calling_in_line)},
          {"called_out", line_of(record.called_out_line)},
          {"calling_out", line_of(record.calling_out_line)}};
}

// Where each of them and the route stand, "routes.toml:12"; null also where the file is not known.
json places_of(const CallRecord& record, const FileName& file_name) {
  const auto place = [&](uint16_t file, uint32_t line) -> json {
    if (line == 0 || !file_name) return nullptr;
    const std::string name = file_name(record.revision, file);
    return name.empty() ? json(nullptr) : json(name + ":" + std::to_string(line));
  };
  const contract::RecordRoute& route = route_of(record, record.route);
  return {{"route", place(route.file, route.line)},
          {"called_in", place(record.rules_in_file, record.called_in_line)},
          {"calling_in", place(record.rules_in_file, record.calling_in_line)},
          {"called_out", place(record.rules_out_file, record.called_out_line)},
          {"calling_out", place(record.rules_out_file, record.calling_out_line)}};
}

json cut_fields(const CallRecord& record) {
  json names = json::array();
  if (record.calling.is_cut) names.push_back("calling");
  if (record.called.is_cut) names.push_back("called");
  if (record.called_sent.is_cut) names.push_back("called_sent");
  if (record.calling_sent.is_cut) names.push_back("calling_sent");
  if (record.call_id_in.is_cut) names.push_back("call_id_in");
  if (record.referred_by.is_cut) names.push_back("referred_by");
  if (record.referred_to.is_cut) names.push_back("referred_to");
  return names;
}

json trunk_of(contract::TrunkId id, const std::string& name) {
  if (id == contract::TrunkId::none) return nullptr;
  return name;
}

// Null for a call that no transfer had to do with.
json transfer_of(const CallRecord& record) {
  if (record.transfer == contract::TransferPart::none) return nullptr;
  json status = nullptr;
  if (record.transfer_status != 0) status = record.transfer_status;
  return {{"part", spelling(record.transfer)},
          {"status", status},
          {"referred_by", text_of(record.referred_by)},
          {"referred_to", text_of(record.referred_to)}};
}

json id_of(contract::TrunkId id) {
  if (id == contract::TrunkId::none) return nullptr;
  return contract::index_of(id);
}

}  // namespace

std::string_view spelling(CallEnd end) {
  constexpr std::string_view names[] = {"refused",
                                        "failed",
                                        "no_response",
                                        "no_answer",
                                        "cancelled",
                                        "released_by_caller",
                                        "released_by_called",
                                        "released_by_us",
                                        "lost_peer",
                                        "media_silent",
                                        "session_expired",
                                        "transferred",
                                        "caller_silent",
                                        "called_silent"};
  static_assert(std::size(names) == contract::call_end_count, "every way to end has its name");
  const size_t index = static_cast<size_t>(end);
  return index < std::size(names) ? names[index] : "unknown";
}

std::string_view spelling(contract::LimitMet limit) {
  for (const auto& [known, name] : limit_names) {
    if (known == limit) return name;
  }
  return "unknown";
}

std::string json_line(const CallRecord& record, const FileName& file_name) {
  json line = {{"schema", schema_version},
               {"boot_id", hex_text(record.boot_id)},
               {"worker", record.worker},
               {"sequence", record.sequence},
               {"from", trunk_of(record.from, text_of(record.from_name))},
               {"to", trunk_of(record.to, text_of(record.to_name))},
               {"from_id", id_of(record.from)},
               {"to_id", id_of(record.to)},
               {"calling", text_of(record.calling)},
               {"called", text_of(record.called)},
               {"called_sent", text_of(record.called_sent)},
               {"calling_sent", text_of(record.calling_sent)},
               {"rule_lines", rules_of(record)},
               {"limits_met", limits_of(record)},
               {"call_id_in", text_of(record.call_id_in)},
               {"call_id_out", text_of(record.call_id_out)},
               {"end", spelling(record.end)},
               {"status", record.status_code},
               {"started", time_of(record.started_unix_ns)},
               {"ringing", time_of(record.ringing_unix_ns)},
               {"answered", time_of(record.answered_unix_ns)},
               {"ended", time_of(record.ended_unix_ns)},
               {"talk_seconds", seconds_between(record.answered_unix_ns, record.ended_unix_ns)},
               {"route_line", route_of(record, record.route).line},
               {"route", text_of(route_of(record, record.route).name)},
               {"places", places_of(record, file_name)},
               {"generation", record.generation},
               {"revision", record.revision == 0 ? json(nullptr) : json(record.revision)},
               {"attempt_count", record.attempt_count},
               {"attempts_left_out", record.attempt_count - kept_attempts(record)},
               {"attempts", attempts_of(record)},
               {"transfer", transfer_of(record)},
               {"media", media_report::media_json(record.media, record.ended_unix_ns)},
               {"totals", media_report::totals_json(record.totals)}};
  json cut = cut_fields(record);
  if (!cut.empty()) line["cut"] = std::move(cut);
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

bool key_of_line(const std::string& line, RecordKey& key) {
  const json parsed = json::parse(line, nullptr, false);
  if (!parsed.is_object()) return false;
  const auto boot_id = parsed.find("boot_id");
  const auto worker = parsed.find("worker");
  const auto sequence = parsed.find("sequence");
  if (boot_id == parsed.end() || worker == parsed.end() || sequence == parsed.end() ||
      !boot_id->is_string() || !worker->is_number_unsigned() || !sequence->is_number_unsigned()) {
    return false;
  }
  key.worker = worker->get<unsigned>();
  key.sequence = sequence->get<uint64_t>();
  return parse_hex(boot_id->get<std::string>(), key.boot_id);
}

std::string hex_text(uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t i = text.size(); i != 0; --i, number >>= 4) text[i - 1] = digits[number & 15];
  return text;
}

bool parse_hex(std::string_view text, uint64_t& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
  return text.size() == 16 && error == std::errc() && stop == end;
}

}  // namespace demarc::records
