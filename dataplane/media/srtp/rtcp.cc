// SRTCP packets: RFC 3711 section 3.4, RFC 7714 section 9.
#include <algorithm>

#include "dataplane/media/srtp/contexts.h"
#include "dataplane/media/srtp/derive.h"
#include "dataplane/media/srtp/octets.h"
#include "dataplane/media/srtp/vectors.h"

namespace demarc::media::srtp {
namespace {

constexpr uint32_t encrypted_flag = 0x80000000;
constexpr unsigned index_octets = 4;
constexpr unsigned window_size = 64;

// Text, then E flag and index; the tag is at the very end, or in an AEAD suite before the index.
struct Layout {
  unsigned text_length;  // behind the clear octets
  uint8_t* index;
  uint8_t* mki;
  uint8_t* tag;
};

Layout layout_of(const Context& context, uint8_t* packet, unsigned text_length) {
  uint8_t* behind = packet + rtcp_clear_octets + text_length;
  if (traits_of(context.suite).is_aead) {
    return {text_length, behind + max_tag_octets, behind + max_tag_octets + index_octets, behind};
  }
  uint8_t* mki = behind + index_octets;
  return {text_length, behind, mki, mki + context.mki_octets};
}

unsigned trailer_octets(const Context& context) {
  return unsigned{traits_of(context.suite).rtcp_tag_octets} + index_octets + context.mki_octets;
}

// Keys of SRTCP, for the time of one packet.
struct RtcpKeys {
  RtcpKeys(Cipher& cipher, const Context& context) {
    const SuiteTraits traits = traits_of(context.suite);
    derive(cipher, context.suite, context.master, Label::rtcp_encryption,
           std::span(key).first(traits.key_octets));
    derive(cipher, context.suite, context.master, Label::rtcp_salt,
           std::span(salt).first(traits.salt_octets));
    if (traits.is_aead) {
      cipher.expand(std::span(key).first(traits.key_octets), gcm);
      return;
    }
    derive(cipher, context.suite, context.master, Label::rtcp_authentication, authentication);
    cipher.expand(std::span(key).first(traits.key_octets), authentication, counter);
  }
  ~RtcpKeys() { explicit_bzero(this, sizeof *this); }
  RtcpKeys(const RtcpKeys&) = delete;
  RtcpKeys& operator=(const RtcpKeys&) = delete;

