// EventSender: telephone events of our own making, for digits that came in SIP INFO or as tones.
//
// Packets every 20 ms with growing durations, the last one three times (RFC 4733 section 2.5.1), in
// the SSRC and by the clock of the stream that they are part of. Called by work.cc; time is an
// argument. One worker only.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/contract/time.h"
#include "dataplane/media/out_stream.h"
#include "dataplane/media/output.h"
#include "dataplane/media/telephone_event.h"

namespace demarc::media {

class EventSender {
 public:
  static constexpr unsigned max_waiting = 16;
  static constexpr uint16_t min_duration_ms = 40;  // what receivers must recognize, ITU-T Q.24
  static constexpr uint16_t max_duration_ms = 60000;
  static constexpr contract::Duration interval = contract::Duration::milliseconds(20);
  static constexpr contract::Duration pause = contract::Duration::milliseconds(40);

  struct Voice {
    uint8_t payload_type = 0;
    uint8_t khz = 8;
  };

  // One digit behind those that wait. The duration is brought into its limits. False when too many
  // wait.
  bool push(uint8_t event, uint16_t duration_ms);
  // A digit that has begun and whose end is not known yet; takes its place behind those that wait.
  bool begin(uint8_t event);
  // It ended now.
  void end();
  // Sends what is due; to be called at least every 20 ms while is_busy().
  void send(const Voice& voice, OutStream& stream, Output& output, contract::Instant now);
  // Forgets all digits, where the receiver takes no events any longer.
  void clear() { *this = EventSender{}; }
  bool is_busy() const { return is_sending_ || waiting_ != 0; }

 private:
  static constexpr uint16_t held = 0xffff;
  struct Digit {
    uint8_t event = 0;
    uint16_t duration_ms = 0;  // or `held`
  };

  bool start(OutStream& stream, const Voice& voice, contract::Instant now);
  void write(const Voice& voice, bool is_end, OutStream& stream, Output& output);
  bool is_over(contract::Instant now) const;
  void grow(const Voice& voice, contract::Instant now);

  std::array<Digit, max_waiting> digits_ = {};
  uint8_t first_ = 0;
  uint8_t waiting_ = 0;
  bool is_sending_ = false;
  bool is_first_ = false;  // packet of its event: it has the marker
  Digit digit_;
  uint32_t timestamp_ = 0;  // of the segment
  uint32_t duration_ = 0;   // of the segment, in units of the clock
  contract::Instant segment_at_;
  contract::Instant began_;
  contract::Instant due_;
};

}  // namespace demarc::media
