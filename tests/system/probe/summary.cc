#include "tests/system/probe/summary.h"

#include <algorithm>
#include <cstdio>

namespace demarc::probe {

namespace {

constexpr size_t max_problems = 20;

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return out + "\"";
}

std::string pair(const char* name, uint64_t value) {
  return "\"" + std::string(name) + "\": " + std::to_string(value);
}

std::string in_milliseconds(Time time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", static_cast<double>(time) / 1e6);
  return text;
}

std::string percentile(std::vector<Time> times, size_t percent) {
  if (times.empty()) return "null";
  std::ranges::sort(times);
  const size_t rank = (times.size() * percent + 99) / 100;
  return in_milliseconds(times[rank == 0 ? 0 : rank - 1]);
}

std::string percentiles(const char* name, const std::vector<Time>& times) {
  return "\"" + std::string(name) + "\": {\"p50\": " + percentile(times, 50) +
         ", \"p99\": " + percentile(times, 99) + "}";
}

std::string media(const char* name, const MediaCount& count) {
  return "\"" + std::string(name) + "\": {" + pair("sent", count.sent) + ", " +
         pair("received", count.received) + ", " + pair("lost", count.lost) + ", " +
         pair("reordered", count.reordered) + ", " + pair("duplicated", count.duplicated) + ", " +
         pair("corrupt", count.corrupt) + ", " + pair("foreign", count.foreign) + "}";
}

bool is_whole(const MediaCount& count) {
  return count.lost + count.reordered + count.duplicated + count.corrupt + count.foreign == 0;
}

}  // namespace

void Summary::problem(std::string what) {
  if (problems.size() < max_problems) problems.push_back(std::move(what));
}

bool Summary::is_clean() const {
  return failed == 0 && unfinished == 0 && problems.empty() && ended == answered && is_whole(rtp) &&
         is_whole(rtcp);
}

std::string Summary::json() const {
  std::string codes;
  for (const auto& [code, count] : refused) {
    codes += (codes.empty() ? "" : ", ") + pair(std::to_string(code).c_str(), count);
  }
  std::string list;
  for (const std::string& one : problems) list += (list.empty() ? "" : ", ") + quoted(one);
  return "{\"role\": " + quoted(role) + ", " + pair("placed", placed) + ", " +
         pair("offered", offered) + ", " + pair("answered", answered) + ", " +
         pair("ended", ended) + ", " + pair("cancelled", cancelled) + ", \"refused\": {" + codes +
         "}, " + pair("failed", failed) + ", " + pair("live", live) + ", " +
         pair("unfinished", unfinished) + ", " + pair("resent", resent) + ", " + media("rtp", rtp) +
         ", " + media("rtcp", rtcp) + ", \"max_gap_ms\": " + in_milliseconds(max_gap) + ", " +
         percentiles("pdd_ms", post_dial_delays) + ", " + percentiles("setup_ms", setup_times) +
         ", \"problems\": [" + list + "]}";
}

std::string Summary::progress_json() const {
  uint64_t all_refused = 0;
  for (const auto& [code, count] : refused) all_refused += count;
  return "{\"progress\": {" + pair("placed", placed) + ", " + pair("offered", offered) + ", " +
         pair("answered", answered) + ", " + pair("ended", ended) + ", " + pair("live", live) +
         ", " + pair("refused", all_refused) + ", " + pair("cancelled", cancelled) + ", " +
         pair("failed", failed) + "}}";
}

}  // namespace demarc::probe
