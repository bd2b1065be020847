#include "controlplane/metrics/families.h"

#include <prometheus/text_serializer.h>

#include <utility>

#include "sip-parser/base/check.h"

namespace demarc::metrics {
namespace {

prometheus::MetricType type_of(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return prometheus::MetricType::Counter;
    case Kind::gauge:
      return prometheus::MetricType::Gauge;
    case Kind::histogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

// Behind the lines of HELP and TYPE, which begin the text of a family.
std::string_view samples_of(std::string_view text) {
  const size_t help_end = text.find('\n');
  return text.substr(text.find('\n', help_end + 1) + 1);
}

}  // namespace

Families::Families() {
  for (const Description& row : catalog()) {
    families_.emplace_back().objects.push_back({row.name, row.help, type_of(row.kind), {}});
  }
}

prometheus::ClientMetric& Families::sample(size_t metric, Labels labels, Kind expected) {
  const Description& row = catalog().at(metric);
  DEMARC_CHECK((row.kind == Kind::histogram) == (expected == Kind::histogram));
  Family& family = families_[metric];
  if (family.objects[0].metric.size() == most_objects) write(family);
  prometheus::ClientMetric& sample = family.objects[0].metric.emplace_back();
  DEMARC_CHECK(labels.size() <= row.labels.size());
  auto name = row.labels.begin();
  for (const std::string_view value : labels) {
    sample.label.push_back({*name++, std::string(value)});
  }
  return sample;
}

void Families::write(Family& family) {
  std::vector<prometheus::ClientMetric>& objects = family.objects[0].metric;
  if (objects.empty()) return;
  const std::string text = prometheus::TextSerializer().Serialize(family.objects);
  family.text += family.text.empty() ? std::string_view(text) : samples_of(text);
  objects.clear();
}

void Families::add(Metric metric, Labels labels, double value) {
  add(Place{static_cast<size_t>(metric), {}}, labels, value);
}

void Families::add(const Place& place, Labels labels, double value) {
  prometheus::ClientMetric& row = sample(place.metric, labels, Kind::gauge);
  const std::vector<std::string>& names = catalog()[place.metric].labels;
  if (!place.reason.empty()) row.label.push_back({names.back(), std::string(place.reason)});
  DEMARC_CHECK(row.label.size() == names.size());
  // The serializer reads the one that the family's type names.
  row.counter.value = value;
  row.gauge.value = value;
}

void Families::add(Metric metric, Labels labels, const Distribution& distribution) {
  DEMARC_CHECK(distribution.counts.size() == distribution.upper.size() + 1);
  prometheus::ClientMetric& row = sample(static_cast<size_t>(metric), labels, Kind::histogram);
  DEMARC_CHECK(row.label.size() == catalog()[static_cast<size_t>(metric)].labels.size());
  prometheus::ClientMetric::Histogram& histogram = row.histogram;
  for (size_t i = 0; i < distribution.upper.size(); ++i) {
    histogram.sample_count += distribution.counts[i];
    histogram.bucket.push_back({histogram.sample_count, distribution.upper[i]});
  }
  histogram.sample_count += distribution.counts.back();
  histogram.sample_sum = distribution.sum;
}

std::string Families::take_text() {
  size_t octets = 0;
  for (Family& family : families_) {
    write(family);
    octets += family.text.size();
  }
  std::string text;
  text.reserve(octets);
  // Each string goes with its turn, so that no sample is held twice for long.
  for (Family& family : families_) text += std::exchange(family.text, {});
  return text;
}

}  // namespace demarc::metrics
