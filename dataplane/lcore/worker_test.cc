#include "dataplane/lcore/worker.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "dataplane/lcore/worker_harness.h"

namespace demarc::lcore {
namespace {

using contract::Duration;
using contract::Endpoint;
using contract::WorkerCounter;

constexpr unsigned pbx = 0;
constexpr unsigned itsp = 1;
constexpr unsigned few_turns = 4;
constexpr uint16_t sip = 5060;
constexpr Endpoint pbx_sip{WorkerWorld::peer(pbx), sip};
constexpr Endpoint itsp_sip{WorkerWorld::peer(itsp), sip};
constexpr Endpoint pbx_media{WorkerWorld::peer(pbx), 40000};
constexpr Endpoint itsp_media{WorkerWorld::peer(itsp), 50000};

std::string sdp(const Endpoint& media) {
  const std::string host(contract::print(media.address).view());
  return "v=0\r\no=- 1 1 IN IP4 " + host + "\r\ns=-\r\nc=IN IP4 " + host + "\r\nt=0 0\r\nm=audio " +
         std::to_string(media.port) + " RTP/AVP 8\r\n";
}

std::string with_body(const std::string& header, const std::string& body) {
  return header +
         "Content-Type: application/sdp\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string options_request() {
  return "OPTIONS sip:10.20.1.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.1.2:5060;branch=z9hG4bKo1\r\n"
         "Max-Forwards: 70\r\nFrom: <sip:pbx@10.20.1.2>;tag=1\r\nTo: <sip:10.20.1.1>\r\n"
         "Call-ID: options-1@10.20.1.2\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
}

std::string invite(unsigned number) {
  const std::string n = std::to_string(number);
  return with_body(
      "INVITE sip:+4420@10.20.1.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.20.1.2:5060"
      ";branch=z9hG4bKi" +
          n +
          "\r\nMax-Forwards: 70\r\nFrom: <sip:100@10.20.1.2>"
          ";tag=f" +
          n + "\r\nTo: <sip:+4420@10.20.1.1>\r\nCall-ID: call-" + n +
          "@10.20.1.2\r\nCSeq: 1 INVITE\r\nContact: <sip:100@10.20.1.2>\r\n",
      sdp(pbx_media));
}

// The line of `message` that begins with `name`, without its line end.
std::string line(const std::string& message, const std::string& name) {
  const size_t begin = message.find("\r\n" + name);
  if (begin == std::string::npos) return {};
  return message.substr(begin + 2, message.find("\r\n", begin + 2) - begin - 2);
}

// The ITSP's 200 to the INVITE that it got.
std::string answer(const std::string& invite) {
  return with_body("SIP/2.0 200 OK\r\n" + line(invite, "Via:") + "\r\n" + line(invite, "From:") +
                       "\r\n" + line(invite, "To:") + ";tag=itsp\r\n" + line(invite, "Call-ID:") +
                       "\r\n" + line(invite, "CSeq:") + "\r\nContact: <sip:+4420@10.20.2.2>\r\n",
                   sdp(itsp_media));
}

uint16_t media_port_in(const std::string& message) {
  const size_t at = message.find("m=audio ");
  return at == std::string::npos ? uint16_t{0}
                                 : static_cast<uint16_t>(std::stoi(message.substr(at + 8)));
}

// A packet of 20 ms of PCMA.
std::string rtp(uint16_t sequence) {
  std::string packet("\x80\x08\x00\x00\x00\x00\x00\x00\x11\x22\x33\x44", 12);
  packet[2] = static_cast<char>(sequence >> 8);
  packet[3] = static_cast<char>(sequence);
  return packet + std::string(160, '\x55');
}

contract::IpAddress media_address_in(const std::string& message) {
  const size_t begin = message.find("c=IN IP4 ") + 9;
  const auto address =
      contract::parse_address(message.substr(begin, message.find("\r\n", begin) - begin));
  EXPECT_TRUE(address.has_value());
  return address.has_value() ? *address : contract::IpAddress{};
}

// Our media ports of one call that both sides have answered, and their addresses.
struct Call {
  uint16_t port_for_pbx = 0;
  uint16_t port_for_itsp = 0;
  contract::IpAddress address_for_pbx;
  contract::IpAddress address_for_itsp;
};

Call set_up_call(WorkerWorld& world, unsigned number) {
  world.send(pbx, pbx_sip, sip, invite(number));
  const auto called = world.step_until(itsp, few_turns);
  if (called.empty()) return {};
  (void)world.take(pbx);  // 100 Trying
  world.send(itsp, itsp_sip, sip, answer(called[0].payload));
  const auto answered = world.step_until(pbx, few_turns);
  if (answered.empty()) return {};
  const std::string& to_pbx = answered.back().payload;
  const std::string& to_itsp = called[0].payload;
  return {media_port_in(to_pbx), media_port_in(to_itsp), media_address_in(to_pbx),
          media_address_in(to_itsp)};
}

TEST(Worker, AnswersOptionsOfATrunk) {
  WorkerWorld world(1);
  world.publish();
  world.send(pbx, pbx_sip, sip, options_request());
  const auto seen = world.step_until(pbx, few_turns);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].payload.substr(0, 14), "SIP/2.0 200 OK");
  EXPECT_EQ(seen[0].source, (Endpoint{WorkerWorld::own(pbx), sip}));
  EXPECT_EQ(seen[0].destination, pbx_sip);
  EXPECT_EQ(seen[0].to_mac, WorkerWorld::peer_mac(pbx));
  EXPECT_EQ(world.sum(WorkerCounter::sip_in), 1u);
  EXPECT_EQ(world.sum(WorkerCounter::sip_out), 1u);
}

