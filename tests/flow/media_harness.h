// Ladders with RTP: packets of the peers, and where they go on to.
//
// Included by tests of this folder only; it allocates.
#pragma once

#include <cstring>

#include "tests/flow/ladder.h"
#include "tests/flow/openings.h"
#include "tests/flow/srtp_line.h"

namespace demarc::flow {

class Media : public Ladder {
 protected:
  explicit Media(const BoxOptions& options = {}) : Ladder(options) {}
  void answer() {
    play(answered_at_once);
    towards_pbx = audio_port(pbx.last_response("INVITE")->body);
    towards_itsp = audio_port(itsp.last_request("INVITE")->body);
  }
  // One RTP packet from `source` to our `port`; returns where it went on to, port 0 when dropped.
  contract::Endpoint rtp(const Peer& from, uint16_t source_port, uint16_t port, uint16_t sequence) {
    uint8_t room[64 + 40 + 160] = {};
    uint8_t* l3 = room + 64;
    const uint16_t total = 20 + 8 + 12 + 20;
    const uint8_t header[28] = {0x45,
                                0,
                                0,
                                total,
                                0,
                                0,
                                0,
                                0,
                                64,
                                17,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                0,
                                static_cast<uint8_t>(source_port >> 8),
                                static_cast<uint8_t>(source_port),
                                static_cast<uint8_t>(port >> 8),
                                static_cast<uint8_t>(port),
                                0,
                                total - 20,
                                0,
                                0};
    std::memcpy(l3, header, sizeof header);
    const uint32_t source = from.endpoint().address.v4_to_wire();
    const uint32_t local = from.box_endpoint().address.v4_to_wire();
    std::memcpy(l3 + 12, &source, 4);
    std::memcpy(l3 + 16, &local, 4);
    const uint8_t rtp_header[12] = {0x80,
                                    8,
                                    static_cast<uint8_t>(sequence >> 8),
                                    static_cast<uint8_t>(sequence),
                                    0,
                                    0,
                                    0,
                                    1,
                                    0,
                                    0,
                                    0,
                                    7};
    std::memcpy(l3 + 28, rtp_header, sizeof rtp_header);
    const uint32_t slot = box.engine().media().find(from.box_endpoint().address, port);
    if (slot == media::Table::no_slot) return {};
    media::Frame frame;
    frame.l3 = l3;
    frame.l3_length = total;
    frame.headroom = 64;
    frame.payload_offset = 28;
    frame.payload_length = 32;
    frame.source = {from.endpoint().address, source_port};
    frame.slot = slot;
    box.engine().on_media({&frame, 1}, box.now());
    if (frame.outcome == media::Frame::Outcome::drop) return {};
    uint32_t destination;
    std::memcpy(&destination, frame.l3 + 16, 4);
    return {contract::IpAddress::v4_from_wire(destination),
            static_cast<uint16_t>(frame.l3[22] << 8 | frame.l3[23])};
  }

  uint16_t towards_pbx = 0;
  uint16_t towards_itsp = 0;
};

}  // namespace demarc::flow
