#include "controlplane/events/limit_watch.h"

namespace demarc::events {

void LimitWatch::met(const std::string& trunk, const std::string& limit, uint64_t now_ns) {
  const std::lock_guard guard(mutex_);
  if (!note(since_, trunk, limit, now_ns)) return;
  events_.note(Kind::limit_reached, "records", trunk,
               "calls from trunk " + trunk + " meet the limit " + limit);
}

bool LimitWatch::note(Limits& limits, const std::string& subject, const std::string& limit,
                      uint64_t now_ns) {
  const auto known = limits.find({subject, limit});
  if (known != limits.end()) {
    known->second = now_ns;
    return false;
  }
  if (limits.size() == max_watched_limits) return false;
  limits.emplace(std::pair(subject, limit), now_ns);
  return true;
}

void LimitWatch::near(const std::string& subject, const std::string& limit,
                      const std::string& usage, uint64_t now_ns) {
  const std::lock_guard guard(mutex_);
  if (!note(near_, subject, limit, now_ns)) return;
  events_.note(Kind::limit_near, "limits", subject,
               "the limit " + limit + " of " + subject + " is nearly met: " + usage);
}

void LimitWatch::refused(uint64_t count, uint64_t now_ns) {
  const std::lock_guard guard(mutex_);
  // What was before we came, and another dataplane, which counts from 0, are no news.
  const bool is_more = has_count_ && count > refused_;
  refused_ = count;
  has_count_ = true;
  if (!is_more) return;
  const bool is_new = refused_ns_ == 0;
  refused_ns_ = now_ns;
  if (!is_new) return;
  events_.note(Kind::records_full, "records", "records",
               "the dataplane refuses calls, as it has no room for their records");
}

void LimitWatch::tick(uint64_t now_ns) {
  const std::lock_guard guard(mutex_);
  for (auto row = since_.begin(); row != since_.end();) {
    if (now_ns < row->second + limit_quiet_ns) {
      ++row;
      continue;
    }
    const auto& [trunk, limit] = row->first;
    events_.note(Kind::limit_left, "records", trunk,
                 "calls from trunk " + trunk + " do not meet the limit " + limit + " any more");
    row = since_.erase(row);
  }
  for (auto row = near_.begin(); row != near_.end();) {
    if (now_ns < row->second + limit_quiet_ns) {
      ++row;
      continue;
    }
    const auto& [subject, limit] = row->first;
    events_.note(Kind::limit_near_over, "limits", subject,
                 "the limit " + limit + " of " + subject + " is not nearly met any more");
    row = near_.erase(row);
  }
  if (refused_ns_ == 0 || now_ns < refused_ns_ + limit_quiet_ns) return;
  refused_ns_ = 0;
  events_.note(Kind::records_have_room, "records", "records",
               "the dataplane has room for call records again");
}

}  // namespace demarc::events
