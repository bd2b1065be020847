// Families: the samples of one scrape as text, by metric of the catalog. Filled by the functions of
// scrape.h's .cc files in any order; each sample is written once, where it stays. Made anew for
// each scrape, so what left the configuration is not in it. The format is version 0.0.4 of
// Prometheus's text: no sample has a time, and none is older than the scrape.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/metrics/catalog.h"

namespace demarc::metrics {

// Values in the order of the metric's labels.
using Labels = std::initializer_list<std::string_view>;
inline constexpr size_t max_labels = 4;

// Counts by value; `upper` bounds grow, and the last count is of what is above all of them.
struct Distribution {
  std::span<const double> upper;
  std::span<const uint64_t> counts;  // one more than bounds
  double sum = 0;
};

class Families {
 public:
  Families() : samples_(catalog().size()) {}

  void add(Metric metric, Labels labels, double value);
  void add(Metric metric, Labels labels, const Distribution& distribution);
  // Of a counter: `labels` are those beside the reason.
  void add(const Place& place, Labels labels, double value);

  // Without the metrics that have no sample. Empties this, so that no sample is held twice: with
  // thousands of trunks they are hundreds of megabytes.
  std::string take_text();

 private:
  using LabelValues = std::span<const std::string_view>;

  void begin_line(size_t metric, std::string_view suffix, LabelValues labels, const double* le);
  void end_line(size_t metric, double value);

  std::vector<std::string> samples_;  // lines by index of the catalog
};

}  // namespace demarc::metrics
