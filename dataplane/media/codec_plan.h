// CodecPlan: what one direction of a stream needs done to its payload, by payload type.
//
// Output by call/ from what the offer and the answer of both sides say, followed by work.cc. A
// plain value without pointers, so that a call and a fork's answer can keep it.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/media/g711.h"

namespace demarc::media {

inline constexpr uint8_t no_payload_type = 255;

enum class Treatment : uint8_t {
  renumber,   // as it is, under the receiver's number
  g711,       // the same, and known to be G.711 of `law`: it can be cut and listened to
  transcode,  // G.711 of `law` into the other law
  event,      // telephone-event
  noise,      // comfort noise that the receiver does not take: G.711 noise in its place
  swallow,    // the receiver does not take it, and nothing stands for it
};

struct PlanRow {
  uint8_t in = 0;
  uint8_t out = 0;
  Treatment treatment = Treatment::renumber;
  Law law = Law::a;    // of what comes in; for noise, of what is made
  uint8_t khz_in = 8;  // clock of telephone-event on either side
  uint8_t khz_out = 8;
  friend bool operator==(const PlanRow&, const PlanRow&) = default;
};

// What becomes of digits, wherever they were found.
enum class Digits : uint8_t {
  events,    // telephone events, if the receiver takes them
  reported,  // to the call, which sends them in its signalling; nothing in RTP
  tones,     // in G.711, in place of the audio
};

struct CodecPlan {
  static constexpr unsigned max_rows = 8;

  std::array<PlanRow, max_rows> rows = {};  // payload types in none of them pass
  uint8_t row_count = 0;
  uint8_t ptime_ms = 0;                 // length of the G.711 packets that go out; 0: as they came
  uint8_t event_out = no_payload_type;  // of the events that we make
  uint8_t event_khz = 8;                // and their clock
  Digits digits = Digits::events;
  bool is_listening = false;            // for tones in G.711; they are taken out of it
  bool makes_events = false;            // digits may come from the call, too
  uint8_t tone_out = no_payload_type;   // with Digits::tones: the number of the G.711 that goes out
  Law tone_law = Law::a;                // and its law
  bool fills_silence = false;           // noise of ours where G.711 stops without a word
  uint8_t noise_out = no_payload_type;  // of CN, where the receiver takes it; else it is G.711

  friend bool operator==(const CodecPlan&, const CodecPlan&) = default;

  // False when there is no room for it: that payload type passes.
  bool add(const PlanRow& row) {
    if (row_count == max_rows) return false;
    rows[row_count++] = row;
    return true;
  }
  const PlanRow* find(uint8_t payload_type) const {
    for (unsigned i = 0; i < row_count; ++i) {
      if (rows[i].in == payload_type) return &rows[i];
    }
    return nullptr;
  }
  // Whether it changes anything; without it a stream needs no Work.
  bool is_needed() const {
    if (ptime_ms != 0 || is_listening || makes_events || fills_silence) return true;
    if (digits != Digits::events) return true;
    for (unsigned i = 0; i < row_count; ++i) {
      const PlanRow& row = rows[i];
      const bool is_kept = row.treatment == Treatment::renumber ||
                           row.treatment == Treatment::g711 || row.treatment == Treatment::event;
      if (!is_kept || row.in != row.out || row.khz_in != row.khz_out) return true;
    }
    return false;
  }
};

}  // namespace demarc::media
