// Which codec a stream has, and by which clock it is measured, where its payload types change.
#include <gtest/gtest.h>

#include "tests/support/media_world.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

using contract::AudioCodec;
using contract::Duration;
using contract::Endpoint;
using contract::IpAddress;

const Endpoint sender{IpAddress::v4(203, 0, 113, 10), 40'000};
const Endpoint receiver{IpAddress::v4(203, 0, 113, 11), 50'000};

constexpr CodecNames::Name opus{48'000, 111, AudioCodec::opus};
constexpr CodecNames::Name pcma{8000, 8, AudioCodec::pcma};
constexpr CodecNames::Name pcmu{8000, 0, AudioCodec::pcmu};
constexpr CodecNames::Name g729{8000, 18, AudioCodec::g729};
constexpr CodecNames::Name event{8000, 101, AudioCodec::unknown, true};

struct Heard {
  explicit Heard(std::initializer_list<CodecNames::Name> names, uint32_t clock_rate_hz = 8000)
      : world({4, 4, 0, 1, Duration::seconds(5)}) {
    world.adopt({{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 20'999}});
    for (PortPair& pair : ports) pair = world.table.acquire(realm_id(0), at_ms(0));
    for (unsigned i = 0; i < 2; ++i) {
      slots[i] = world.table.open({ports[i], ports[1 - i], trunk_id(i), trunk_id(1 - i)}, at_ms(0));
    }
    world.table.expect(slots[0], sender, {});
    world.table.aim(slots[0], receiver, {});
    agree(names, clock_rate_hz);
  }
  void agree(std::initializer_list<CodecNames::Name> names, uint32_t clock_rate_hz = 8000) {
    CodecNames told;
    for (const CodecNames::Name& name : names) told.add(name);
    world.table.retune(slots[0], Stream::rtp, clock_rate_hz);
    world.table.name_codecs(slots[0], slots[1], told);
  }
  // `count` packets of 20 ms each, by that clock.
  void send(uint8_t payload_type, unsigned count, uint32_t clock_rate_hz = 8000) {
    const Flow way{sender, {world.table.bound_address(ports[0]), ports[0].rtp_port}};
    for (unsigned i = 0; i < count; ++i, ++sequence) {
      timestamp += clock_rate_hz / 50;
      Octets payload = rtp_payload({sequence, timestamp, 7, 20});
      payload[1] = payload_type;
      TestPacket packet(way, ip_packet(way, payload), static_cast<uint32_t>(slots[0].rtp));
      world.table.relay({&packet.frame, 1}, at_ms(20 * sequence));
      EXPECT_TRUE(packet.is_forwarded());
    }
  }
  contract::MediaSummary summary() const { return world.table.summary(slots[0], 0); }

  World world;
  PortPair ports[2];
  Table::SlotPair slots[2];
  unsigned sequence = 1;
  uint32_t timestamp = 0;
};

TEST(HeardCodec, IsAnotherOneUnderTheSameSsrcAfterAnotherAnswer) {
  Heard heard({pcmu});
  heard.send(0, 3);
  EXPECT_EQ(heard.summary().codec, AudioCodec::pcmu);
  heard.agree({g729});
  EXPECT_EQ(heard.summary().codec, AudioCodec::pcmu);
  heard.send(18, 1);
  EXPECT_EQ(heard.summary().codec, AudioCodec::g729);
  EXPECT_EQ(heard.summary().payload_type, 18);
  EXPECT_EQ(heard.summary().rtp_expected, 4u);
}

TEST(HeardCodec, IsNoneOfWhatIsSentBesideIt) {
  for (const uint8_t beside : std::initializer_list<uint8_t>{13, 101, 20}) {
    Heard heard({pcma, event});
    heard.send(beside, 2);
    EXPECT_EQ(heard.summary().payload_type, beside);
    heard.send(8, 1);
    EXPECT_EQ(heard.summary().codec, AudioCodec::pcma);
    heard.agree({pcma, event});
    heard.send(beside, 2);
    EXPECT_EQ(heard.summary().payload_type, 8);
  }
}

TEST(HeardCodec, BringsItsClock) {
  Heard heard({opus, pcma}, 48'000);
  heard.send(8, 50);
  EXPECT_EQ(heard.summary().clock_rate_hz, 8000u);
  EXPECT_EQ(heard.summary().jitter_us, 0u);
}

TEST(HeardCodec, ChangesItsClockWithoutJitter) {
  Heard heard({opus, pcma}, 48'000);
  heard.send(111, 50, 48'000);
  EXPECT_EQ(heard.summary().clock_rate_hz, 48'000u);
  heard.agree({pcma});
  heard.send(8, 50);
  EXPECT_EQ(heard.summary().clock_rate_hz, 8000u);
  EXPECT_EQ(heard.summary().jitter_us, 0u);
}

// The peer that said so itself may send by its own numbers, where it was told of no others.
TEST(HeardCodec, IsNamedByWhatThePeerWasTold) {
  Heard heard({});
  CodecNames told;
  told.add({8000, 96, AudioCodec::ilbc});
  told.add({8000, 97, AudioCodec::amr});
  CodecNames said;
  said.add({16'000, 96, AudioCodec::amr_wb});
  said.add({48'000, 98, AudioCodec::opus});
  heard.world.table.name_codecs(heard.slots[0], heard.slots[1], told);
  heard.world.table.name_codecs(heard.slots[1], heard.slots[0], said);
  const CodecNames& names = heard.world.table.codecs(heard.slots[0]);
  EXPECT_EQ(names.of(96).codec, AudioCodec::ilbc);
  EXPECT_EQ(names.of(97).codec, AudioCodec::amr);
  EXPECT_EQ(names.of(98).codec, AudioCodec::opus);
  EXPECT_EQ(heard.world.table.codecs(heard.slots[1]).of(96).codec, AudioCodec::amr_wb);
}

}  // namespace
}  // namespace demarc::media
