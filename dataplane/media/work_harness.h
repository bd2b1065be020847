// Line: a Work with what it needs, packets of a peer in and those that go on out. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "dataplane/media/work.h"

namespace demarc::media {

using contract::Duration;
using contract::Instant;

inline constexpr uint8_t pcmu = 0;
inline constexpr uint8_t pcma = 8;
inline constexpr uint8_t events = 101;

inline Instant at(int64_t ms) {
  return Instant{5'000'000'000} + Duration::milliseconds(ms);
}

struct Packet {
  bool has_marker = false;
  uint8_t payload_type = 0;
  uint16_t sequence = 0;
  uint32_t timestamp = 0;
  uint32_t ssrc = 7;
  std::vector<uint8_t> payload = {};
};

inline std::vector<uint8_t> octets_of(const Packet& packet) {
  std::vector<uint8_t> octets(rtp_header_length);
  write_rtp_header(
      {packet.has_marker, packet.payload_type, packet.sequence, packet.timestamp, packet.ssrc},
      octets.data());
  octets.insert(octets.end(), packet.payload.begin(), packet.payload.end());
  return octets;
}

inline Packet packet_of(std::span<const uint8_t> octets) {
  EXPECT_GE(octets.size(), rtp_header_length);
  return {(octets[1] & 0x80) != 0, static_cast<uint8_t>(octets[1] & 0x7f),
          read_be16(&octets[2]),   read_be32(&octets[4]),
          read_be32(&octets[8]),   {octets.begin() + rtp_header_length, octets.end()}};
}

// One direction; `out` is what went on, in order.
class Line {
 public:
  explicit Line(const CodecPlan& plan) { replan(plan); }
  void replan(const CodecPlan& plan) {
    if (!is_begun_)
      work->begin({.owner = {contract::CallSlot{77}, 1}, .ssrc = 99, .sequence_number = 4000});
    is_begun_ = true;
    work->plan(plan, {plan.is_listening ? detector.get() : nullptr,
                      plan.ptime_ms != 0 ? repacketizer.get() : nullptr});
  }
  void put(const Packet& packet, int64_t ms) { put(octets_of(packet), ms); }
  void put(std::vector<uint8_t> octets, int64_t ms) {
    Work::Packet one{octets.data(), static_cast<uint16_t>(octets.size()), 0, false};
    octets.resize(octets.size() + 400);
    one.octets = octets.data();
    one.room = static_cast<uint16_t>(octets.size());
    output->clear();
    if (work->process(one, yield, at(ms))) out.push_back(packet_of({one.octets, one.length}));
    take();
  }
  void tick(int64_t ms) {
    output->clear();
    work->tick(yield, at(ms));
    take();
  }
  // 20 ms of audio.
  void audio(uint8_t payload_type, unsigned index, int64_t ms, uint8_t octet = 0x55) {
    put({.payload_type = payload_type,
         .sequence = static_cast<uint16_t>(100 + index),
         .timestamp = 16000 + index * 160,
         .payload = std::vector<uint8_t>(160, octet)},
        ms);
  }
  void event(unsigned index, uint8_t digit, uint32_t timestamp, uint16_t duration, bool is_end,
             int64_t ms) {
    std::vector<uint8_t> payload(event_payload_length);
    write_event({digit, is_end, 10, duration}, payload.data());
    put({.payload_type = events,
         .sequence = static_cast<uint16_t>(100 + index),
         .timestamp = timestamp,
         .payload = payload},
        ms);
  }
  // Digits that were reported: "5/100 ".
  std::string reported() {
    std::string text;
    for (HeardDigit digit; digits->pop(digit);) {
      EXPECT_EQ(digit.owner.call, contract::CallSlot{77});
      EXPECT_EQ(digit.owner.side, 1);
      text += std::string(1, digit_of(digit.event)) + "/" + std::to_string(digit.duration_ms) + " ";
    }
    return text;
  }
  // Every number once, one after the other.
  void expect_contiguous() const {
    for (size_t i = 1; i < out.size(); ++i) {
      EXPECT_EQ(out[i].sequence, static_cast<uint16_t>(out[i - 1].sequence + 1)) << i;
    }
  }

  std::unique_ptr<Work> work = std::make_unique<Work>();
  std::unique_ptr<Output> output = std::make_unique<Output>();
  std::unique_ptr<DigitRing> digits = std::make_unique<DigitRing>();
  std::unique_ptr<ToneDetector> detector = std::make_unique<ToneDetector>();
  std::unique_ptr<Repacketizer> repacketizer = std::make_unique<Repacketizer>();
  Work::Yield yield{*output, *digits};
  std::vector<Packet> out;

 private:
  void take() {
    EXPECT_EQ(output->refused(), 0u);
    for (const OutputPacket& packet : output->packets()) out.push_back(packet_of(packet.view()));
  }
  bool is_begun_ = false;
};

inline CodecPlan plan_of(std::initializer_list<PlanRow> rows) {
  CodecPlan plan;
  for (const PlanRow& row : rows) EXPECT_TRUE(plan.add(row));
  return plan;
}

inline constexpr PlanRow a_to_mu{pcma, pcmu, Treatment::transcode, Law::a};
inline constexpr PlanRow keep_a{pcma, pcma, Treatment::g711, Law::a};

}  // namespace demarc::media
