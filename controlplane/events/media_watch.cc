#include "controlplane/events/media_watch.h"

namespace demarc::events {

void MediaWatch::counted(const std::string& trunk, const Counts& counts, uint64_t now_ns) {
  Row& row = rows_[trunk];
  // What was before we came or while we were away, and another dataplane, which counts from 0, are
  // no news. Nor is anything where the clock was set back.
  const bool is_news = row.counted_ns != 0 && now_ns - row.counted_ns <= media_quiet_ns &&
                       counts.foreign >= row.before.foreign &&
                       counts.unauthenticated >= row.before.unauthenticated;
  if (is_news) {
    watch_foreign(trunk, row, counts.foreign - row.before.foreign, now_ns);
    watch_keys(trunk, row, counts.unauthenticated - row.before.unauthenticated, now_ns);
  }
  row.before = counts;
  row.counted_ns = now_ns;
}

void MediaWatch::watch_foreign(const std::string& trunk, Row& row, uint64_t packets,
                               uint64_t now_ns) {
  if (now_ns >= row.minute_ns + media_quiet_ns) {
    row.minute_ns = now_ns;
    row.minute_foreign = 0;
  }
  row.minute_foreign += packets;
  if (row.foreign_ns == 0 && row.minute_foreign >= foreign_packets) {
    row.foreign_ns = now_ns;
    events_.note(Kind::foreign_media, "media", trunk,
                 "media that calls of trunk " + trunk +
                     " did not signal comes to their ports, and is refused");
  } else if (row.foreign_ns != 0 && packets != 0) {
    row.foreign_ns = now_ns;
  } else if (row.foreign_ns != 0 && now_ns >= row.foreign_ns + media_quiet_ns) {
    row.foreign_ns = 0;
    events_.note(Kind::foreign_media_over, "media", trunk,
                 "no media of strangers came for calls of trunk " + trunk + " for a minute");
  }
}

void MediaWatch::watch_keys(const std::string& trunk, Row& row, uint64_t packets, uint64_t now_ns) {
  const uint64_t elapsed_ns = now_ns - row.counted_ns;
  const bool is_failing = packets * 1'000'000'000 >= wrong_key_packets * elapsed_ns;
  if (!is_failing) {
    row.failing_ns = 0;
  } else if (row.failing_ns == 0) {
    row.failing_ns = row.counted_ns;
  }
  const bool is_wrong = is_failing && now_ns - row.failing_ns >= wrong_key_ns;
  if (is_wrong && row.wrong_ns == 0) {
    events_.note(Kind::srtp_key_wrong, "media", trunk,
                 "SRTP of calls of trunk " + trunk + " is not of the keys that were agreed");
  } else if (row.wrong_ns != 0 && now_ns >= row.wrong_ns + media_quiet_ns) {
    row.wrong_ns = 0;
    events_.note(Kind::srtp_key_right, "media", trunk,
                 "no SRTP of wrong keys came for calls of trunk " + trunk + " for a minute");
  }
  if (is_wrong) row.wrong_ns = now_ns;
}

}  // namespace demarc::events
