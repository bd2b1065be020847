#include "dataplane/wire/reassembly.h"

#include <arpa/inet.h>

#include <cstring>
#include <utility>

#include "dataplane/wire/checksum.h"

namespace demarc::wire {
namespace {

constexpr unsigned unit_octets = 8;

unsigned header_octets(const Frame& frame) {
  return frame.local.address.is_v4() ? 20 : 40;
}

void store16(uint8_t* out, uint32_t value) {
  const uint16_t wire = htons(static_cast<uint16_t>(value));
  std::memcpy(out, &wire, sizeof wire);
}

// A plain header stands for those of the fragments: options and extensions are not for us.
void write_header(uint8_t* out, const Frame& frame, uint32_t total) {
  constexpr uint8_t hops = 64, udp = 17;
  std::memset(out, 0, header_octets(frame));
  if (frame.local.address.is_v4()) {
    out[0] = 0x45;
    out[1] = static_cast<uint8_t>(frame.dscp << 2);
    store16(out + 2, 20 + total);
    out[8] = hops;
    out[9] = udp;
    std::memcpy(out + 12, &frame.remote.address.octets[12], 4);
    std::memcpy(out + 16, &frame.local.address.octets[12], 4);
    const uint16_t checksum = checksum_fold(checksum_sum({out, 20}));
    std::memcpy(out + 10, &checksum, sizeof checksum);
    return;
  }
  store16(out, 6u << 12 | static_cast<uint32_t>(frame.dscp) << 6);
  store16(out + 4, total);
  out[6] = udp;
  out[7] = hops;
  std::memcpy(out + 8, frame.remote.address.octets.data(), 16);
  std::memcpy(out + 24, frame.local.address.octets.data(), 16);
}

}  // namespace

void Reassembly::discard(Entry& entry, unsigned& discarded) {
  discarded += entry.fragments;
  entry.packet.reset();
}

// The entry of this datagram, or a free one set up for it; null without a buffer.
Reassembly::Entry* Reassembly::find(const Frame& frame, contract::Instant now,
                                    unsigned& discarded) {
  Entry* oldest = &entries_[0];
  for (Entry& entry : entries_) {
    if (entry.packet && now - entry.since > lifetime) discard(entry, discarded);
    if (entry.packet && entry.frame.fragment_id == frame.fragment_id &&
        entry.frame.segment() == frame.segment() &&
        entry.frame.remote.address == frame.remote.address &&
        entry.frame.local.address == frame.local.address) {
      return &entry;
    }
    if (!oldest->packet) continue;
    if (!entry.packet || entry.since < oldest->since) oldest = &entry;
  }
  if (oldest->packet) discard(*oldest, discarded);
  oldest->packet = pool_.allocate();
  if (!oldest->packet) return nullptr;
  oldest->frame = frame;
  oldest->total = oldest->received = oldest->end = 0;
  oldest->fragments = 0;
  oldest->since = now;
  oldest->units.reset();
  return oldest;
}

// False when the fragment contradicts those that came before, or overlaps one (RFC 5722).
bool Reassembly::copy(Entry& entry, const Packet& fragment) {
  const Frame& frame = fragment.frame();
  const uint32_t begin = frame.fragment_offset;
  const uint32_t end = begin + frame.payload_length;
  if (end > max_octets || (entry.total != 0 && end > entry.total)) return false;
  if (!frame.has_more_fragments) {
    if (entry.total != 0 || entry.end > end) return false;
    entry.total = end;
  }
  for (uint32_t unit = begin / unit_octets; unit * unit_octets < end; ++unit) {
    if (entry.units.test(unit)) return false;
    entry.units.set(unit);
  }
  if (end > entry.end) entry.end = end;
  std::memcpy(entry.packet.octets() + header_octets(entry.frame) + begin,
              fragment.octets() + frame.payload_offset, frame.payload_length);
  entry.received += frame.payload_length;
  return true;
}

Packet Reassembly::finish(Entry& entry) {
  Packet packet = std::move(entry.packet);
  const unsigned header = header_octets(entry.frame);
  write_header(packet.octets(), entry.frame, entry.total);
  Frame& frame = packet.frame();
  frame = entry.frame;
  packet.set_l3(packet.octets(), static_cast<uint16_t>(header + entry.total));
  frame.udp_offset = static_cast<uint16_t>(header);
  classify_udp(packet.bytes(), FrameChecks{}, frame);
  return packet;
}

Packet Reassembly::add(const Packet& fragment, contract::Instant now, unsigned& discarded) {
  Entry* entry = find(fragment.frame(), now, discarded);
  if (entry == nullptr) {
    ++discarded;
    return {};
  }
  ++entry->fragments;
  if (!copy(*entry, fragment)) {
    discard(*entry, discarded);
    return {};
  }
  if (entry->total == 0 || entry->received != entry->total) return {};
  return finish(*entry);
}

}  // namespace demarc::wire
