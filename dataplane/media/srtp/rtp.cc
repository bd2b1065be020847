// SRTP packets: RFC 3711 section 3.3, RFC 7714 section 8.
#include <algorithm>
#include <utility>

#include "dataplane/media/srtp/contexts.h"
#include "dataplane/media/srtp/octets.h"
#include "dataplane/media/srtp/vectors.h"

namespace demarc::media::srtp {
namespace {

bool is_first(const SourceState* source) {
  return source == nullptr || (source->rtp.bits[0] | source->rtp.bits[1]) == 0;
}

// The index of an SSRC that was not heard before begins with a roll-over counter of 0. After a new
// key the counter goes on (RFC 3711 section 3.3.1), but there are peers that make a new context of
// it as if their address had changed (RFC 4568 section 7.1.4): then it may be either.
void set_index(const SourceState* source, uint16_t sequence_number, Numbers& numbers) {
  const uint64_t highest = source == nullptr ? 0 : source->rtp.highest;
  numbers.index = sequence_number;
  numbers.other_index = no_index;
  if (is_first(source) && highest == 0) return;
  const uint64_t likely = estimate_index(highest, sequence_number);
  if (!is_first(source)) {
    numbers.index = likely;
  } else if (likely != no_index && likely != numbers.index) {
    numbers.other_index = std::exchange(numbers.index, likely);
  }
}

bool is_fresh(const SourceState* source, uint64_t index) {
  return index != no_index && (is_first(source) || source->rtp.look(index) == Seen::fresh);
}

// The vector, and the roll-over counter behind the text.
void set_index_of_pass(const Context& context, uint32_t ssrc, uint64_t index, CounterPass& pass) {
  set_counter_vector(context.salt, ssrc, index, pass.iv);
  store_be32(pass.packet + pass.text_offset + pass.text_length, static_cast<uint32_t>(index >> 16));
}

void set_pass(const Context& context, const Packet& packet, const Numbers& numbers,
              CounterPass& pass) {
  pass.keys = &context.keys;
  pass.packet = packet.octets;
  pass.key_octets = traits_of(context.suite).key_octets;
  pass.text_offset = numbers.header_length;
  pass.text_length = numbers.text_length;
  set_index_of_pass(context, numbers.ssrc, numbers.index, pass);
}

void set_pass(const Context& context, const GcmKeys& keys, const Packet& packet,
              const Numbers& numbers, GcmPass& pass) {
  pass.keys = &keys;
  pass.key_octets = traits_of(context.suite).key_octets;
  pass.header = {packet.octets, numbers.header_length};
  pass.text = packet.octets + numbers.header_length;
  pass.text_length = numbers.text_length;
  set_gcm_vector(context.salt, numbers.ssrc, numbers.index, pass.iv);
}

void set_length(Packet& packet, unsigned length) {
  packet.room = static_cast<uint16_t>(packet.room + packet.length - length);
  packet.length = static_cast<uint16_t>(length);
}

}  // namespace

// A packet that is authentic or sent, with nothing committed since it was looked up. False when its
// SSRC has no place.
bool Contexts::commit(Context& context, const Standing& standing, const Taken& taken, Way way) {
  SourceState* source = standing.place;
  if (source == nullptr) {
    source = use(context, taken.ssrc, way);
    if (source == nullptr) return false;
  }
  context.last_source = static_cast<uint8_t>(source - context.sources.data());
  if (is_first(source)) source->rtp = {};
  source->rtp.take(taken.index);
  --context.rtp_left;
  return true;
}

bool Contexts::has_pending(const Context& context) const {
  return std::any_of(pending_.begin(), pending_.begin() + pending_count_,
                     [&](const Pending& pending) { return pending.context == &context; });
}

void Contexts::add_pending(Packet& packet, Context& context, const Numbers& numbers) {
  pending_[pending_count_].packet = &packet;
  pending_[pending_count_].context = &context;
  pending_[pending_count_].index = numbers.index;
  pending_[pending_count_].other_index = numbers.other_index;
  pending_[pending_count_].ssrc = numbers.ssrc;
  set_pass(context, packet, numbers, passes_[pending_count_]);
  ++pending_count_;
}

// --- received ---

void Contexts::unprotect_rtp(Packet& packet) {
  Context& context = rows_[packet.context];
  const SuiteTraits traits = traits_of(context.suite);
  Numbers numbers;
  numbers.header_length = rtp_header_length({packet.octets, packet.length});
  const unsigned trailer = unsigned{traits.rtp_tag_octets} + context.mki_octets;
  packet.outcome = Outcome::malformed;
  if (numbers.header_length == 0 || packet.length < numbers.header_length + trailer) return;
  packet.outcome = Outcome::expired;
  if (context.rtp_left == 0) return;
  numbers.text_length = packet.length - numbers.header_length - trailer;
  numbers.ssrc = load_be32(packet.octets + 8);
  Standing standing = look_up(context, numbers.ssrc);
  if (is_first(standing.state) && has_pending(context)) {
    // One of the packets before it may begin the same SSRC.
    finish_unprotect();
    standing = look_up(context, numbers.ssrc);
  }
  set_index(standing.state, load_be16(packet.octets + 2), numbers);
  packet.outcome = Outcome::replayed;
  if (!is_fresh(standing.state, numbers.index)) return;
  packet.outcome = Outcome::unauthenticated;
  if (traits.is_aead) return unprotect_gcm(packet, context, numbers, standing);
  unprotect_counter(packet, context, numbers);
}

// Text, MKI, tag (RFC 3711 section 3.1).
void Contexts::unprotect_counter(Packet& packet, Context& context, const Numbers& numbers) {
  const uint8_t* mki = packet.octets + numbers.header_length + numbers.text_length;
  if (!is_equal(mki, context.mki.data(), context.mki_octets)) return;
  Pending& pending = pending_[pending_count_];
  std::copy_n(mki + context.mki_octets, traits_of(context.suite).rtp_tag_octets,
              pending.tag.begin());
  add_pending(packet, context, numbers);
  if (pending_count_ == max_burst) finish_unprotect();
}

// Text with its tag, MKI (RFC 7714 section 8.2: the tag is part of the ciphertext).
void Contexts::unprotect_gcm(Packet& packet, Context& context, const Numbers& numbers,
                             const Standing& standing) {
  const uint8_t* tag = packet.octets + numbers.header_length + numbers.text_length;
  if (!is_equal(tag + max_tag_octets, context.mki.data(), context.mki_octets)) return;
  GcmPass pass;
  set_pass(context, gcm_[context.gcm], packet, numbers, pass);
  cipher_.run(pass, Way::unprotect);
  uint64_t index = numbers.index;
  if (!is_equal(pass.tag.data(), tag, max_tag_octets)) {
    if (numbers.other_index == no_index) return;
    cipher_.run(pass, Way::protect);  // as it came
    index = numbers.other_index;
    set_gcm_vector(context.salt, numbers.ssrc, index, pass.iv);
    cipher_.run(pass, Way::unprotect);
    if (!is_equal(pass.tag.data(), tag, max_tag_octets)) return;
  }
  packet.outcome = Outcome::replayed;
  if (!commit(context, standing, {numbers.ssrc, index}, Way::unprotect)) return;
  set_length(packet, numbers.header_length + numbers.text_length);
  packet.outcome = Outcome::done;
}

// After its pass; with the other index after one more, for which the text is as it came again.
bool Contexts::is_authentic(Pending& pending, CounterPass& pass) {
  const unsigned tag_octets = traits_of(pending.context->suite).rtp_tag_octets;
  if (is_equal(pass.tag.data(), pending.tag.data(), tag_octets)) return true;
  if (pending.other_index == no_index) return false;
  cipher_.run({&pass, 1}, Way::protect);
  pending.index = pending.other_index;
  set_index_of_pass(*pending.context, pending.ssrc, pending.index, pass);
  cipher_.run({&pass, 1}, Way::unprotect);
  return is_equal(pass.tag.data(), pending.tag.data(), tag_octets);
}

void Contexts::finish_unprotect() {
  cipher_.run(passes_.first(pending_count_), Way::unprotect);
  for (unsigned i = 0; i < pending_count_; ++i) {
    Pending& pending = pending_[i];
    CounterPass& pass = passes_[i];
    Context& context = *pending.context;
    if (!is_authentic(pending, pass)) continue;
    pending.packet->outcome = Outcome::replayed;
    // Another one of the burst may have had its index.
    const Standing standing = look_up(context, pending.ssrc);
    if (context.rtp_left == 0 || !is_fresh(standing.state, pending.index)) continue;
    if (!commit(context, standing, {pending.ssrc, pending.index}, Way::unprotect)) continue;
    set_length(*pending.packet, pass.text_offset + pass.text_length);
    pending.packet->outcome = Outcome::done;
  }
  pending_count_ = 0;
}

// --- to be sent ---

void Contexts::protect_rtp(Packet& packet) {
  Context& context = rows_[packet.context];
  const SuiteTraits traits = traits_of(context.suite);
  Numbers numbers;
  numbers.header_length = rtp_header_length({packet.octets, packet.length});
  packet.outcome = Outcome::malformed;
  if (numbers.header_length == 0) return;
  packet.outcome = Outcome::no_room;
  if (packet.room < traits.rtp_tag_octets + context.mki_octets) return;
  packet.outcome = Outcome::expired;
  if (context.rtp_left == 0) return;
  numbers.text_length = packet.length - numbers.header_length;
  numbers.ssrc = load_be32(packet.octets + 8);
  const Standing standing = look_up(context, numbers.ssrc);
  set_index(standing.state, load_be16(packet.octets + 2), numbers);
  packet.outcome = Outcome::replayed;
  if (!is_fresh(standing.state, numbers.index)) return;
  // The index is used up, whatever becomes of the packet.
  packet.outcome = Outcome::expired;
  if (!commit(context, standing, {numbers.ssrc, numbers.index}, Way::protect)) return;
  packet.outcome = Outcome::done;
  if (traits.is_aead) return protect_gcm(packet, context, numbers);
  add_pending(packet, context, numbers);
  if (pending_count_ == max_burst) finish_protect();
}

void Contexts::protect_gcm(Packet& packet, Context& context, const Numbers& numbers) {
  GcmPass pass;
  set_pass(context, gcm_[context.gcm], packet, numbers, pass);
  cipher_.run(pass, Way::protect);
  uint8_t* tag = packet.octets + packet.length;
  std::copy(pass.tag.begin(), pass.tag.end(), tag);
  std::copy_n(context.mki.begin(), context.mki_octets, tag + max_tag_octets);
  set_length(packet, packet.length + max_tag_octets + context.mki_octets);
}

void Contexts::finish_protect() {
  cipher_.run(passes_.first(pending_count_), Way::protect);
  for (unsigned i = 0; i < pending_count_; ++i) {
    Packet& packet = *pending_[i].packet;
    const Context& context = *pending_[i].context;
    const unsigned tag_octets = traits_of(context.suite).rtp_tag_octets;
    uint8_t* mki = packet.octets + packet.length;
    std::copy_n(context.mki.begin(), context.mki_octets, mki);
    std::copy_n(passes_[i].tag.begin(), tag_octets, mki + context.mki_octets);
    set_length(packet, packet.length + context.mki_octets + tag_octets);
  }
  pending_count_ = 0;
}

}  // namespace demarc::media::srtp
