#include "controlplane/config/tls_files.h"
#include "controlplane/metrics/families.h"
#include "controlplane/metrics/scrape.h"
#include "controlplane/runtime/log.h"

namespace demarc::metrics {
namespace {

constexpr uint64_t ns_per_s = 1'000'000'000;

double seconds(uint64_t unix_ns) {
  return static_cast<double>(unix_ns) / static_cast<double>(ns_per_s);
}

void add_state(const Scrape& scrape, Families& families) {
  families.add(Metric::dataplane_attached, {}, scrape.attachment != nullptr);
  if (scrape.attachment == nullptr) return;
  constexpr std::array<const char*, 5> names = {"starting", "running", "draining", "stopped",
                                                "ending"};
  const auto state = scrape.attachment->region().header().state.load(std::memory_order_relaxed);
  for (size_t i = 0; i < names.size(); ++i) {
    families.add(Metric::dataplane_state, {names[i]}, static_cast<size_t>(state) == i);
  }
  const auto spooled = static_cast<double>(scrape.attachment->spool_octets());
  if (scrape.attachment->spool() != link::Attachment::Spool::not_offered) {
    families.add(Metric::records_spool_bytes, {}, spooled);
  }
}

void add_config(const Scrape& scrape, Families& families) {
  families.add(Metric::config_revision, {}, static_cast<double>(scrape.revision));
  families.add(Metric::config_loaded_timestamp_seconds, {}, seconds(scrape.loaded_unix_ns));
  families.add(Metric::config_refused, {}, scrape.is_config_refused);
  families.add(Metric::config_pending_confirm, {}, scrape.is_confirm_pending);
  if (scrape.attachment != nullptr) {
    families.add(Metric::config_needs_restart, {},
                 static_cast<double>(scrape.link.needs_restart.size()));
    const auto generation = static_cast<double>(scrape.link.published_generation);
    families.add(Metric::published_generation, {}, generation);
  }
  families.add(Metric::publication_failing, {}, !scrape.link.last_error.empty());
  const auto restarts = static_cast<double>(scrape.link.restarts);
  families.add(Metric::dataplane_restarts_total, {}, restarts);
}

void add_records(const records::Status& records, Families& families) {
  families.add(Metric::records_written_total, {}, static_cast<double>(records.written));
  families.add(Metric::records_already_known_total, {}, static_cast<double>(records.already_known));
  if (records.pending) {
    families.add(Metric::records_pending, {}, static_cast<double>(*records.pending));
  }
  families.add(Metric::records_failing, {}, !records.last_error.empty());
}

void add_log(Families& families) {
  constexpr std::pair<runtime::Level, const char*> levels[] = {{runtime::Level::debug, "debug"},
                                                               {runtime::Level::info, "info"},
                                                               {runtime::Level::warning, "warning"},
                                                               {runtime::Level::error, "error"}};
  for (const auto& [level, name] : levels) {
    families.add(Metric::log_lines_total, {name}, static_cast<double>(runtime::logged(level)));
  }
}

}  // namespace

void add_process(const Scrape& scrape, Families& families) {
  families.add(Metric::build_info, {scrape.version}, 1);
  families.add(Metric::ready, {}, scrape.is_ready);
  families.add(Metric::controlplane_start_timestamp_seconds, {}, seconds(scrape.started_unix_ns));
  add_state(scrape, families);
  add_config(scrape, families);
  add_records(scrape.records, families);
  add_log(families);
  for (size_t i = 0; i < scrape.events.size(); ++i) {
    const events::KindText text = events::text_of(static_cast<events::Kind>(i));
    families.add(Metric::events_total, {text.name}, static_cast<double>(scrape.events[i]));
  }
  const auto now_unix_s = static_cast<int64_t>(scrape.now_unix_ns / ns_per_s);
  for (const config::Tls& tls : scrape.config.tls) {
    const int64_t end = tls.files.not_after_unix_s;
    families.add(Metric::certificate_expiry_timestamp_seconds, {tls.name},
                 static_cast<double>(end));
    families.add(Metric::certificate_left_days, {tls.name},
                 static_cast<double>(config::days_left(end, now_unix_s)));
  }
}

std::string text_of(const Scrape& scrape) {
  Families families;
  add_process(scrape, families);
  if (scrape.attachment != nullptr) add_dataplane(scrape.attachment->region(), families);
  add_trunks(scrape, families);
  add_calls(scrape, families);
  return families.take_text();
}

}  // namespace demarc::metrics
