// What SRTP costs a worker: RTP packets of 172 octets (G.711, 20 ms), bursts of 32, one core.
//
//   taskset -c 1 build/bench/srtp_bench --benchmark_repetitions=11
//       --benchmark_report_aggregates_only
//
// BM_Bare is the loop that libipsec-mb alone allows, BM_Protect and BM_Unprotect are srtp::Contexts
// on bare packets, BM_Relay is Table::relay from RTP to SRTP (to) and back (from). BM_Flood is the
// latter with nine forged packets to each good one: of the right source and SSRC, with the number
// that is next, and a wrong tag. Packets are made ready in batches outside the measured time; each
// stream's sequence goes on by one.

#include <benchmark/benchmark.h>
#include <intel-ipsec-mb.h>

#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <vector>

#include "dataplane/media/srtp/srtp_harness.h"
#include "tests/support/media_world.h"
#include "tests/support/udp_packet.h"

namespace demarc::media {
namespace {

using namespace support;

using Clock = std::chrono::steady_clock;
using srtp::Suite;
using srtp::Way;

constexpr unsigned burst_size = 32;
constexpr unsigned batch_size = 32 * burst_size;
constexpr unsigned rtp_octets = 172;
constexpr size_t buffer_octets = 512;
constexpr uint16_t headroom = 128 + 14;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// --- libipsec-mb alone ---

struct Bare {
  Bare() : manager(alloc_mb_mgr(0)), packets(batch_size * buffer_octets) {
    IMB_ARCH chosen = IMB_ARCH_NONE;
    init_mb_mgr_auto(manager, &chosen);
    const std::array<uint8_t, 64> key = {1, 2, 3};
    alignas(16) std::array<uint8_t, 240> unused;
    IMB_AES_KEYEXP_128(manager, key.data(), schedule.data(), unused.data());
    IMB_SHA1_ONE_BLOCK(manager, key.data(), inner.data());
    IMB_SHA1_ONE_BLOCK(manager, key.data(), outer.data());
    IMB_AES128_GCM_PRE(manager, key.data(), &gcm);
  }
  ~Bare() { free_mb_mgr(manager); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void run_counter(uint8_t* packet) {
    std::array<IMB_JOB*, burst_size> jobs;
    IMB_GET_NEXT_BURST(manager, burst_size, jobs.data());
    for (unsigned i = 0; i < burst_size; ++i, packet += buffer_octets) {
      IMB_JOB& job = *jobs[i];
      job.enc_keys = job.dec_keys = schedule.data();
      job.key_len_in_bytes = 16;
      job.src = packet;
      job.dst = packet + 12;
      job.cipher_start_src_offset_in_bytes = 12;
      job.msg_len_to_cipher_in_bytes = rtp_octets - 12;
      job.hash_start_src_offset_in_bytes = 0;
      job.msg_len_to_hash_in_bytes = rtp_octets + 4;
      job.iv = iv.data();
      job.iv_len_in_bytes = 16;
      job.auth_tag_output = packet + rtp_octets + 4;
      job.auth_tag_output_len_in_bytes = 12;
      job.u.HMAC._hashed_auth_key_xor_ipad = inner.data();
      job.u.HMAC._hashed_auth_key_xor_opad = outer.data();
      job.cipher_mode = IMB_CIPHER_CNTR;
      job.cipher_direction = IMB_DIR_ENCRYPT;
      job.hash_alg = IMB_AUTH_HMAC_SHA_1;
      job.chain_order = IMB_ORDER_CIPHER_HASH;
    }
    uint32_t done = IMB_SUBMIT_BURST_NOCHECK(manager, burst_size, jobs.data());
    while (done < burst_size) done += IMB_FLUSH_BURST(manager, burst_size - done, jobs.data());
  }
  void run_gcm(uint8_t* packet) {
    gcm_context_data context;
    for (unsigned i = 0; i < burst_size; ++i, packet += buffer_octets) {
      IMB_AES128_GCM_ENC(manager, &gcm, &context, packet + 12, packet + 12, rtp_octets - 12,
                         iv.data(), packet, 12, packet + rtp_octets, 16);
    }
  }

  IMB_MGR* manager;
  std::vector<uint8_t> packets;
  alignas(16) std::array<uint8_t, 240> schedule = {};
  std::array<uint8_t, 20> inner = {};
  std::array<uint8_t, 20> outer = {};
  std::array<uint8_t, 16> iv = {};
  alignas(64) gcm_key_data gcm = {};
};

void BM_Bare(benchmark::State& state, Suite suite) {
  auto bare = std::make_unique<Bare>();
  for (auto _ : state) {
    const Clock::time_point begin = Clock::now();
    for (size_t first = 0; first < batch_size; first += burst_size) {
      uint8_t* packets = &bare->packets[first * buffer_octets];
      if (srtp::traits_of(suite).is_aead) {
        bare->run_gcm(packets);
      } else {
        bare->run_counter(packets);
      }
    }
    state.SetIterationTime(seconds_since(begin));
  }
  state.SetItemsProcessed(state.iterations() * batch_size);
}

// --- keys and packets ---

// Keys at once, so that as many as there are streams may be of GCM.
uint32_t key_count(unsigned streams) {
  return 2 * streams;
}

enum class Forged : uint8_t { none, nine_of_ten };

// Sequence numbers and payloads of a batch over some streams, protected where that is wanted.
class Batch {
 public:
  Batch(Suite suite, unsigned streams, bool is_protected, Forged forged = Forged::none)
      : suite_(suite),
        forged_(forged),
        peer_(srtp::Cipher::best(), key_count(streams)),
        sequences_(streams),
        is_protected_(is_protected),
        buffers_(batch_size * buffer_octets),
        packets_(batch_size) {
    for (unsigned i = 0; i < streams; ++i) peer_.contexts.open(key_of(suite, i));
  }
  static srtp::MasterKey key_of(Suite suite, unsigned stream) {
    return srtp::some_key(suite, static_cast<uint8_t>(stream));
  }
  unsigned stream_of(unsigned i) const { return i % static_cast<unsigned>(sequences_.size()); }
  // Runs of as many packets as there are streams, so that each stream has some.
  bool is_good(unsigned i) const {
    return forged_ == Forged::none || i / sequences_.size() % 10 == 5;
  }
  uint8_t* rtp(unsigned i) { return &buffers_[i * buffer_octets + headroom + 28]; }
  uint8_t* l3(unsigned i) { return &buffers_[i * buffer_octets + headroom]; }

