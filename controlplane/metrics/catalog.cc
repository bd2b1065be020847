#include "controlplane/metrics/catalog.h"

#include <array>

#include "dataplane/contract/media_summary.h"

namespace demarc::metrics {
namespace {

using contract::CounterText;
using contract::StreamCounter;
using contract::WorkerCounter;

struct Catalog {
  std::vector<Description> rows;
  std::array<Place, contract::worker_counter_count> worker;
  std::array<Place, contract::stream_counter_count> stream;
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// Whether that happened to what is counted: "dropped: ...", "SIP messages dropped: ...".
bool says(std::string_view help, std::string_view verb) {
  const size_t colon = help.find(':');
  const std::string_view head = colon == std::string_view::npos ? "" : help.substr(0, colon);
  return help.starts_with(verb) || head.find(verb) != std::string_view::npos;
}

std::string name_of(std::string_view prefix, std::string_view counter) {
  std::string name = std::string(prefix) + std::string(counter);
  // Prometheus knows octets as bytes.
  if (const size_t at = name.find("octets"); at != std::string::npos) name.replace(at, 6, "bytes");
  return name + "_total";
}

Place add(std::vector<Description>& rows, std::string_view prefix, const CounterText& text,
          std::string_view label) {
  rows.push_back({name_of(prefix, text.name), Kind::counter,
                  text.name.find("octets") == std::string_view::npos ? "none" : "bytes",
                  words_of(label), std::string(text.help)});
  return {rows.size() - 1, {}};
}

Catalog make_catalog() {
  Catalog catalog;
#define DEMARC_ROW(name, kind, unit, labels, help) \
  catalog.rows.push_back({"demarc_" #name, Kind::kind, unit, words_of(labels), help});
  DEMARC_METRICS(DEMARC_ROW)
#undef DEMARC_ROW
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    const CounterText text = contract::text_of(static_cast<WorkerCounter>(i));
    if (says(text.help, "dropped")) {
      catalog.worker[i] = {static_cast<size_t>(Metric::worker_drops_total), text.name};
    } else if (says(text.help, "refused")) {
      catalog.worker[i] = {static_cast<size_t>(Metric::worker_refusals_total), text.name};
    } else {
      catalog.worker[i] = add(catalog.rows, "demarc_worker_", text, "worker");
    }
  }
  for (unsigned i = 0; i < contract::stream_counter_count; ++i) {
    const auto counter = static_cast<StreamCounter>(i);
    const CounterText text = contract::text_of(counter);
    if (counter == StreamCounter::connections) {
      catalog.stream[i] = {static_cast<size_t>(Metric::streams_connections), {}};
    } else if (says(text.help, "refused")) {
      catalog.stream[i] = {static_cast<size_t>(Metric::streams_refused_total), text.name};
    } else if (says(text.help, "closed")) {
      catalog.stream[i] = {static_cast<size_t>(Metric::streams_closed_total), text.name};
    } else {
      catalog.stream[i] = add(catalog.rows, "demarc_streams_", text, "");
    }
  }
  return catalog;
}

const Catalog& whole() {
  static const Catalog catalog = make_catalog();
  return catalog;
}

std::string_view spelling(Kind kind) {
  constexpr std::string_view names[] = {"counter", "gauge", "histogram"};
  return names[static_cast<size_t>(kind)];
}

std::string row_of(const Description& row) {
  std::string labels;
  for (const std::string& label : row.labels)
    labels += (labels.empty() ? "`" : ", `") + label + "`";
  return "| `" + row.name + "` | " + std::string(spelling(row.kind)) + " | " +
         std::string(row.unit) + " | " + labels + " | " + row.help + " |\n";
}

std::string reasons_of(Metric metric) {
  const auto index = static_cast<size_t>(metric);
  std::string rows =
      "\n## Reasons of `" + whole().rows[index].name + "`\n\n| reason | meaning |\n|---|---|\n";
  const auto add_row = [&](const CounterText& text) {
    rows += "| `" + std::string(text.name) + "` | " + std::string(text.help) + " |\n";
  };
  for (unsigned i = 0; i < contract::worker_counter_count; ++i) {
    if (whole().worker[i].metric == index) add_row(text_of(static_cast<WorkerCounter>(i)));
  }
  for (unsigned i = 0; i < contract::stream_counter_count; ++i) {
    if (whole().stream[i].metric == index) add_row(text_of(static_cast<StreamCounter>(i)));
  }
  if (metric != Metric::trunk_rtp_drops_total) return rows;
  for (unsigned i = 0; i < contract::media_drop_count; ++i) {
    const contract::MediaDropText text = text_of(static_cast<contract::MediaDrop>(i));
    rows += "| `" + std::string(text.name) + "` | " + std::string(text.help) + " |\n";
  }
  return rows;
}

}  // namespace

const std::vector<Description>& catalog() {
  return whole().rows;
}

Place place_of(WorkerCounter counter) {
  return whole().worker.at(static_cast<size_t>(counter));
}

Place place_of(StreamCounter counter) {
  return whole().stream.at(static_cast<size_t>(counter));
}

std::string reference_page() {
  std::string page =
      "# Metrics reference\n\n"
      "Made by `demarc reference metrics`; do not edit. `GET /metrics` of the API answers them as "
      "Prometheus reads them, to whoever\nmay use the API; `demarc metrics` prints the same. "
      "Counters of the dataplane begin with its start, those of the control plane\nwith its own. "
      "What is not known is missing, never 0. Of a trunk, what is counted by reason, class, limit "
      "or end, and each distribution, begins with\nits first value, and of its states only the one "
      "that it is in is there: a scrape of ten thousand trunks would be zeros for the most "
      "part.\nSo rate() and increase() miss what such a series begins with: an alert that must see "
      "the first\nof its kind asks for the series itself, too.\n\n"
      "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n";
  for (const Description& row : catalog()) page += row_of(row);
  for (const Metric metric :
       {Metric::worker_drops_total, Metric::worker_refusals_total, Metric::streams_refused_total,
        Metric::streams_closed_total, Metric::trunk_rtp_drops_total}) {
    page += reasons_of(metric);
  }
  return page;
}

}  // namespace demarc::metrics