  std::array<uint8_t, max_key_octets> key = {};
  std::array<uint8_t, sha1_octets> authentication = {};
  Salt salt = {};
  union {
    CounterKeys counter;
    GcmKeys gcm;
  };
};

using Tag = std::array<uint8_t, max_tag_octets>;

// The index stands in its place. The tag that the packet should have.
Tag run_counter(Cipher& cipher, const Context& context, uint8_t* packet, const Layout& layout,
                Way way) {
  const RtcpKeys keys(cipher, context);
  CounterPass pass;
  pass.keys = &keys.counter;
  pass.packet = packet;
  pass.key_octets = traits_of(context.suite).key_octets;
  pass.text_offset = rtcp_clear_octets;
  pass.text_length = layout.text_length;
  set_counter_vector(keys.salt, load_be32(packet + 4), load_be32(layout.index) & ~encrypted_flag,
                     pass.iv);
  cipher.run({&pass, 1}, way);
  Tag tag;
  std::copy_n(pass.tag.begin(), tag.size(), tag.begin());
  return tag;
}

// Authenticated beside the text: the clear octets, flag and index (RFC 7714 section 9.2).
Tag run_gcm(Cipher& cipher, const Context& context, uint8_t* packet, const Layout& layout,
            Way way) {
  const RtcpKeys keys(cipher, context);
  std::array<uint8_t, rtcp_clear_octets + index_octets> header;
  std::copy_n(packet, rtcp_clear_octets, header.begin());
  std::copy_n(layout.index, index_octets, header.begin() + rtcp_clear_octets);
  GcmPass pass;
  pass.keys = &keys.gcm;
  pass.key_octets = traits_of(context.suite).key_octets;
  pass.header = header;
  pass.text = packet + rtcp_clear_octets;
  pass.text_length = layout.text_length;
  set_gcm_vector(keys.salt, load_be32(packet + 4), load_be32(layout.index) & ~encrypted_flag,
                 pass.iv);
  cipher.run(pass, way);
  return pass.tag;
}

Tag run(Cipher& cipher, const Context& context, uint8_t* packet, const Layout& layout, Way way) {
  if (traits_of(context.suite).is_aead) return run_gcm(cipher, context, packet, layout, way);
  return run_counter(cipher, context, packet, layout, way);
}

bool is_fresh(const SourceState* source, uint32_t index) {
  if (source == nullptr || source->rtcp_window == 0 || index > source->rtcp_highest) return true;
  const uint32_t behind = source->rtcp_highest - index;
  return behind < window_size && (source->rtcp_window >> behind & 1) == 0;
}

void take(SourceState& source, uint32_t index) {
  if (source.rtcp_window == 0 || index > source.rtcp_highest) {
    const uint32_t up = source.rtcp_window == 0 ? 0 : index - source.rtcp_highest;
    source.rtcp_window = up >= window_size ? 1 : source.rtcp_window << up | 1;
    source.rtcp_highest = index;
  } else {
    source.rtcp_window |= uint64_t{1} << (source.rtcp_highest - index);
  }
}

bool is_header(const Packet& packet) {
  return packet.length >= rtcp_clear_octets && (packet.octets[0] & 0xc0) == 0x80;
}

}  // namespace

void Contexts::unprotect_rtcp(Packet& packet) {
  finish_unprotect();
  Context& context = rows_[packet.context];
  const unsigned trailer = trailer_octets(context);
  packet.outcome = Outcome::malformed;
  if (!is_header(packet) || packet.length < rtcp_clear_octets + trailer) return;
  const Layout layout =
      layout_of(context, packet.octets, packet.length - rtcp_clear_octets - trailer);
  const uint32_t word = load_be32(layout.index);
  // Unencrypted SRTCP was not agreed on (call/keying.h).
  if ((word & encrypted_flag) == 0) return;
  packet.outcome = Outcome::expired;
  if (context.rtcp_left == 0) return;
  const uint32_t ssrc = load_be32(packet.octets + 4);
  const uint32_t index = word & ~encrypted_flag;
  packet.outcome = Outcome::replayed;
  if (!is_fresh(look_up(context, ssrc).state, index)) return;
  packet.outcome = Outcome::unauthenticated;
  if (!is_equal(layout.mki, context.mki.data(), context.mki_octets)) return;
  const Tag tag = run(cipher_, context, packet.octets, layout, Way::unprotect);
  if (!is_equal(tag.data(), layout.tag, traits_of(context.suite).rtcp_tag_octets)) return;
  take(*use(context, ssrc, Way::unprotect), index);
  --context.rtcp_left;
  packet.length = static_cast<uint16_t>(packet.length - trailer);
  packet.room = static_cast<uint16_t>(packet.room + trailer);
  packet.outcome = Outcome::done;
}

void Contexts::protect_rtcp(Packet& packet) {
  Context& context = rows_[packet.context];
  const unsigned trailer = trailer_octets(context);
  packet.outcome = Outcome::malformed;
  if (!is_header(packet)) return;
  packet.outcome = Outcome::no_room;
  if (packet.room < trailer) return;
  packet.outcome = Outcome::expired;
  if (context.rtcp_left == 0) return;
  --context.rtcp_left;
  const Layout layout = layout_of(context, packet.octets, packet.length - rtcp_clear_octets);
  store_be32(layout.index, encrypted_flag | context.rtcp_next++);
  const Tag tag = run(cipher_, context, packet.octets, layout, Way::protect);
  std::copy_n(context.mki.begin(), context.mki_octets, layout.mki);
  std::copy_n(tag.begin(), traits_of(context.suite).rtcp_tag_octets, layout.tag);
  packet.length = static_cast<uint16_t>(packet.length + trailer);
  packet.room = static_cast<uint16_t>(packet.room - trailer);
  packet.outcome = Outcome::done;
}

}  // namespace demarc::media::srtp
