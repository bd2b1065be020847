#include "tests/system/probe/payload.h"

#include <cstdio>
#include <cstring>

namespace demarc::probe {

namespace {

// splitmix64: every bit of the result depends on every bit of the input.
uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

uint64_t seed_of(StreamId id) {
  return mix((uint64_t{id.call} << 1) | (id.is_from_caller ? 1U : 0U));
}

void put16(uint8_t* out, uint32_t value) {
  out[0] = static_cast<uint8_t>(value >> 8);
  out[1] = static_cast<uint8_t>(value);
}

void put32(uint8_t* out, uint32_t value) {
  put16(out, value >> 16);
  put16(out + 2, value & 0xffff);
}

uint32_t get32(const uint8_t* in) {
  return (uint32_t{in[0]} << 24) | (uint32_t{in[1]} << 16) | (uint32_t{in[2]} << 8) | in[3];
}

}  // namespace

uint32_t ssrc_of(StreamId id) {
  return static_cast<uint32_t>(mix(seed_of(id) ^ 1));
}

// Close to the top, so that most calls wrap round within a few seconds.
uint16_t first_sequence_of(StreamId id) {
  return static_cast<uint16_t>(0xff00 + (mix(seed_of(id) ^ 2) & 0xff));
}

uint32_t first_timestamp_of(StreamId id) {
  return static_cast<uint32_t>(mix(seed_of(id) ^ 3));
}

std::array<uint8_t, rtp_octets> make_rtp(StreamId id, uint32_t index, bool is_last, Codec codec) {
  std::array<uint8_t, rtp_octets> packet = {};
  packet[0] = 0x80;
  packet[1] = static_cast<uint8_t>(payload_type_of(codec) | (index == 0 ? 0x80 : 0));
  put16(&packet[2], first_sequence_of(id) + index);
  put32(&packet[4], first_timestamp_of(id) + index * uint32_t{audio_octets});
  put32(&packet[8], ssrc_of(id));
  uint64_t state = seed_of(id) ^ (uint64_t{index} << 8) ^ (is_last ? 0x80 : 0);
  for (size_t offset = rtp_header_octets; offset < rtp_octets; offset += sizeof state) {
    state = mix(state);
    std::memcpy(&packet[offset], &state, sizeof state);
  }
  return packet;
}

std::array<uint8_t, rtp_octets> heard_rtp(StreamId id, uint32_t index, bool is_last,
                                          Codecs codecs) {
  std::array<uint8_t, rtp_octets> packet = make_rtp(id, index, is_last, codecs.own);
  to_own(codecs, std::span(packet).subspan(rtp_header_octets));
  return packet;
}

std::array<uint8_t, rtcp_octets> make_rtcp(StreamId id, Report report) {
  std::array<uint8_t, rtcp_octets> packet = {};
  packet[0] = 0x80;
  packet[1] = 200;
  put16(&packet[2], 6);
  put32(&packet[4], ssrc_of(id));
  put32(&packet[8], static_cast<uint32_t>(report.ntp >> 32));
  put32(&packet[12], static_cast<uint32_t>(report.ntp));
  put32(&packet[16], first_timestamp_of(id) + report.packets * uint32_t{audio_octets});
  put32(&packet[20], report.packets);
  put32(&packet[24], report.packets * uint32_t{audio_octets});
  packet[28] = 0x81;
  packet[29] = 202;
  put16(&packet[30], 5);
  put32(&packet[32], ssrc_of(id));
  packet[36] = 1;
  packet[37] = 13;
  char name[14];
  std::snprintf(name, sizeof name, "probe%08x", report.index);
  std::memcpy(&packet[38], name, 13);
  return packet;
}

Report read_rtcp(std::span<const uint8_t, rtcp_octets> datagram) {
  Report report;
  report.ntp = (uint64_t{get32(&datagram[8])} << 32) | get32(&datagram[12]);
  report.packets = get32(&datagram[20]);
  for (size_t i = 43; i < 51; ++i) {
    const uint8_t octet = datagram[i];
    const uint32_t digit = octet <= '9' ? octet - uint32_t{'0'} : octet - uint32_t{'a'} + 10;
    report.index = (report.index << 4) | (digit & 0xf);
  }
  return report;
}

}  // namespace demarc::probe