TEST(Worker, ServesNothingBeforeTheFirstSnapshot) {
  WorkerWorld world(1);
  world.send(pbx, pbx_sip, sip, options_request());
  EXPECT_TRUE(world.step_until(pbx, few_turns).empty());
  EXPECT_EQ(world.sum(WorkerCounter::udp_no_listener), 1u);
}

TEST(Worker, SaysWhichGenerationItRunsWith) {
  WorkerWorld world(1);
  world.step(Duration{0});
  EXPECT_EQ(world.region().worker(0).generation.load(std::memory_order_relaxed), 0u);
  world.publish();
  world.step(Duration{0});
  EXPECT_EQ(world.region().worker(0).generation.load(std::memory_order_relaxed), 1u);
}

TEST(Worker, EachTurnIsQuiescent) {
  WorkerWorld world(1);
  const uint64_t token = world.quiescence().begin();
  EXPECT_FALSE(world.quiescence().has_passed(token));
  world.step(Duration{0});
  EXPECT_TRUE(world.quiescence().has_passed(token));
}

TEST(Worker, AStrangerGetsNoAnswer) {
  WorkerWorld world(1);
  world.publish();
  world.send(pbx, {contract::IpAddress::v4(10, 20, 1, 9), sip}, sip, options_request());
  EXPECT_TRUE(world.step_until(pbx, few_turns).empty());
  EXPECT_EQ(world.sum(WorkerCounter::sip_unknown_source), 1u);
}

TEST(Worker, UdpToAPortWhereNothingListensIsCounted) {
  WorkerWorld world(1);
  world.publish();
  world.send(pbx, pbx_sip, 5070, options_request());
  EXPECT_TRUE(world.step_until(pbx, few_turns).empty());
  EXPECT_EQ(world.sum(WorkerCounter::udp_no_listener), 1u);
}

TEST(Worker, RtpToAPortWithoutACallIsCounted) {
  WorkerWorld world(1);
  world.publish();
  world.send(pbx, pbx_media, 20000, rtp(1));
  EXPECT_TRUE(world.step_until(itsp, few_turns).empty());
  EXPECT_EQ(world.sum(WorkerCounter::media_no_slot), 1u);
}

