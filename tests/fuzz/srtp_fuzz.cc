// Any octets as SRTP and SRTCP: nothing beyond the packet is touched, both ciphers say the same,
// and what was not made with the key is never taken. What is RTP comes back as it was sent.
//
// The first octet names the suite and whether it is RTCP; the packet is behind it.

#include <algorithm>
#include <vector>

#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

using media::srtp::Cipher;
using media::srtp::Outcome;
using media::srtp::Packet;
using media::srtp::some_key;
using media::srtp::TestContexts;

constexpr uint16_t room = 32;
constexpr size_t max_packet_octets = 2047;

struct Suites {
  explicit Suites(Cipher::Kind kind) : test(kind, 16) {
    for (const auto suite : media::srtp::all_suites) {
      in.push_back(test.contexts.open(some_key(suite)));
      out.push_back(test.contexts.open(some_key(suite)));
    }
  }
  TestContexts test;
  std::vector<uint32_t> in;
  std::vector<uint32_t> out;
};

// In a buffer that ends where the packet and its room end.
struct Sent {
  Sent(std::string_view octets, uint32_t context, bool is_rtcp, uint16_t behind)
      : buffer(octets.size() + behind), packet{context,       is_rtcp,
                                               buffer.data(), static_cast<uint16_t>(octets.size()),
                                               behind,        Outcome::done} {
    std::copy(octets.begin(), octets.end(), buffer.begin());
  }
  std::string_view view() const { return view_of(packet.octets, packet.length); }
  std::vector<uint8_t> buffer;
  Packet packet;
};

void run(std::string_view input) {
  if (input.empty() || input.size() > max_packet_octets) return;
  // Anew each time, so that one input never depends on those before it.
  Suites fast(Cipher::Kind::multi_buffer);
  Suites slow(Cipher::Kind::evp);
  const size_t suite = static_cast<uint8_t>(input[0]) % std::size(media::srtp::all_suites);
  const bool is_rtcp = (static_cast<uint8_t>(input[0]) & 0x80) != 0;
  const std::string_view octets = input.substr(1);

  Sent received(octets, fast.in[suite], is_rtcp, 0);
  Sent twin(octets, slow.in[suite], is_rtcp, 0);
  fast.test.contexts.unprotect({&received.packet, 1});
  slow.test.contexts.unprotect({&twin.packet, 1});
  DEMARC_CHECK(received.packet.outcome == twin.packet.outcome);
  // A seed may have been made with the key; then the tag is the one that protect() gives.
  DEMARC_CHECK(received.packet.length + received.packet.room == octets.size());

  Sent sent(octets, fast.out[suite], is_rtcp, room);
  Sent sent_twin(octets, slow.out[suite], is_rtcp, room);
  fast.test.contexts.protect({&sent.packet, 1});
  slow.test.contexts.protect({&sent_twin.packet, 1});
  DEMARC_CHECK(sent.packet.outcome == sent_twin.packet.outcome);
  if (sent.packet.outcome != Outcome::done) return;
  DEMARC_CHECK(sent.view() == sent_twin.view());
  Suites peer(Cipher::Kind::multi_buffer);
  Sent back(sent.view(), peer.in[suite], is_rtcp, 0);
  peer.test.contexts.unprotect({&back.packet, 1});
  DEMARC_CHECK(back.packet.outcome == Outcome::done && back.view() == octets);
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
