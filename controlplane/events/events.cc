#include "controlplane/events/events.h"

#include <algorithm>

#include "controlplane/runtime/wall_clock.h"

namespace demarc::events {
namespace {

// One sequence number each: fewer events than that come in the time that a process lives.
constexpr uint64_t ns_per_number = 1'000'000;

}  // namespace

KindText text_of(Kind kind) {
  using runtime::Level;
#define DEMARC_TEXT(kind, level, subject, help) {#kind, Level::level, subject, help},
  static constexpr KindText texts[] = {DEMARC_EVENTS(DEMARC_TEXT)};
#undef DEMARC_TEXT
  return texts[static_cast<size_t>(kind)];
}

Events::Events(uint64_t started_unix_ns)
    : first_(started_unix_ns / ns_per_number + 1), next_(first_) {}

void Events::note(Kind kind, std::string_view module, std::string_view subject, std::string text) {
  runtime::log(text_of(kind).level, module, text);
  const std::lock_guard guard(mutex_);
  ++counts_.at(static_cast<size_t>(kind));
  if (kept_.size() == kept_events) kept_.pop_front();
  kept_.push_back({next_++, runtime::now_unix_ns(), kind, std::string(subject), std::move(text)});
}

Events::Page Events::after(uint64_t sequence, size_t limit) const {
  const std::lock_guard guard(mutex_);
  // Of a clock that went back since: whoever asks has seen none of these.
  if (sequence >= next_) sequence = 0;
  const auto begin =
      std::upper_bound(kept_.begin(), kept_.end(), sequence,
                       [](uint64_t after, const Event& event) { return after < event.sequence; });
  const auto count = std::min<size_t>(limit, static_cast<size_t>(kept_.end() - begin));
  Page page;
  page.events.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  const uint64_t oldest = next_ - kept_.size();
  const uint64_t wanted = std::max(sequence + 1, first_);
  if (wanted < oldest) page.lost = oldest - wanted;
  page.last = next_ - 1;
  return page;
}

std::string reference_page() {
  std::string page =
      "# Events reference\n\n"
      "Made by `demarc reference events`; do not edit. `demarc events`, with `--follow` for those "
      "to "
      "come, and `GET\n/api/v1/events?after=SEQUENCE` say what changed; the log has each as a "
      "line. "
      "The newest " +
      std::to_string(kept_events) +
      " are kept while the control plane lives.\nSequence numbers grow, over restarts as well, so "
      "a "
      "reader goes on behind the last one that it saw.\n\n"
      "| kind | level | subject | meaning |\n|---|---|---|---|\n";
  constexpr std::string_view levels[] = {"debug", "info", "warning", "error"};
  for (size_t i = 0; i < kind_count; ++i) {
    const KindText text = text_of(static_cast<Kind>(i));
    page += "| `" + std::string(text.name) + "` | " +
            std::string(levels[static_cast<size_t>(text.level)]) + " | " +
            std::string(text.subject) + " | " + std::string(text.help) + " |\n";
  }
  return page;
}

std::array<uint64_t, kind_count> Events::counts() const {
  const std::lock_guard guard(mutex_);
  return counts_;
}

}  // namespace demarc::events