TEST(Worker, RelaysRtpOfACallBothWays) {
  WorkerWorld world(1);
  world.publish();
  const Call call = set_up_call(world, 1);
  ASSERT_NE(call.port_for_pbx, 0);
  ASSERT_NE(call.port_for_itsp, 0);

  world.send(pbx, pbx_media, call.port_for_pbx, rtp(7));
  const auto at_itsp = world.step_until(itsp, few_turns);
  ASSERT_EQ(at_itsp.size(), 1u);
  EXPECT_EQ(at_itsp[0].payload, rtp(7));
  EXPECT_EQ(at_itsp[0].source, (Endpoint{WorkerWorld::own(itsp), call.port_for_itsp}));
  EXPECT_EQ(at_itsp[0].destination, itsp_media);
  EXPECT_EQ(at_itsp[0].to_mac, WorkerWorld::peer_mac(itsp));

  world.send(itsp, itsp_media, call.port_for_itsp, rtp(8));
  const auto at_pbx = world.step_until(pbx, few_turns);
  ASSERT_EQ(at_pbx.size(), 1u);
  EXPECT_EQ(at_pbx[0].payload, rtp(8));
  EXPECT_EQ(at_pbx[0].destination, pbx_media);

  const contract::DelayHistogram& delay = world.region().worker(0).relay_delay;
  uint64_t packets = 0;
  for (const auto& bucket : delay.packets) packets += bucket.load(std::memory_order_relaxed);
  EXPECT_EQ(packets, 2u) << "signalling is none of them";
  EXPECT_GT(delay.longest_ns.load(std::memory_order_relaxed), 0u);
}

uint32_t big_endian(const std::string& octets, size_t at, unsigned length) {
  uint32_t value = 0;
  for (size_t i = at; i < at + length; ++i) value = value << 8 | static_cast<uint8_t>(octets[i]);
  return value;
}

// What a peer is sent has packets that we made in the places where they belong.
TEST(Worker, SendsThePacketsThatItCutAnew) {
  WorkerWorld::Options options;
  options.to_itsp.ptime_ms = 10;
  WorkerWorld world(options);
  world.publish();
  const Call call = set_up_call(world, 1);
  ASSERT_NE(call.port_for_pbx, 0);
  (void)world.take(itsp);
  for (const uint16_t sequence : {uint16_t{7}, uint16_t{8}}) {
    world.send(pbx, pbx_media, call.port_for_pbx, rtp(sequence));
  }
  const auto seen = world.step_until(itsp, few_turns);
  ASSERT_EQ(seen.size(), 4u);
  for (unsigned i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].payload.substr(12), std::string(80, '\x55'));
    EXPECT_EQ(big_endian(seen[i].payload, 2, 2), big_endian(seen[0].payload, 2, 2) + i);
    EXPECT_EQ(seen[i].source, (Endpoint{WorkerWorld::own(itsp), call.port_for_itsp}));
    EXPECT_EQ(seen[i].destination, itsp_media);
    EXPECT_EQ(seen[i].to_mac, WorkerWorld::peer_mac(itsp));
  }
}

WorkerWorld::Options with_reports() {
  WorkerWorld::Options options;
  options.to_itsp.rtcp = contract::RtcpWay::ensured;
  return options;
}
constexpr unsigned report_turns = 200;  // of 100 ms: several are due

// No packet of anybody is behind these: time alone.
TEST(Worker, SendsReportsThatNoPacketCaused) {
  WorkerWorld world(with_reports());
  world.publish();
  const Call call = set_up_call(world, 1);
  ASSERT_NE(call.port_for_pbx, 0);
  (void)world.take(itsp);
  unsigned reports = 0;
  for (unsigned i = 0; i < report_turns; ++i) {
    world.step(Duration::milliseconds(100));
    for (const Seen& seen : world.take(itsp)) {
      if (seen.destination.port == sip) continue;
      ++reports;
      EXPECT_EQ(big_endian(seen.payload, 1, 1), 201u) << "a receiver report: no media passed";
      EXPECT_EQ(seen.source.port, call.port_for_itsp + 1);
      EXPECT_EQ(seen.destination, (Endpoint{itsp_media.address, itsp_media.port + 1}));
      EXPECT_EQ(seen.to_mac, WorkerWorld::peer_mac(itsp));
    }
  }
  EXPECT_GT(reports, 1u);
}