  void make_ready() {
    for (unsigned i = 0; i < batch_size; ++i) {
      uint8_t* octets = rtp(i);
      const unsigned stream = stream_of(i);
      const auto sequence = static_cast<uint16_t>(sequences_[stream] + 1);
      if (is_good(i)) sequences_[stream] = sequence;
      const std::array<uint8_t, 12> header = {0x80,
                                              8,
                                              static_cast<uint8_t>(sequence >> 8),
                                              static_cast<uint8_t>(sequence),
                                              0,
                                              0,
                                              0,
                                              0,
                                              9,
                                              8,
                                              7,
                                              6};
      std::memcpy(octets, header.data(), header.size());
      packets_[i] = {stream, false, octets, rtp_octets, 64, srtp::Outcome::done};
    }
    if (is_protected_) protect();
  }
  std::vector<srtp::Packet>& packets() { return packets_; }

 private:
  // What is forged keeps the octets that stood there for a tag.
  void protect() {
    std::vector<srtp::Packet> good;
    for (unsigned i = 0; i < batch_size; ++i) {
      if (is_good(i)) good.push_back(packets_[i]);
    }
    peer_.contexts.protect(good);
    auto next = good.begin();
    for (unsigned i = 0; i < batch_size; ++i) {
      if (is_good(i)) {
        packets_[i] = *next++;
      } else {
        packets_[i].length += srtp::traits_of(suite_).rtp_tag_octets;
      }
    }
  }

