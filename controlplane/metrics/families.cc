#include "controlplane/metrics/families.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "sip-parser/base/check.h"

namespace demarc::metrics {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
// Every whole number up to here is a double of its own.
constexpr double whole_numbers_end = 9007199254740992;

void append_number(std::string& line, double value) {
  if (std::isnan(value)) {
    line += "NaN";
    return;
  }
  if (std::isinf(value)) {
    line += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  std::array<char, 32> digits;
  const bool is_whole = std::abs(value) <= whole_numbers_end && value == std::trunc(value);
  // As people write counts and times: 1700000000, not 1.7e+09.
  const std::to_chars_result end =
      is_whole ? std::to_chars(digits.begin(), digits.end(), static_cast<int64_t>(value))
               : std::to_chars(digits.begin(), digits.end(), value);
  line.append(digits.data(), end.ptr);
}

void append_label(std::string& line, std::string_view name, std::string_view value) {
  line += name;
  line += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      line += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') line += '\\';
    line += c;
  }
  line += '"';
}

// A sentence has no quotes to escape.
std::string head_of(const Description& row) {
  constexpr std::string_view types[] = {"counter", "gauge", "histogram"};
  return "# HELP " + row.name + " " + row.help + "\n# TYPE " + row.name + " " +
         std::string(types[static_cast<size_t>(row.kind)]) + "\n";
}

}  // namespace

// A line, up to its value. `le` is of a bucket; nullptr: of none.
void Families::begin_line(size_t metric, std::string_view suffix, LabelValues labels,
                          const double* le) {
  const Description& row = catalog()[metric];
  std::string& line = samples_[metric];
  line += row.name;
  line += suffix;
  char before = '{';
  for (size_t i = 0; i < labels.size(); ++i) {
    line += std::exchange(before, ',');
    append_label(line, row.labels[i], labels[i]);
  }
  if (le != nullptr) {
    line += std::exchange(before, ',');
    line += "le=\"";
    append_number(line, *le);
    line += '"';
  }
  line += before == '{' ? " " : "} ";
}

void Families::end_line(size_t metric, double value) {
  append_number(samples_[metric], value);
  samples_[metric] += '\n';
}

void Families::add(Metric metric, Labels labels, double value) {
  add(Place{static_cast<size_t>(metric), {}}, labels, value);
}

void Families::add(const Place& place, Labels labels, double value) {
  const Description& row = catalog().at(place.metric);
  std::array<std::string_view, max_labels> all;
  const size_t count = labels.size() + (place.reason.empty() ? 0 : 1);
  DEMARC_CHECK(row.kind != Kind::histogram && count == row.labels.size() && count <= all.size());
  std::copy(labels.begin(), labels.end(), all.begin());
  if (!place.reason.empty()) all[labels.size()] = place.reason;
  begin_line(place.metric, "", {all.data(), count}, nullptr);
  end_line(place.metric, value);
}

void Families::add(Metric metric, Labels labels, const Distribution& distribution) {
  const auto index = static_cast<size_t>(metric);
  const Description& row = catalog().at(index);
  DEMARC_CHECK(row.kind == Kind::histogram && labels.size() == row.labels.size());
  DEMARC_CHECK(distribution.counts.size() == distribution.upper.size() + 1);
  const LabelValues values(labels.begin(), labels.size());
  uint64_t count = 0;
  for (size_t i = 0; i < distribution.counts.size(); ++i) {
    count += distribution.counts[i];
    const double le = i < distribution.upper.size() ? distribution.upper[i] : infinity;
    begin_line(index, "_bucket", values, &le);
    end_line(index, static_cast<double>(count));
  }
  begin_line(index, "_sum", values, nullptr);
  end_line(index, distribution.sum);
  begin_line(index, "_count", values, nullptr);
  end_line(index, static_cast<double>(count));
}

std::string Families::take_text() {
  std::string text;
  size_t octets = 0;
  for (size_t i = 0; i < samples_.size(); ++i) {
    if (!samples_[i].empty()) octets += head_of(catalog()[i]).size() + samples_[i].size();
  }
  text.reserve(octets);
  for (size_t i = 0; i < samples_.size(); ++i) {
    // The string goes with its turn, so what is held at once is the text and one family.
    const std::string lines = std::exchange(samples_[i], {});
    if (lines.empty()) continue;
    text += head_of(catalog()[i]);
    text += lines;
  }
  return text;
}

}  // namespace demarc::metrics