TEST(Worker, CountsWhatItMadeAndCouldNotSend) {
  WorkerWorld world(with_reports());
  world.publish();
  ASSERT_NE(set_up_call(world, 1).port_for_pbx, 0);
  (void)world.take(itsp);
  (void)world.take(pbx);
  world.exhaust_buffers();
  for (unsigned i = 0; i < report_turns; ++i) world.step(Duration::milliseconds(100));
  EXPECT_TRUE(world.take(itsp).empty());
  contract::DirectoryRow row;
  ASSERT_TRUE(world.region().directory(contract::WorkerIndex{0}, contract::CallSlot{0}).load(row));
  EXPECT_GT(row.media[0].made, 1u);
  EXPECT_EQ(row.media[0].drops[static_cast<unsigned>(contract::MediaDrop::tx_full)],
            row.media[0].made);
}

// A call has one of them on each side: its media is taken there, and leaves from there.
TEST(Worker, RelaysRtpAtEachMediaAddressOfARealm) {
  WorkerWorld world(WorkerWorld::Options{.media_addresses = 3});
  world.publish();
  std::set<std::string> seen_addresses;
  for (unsigned number = 1; number <= 3; ++number) {
    const Call call = set_up_call(world, number);
    const Endpoint for_pbx{call.address_for_pbx, call.port_for_pbx};
    const Endpoint for_itsp{call.address_for_itsp, call.port_for_itsp};
    ASSERT_NE(for_pbx.port, 0);
    for (const Endpoint& ours : {for_pbx, for_itsp}) {
      seen_addresses.emplace(contract::print(ours.address).view());
    }

    world.send_to(pbx, pbx_media, for_pbx, rtp(7));
    const auto at_itsp = world.step_until(itsp, few_turns);
    ASSERT_FALSE(at_itsp.empty());
    EXPECT_EQ(at_itsp.back().payload, rtp(7));
    EXPECT_EQ(at_itsp.back().source, for_itsp);
    EXPECT_EQ(at_itsp.back().to_mac, WorkerWorld::peer_mac(itsp));

    world.send_to(itsp, itsp_media, for_itsp, rtp(8));
    const auto at_pbx = world.step_until(pbx, few_turns);
    ASSERT_FALSE(at_pbx.empty());
    EXPECT_EQ(at_pbx.back().payload, rtp(8));
    EXPECT_EQ(at_pbx.back().source, for_pbx);
  }
  EXPECT_EQ(seen_addresses.size(), 6u);
}

// Each side's frames carry the tag of its realm, or none.
TEST(Worker, RelaysRtpBetweenVlans) {
  for (const WorkerWorld::Vlans& vlans :
       {WorkerWorld::Vlans{7, 0}, WorkerWorld::Vlans{0, 9}, WorkerWorld::Vlans{7, 9}}) {
    WorkerWorld world(1, vlans);
    world.publish();
    const Call call = set_up_call(world, 1);
    ASSERT_NE(call.port_for_pbx, 0);
    world.send(pbx, pbx_media, call.port_for_pbx, rtp(7));
    const auto at_itsp = world.step_until(itsp, few_turns);
    ASSERT_EQ(at_itsp.size(), 1u);
    EXPECT_EQ(at_itsp[0].payload, rtp(7));
    EXPECT_EQ(at_itsp[0].vlan, vlans[itsp]);
    EXPECT_EQ(at_itsp[0].to_mac, WorkerWorld::peer_mac(itsp));
    world.send(itsp, itsp_media, call.port_for_itsp, rtp(8));
    const auto at_pbx = world.step_until(pbx, few_turns);
    ASSERT_EQ(at_pbx.size(), 1u);
    EXPECT_EQ(at_pbx[0].payload, rtp(8));
    EXPECT_EQ(at_pbx[0].vlan, vlans[pbx]);
  }
}

