// Any octets at the ports of a stream, as RTP, RTCP, STUN or none of them: what goes on has the
// payload that came, each packet is counted once, and what is observed stays what it can be.
//
// A script of packets: the first octet of each says from where it comes, to which port, how much
// later, and whether its version is made the right one.

#include <algorithm>
#include <vector>

#include "dataplane/media/outgoing.h"
#include "dataplane/media/quality.h"
#include "dataplane/media/relay.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using contract::Endpoint;
using contract::Instant;
using contract::IpAddress;
using media::Slot;

constexpr unsigned most_octets = 200;  // of one packet
constexpr uint16_t headroom = 64;
constexpr unsigned rtcp_bit = 1, way_bit = 2, version_bit = 4, stranger_bit = 128;
constexpr Endpoint peers[2] = {{IpAddress::v4(203, 0, 113, 10), 40'000},
                               {IpAddress::v4(203, 0, 113, 11), 50'000}};
constexpr Endpoint ours[2] = {{IpAddress::v4(192, 0, 2, 1), 20'000},
                              {IpAddress::v4(198, 51, 100, 1), 30'000}};

// Both directions of a stream; `slots[way][0]` is that of RTP.
struct Line {
  Slot slots[2][2];
  media::Observed observed[2];

  Line() {
    for (unsigned way = 0; way < 2; ++way) {
      observed[way].opposite = &observed[1 - way];
      for (unsigned kind = 0; kind < 2; ++kind) {
        Slot& slot = slots[way][kind];
        slot.action = media::Action::relay;
        slot.stream = kind == 0 ? media::Stream::rtp : media::Stream::rtcp;
        slot.local = ours[way];
        slot.expected_source = peers[way].address;
        slot.expected_port = peers[way].port;
        slot.observed = &observed[way];
        media::set_clock_rate(slot, 8000);
        media::build_header(slot, ours[1 - way], peers[1 - way]);
        media::update_checksum_delta(slot);
      }
    }
  }
};

void check_counts(const Slot& slot) {
  DEMARC_CHECK(slot.packets_in == slot.packets_relayed + slot.drop_wrong_source +
                                      slot.drop_malformed + slot.drop_not_ready +
                                      slot.drop_no_route);
  DEMARC_CHECK(media::lost(slot) <= media::expected(slot));
  const media::Bursts bursts = media::bursts_of(*slot.observed);
  DEMARC_CHECK(bursts.lost <= bursts.packets);
}

void send(Line& line, unsigned what, std::string_view payload, Instant now) {
  const unsigned way = (what & way_bit) != 0 ? 1 : 0;
  // No octet behind the payload: whoever reads there is found.
  std::vector<uint8_t> room(headroom + media::v4_header_length + payload.size());
  std::copy(payload.begin(), payload.end(), room.end() - std::ssize(payload));
  uint8_t* octets = room.data() + headroom + media::v4_header_length;
  if ((what & version_bit) != 0 && !payload.empty()) octets[0] = (octets[0] & 0x3f) | 0x80;
  const std::vector<uint8_t> before(octets, octets + payload.size());
  Slot& slot = line.slots[way][what & rtcp_bit];
  media::Frame frame;
  frame.l3 = room.data() + headroom;
  frame.l3_length = static_cast<uint16_t>(media::v4_header_length + payload.size());
  frame.headroom = headroom;
  frame.payload_offset = media::v4_header_length;
  frame.payload_length = static_cast<uint16_t>(payload.size());
  frame.source = (what & stranger_bit) != 0 ? ours[way] : peers[way];
  media::relay_one(slot, frame, now);
  check_counts(line.slots[way][0]);
  check_counts(slot);
  if (frame.outcome != media::Frame::Outcome::forward) return;
  DEMARC_CHECK((what & stranger_bit) == 0);
  DEMARC_CHECK(frame.payload_length == payload.size());
  DEMARC_CHECK(std::equal(before.begin(), before.end(), frame.l3 + frame.payload_offset));
}

}  // namespace
}  // namespace demarc::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace demarc;
  fuzz::Script script(fuzz::view_of(data, size));
  fuzz::Line line;
  contract::Instant now{1'000'000'000};
  while (!script.is_done()) {
    const unsigned what = script.octet();
    now = now + contract::Duration::milliseconds(what >> 3 & 15);
    fuzz::send(line, what, script.piece(fuzz::most_octets), now);
  }
  return 0;
}
