// EventReader: finds out of the packets of telephone-event which digits were pressed, each once.
//
// RFC 4733 section 2.5.2: packets of one event share a timestamp and state how long it has lasted;
// the last one comes three times, and any of them may be lost. Called by work.cc for each packet
// with an event. One worker only.
#pragma once

#include <cstdint>

#include "dataplane/contract/time.h"
#include "dataplane/media/telephone_event.h"

namespace demarc::media {

class EventReader {
 public:
  // Silence after which an event whose end was lost is over.
  static constexpr contract::Duration patience = contract::Duration::milliseconds(200);

  struct Digit {
    uint8_t event = no_event;
    uint32_t duration = 0;  // in units of the RTP clock
    bool is_set() const { return event != no_event; }
  };
  // What is known to be over by that packet: its own event, or the one before.
  Digit read(const TelephoneEvent& event, uint32_t timestamp, contract::Instant now);
  // What is over because nothing came any more.
  Digit expire(contract::Instant now);
  // Another stream, or another clock: what went on is over, and its numbers say nothing any more.
  Digit restart();
  // Whether an event goes on whose end is to come.
  bool is_busy() const { return is_open_; }
  // Whether it goes on and packets of it came lately: what else comes meanwhile is its tone.
  bool is_under_way(contract::Instant now) const { return is_open_ && now - last_ < patience; }

 private:
  Digit close();
  bool goes_on(const TelephoneEvent& event, uint32_t timestamp) const;

  contract::Instant last_;
  uint32_t timestamp_ = 0;  // of the segment
  uint32_t duration_ = 0;   // of the segment
  uint32_t before_ = 0;     // of the segments before it
  uint8_t event_ = no_event;
  bool is_open_ = false;
  bool has_any_ = false;
};

}  // namespace demarc::media
