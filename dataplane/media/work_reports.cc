#include <algorithm>

#include "dataplane/media/work.h"

// What Work knows for reports of its stream: they are of one side's packets, and go to the other.

namespace demarc::media {
namespace {

// What 24 bits hold (RFC 3550 section 6.4.1).
constexpr int64_t most_lost = 0x7fffff;

// A receiver counts cycles from where it began. One that began behind a wrap of ours, but before
// that of the sender, has none to give back: its count stays at 0.
constexpr uint32_t shifted_back(uint32_t highest_sequence, uint32_t shift) {
  const uint32_t number = highest_sequence - shift;
  const bool is_below_zero = static_cast<int32_t>(shift) > 0 && shift > highest_sequence;
  return is_below_zero ? number & 0xffff : number;
}

}  // namespace

// A new SSRC came. Of the first one the receiver may have told losses before there was work.
void Work::begin_counts(bool is_first) {
  extra_octets_ = 0;
  lost_ = lost_in_ = lost_octets_ = 0;
  is_loss_due_ = is_first && origin_.is_under_way;
}

void Work::count_made(const Output& output) {
  if (!stream_.has_input()) return;
  for (const OutputPacket& packet : output.packets()) {
    extra_octets_ += static_cast<uint32_t>(packet.length - rtp_header_length);
  }
}

Work::Reported Work::reported(uint32_t ssrc) const {
  if (!stream_.is_begun()) return Reported::untouched;
  return stream_.has_input() && ssrc == stream_.ssrc() ? Reported::known : Reported::foreign;
}

// Where packets are cut anew, their lengths now say how many of the sender's one of ours is. A
// report that was under way while that changed is wrong by the packets of that time at the most.
bool Work::received(Received& said) {
  const int behind = stream_.behind(static_cast<uint16_t>(said.highest_sequence));
  if (behind < 0) return false;
  const auto count_out = static_cast<uint32_t>(behind);
  uint32_t count_in = count_out;
  if (is_cutting()) {
    const Repacketizer& cut = *parts_.repacketizer;
    count_in = (cut.filled() + count_out * cut.packet_octets()) / audio_octets_;
  }
  said.highest_sequence =
      shifted_back(said.highest_sequence, stream_.shift_at(count_out, count_in));
  said.lost = lost_before_us(said.lost);
  return true;
}

// The count as the sender is to see it. What it grows by is in the packets of now; what is less
// than a packet of the sender waits for the next report.
int32_t Work::lost_before_us(int32_t lost) {
  if (is_loss_due_) lost_ = lost_in_ = lost;
  is_loss_due_ = false;
  const int64_t packet_octets =
      is_cutting() ? parts_.repacketizer->packet_octets() : int64_t{audio_octets_};
  const int64_t octets = (int64_t{lost} - lost_) * packet_octets + lost_octets_;
  lost_in_ = static_cast<int32_t>(
      std::clamp(lost_in_ + octets / audio_octets_, -most_lost - 1, most_lost));
  lost_octets_ = static_cast<int32_t>(octets % audio_octets_);
  lost_ = lost;
  return lost_in_;
}

}  // namespace demarc::media
