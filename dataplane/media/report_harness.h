// RTCP packets of tests, octet by octet, and what stands in them.
//
// Included by tests of this folder only; it allocates.
#pragma once

#include <vector>

#include "dataplane/media/rtp.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {

struct TestBlock {
  uint32_t ssrc = 7;
  uint8_t fraction = 0;
  uint32_t lost = 0;  // 24 bits
  uint32_t highest = 0;
};

inline void append_blocks(support::Octets& octets, const std::vector<TestBlock>& blocks) {
  for (const TestBlock& block : blocks) {
    support::append32(octets, block.ssrc);
    support::append32(octets, uint32_t{block.fraction} << 24 | (block.lost & 0xffffff));
    support::append32(octets, block.highest);
    for (const uint32_t rest : {33u, 0x11223344u, 0x00010000u}) support::append32(octets, rest);
  }
}

inline support::Octets rtcp(uint8_t count, uint8_t type, const support::Octets& body) {
  support::Octets octets{static_cast<uint8_t>(0x80 | count), type};
  support::append16(octets, static_cast<unsigned>(body.size() / 4));
  octets.insert(octets.end(), body.begin(), body.end());
  return octets;
}

inline support::Octets receiver_report_of(uint32_t ssrc, const std::vector<TestBlock>& blocks) {
  support::Octets body;
  support::append32(body, ssrc);
  append_blocks(body, blocks);
  return rtcp(static_cast<uint8_t>(blocks.size()), receiver_report, body);
}

struct TestSender {
  uint32_t ssrc = 7;
  uint32_t packets = 0;
  uint32_t octets = 0;
};
inline support::Octets sender_report_of(const TestSender& sender,
                                        const std::vector<TestBlock>& blocks = {}) {
  support::Octets body;
  for (const uint32_t word :
       {sender.ssrc, 0x83aa7e80u, 0x40000000u, 16000u, sender.packets, sender.octets}) {
    support::append32(body, word);
  }
  append_blocks(body, blocks);
  return rtcp(static_cast<uint8_t>(blocks.size()), sender_report, body);
}

inline support::Octets operator+(support::Octets first, const support::Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace demarc::media
