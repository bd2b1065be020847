#include "dataplane/media/event_reader.h"

#include <algorithm>

namespace demarc::media {

EventReader::Digit EventReader::close() {
  if (!is_open_) return {};
  is_open_ = false;
  return {event_, before_ + duration_};
}

// A long event begins a new segment where the one before was full (RFC 4733 section 2.5.1.3).
bool EventReader::goes_on(const TelephoneEvent& event, uint32_t timestamp) const {
  return is_open_ && event.event == event_ && timestamp == timestamp_ + max_event_duration;
}

EventReader::Digit EventReader::read(const TelephoneEvent& event, uint32_t timestamp,
                                     contract::Instant now) {
  Digit over;
  if (!has_any_ || timestamp != timestamp_) {
    // Of an event that is over already, come late.
    if (has_any_ && static_cast<int32_t>(timestamp - timestamp_) < 0 &&
        now - last_ < contract::Duration::seconds(5)) {
      return {};
    }
    if (goes_on(event, timestamp)) {
      before_ += max_event_duration;
    } else {
      over = close();
      before_ = 0;
    }
    event_ = event.event;
    timestamp_ = timestamp;
    duration_ = 0;
    is_open_ = has_any_ = true;
  }
  last_ = now;
  if (!is_open_) return over;
  duration_ = std::max<uint32_t>(duration_, event.duration);
  if (!event.is_end) return over;
  const Digit own = close();
  // Two at once: the one before lost its end. It is told first; its own is told by the next packet
  // of the same event, or as one whose end never came.
  if (!over.is_set()) return own;
  is_open_ = true;
  return over;
}

EventReader::Digit EventReader::restart() {
  const Digit over = close();
  *this = EventReader{};
  return over;
}

EventReader::Digit EventReader::expire(contract::Instant now) {
  if (!is_open_ || now - last_ < patience) return {};
  return close();
}

}  // namespace demarc::media
