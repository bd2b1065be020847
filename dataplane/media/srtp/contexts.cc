#include "dataplane/media/srtp/contexts.h"

#include <algorithm>
#include <cstring>

#include "dataplane/media/srtp/derive.h"
#include "dataplane/media/srtp/octets.h"
#include "sip-parser/base/check.h"

namespace demarc::media::srtp {
namespace {

// SRTCP's index has 31 bits (RFC 3711 section 3.4).
constexpr uint64_t max_rtcp_packets = uint64_t{1} << 31;

struct SessionKeys {
  std::array<uint8_t, max_key_octets> cipher;
  std::array<uint8_t, sha1_octets> authentication;
  ~SessionKeys() { explicit_bzero(this, sizeof *this); }
};

}  // namespace

size_t Contexts::octets_needed(uint32_t capacity) {
  return memory::Pool<Context>::octets_needed(capacity) +
         memory::Pool<GcmKeys>::octets_needed(gcm_capacity(capacity)) +
         memory::Pool<Resting>::octets_needed(resting_capacity(capacity)) +
         memory::Arena::octets_for<Pending>(max_burst) +
         memory::Arena::octets_for<CounterPass>(max_burst);
}

Contexts::Contexts(memory::Arena& arena, uint32_t capacity, Cipher::Kind kind)
    : cipher_(kind),
      rows_(arena, capacity),
      gcm_(arena, gcm_capacity(capacity)),
      resting_(arena, resting_capacity(capacity)),
      pending_(arena.take<Pending>(max_burst)),
      passes_(arena.take<CounterPass>(max_burst)) {}

Contexts::~Contexts() {
  for (uint32_t i = 0; i < rows_.capacity(); ++i) {
    if (rows_.is_live(i)) close(i);
  }
}

uint32_t Contexts::open(const MasterKey& key, OwnKey number) {
  const SuiteTraits traits = traits_of(key.suite);
  if (traits.is_aead && gcm_.live() == gcm_.capacity()) return no_context;
  const uint32_t index = rows_.acquire();
  if (index == memory::no_index) return no_context;
  Context& context = rows_[index];
  context = Context();
  context.suite = key.suite;
  context.master = key.octets;
  context.mki = key.mki;
  context.mki_octets = key.mki_octets;
  context.number = number;
  // A peer that goes on under its key past the lifetime that it named itself harms nobody, and we
  // never ask it for another one: what it sends is held to the bounds of the RFC alone.
  const uint64_t lifetime = number == OwnKey::none ? max_lifetime : key.lifetime;
  context.rtp_left = std::min(lifetime, max_lifetime);
  context.rtcp_left = static_cast<uint32_t>(std::min(lifetime, max_rtcp_packets));
  SessionKeys keys;
  const std::span<const uint8_t> cipher_key(keys.cipher.data(), traits.key_octets);
  derive(cipher_, key.suite, key.octets, Label::rtp_encryption,
         std::span(keys.cipher).first(traits.key_octets));
  derive(cipher_, key.suite, key.octets, Label::rtp_salt,
         std::span(context.salt).first(traits.salt_octets));
  if (traits.is_aead) {
    context.gcm = gcm_.acquire();
    cipher_.expand(cipher_key, gcm_[context.gcm]);
  } else {
    derive(cipher_, key.suite, key.octets, Label::rtp_authentication, keys.authentication);
    cipher_.expand(cipher_key, keys.authentication, context.keys);
  }
  return index;
}

bool Contexts::is_keyed_with(uint32_t index, const MasterKey& key) const {
  const Context& context = rows_[index];
  return context.suite == key.suite && context.mki_octets == key.mki_octets &&
         context.mki == key.mki &&
         is_equal(context.master.data(), key.octets.data(), max_master_octets);
}

void Contexts::succeed(uint32_t before, uint32_t index) {
  const Context& old = rows_[before];
  Context& context = rows_[index];
  context.source_count = old.source_count;
  context.last_source = old.last_source;
  for (unsigned i = 0; i < old.source_count; ++i) {
    context.sources[i].ssrc = old.sources[i].ssrc;
    context.sources[i].rtp.highest = old.sources[i].rtp.highest;
  }
}

void Contexts::close(uint32_t index) {
  Context& context = rows_[index];
  if (traits_of(context.suite).is_aead) {
    explicit_bzero(&gcm_[context.gcm], sizeof(GcmKeys));
    gcm_.release(context.gcm);
  }
  for (uint32_t row = context.resting; row != no_resting;) {
    const uint32_t next = resting_[row].next;
    resting_[row] = Resting();
    resting_.release(row);
    row = next;
  }
  explicit_bzero(&context, sizeof context);
  rows_.release(index);
}

void Contexts::prefetch(uint32_t index) const {
  const auto* lines = reinterpret_cast<const std::byte*>(&rows_[index]);
  for (size_t at = 0; at < sizeof(Context); at += 64) __builtin_prefetch(lines + at);
}

// The packets between two RTCP packets go through as one burst.
void Contexts::unprotect(std::span<Packet> packets) {
  for (Packet& packet : packets) {
    if (packet.is_rtcp) {
      unprotect_rtcp(packet);
    } else {
      unprotect_rtp(packet);
    }
  }
  finish_unprotect();
}

void Contexts::protect(std::span<Packet> packets) {
  for (Packet& packet : packets) {
    if (packet.is_rtcp) {
      protect_rtcp(packet);
    } else {
      protect_rtp(packet);
    }
  }
  finish_protect();
}

}  // namespace demarc::media::srtp
