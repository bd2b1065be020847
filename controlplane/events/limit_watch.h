// LimitWatch: makes two events of many calls that meet a limit, or come near it: reached, and left
// after a minute without. Time is an argument. Any thread may call any function.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "controlplane/events/events.h"

namespace demarc::events {

inline constexpr uint64_t limit_quiet_ns = 60'000'000'000;
// Trunks and limits at once; what meets a further one is no event.
inline constexpr size_t max_watched_limits = 4096;

class LimitWatch {
 public:
  explicit LimitWatch(Events& events) : events_(events) {}

  // A call of that trunk's peer met the limit.
  void met(const std::string& trunk, const std::string& limit, uint64_t now_ns);
  // So much of the limit of a trunk or group is used that it is nearly met.
  void near(const std::string& subject, const std::string& limit, const std::string& usage,
            uint64_t now_ns);
  // The dataplane refused so many calls so far, as it had no room for their records.
  void refused(uint64_t count, uint64_t now_ns);
  // Called about once a second.
  void tick(uint64_t now_ns);

 private:
  Events& events_;
  using Limits = std::map<std::pair<std::string, std::string>, uint64_t>;  // subject, limit: last
  // Whether it is news.
  static bool note(Limits& limits, const std::string& subject, const std::string& limit,
                   uint64_t now_ns);
  std::mutex mutex_;  // guards what follows
  Limits since_;      // met
  Limits near_;
  uint64_t refused_ = 0;
  uint64_t refused_ns_ = 0;  // last; 0: not for long
  bool has_count_ = false;
};

}  // namespace demarc::events