// Who is in another VLAN of the port is not the peer, whatever address it writes.
TEST(Worker, RtpInAnotherVlanIsNotRelayed) {
  WorkerWorld world(1, {7, 9});
  world.publish();
  const Call call = set_up_call(world, 1);
  ASSERT_NE(call.port_for_pbx, 0);
  for (const uint16_t vlan : {uint16_t{0}, uint16_t{8}, uint16_t{9}}) {
    world.send_tagged(pbx, vlan, pbx_media, call.port_for_pbx, rtp(7));
    EXPECT_TRUE(world.step_until(itsp, few_turns).empty()) << vlan;
  }
  world.send(pbx, pbx_media, call.port_for_pbx, rtp(7));
  EXPECT_EQ(world.step_until(itsp, few_turns).size(), 1u);
}

TEST(Worker, AStormOfSignallingIsBoundedAndDoesNotHoldUpMedia) {
  WorkerWorld world(1);
  world.publish();
  const Call call = set_up_call(world, 1);
  ASSERT_NE(call.port_for_pbx, 0);
  (void)world.take(itsp);
  for (unsigned i = 0; i < 3 * SipPath::datagrams_per_loop / 2; ++i) {
    world.send(pbx, pbx_sip, sip, options_request());
  }
  world.send(pbx, pbx_media, call.port_for_pbx, rtp(1));
  const uint64_t before = world.sum(WorkerCounter::sip_in);
  world.step(Duration{10'000});
  EXPECT_EQ(world.sum(WorkerCounter::sip_in) - before, SipPath::datagrams_per_loop);
  EXPECT_EQ(world.take(itsp).size(), 1u);
  (void)world.take(pbx);
  world.step(Duration{10'000});
  EXPECT_EQ(world.sum(WorkerCounter::sip_in) - before, 3 * SipPath::datagrams_per_loop / 2);
}

// Also where the next state came before a worker saw this one.
TEST(Worker, RefusesNewCallsWhenDraining) {
  for (const auto state : {contract::DataplaneState::draining, contract::DataplaneState::ending}) {
    WorkerWorld world(1);
    world.publish();
    world.region().header().state.store(state, std::memory_order_release);
    world.send(pbx, pbx_sip, sip, invite(1));
    const auto seen = world.step_until(pbx, few_turns);
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.back().payload.substr(0, 11), "SIP/2.0 503");
    EXPECT_EQ(world.sum(WorkerCounter::refused_draining), 1u);
  }
}

TEST(Worker, ReportsItsLiveCalls) {
  WorkerWorld world(1);
  world.publish();
  ASSERT_NE(set_up_call(world, 1).port_for_pbx, 0);
  world.step(Worker::report_interval);
  EXPECT_EQ(world.region().worker(0).live_calls.load(std::memory_order_relaxed), 1u);
  EXPECT_GT(world.region().worker(0).loops.load(std::memory_order_relaxed), 0u);
  EXPECT_GT(world.region().worker(0).busy_ns.load(std::memory_order_relaxed), 0u);
}

// One queue for two workers: calls of both are set up and relayed, whoever reads the queue.
TEST(Worker, TwoWorkersShareOneQueue) {
  WorkerWorld world(2);
  world.publish();
  for (unsigned number = 1; number <= 8; ++number) {
    const Call call = set_up_call(world, number);
    ASSERT_NE(call.port_for_pbx, 0) << number;
    world.send(pbx, pbx_media, call.port_for_pbx, rtp(7));
    const auto at_itsp = world.step_until(itsp, few_turns);
    ASSERT_FALSE(at_itsp.empty());
    EXPECT_EQ(at_itsp.back().payload, rtp(7));
  }
  world.step(Worker::report_interval);
  const uint32_t first = world.region().worker(0).live_calls.load(std::memory_order_relaxed);
  const uint32_t second = world.region().worker(1).live_calls.load(std::memory_order_relaxed);
  EXPECT_EQ(first + second, 8u);
  EXPECT_GT(first, 0u);
  EXPECT_GT(second, 0u);
  // INVITE, 200 and RTP of each call of the second worker came by the first.
  EXPECT_EQ(world.counter(0, WorkerCounter::frames_handed_off), 3u * second);
}

// A message of the PBX on a connection of TCP.
stream::MessageHead of_stream(stream::MessageHead::Kind kind = stream::MessageHead::Kind::message) {
  stream::MessageHead head;
  head.kind = kind;
  head.trunk = contract::TrunkId{pbx};
  head.path = {.local = {WorkerWorld::own(pbx), sip},
               .remote = {WorkerWorld::peer(pbx), 40123},
               .realm = contract::RealmId{pbx},
               .transport = contract::Transport::tcp,
               .stream = transaction::StreamId{77}};
  return head;
}

// What the stream thread of that peer shares with the one worker.
stream::Lane& lane_of(WorkerWorld& world, unsigned peer) {
  return world.shards().lanes_to(WorkerWorld::peer(peer)).of(0);
}

TEST(WorkerStreams, AnswersOnTheConnectionOfTheRequest) {
  WorkerWorld world(1);
  world.publish();
  stream::Lane& lane = lane_of(world, pbx);
  ASSERT_TRUE(lane.to_worker.push(of_stream(), options_request()));
  world.step(Duration::milliseconds(1));
  const stream::MessageRing::Message answer = lane.to_streams.front();
  ASSERT_NE(answer.head, nullptr);
  EXPECT_EQ(answer.octets.substr(0, 12), "SIP/2.0 200 ");
  EXPECT_EQ(answer.head->path.stream, transaction::StreamId{77});
  EXPECT_EQ(answer.head->path.remote.port, sip);
  EXPECT_EQ(answer.head->trunk, contract::TrunkId{pbx});
  EXPECT_TRUE(world.take(pbx).empty());
}

TEST(WorkerStreams, TakesFromAllStreamThreadsAndAnswersByThePeersOwn) {
  WorkerWorld world(1);
  world.publish();
  for (unsigned shard = 0; shard < WorkerWorld::stream_threads; ++shard) {
    ASSERT_TRUE(world.shards().lanes(shard).of(0).to_worker.push(of_stream(), options_request()));
  }
  world.step(Duration::milliseconds(1));
  EXPECT_EQ(world.sum(WorkerCounter::sip_in), 2u);
  const unsigned own = world.shards().of(WorkerWorld::peer(pbx));
  EXPECT_FALSE(world.shards().lanes(own).of(0).to_streams.is_empty());
  EXPECT_TRUE(world.shards().lanes(1 - own).of(0).to_streams.is_empty());
}

TEST(WorkerStreams, AnswersWhatBrokeAConnection) {
  WorkerWorld world(1);
  world.publish();
  stream::Lane& lane = lane_of(world, pbx);
  stream::MessageHead head = of_stream(stream::MessageHead::Kind::broken);
  head.status_code = 400;
  const std::string request = options_request();
  ASSERT_TRUE(lane.to_worker.push(head, request.substr(0, request.find("Content-Length"))));
  world.step(Duration::milliseconds(1));
  const stream::MessageRing::Message answer = lane.to_streams.front();
  ASSERT_NE(answer.head, nullptr);
  EXPECT_EQ(answer.octets.substr(0, 12), "SIP/2.0 400 ");
}

TEST(WorkerStreams, AFullRingIsCountedAndNothingWaits) {
  WorkerWorld world(1);
  world.publish();
  stream::Lane& lane = lane_of(world, pbx);
  while (lane.to_streams.push({}, std::string(60'000, 'x'))) {
  }
  while (lane.to_streams.push({}, "x")) {
  }
  ASSERT_TRUE(lane.to_worker.push(of_stream(), options_request()));
  world.step(Duration::milliseconds(1));
  EXPECT_EQ(world.sum(WorkerCounter::stream_ring_full), 1u);
  EXPECT_TRUE(lane.to_worker.is_empty());
}

}  // namespace
}  // namespace demarc::lcore