  Suite suite_;
  Forged forged_;
  srtp::TestContexts peer_;
  std::vector<uint16_t> sequences_;
  bool is_protected_;
  std::vector<uint8_t> buffers_;
  std::vector<srtp::Packet> packets_;
};

void run_contexts(benchmark::State& state, Suite suite, Way way) {
  const auto streams = static_cast<unsigned>(state.range(0));
  Batch batch(suite, streams, way == Way::unprotect);
  srtp::TestContexts ours(srtp::Cipher::best(), key_count(streams));
  for (unsigned i = 0; i < streams; ++i) ours.contexts.open(Batch::key_of(suite, i));
  for (auto _ : state) {
    batch.make_ready();
    const Clock::time_point begin = Clock::now();
    for (size_t first = 0; first < batch_size; first += burst_size) {
      const std::span<srtp::Packet> burst = std::span(batch.packets()).subspan(first, burst_size);
      if (way == Way::protect) {
        ours.contexts.protect(burst);
      } else {
        ours.contexts.unprotect(burst);
      }
    }
    state.SetIterationTime(seconds_since(begin));
    for (const srtp::Packet& packet : batch.packets()) {
      if (packet.outcome != srtp::Outcome::done) state.SkipWithError("a packet was refused");
    }
  }
  state.SetItemsProcessed(state.iterations() * batch_size);
}
void BM_Protect(benchmark::State& state, Suite suite) {
  run_contexts(state, suite, Way::protect);
}
void BM_Unprotect(benchmark::State& state, Suite suite) {
  run_contexts(state, suite, Way::unprotect);
}

// --- through the table ---

class Relayed {
 public:
  Relayed(Suite suite, unsigned streams, Way way, Forged forged = Forged::none)
      : batch_(suite, streams, way == Way::unprotect, forged),
        world_({streams * 2, 2, 0, 1, contract::Duration::seconds(5), {}, key_count(streams)}) {
    world_.adopt({{{contract::IpAddress::v4(10, 1, 0, 1)}, 1024, 65'535},
                  {{contract::IpAddress::v4(10, 2, 0, 1)}, 1024, 65'535}});
    for (unsigned i = 0; i < streams; ++i) open(suite, way, i);
    frames_.resize(batch_size);
  }
  void make_ready() {
    batch_.make_ready();
    for (unsigned i = 0; i < batch_size; ++i) {
      const unsigned stream = batch_.stream_of(i);
      uint8_t* l3 = batch_.l3(i);
      const uint16_t length = batch_.packets()[i].length;
      std::memcpy(l3, header_.data(), header_.size());
      frames_[i] = {.l3 = l3,
                    .l3_length = static_cast<uint16_t>(28 + length),
                    .headroom = headroom,
                    .payload_offset = 28,
                    .payload_length = length,
                    .source = sender_,
                    .slot = slots_[stream],
                    .outcome = Frame::Outcome::drop,
                    .tailroom = 64};
    }
    now_ = now_ + contract::Duration::milliseconds(1);
  }
  void relay(size_t first) {
    world_.table.relay(std::span(frames_).subspan(first, burst_size), now_);
  }
  // All that is good, and nothing else.
  bool is_all_relayed() const {
    for (unsigned i = 0; i < batch_size; ++i) {
      if ((frames_[i].outcome == Frame::Outcome::forward) != batch_.is_good(i)) return false;
    }
    return true;
  }

 private:
  void open(Suite suite, Way way, unsigned stream) {
    const PortPair in = world_.table.acquire(realm_id(0), at_ms(0));
    const PortPair out = world_.table.acquire(realm_id(1), at_ms(0));
    const Table::SlotPair pair = world_.table.open(
        {in, out, trunk_id(0), trunk_id(1), contract::CallSlot::none, 8000}, at_ms(0));
    const contract::Endpoint receiver{contract::IpAddress::v4(10, 4, 0, 1), 20'000};
    world_.table.expect(pair, sender_, sender_);
    world_.table.aim(pair, receiver, receiver);
    const srtp::MasterKey key = Batch::key_of(suite, stream);
    const Keying keyed{Keying::Kind::keyed, &key};
    DEMARC_CHECK(way == Way::protect ? world_.table.key(pair, {}, keyed)
                                     : world_.table.key(pair, keyed, {}));
    slots_.push_back(static_cast<uint32_t>(pair.rtp));
    header_ = {0x45, 0, 0,  200, 0, 0, 0, 0, 64, 17, 0, 0,   10,   3,
               0,    1, 10, 1,   0, 1, 0, 1, 0,  1,  0, 180, 0x12, 0x34};
  }

  Batch batch_;
  World world_;
  const contract::Endpoint sender_{contract::IpAddress::v4(10, 3, 0, 1), 10'000};
  contract::Instant now_ = at_ms(0);
  std::vector<uint32_t> slots_;
  std::vector<Frame> frames_;
  std::array<uint8_t, 28> header_ = {};
};

void run_table(benchmark::State& state, Relayed& relayed) {
  for (auto _ : state) {
    relayed.make_ready();
    const Clock::time_point begin = Clock::now();
    for (size_t first = 0; first < batch_size; first += burst_size) relayed.relay(first);
    state.SetIterationTime(seconds_since(begin));
    if (!relayed.is_all_relayed()) state.SkipWithError("a packet was not relayed");
  }
  state.SetItemsProcessed(state.iterations() * batch_size);
}

void BM_Relay(benchmark::State& state, Suite suite, Way way) {
  Relayed relayed(suite, static_cast<unsigned>(state.range(0)), way);
  run_table(state, relayed);
}
void BM_Flood(benchmark::State& state, Suite suite) {
  Relayed relayed(suite, static_cast<unsigned>(state.range(0)), Way::unprotect,
                  Forged::nine_of_ten);
  run_table(state, relayed);
}

constexpr Suite cm = Suite::aes_cm_128_hmac_sha1_80;
constexpr Suite gcm = Suite::aead_aes_128_gcm;
BENCHMARK_CAPTURE(BM_Bare, cm, cm)->UseManualTime();
BENCHMARK_CAPTURE(BM_Bare, gcm, gcm)->UseManualTime();
BENCHMARK_CAPTURE(BM_Protect, cm, cm)->Arg(10)->UseManualTime();
BENCHMARK_CAPTURE(BM_Unprotect, cm, cm)->Arg(10)->UseManualTime();
BENCHMARK_CAPTURE(BM_Protect, gcm, gcm)->Arg(10)->UseManualTime();
BENCHMARK_CAPTURE(BM_Unprotect, gcm, gcm)->Arg(10)->UseManualTime();
BENCHMARK_CAPTURE(BM_Relay, cm_to, cm, Way::protect)->Arg(10)->Arg(1000)->UseManualTime();
BENCHMARK_CAPTURE(BM_Relay, cm_from, cm, Way::unprotect)->Arg(10)->Arg(1000)->UseManualTime();
BENCHMARK_CAPTURE(BM_Relay, gcm_to, gcm, Way::protect)->Arg(10)->Arg(1000)->UseManualTime();
BENCHMARK_CAPTURE(BM_Relay, gcm_from, gcm, Way::unprotect)->Arg(10)->Arg(1000)->UseManualTime();
BENCHMARK_CAPTURE(BM_Flood, cm, cm)->Arg(10)->UseManualTime();
BENCHMARK_CAPTURE(BM_Flood, gcm, gcm)->Arg(10)->UseManualTime();

}  // namespace
}  // namespace demarc::media

BENCHMARK_MAIN();
