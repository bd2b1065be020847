// Events: what changed in the state of the box, newest last, in a bounded ring: a target went down,
// a registration was lost, a certificate is about to end. Each is a line of the log as well,
// written here, so that both say the same once.
//
// Any thread may call any function. Not for single calls: those have records.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/runtime/log.h"

namespace demarc::events {

// kind, level in the log, what the subject is, sentence.
#define DEMARC_EVENTS(X) \
  X(controlplane_started, info, "release", "the control plane started") \
  X(config_loaded, info, "configuration", "a configuration was put in force") \
  X(config_refused, warning, "configuration", \
    "files that were to be loaded have mistakes, or do not fit the running dataplane") \
  X(config_taken_back, warning, "configuration", \
    "a change was not confirmed in time: what was before is in force again") \
  X(dataplane_attached, info, "dataplane", "the control plane sees the dataplane (again)") \
  X(dataplane_detached, warning, "dataplane", "the control plane does not see it any more") \
  X(dataplane_restarted, warning, "dataplane", \
    "another dataplane than the one before; its calls " \
    "are lost") \
  X(target_up, info, "trunk", "a target of the trunk answers") \
  X(target_down, warning, "trunk", "a target of the trunk does not, and is tried last") \
  X(target_recovering, info, "trunk", "a target that was down answers, but not often enough yet") \
  X(target_unproven, info, "trunk", "nothing is known of a target of the trunk any more") \
  X(registration_gained, info, "trunk", "our registration with its peer holds") \
  X(registration_lost, warning, "trunk", "it was refused, or failed at every target") \
  X(registration_ended, info, "trunk", "we took it away") \
  X(certificate_ends, warning, "tls", "30, 14, 7 or 1 days are left, or none") \
  X(limit_reached, warning, "trunk", "calls from its peer meet a limit") \
  X(limit_left, info, "trunk", "no call met that limit for a minute") \
  X(limit_near, warning, "trunk or group", "its calls or their media use 90 % of a limit") \
  X(limit_near_over, info, "trunk or group", "they used less of it for a minute") \
  X(foreign_media, warning, "trunk", \
    "media comes from elsewhere than its calls signalled, and is refused") \
  X(foreign_media_over, info, "trunk", "none did for a minute") \
  X(media_spray, warning, "address", \
    "packets from there come to several calls that did not signal it, and are refused") \
  X(media_spray_over, info, "address", "none was refused for a minute") \
  X(srtp_key_wrong, warning, "trunk", \
    "for 5 seconds SRTP of its calls was not of the keys " \
    "that were agreed") \
  X(srtp_key_right, info, "trunk", "none was of wrong keys for a minute") \
  X(records_failing, error, "records", "call records can not be written") \
  X(records_written, info, "records", "they can be again") \
  X(records_full, error, "records", "the dataplane refuses calls, as it has no room for records") \
  X(records_have_room, info, "records", "it did not for a minute")

#define DEMARC_ENUMERATOR(kind, level, subject, help) kind,
enum class Kind : uint8_t { DEMARC_EVENTS(DEMARC_ENUMERATOR) count };
#undef DEMARC_ENUMERATOR
inline constexpr size_t kind_count = static_cast<size_t>(Kind::count);

struct KindText {
  std::string_view name;
  runtime::Level level;
  std::string_view subject;
  std::string_view help;
};
KindText text_of(Kind kind);

// docs/events.md, in Markdown.
std::string reference_page();

struct Event {
  uint64_t sequence = 0;
  uint64_t unix_ns = 0;
  Kind kind = Kind::count;
  std::string subject;  // a trunk's or profile's name, a release, "dataplane"
  std::string text;     // for people
};

inline constexpr size_t kept_events = 4096;

class Events {
 public:
  // Sequence numbers follow the clock, so that they grow over restarts as well.
  explicit Events(uint64_t started_unix_ns);

  // `module` is the log's. The oldest event makes room.
  void note(Kind kind, std::string_view module, std::string_view subject, std::string text);

  struct Page {
    std::vector<Event> events;
    uint64_t lost = 0;  // after `after` and before the first of them, as far as they were ours
    uint64_t last = 0;  // sequence of the newest there is
  };
  // The oldest `limit` of those after that sequence number.
  Page after(uint64_t sequence, size_t limit) const;
  std::array<uint64_t, kind_count> counts() const;  // since we started

 private:
  const uint64_t first_;
  mutable std::mutex mutex_;  // guards what follows
  uint64_t next_;
  std::deque<Event> kept_;
  std::array<uint64_t, kind_count> counts_ = {};
};

}  // namespace demarc::events
