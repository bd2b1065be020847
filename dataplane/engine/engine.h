// Engine: one worker's whole behaviour without I/O (decision D3). Bytes, time and commands in;
// messages in the outbox, packets rewritten in place, rows and records in shared memory out.
//
// The poll loop (lcore/), the flow tests and the simulator all drive this same thing. It never
// allocates after its constructor, never blocks and reads no clock. One worker only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/call/calls.h"
#include "dataplane/contract/command.h"
#include "dataplane/contract/minted_name.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/media/table.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/datagram_pool.h"
#include "dataplane/outside/outside.h"
#include "dataplane/post/post.h"
#include "dataplane/route/route.h"
#include "dataplane/trace/trace.h"
#include "dataplane/transaction/layer.h"
#include "dataplane/transaction/outbox.h"
#include "dataplane/transaction/timer_wheel.h"
#include "sip-parser/message.h"
#include "sip-parser/parse.h"

namespace demarc::engine {

struct Limits {
  contract::WorkerIndex worker = 0;
  uint16_t workers = 1;
  uint32_t calls = 4096;
  uint32_t transactions = 16384;
  uint32_t datagrams = 16384;
  uint32_t media_addresses = 64;
  uint32_t srtp_keys = 256;  // two per encrypted side of an m-line
  // 0: a quarter of the calls.
  uint32_t tone_detectors = 0;
  uint32_t repacketizers = 0;
};
// As the platform section says.
Limits limits_of(const contract::PlatformSection& platform, contract::WorkerIndex worker);

class Engine {
 public:
  struct Secrets {
    contract::NameKeys names;        // the same on all workers
    SipHashKey entropy;              // of this worker alone
    SipHashKey tables;               // of this worker alone
    media::srtp::Secret media = {};  // of this worker alone
  };
  // Takes everything it will ever need from `arena`. `region` must outlive it.
  Engine(const Limits& limits, memory::Arena& arena, contract::Region& region,
         const Secrets& secrets, contract::Instant now);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  static size_t octets_needed(const Limits& limits);

  // A new snapshot is in force. It stays valid until the next adopt() returned.
  void adopt(const contract::Snapshot& snapshot, contract::Instant now);

  // One SIP message that arrived between `path.local` (ours) and `path.remote`: a datagram, or what
  // was framed on the connection `path.stream`. At least 64 octets behind its end are readable.
  void on_datagram(std::string_view datagram, const transaction::Path& path, contract::Instant now);
  // What came on a connection up to a mistake that ends it; `status_code` is owed: 400 or 513.
  void on_broken(std::string_view octets, uint16_t status_code, const transaction::Path& path,
                 contract::Instant now);
  // The connection that was to bring this request of ours to its peer could not be had, or broke
  // before anything came back. `branch` is that of its top Via; `fault` why, where it is the
  // peer's.
  void on_undelivered(sip::Method method, std::string_view branch, contract::Instant now,
                      contract::StreamFault fault = contract::StreamFault::none);
  // A burst of datagrams for media ports whose slots were found with media().find().
  void on_media(std::span<media::Frame> frames, contract::Instant now);
  // The rings between workers, borrowed: from now on a leg of a call may go to another one, or come
  // from there. Before the first message; without it attended transfers between workers fail.
  void connect(post::Post& post);
  // Takes the next thing that another worker sent; false when there is none. What it wants sent
  // must be sent before the next.
  bool take_post(contract::Instant now);
  // Fires what is due, at most `budget` timers; true when more are due.
  bool on_timers(contract::Instant now, unsigned budget = 256);
  // Takes what waits in the command ring and in that of outside requests, at most 16 of each.
  void on_commands(contract::Instant now);

  // What the steps since the last clear() want sent.
  const transaction::Outbox& outbox() const { return outbox_; }
  std::string_view octets(memory::DatagramId id) const { return datagrams_.octets(id); }
  void clear_outbox();

  // From now on every message in and out and every step of a table is written there; null: none.
  // Borrowed until the next call of it.
  void trace_to(trace::Ring* ring);

  media::Table& media() { return media_; }

  // No new calls from now on: 503.
  void drain();
  uint32_t live_calls() const;
  uint32_t live_transactions() const { return transactions_.live(); }
  uint32_t free_datagrams() const { return datagrams_.free_count(); }
  call::Held held() const { return calls_.held(); }
  uint32_t live_timers() const { return timers_.live(); }
  // The earliest instant at which on_timers may have something to do.
  contract::Instant next_due() const {
    const contract::Instant timer = timers_.next_due();
    const contract::Instant media = media_.next_due();
    if (!timer.is_set() || !media.is_set()) return timer.is_set() ? timer : media;
    return timer < media ? timer : media;
  }

 private:
  void refuse_unparsable(std::string_view datagram, const transaction::Path& path,
                         contract::TrunkId trunk, sip::ParseError error, contract::Instant now);
  void on_message(std::string_view datagram, const transaction::Path& path,
                  const route::Source& source, bool is_meant, contract::Instant now);
  // Of which of the trunks that have the source what was parsed is; none: a request for nobody.
  contract::TrunkId meant_trunk(std::string_view datagram, contract::TrunkId found);
  // Whether what was parsed is taken from such a source.
  bool is_taken(std::string_view datagram, const route::Source& source) const;
  void on_timer(const transaction::TimerEvent& event, contract::Instant now);
  bool take_post_of(contract::WorkerIndex from, contract::Instant now);
  void count(contract::WorkerCounter counter);

  Limits limits_;
  contract::Region& region_;
  const contract::Snapshot* snapshot_ = nullptr;
  memory::DatagramPool datagrams_;
  transaction::TimerWheel timers_;
  transaction::Outbox outbox_;
  transaction::Layer transactions_;
  media::Table media_;
  call::Calls calls_;
  post::Post* post_ = nullptr;
  contract::WorkerIndex post_from_ = 0;  // whose turn it is
  trace::Ring* trace_ = nullptr;
  outside::Outside outside_;
  sip::Message message_;
};

}  // namespace demarc::engine
