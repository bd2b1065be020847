// OutStream: the numbers of an RTP stream that goes on with packets left out, or more of our own.
//
// Sequence numbers are those that came in plus an offset, so that loss and reordering before us
// stay visible behind us (RFC 3550 section 5.1); a packet that was swallowed makes the offset
// smaller, one that was made larger. Used by work.cc and its parts; one worker only.
#pragma once

#include <cstdint>

#include "dataplane/contract/time.h"
#include "dataplane/media/rtp.h"

namespace demarc::media {

// How far `a` is ahead of `b`, modulo 2^16.
constexpr int16_t sequence_distance(uint16_t a, uint16_t b) {
  return static_cast<int16_t>(a - b);
}

class OutStream {
 public:
  // For packets of our own before any came in.
  void begin(uint32_t ssrc, uint16_t first_sequence, uint32_t timestamp) {
    ssrc_ = ssrc;
    next_ = first_sequence;
    timestamp_ = timestamp;
  }

  // A packet came in, of whatever kind. A new SSRC is a new stream with its own numbers. True when
  // it is neither late nor a duplicate.
  bool follow(const RtpHeader& header) {
    if (!has_input_ || header.ssrc != ssrc_) {
      ssrc_ = header.ssrc;
      has_input_ = true;
      offset_ = offset_before_ = 0;
      highest_ = header.sequence_number;
      changed_at_ = header.sequence_number;
      next_ = header.sequence_number;
      gap_ = 0;
      extra_ = 0;
      return true;
    }
    const int distance = sequence_distance(header.sequence_number, static_cast<uint16_t>(highest_));
    if (distance <= 0) return false;
    gap_ = static_cast<uint16_t>(distance - 1);
    highest_ += static_cast<uint32_t>(distance);  // the carry counts the cycles
    return true;
  }
  // Packets missing before the last one that follow() took.
  uint16_t gap() const { return gap_; }

  // The last one that follow() took as new is made anew, with those missing before it: each number
  // that goes out instead is one of make() or skip().
  void take_anew() { extra_ -= 1u + (gap_ <= max_missing ? gap_ : 0u); }

  // The number under which a packet that came in goes on.
  uint16_t pass(uint16_t sequence_number) {
    const bool is_before = sequence_distance(sequence_number, changed_at_) < 0;
    const auto number =
        static_cast<uint16_t>(sequence_number + (is_before ? offset_before_ : offset_));
    const int ahead = sequence_distance(number, static_cast<uint16_t>(next_));
    if (ahead >= 0) next_ += static_cast<uint32_t>(ahead) + 1;
    return number;
  }
  // The packet that came in last does not go on.
  void swallow() {
    change(static_cast<uint16_t>(offset_ - 1));
    --extra_;
  }
  // The number of a packet of our own, behind all that went on.
  uint16_t make() {
    if (has_input_) change(static_cast<uint16_t>(offset_ + 1));
    ++extra_;
    return static_cast<uint16_t>(next_++);
  }
  // Packets were made anew until now, and pass from here on: their numbers follow what went out.
  void pass_again() {
    if (!has_input_) return;
    change(static_cast<uint16_t>(next_ - highest_ - 1));
    // What was made had no numbers of what came in: a late packet gets one that went out before.
    offset_before_ = offset_;
  }
  // Whether what passes has other numbers than it came with.
  bool is_shifted() const { return has_input_ && offset_ != 0; }
  // Leaves numbers out, so that loss before us shows behind us where packets are made anew.
  void skip(uint16_t count) {
    next_ += count;
    extra_ += count;
  }

  // For RTCP (RFC 3550 section 7.2). Packets that the receiver is to count beyond those that the
  // sender has sent, modulo 2^32; what was lost before us counts on both sides.
  uint32_t extra() const { return extra_; }
  // Numbers that went out behind `number`; negative for one that did not go out yet.
  int behind(uint16_t number) const {
    return sequence_distance(static_cast<uint16_t>(next_ - 1), number);
  }
  // What is to be taken from an extended number that went out `count_out` before the last one, to
  // get the one that came in `count_in` before the last one.
  uint32_t shift_at(uint32_t count_out, uint32_t count_in) const {
    return (next_ - 1 - count_out) - (highest_ - count_in);
  }

  // What was sent last, for the timestamps of what we make ourselves.
  void sent(uint32_t timestamp, contract::Instant now) {
    timestamp_ = timestamp;
    sent_at_ = now;
  }
  // The timestamp of an instant, by the clock of what was sent last.
  uint32_t timestamp_at(contract::Instant now, uint32_t khz) const {
    if (!sent_at_.is_set() || now < sent_at_) return timestamp_;
    const uint64_t elapsed_us = static_cast<uint64_t>((now - sent_at_).ns) / 1000;
    return timestamp_ + static_cast<uint32_t>(elapsed_us * khz / 1000);
  }
  uint32_t timestamp() const { return timestamp_; }
  uint32_t ssrc() const { return ssrc_; }
  bool has_input() const { return has_input_; }
  bool is_begun() const { return has_input_ || ssrc_ != 0; }

 private:
  // Past this a jump of the numbers is a new beginning, not loss (RFC 3550 appendix A.1).
  static constexpr uint16_t max_missing = 3000;

  // What is reordered across the change keeps the offset that was in force where it belongs.
  void change(uint16_t offset) {
    const auto from = static_cast<uint16_t>(highest_ + 1);
    if (changed_at_ != from) offset_before_ = offset_;
    changed_at_ = from;
    offset_ = offset;
  }

  contract::Instant sent_at_;
  uint32_t ssrc_ = 0;
  uint32_t timestamp_ = 0;
  uint32_t highest_ = 0;  // of what came in; extended, as the next one
  uint32_t next_ = 0;     // of what goes out
  uint32_t extra_ = 0;
  uint16_t offset_ = 0;
  uint16_t offset_before_ = 0;  // for what came before changed_at_
  uint16_t changed_at_ = 0;
  uint16_t gap_ = 0;
  bool has_input_ = false;
};

}  // namespace demarc::media
