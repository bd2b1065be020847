// Families: the samples of one scrape, by metric of the catalog. Filled by the functions of
// scrape.h's .cc files in any order, made text by prometheus-cpp, a family's next few hundred
// samples at a time: as its objects those of ten thousand trunks would be gigabytes. Made anew for
// each scrape, so what left the configuration is not in it. For the .cc files of metrics/ only,
// since it shows prometheus-cpp's types.
#pragma once

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/metrics/catalog.h"

namespace demarc::metrics {

// Values in the order of the metric's labels.
using Labels = std::initializer_list<std::string_view>;

// Counts by value; `upper` bounds grow, and the last count is of what is above all of them.
struct Distribution {
  std::span<const double> upper;
  std::span<const uint64_t> counts;  // one more than bounds
  double sum = 0;
};

class Families {
 public:
  Families();

  void add(Metric metric, Labels labels, double value);
  // The same of a count that is missing until it has begun.
  void add_begun(Metric metric, Labels labels, double value) {
    if (value != 0) add(metric, labels, value);
  }
  void add(Metric metric, Labels labels, const Distribution& distribution);
  // Of a counter: `labels` are those beside the reason.
  void add(const Place& place, Labels labels, double value);

  // Without the metrics that have no sample. Empties this, so that no sample is held twice: with
  // thousands of trunks they are hundreds of megabytes.
  std::string take_text();

 private:
  static constexpr size_t most_objects = 256;

  struct Family {
    std::vector<prometheus::MetricFamily> objects;  // one, as the serializer takes it
    std::string text;                               // of the samples before those
  };

  prometheus::ClientMetric& sample(size_t metric, Labels labels, Kind expected);
  static void write(Family& family);

  std::vector<Family> families_;  // by index of the catalog
};

}  // namespace demarc::metrics
