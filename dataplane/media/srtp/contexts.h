// Contexts: the SRTP and SRTCP keys in use on one worker, and packets through them.
//
// Rows are opened and closed by Table for call/, and bursts are passed through by the stages
// unprotect() and protect(). A packet that is not authentic changes nothing. Of a packet that is
// refused the payload may be of no use any more. RFC 3711, RFC 7714. One worker only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "dataplane/media/srtp/cipher.h"
#include "dataplane/media/srtp/context.h"
#include "dataplane/media/srtp/master_key.h"
#include "dataplane/media/srtp/resting.h"
#include "dataplane/media/srtp/sources.h"
#include "dataplane/memory/arena.h"
#include "dataplane/memory/pool.h"

namespace demarc::media::srtp {

inline constexpr uint32_t no_context = 0xffffffff;

enum class Outcome : uint8_t {
  done,
  malformed,        // no RTP or RTCP header, or too short for tag and MKI
  unauthenticated,  // wrong tag or MKI
  replayed,         // received before, or too long ago to tell; to be sent: its index was used
  expired,          // the key has had all the packets that it may have; to be sent: all the SSRCs
  no_room,          // behind the packet for tag and index
};

struct Packet {
  uint32_t context;
  bool is_rtcp;
  uint8_t* octets;
  uint16_t length;  // changed by both ways
  uint16_t room;    // writable octets behind it
  Outcome outcome;
};

// What of a packet of RTP the transforms need.
struct Numbers {
  unsigned header_length;
  uint32_t ssrc;
  uint64_t index;
  uint64_t other_index;  // what it may be as well, or no_index
  uint32_t text_length;
};

class Contexts {
 public:
  static constexpr unsigned max_burst = 32;

  // Few streams have more than three SSRCs: one key in so many can have a Resting.
  static constexpr uint32_t keys_per_resting = 8;

  // `capacity`: keys at once. Half of them, or 64 more than that where they are few, may be of an
  // AEAD suite, whose schedules take twice as much as all else: a call has such a trunk on one of
  // its sides.
  Contexts(memory::Arena& arena, uint32_t capacity, Cipher::Kind kind = Cipher::best());
  ~Contexts();
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;
  static size_t octets_needed(uint32_t capacity);

  // Derives the session keys. no_context when there is no room left. `number`: of a key of ours.
  uint32_t open(const MasterKey& key, OwnKey number = OwnKey::none);
  // What comes under `context`, just opened, may go on counting where it was under the key
  // `before`. SSRCs that rest begin anew.
  void succeed(uint32_t before, uint32_t context);
  // The same suite, key, salt and MKI: such a key goes on with its state (RFC 4568 section 6.1).
  bool is_keyed_with(uint32_t context, const MasterKey& key) const;
  // Wipes the row.
  void close(uint32_t context);
  uint32_t live() const { return rows_.live(); }

  // Each packet's outcome, length and room are set; the order of packets is that of the burst.
  void unprotect(std::span<Packet> packets);
  void protect(std::span<Packet> packets);
  void prefetch(uint32_t context) const;

  // Random octets that are a function of a secret, for the keys that we send with (key_source.h).
  Cipher& cipher() { return cipher_; }
  const Context& row(uint32_t context) const { return rows_[context]; }
  uint32_t& next(uint32_t context) { return rows_[context].next; }

 private:
  static constexpr uint32_t gcm_capacity(uint32_t capacity) {
    return std::min(capacity, capacity / 2 + 64);
  }

  // A packet of AES-CM on its way through the cipher.
  struct Pending {
    Packet* packet;
    Context* context;
    uint64_t index;
    uint64_t other_index;  // no_index: none
    uint32_t ssrc;
    std::array<uint8_t, 10> tag;  // as received
  };

  // Where the SSRC of a packet stands.
  struct Standing {
    SourceState* place = nullptr;        // in the context; nullptr where it has none yet
    const SourceState* state = nullptr;  // that, or of what rests; nullptr: a new SSRC
  };
  // An index that is fresh there.
  struct Taken {
    uint32_t ssrc;
    uint64_t index;
  };

  static uint32_t resting_capacity(uint32_t capacity) {
    return (capacity + keys_per_resting - 1) / keys_per_resting;
  }
  // Changes nothing of the context. Good until the next one.
  Standing look_up(Context& context, uint32_t ssrc) {
    if (SourceState* source = find_source(context, ssrc)) [[likely]]
      return {source, source};
    return look_up_resting(context, ssrc);
  }
  Standing look_up_resting(const Context& context, uint32_t ssrc);
  // For a packet that is authentic, or that we send: its SSRC is the last one heard, and the state
  // is to be changed by the caller. nullptr: of this key no other SSRC can be sent.
  SourceState* use(Context& context, uint32_t ssrc, Way way);
  bool replace(Context& context, const SourceState& old, SourceState& next, Way way);
  uint32_t further_resting(Context& context, Way way);
  bool commit(Context& context, const Standing& standing, const Taken& taken, Way way);
  void unprotect_rtp(Packet& packet);
  void unprotect_counter(Packet& packet, Context& context, const Numbers& numbers);
  void unprotect_gcm(Packet& packet, Context& context, const Numbers& numbers,
                     const Standing& standing);
  void unprotect_rtcp(Packet& packet);
  void protect_rtp(Packet& packet);
  void protect_gcm(Packet& packet, Context& context, const Numbers& numbers);
  void protect_rtcp(Packet& packet);
  void add_pending(Packet& packet, Context& context, const Numbers& numbers);
  bool is_authentic(Pending& pending, CounterPass& pass);
  void finish_unprotect();
  void finish_protect();
  bool has_pending(const Context& context) const;

  Cipher cipher_;
  memory::Pool<Context> rows_;
  memory::Pool<GcmKeys> gcm_;
  memory::Pool<Resting> resting_;
  std::span<Pending> pending_;
  std::span<CounterPass> passes_;
  unsigned pending_count_ = 0;
  SourceState woken_;  // what an SSRC that rests would go on with
};

}  // namespace demarc::media::srtp
