// Families: the samples of one scrape, by metric of the catalog. Filled by the functions of
// scrape.h's .cc files, made text by prometheus-cpp. Made anew for each scrape, so what left the
// configuration is not in it. For the .cc files of metrics/ only, since it shows prometheus-cpp's
// types.
#pragma once

#include <prometheus/metric_family.h>

#include <span>
#include <string>
#include <vector>

#include "controlplane/metrics/catalog.h"

namespace demarc::metrics {

using LabelValues = std::vector<std::string>;  // in the order of the metric's labels

// Counts by value; `upper` bounds grow, and the last count is of what is above all of them.
struct Distribution {
  std::span<const double> upper;
  std::span<const uint64_t> counts;  // one more than bounds
  double sum = 0;
};

class Families {
 public:
  Families();

  void add(Metric metric, LabelValues labels, double value);
  void add(Metric metric, LabelValues labels, const Distribution& distribution);
  // Of a counter: `labels` are those beside the reason.
  void add(const Place& place, LabelValues labels, double value);

  // Without the metrics that have no sample.
  std::string text() const;

 private:
  prometheus::ClientMetric& sample(size_t metric, LabelValues labels, Kind expected);

  std::vector<prometheus::MetricFamily> families_;  // by index of the catalog
};

}  // namespace demarc::metrics
