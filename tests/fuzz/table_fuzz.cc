// A whole table under any packets and any changes of a call: each packet is counted once, so that
// in + made = relayed + drops + absorbed, and what goes on lies within its buffer and goes to where
// the other peer was signalled or, where its trunk latches, learnt to be (decision D10).
//
// The first octet says what kind of stream it is, and what follows is a script: bursts of packets,
// time, digits, and what offers and answers change. Peers that use SRTP may send what is authentic.

#include <algorithm>
#include <memory>
#include <vector>

#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/fuzz/input.h"
#include "tests/support/media_world.h"
#include "tests/support/udp_packet.h"

namespace demarc::fuzz {
namespace {

using contract::Endpoint;
using contract::Instant;
using contract::IpAddress;
using media::CodecPlan;
using media::Frame;
using media::Keying;
using media::Table;
using media::Treatment;
using media::srtp::Suite;
using support::Octets;

constexpr unsigned most_octets = 200;  // of one packet
constexpr unsigned most_packets = 8;   // of one burst
constexpr unsigned v6_bit = 1, latching_bit = 2, keyed_bit = 4, suite_bit = 16, mux_bit = 32,
                   work_bit = 64, fax_bit = 128;

IpAddress v6_address(uint8_t last) {
  IpAddress address;
  address.octets = {0x20, 1, 0x0d, 0xb8};
  address.octets[15] = last;
  return address;
}

CodecPlan plan_of(unsigned bits) {
  CodecPlan plan;
  if ((bits & 1) != 0) plan.add({8, 0, Treatment::transcode, media::Law::a});
  if ((bits & 2) != 0) plan.add({13, 0, Treatment::noise, media::Law::mu});
  if ((bits & 4) != 0) plan.add({101, 96, Treatment::event});
  if ((bits & 8) != 0) plan.add({0, 0, Treatment::swallow});
  plan.ptime_ms = static_cast<uint8_t>((bits >> 4 & 3) * 10);
  plan.makes_events = (bits & 64) != 0;
  plan.event_out = plan.makes_events ? uint8_t{96} : media::no_payload_type;
  plan.is_listening = (bits & 128) != 0;
  return plan;
}

// A datagram in a buffer that ends where it may be written to no more.
struct Sent {
  Sent(const support::Flow& way, const Octets& payload, uint32_t slot, uint16_t tailroom)
      : packet(support::ip_packet(way, payload)), buffer(headroom + packet.size() + tailroom) {
    std::copy(packet.begin(), packet.end(), buffer.begin() + headroom);
    frame.l3 = buffer.data() + headroom;
    frame.l3_length = static_cast<uint16_t>(packet.size());
    frame.headroom = headroom;
    frame.payload_offset =
        way.from.address.is_v4() ? media::v4_header_length : media::v6_header_length;
    frame.payload_length = static_cast<uint16_t>(payload.size());
    frame.source = way.from;
    frame.slot = slot;
    frame.tailroom = tailroom;
  }
  static constexpr uint16_t headroom = 32;
  Octets packet;
  Octets buffer;
  Frame frame;
};

void check_frame(const Frame& frame, const uint8_t* begin, size_t octets) {
  if (frame.outcome != Frame::Outcome::forward) return;
  DEMARC_CHECK(frame.l3 >= begin && frame.l3 + frame.l3_length <= begin + octets);
  DEMARC_CHECK(frame.payload_offset + frame.payload_length == frame.l3_length);
  DEMARC_CHECK(frame.l3[0] >> 4 == (frame.payload_offset == media::v6_header_length ? 6 : 4));
}

struct Way {
  Endpoint from;
  Endpoint to;
};
IpAddress address_at(const uint8_t* octets, bool is_v4) {
  IpAddress address;
  if (is_v4) return IpAddress::v4(octets[0], octets[1], octets[2], octets[3]);
  std::copy_n(octets, address.octets.size(), address.octets.begin());
  return address;
}
Way way_of(const Frame& frame) {
  const bool is_v4 = frame.payload_offset == media::v4_header_length;
  const uint8_t* addresses = frame.l3 + (is_v4 ? 12 : 8);
  const uint8_t* udp = frame.l3 + frame.payload_offset - 8;
  return {{address_at(addresses, is_v4), static_cast<uint16_t>(udp[0] << 8 | udp[1])},
          {address_at(addresses + (is_v4 ? 4 : 16), is_v4),
           static_cast<uint16_t>(udp[2] << 8 | udp[3])}};
}

// One m-line between the peers 0 and 1.
class Line {
 public:
  explicit Line(unsigned kind)
      : kind_(kind),
        world_({8, 4, 0, 1, contract::Duration::seconds(5), {2, 1, 1}, 8}),
        table_(world_.table) {
    const bool is_v6 = (kind & v6_bit) != 0;
    contract::SourcePolicy policy;
    if ((kind & latching_bit) != 0) policy.mode = contract::SourcePolicy::Mode::latching;
    world_.set_sources(policy, {});
    world_.adopt({{{IpAddress::v4(192, 0, 2, 1)}, 20'000, 20'099},
                  {{is_v6 ? v6_address(1) : IpAddress::v4(198, 51, 100, 1)}, 30'000, 30'099}});
    peers_[1].address = is_v6 ? v6_address(2) : IpAddress::v4(203, 0, 113, 11);
    for (unsigned i = 0; i < 2; ++i) ports_[i] = table_.acquire(support::realm_id(i), now_);
    for (unsigned i = 0; i < 2; ++i) {
      slots_[i] = table_.open({.in = ports_[i],
                               .out = ports_[1 - i],
                               .trunk_in = support::trunk_id(i),
                               .trunk_out = support::trunk_id(1 - i),
                               .ensures_rtcp = true},
                              now_);
      sending_[i] = peer_.contexts.open(their_key(i));
    }
    table_.join(slots_[0], slots_[1]);
    key((kind & keyed_bit) != 0 ? 1 : 0, (kind & keyed_bit * 2) != 0 ? 1 : 0);
    aim((kind & mux_bit) != 0);
    if ((kind & work_bit) != 0) plan(0x5f);
    if ((kind & fax_bit) != 0) retune(media::Stream::udptl);
  }
  ~Line() {
    flush();
    for (unsigned i = 0; i < 2; ++i) table_.close(slots_[i], ports_[i], now_);
    DEMARC_CHECK(table_.live_keys() == 0);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  void run(Script& script) {
    const unsigned what = script.octet();
    const unsigned way = what >> 3 & 1;
    switch (what & 7) {
      case 0:
        return pass_time(what >> 3);
      case 1:
        return change(what >> 3, script);
      case 2:
        table_.send_digit(slots_[way], static_cast<uint8_t>(what >> 4), 100, now_);
        return;
      default:
        return send(what, script.piece(most_octets));
    }
  }
  void flush() {
    std::vector<Frame> frames;
    for (const auto& sent : burst_) frames.push_back(sent->frame);
    table_.relay(frames, now_);
    for (size_t i = 0; i < frames.size(); ++i) {
      check_frame(frames[i], burst_[i]->buffer.data(), burst_[i]->buffer.size());
      check_way(frames[i]);
      if (frames[i].outcome != Frame::Outcome::forward) continue;
      // Of the two peers it is the other one.
      DEMARC_CHECK(way_of(frames[i]).to.address != burst_[i]->frame.source.address);
    }
    for (const media::MadePacket& made : table_.made()) {
      check_frame(made.frame, made.octets.data(), made.octets.size());
      check_way(made.frame);
      DEMARC_CHECK(made.after == media::behind_no_frame || made.after < frames.size());
    }
    table_.clear_made();
    burst_.clear();
    check_ledger();
  }

 private:
  Suite suite() const {
    return (kind_ & suite_bit) != 0 ? Suite::aead_aes_128_gcm : Suite::aes_cm_128_hmac_sha1_80;
  }
  media::srtp::MasterKey their_key(unsigned side) const {
    return media::srtp::some_key(suite(), static_cast<uint8_t>(1 + side));
  }
  // [side]: 0 plain, 1 keyed, 2 awaiting.
  void key(unsigned first, unsigned second) {
    const unsigned how[2] = {first, second};
    media::srtp::MasterKey theirs[2];
    media::srtp::MasterKey ours[2];
    Keying in[2];
    Keying out[2];
    for (unsigned i = 0; i < 2; ++i) {
      theirs[i] = their_key(i);
      ours[i] = media::srtp::some_key(suite(), static_cast<uint8_t>(3 + i));
      constexpr Keying::Kind kinds[] = {Keying::Kind::plain, Keying::Kind::keyed,
                                        Keying::Kind::awaiting};
      in[i].kind = out[1 - i].kind = kinds[how[i]];
      in[i].key = &theirs[i];
      out[1 - i].key = &ours[i];
      is_keyed_[i] = how[i] == 1;
    }
    for (unsigned i = 0; i < 2; ++i) DEMARC_CHECK(table_.key(slots_[i], in[i], out[i]));
  }
  void check_way(const Frame& frame) const {
    if (frame.outcome != Frame::Outcome::forward) return;
    const Way way = way_of(frame);
    const unsigned side = way.to.address == peers_[0].address ? 0 : 1;
    DEMARC_CHECK(way.to.address == peers_[side].address);
    const int step = way.to.port - peers_[side].port;
    const bool is_signalled = step == 0 || (step == 1 && !is_muxed_);
    const bool is_learnt =
        (kind_ & latching_bit) != 0 && step > 0 && step < 8 && (heard_[side] >> step & 1) != 0;
    DEMARC_CHECK(is_signalled || is_learnt);
    DEMARC_CHECK(way.from.address == table_.bound_address(ports_[side]));
    DEMARC_CHECK((way.from.port & ~1) == ports_[side].rtp_port);
  }
  void aim(bool is_muxed) {
    is_muxed_ = is_muxed;
    for (unsigned i = 0; i < 2; ++i) {
      const Endpoint& rtp = peers_[i];
      const Endpoint rtcp{rtp.address, static_cast<uint16_t>(rtp.port + (is_muxed ? 0 : 1))};
      table_.multiplex(slots_[i], is_muxed);
      table_.aim(slots_[1 - i], rtp, rtcp);
      table_.listen(slots_[i], {rtp, rtcp, rtp.address}, now_);
    }
  }
  void plan(unsigned bits) {
    for (unsigned i = 0; i < 2; ++i) static_cast<void>(table_.plan(slots_[i], plan_of(bits), i));
  }
  void retune(media::Stream stream) {
    for (const Table::SlotPair& slots : slots_) table_.retune(slots, stream, 8000);
  }
  void change(unsigned what, Script& script) {
    flush();
    switch (what & 3) {
      case 0:
        return plan(script.octet());
      case 1:
        return key(script.below(3), script.below(3));
      case 2:
        return retune((what & 4) != 0 ? media::Stream::udptl : media::Stream::rtp);
      default:
        return aim((what & 4) != 0);
    }
  }
  void pass_time(unsigned what) {
    flush();
    now_ = now_ + contract::Duration::milliseconds((what & 16) != 0 ? 30'000 : 5 * what);
    table_.on_timers(now_);
    media::HeardDigit digit;
    while (table_.heard().pop(digit)) DEMARC_CHECK(digit.event < 16);
  }
  // From the peer, or from another port or address of its side.
  void send(unsigned what, std::string_view octets) {
    const unsigned way = what >> 3 & 1;
    const bool is_rtcp = (what & 16) != 0;
    const uint16_t port_step = is_rtcp ? 1 : 0;
    Octets payload(octets.begin(), octets.end());
    if ((what & 32) != 0 && !payload.empty()) {
      payload[0] = static_cast<uint8_t>((payload[0] & 0x3f) | 0x80);
    }
    if ((what & 64) != 0 && is_keyed_[way]) payload = protect(sending_[way], payload, is_rtcp);
    support::Flow flow{peers_[way], {table_.bound_address(ports_[way]), ports_[way].rtp_port}};
    flow.from.port =
        static_cast<uint16_t>(flow.from.port + port_step + ((what & 128) != 0 ? 6 : 0));
    heard_[way] |= 1u << (flow.from.port - peers_[way].port);
    flow.to.port = static_cast<uint16_t>(flow.to.port + port_step);
    const uint32_t slot = table_.find(flow.to.address, flow.to.port);
    DEMARC_CHECK(slot != Table::no_slot);
    const bool is_tight = (what & 7) == 7;
    burst_.push_back(
        std::make_unique<Sent>(flow, payload, slot, is_tight ? uint16_t{0} : uint16_t{40}));
    ++sent_;
    if (burst_.size() == most_packets) flush();
  }
  Octets protect(uint32_t context, const Octets& plain, bool is_rtcp) {
    const auto result = peer_.protect(context, plain, is_rtcp);
    return result.outcome == media::srtp::Outcome::done ? result.octets : plain;
  }
  void check_ledger() {
    uint64_t packets_in = 0;
    for (const Table::SlotPair& slots : slots_) {
      const contract::MediaSummary sum = table_.summary(slots, 0);
      packets_in += sum.packets_in;
      DEMARC_CHECK(sum.packets_in + sum.made ==
                   sum.packets_relayed + sum.packets_dropped + sum.absorbed);
      DEMARC_CHECK(sum.rtp_lost <= sum.rtp_expected);
      DEMARC_CHECK(sum.burst_lost <= sum.burst_packets);
    }
    DEMARC_CHECK(packets_in == sent_);
  }

  unsigned kind_;
  support::World world_;
  Table& table_;
  media::srtp::TestContexts peer_;
  Instant now_{1'000'000'000};
  Endpoint peers_[2] = {{IpAddress::v4(203, 0, 113, 10), 40'000}, {{}, 50'000}};
  media::PortPair ports_[2];
  Table::SlotPair slots_[2];
  uint32_t sending_[2] = {};  // of peer_, what the peers send with
  bool is_keyed_[2] = {};
  bool is_muxed_ = false;
  unsigned heard_[2] = {};  // bit n: a packet came from the peer's port and n
  std::vector<std::unique_ptr<Sent>> burst_;
  uint64_t sent_ = 0;
};

}  // namespace
}  // namespace demarc::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace demarc;
  fuzz::Script script(fuzz::view_of(data, size));
  fuzz::Line line(script.octet());
  while (!script.is_done()) line.run(script);
  return 0;
}
