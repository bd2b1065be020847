#include "controlplane/metrics/families.h"

#include <prometheus/text_serializer.h>

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

}  // namespace

Families::Families() {
  for (const Description& row : catalog()) {
    families_.push_back({row.name, row.help, type_of(row.kind), {}});
  }
}

prometheus::ClientMetric& Families::sample(size_t metric, LabelValues labels, Kind expected) {
  const Description& row = catalog().at(metric);
  DEMARC_CHECK(labels.size() == row.labels.size());
  DEMARC_CHECK((row.kind == Kind::histogram) == (expected == Kind::histogram));
  prometheus::ClientMetric& sample = families_[metric].metric.emplace_back();
  for (size_t i = 0; i < labels.size(); ++i) {
    sample.label.push_back({row.labels[i], std::move(labels[i])});
  }
  return sample;
}

void Families::add(Metric metric, LabelValues labels, double value) {
  add(Place{static_cast<size_t>(metric), {}}, std::move(labels), value);
}

void Families::add(const Place& place, LabelValues labels, double value) {
  if (!place.reason.empty()) labels.emplace_back(place.reason);
  prometheus::ClientMetric& row = sample(place.metric, std::move(labels), Kind::gauge);
  // The serializer reads the one that the family's type names.
  row.counter.value = value;
  row.gauge.value = value;
}

void Families::add(Metric metric, LabelValues labels, const Distribution& distribution) {
  DEMARC_CHECK(distribution.counts.size() == distribution.upper.size() + 1);
  prometheus::ClientMetric::Histogram& histogram =
      sample(static_cast<size_t>(metric), std::move(labels), Kind::histogram).histogram;
  for (size_t i = 0; i < distribution.upper.size(); ++i) {
    histogram.sample_count += distribution.counts[i];
    histogram.bucket.push_back({histogram.sample_count, distribution.upper[i]});
  }
  histogram.sample_count += distribution.counts.back();
  histogram.sample_sum = distribution.sum;
}

std::string Families::text() const {
  std::vector<prometheus::MetricFamily> filled;
  for (const prometheus::MetricFamily& family : families_) {
    if (!family.metric.empty()) filled.push_back(family);
  }
  return prometheus::TextSerializer().Serialize(filled);
}

}  // namespace demarc::metrics
