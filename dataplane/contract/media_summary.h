// MediaSummary: what one direction of one m-line did: its ledger, its quality, its addresses. Part
// of each directory row and of each call record; raw numbers, read by the control plane.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "dataplane/contract/address.h"
#include "sip-parser/base/ascii.h"

namespace demarc::contract {

// Why a packet that arrived did not go on. An enumerator, its name and its sentence stand on one
// line, here only; each has a TrunkCounter rtp_drop_NAME of the same meaning.
#define DEMARC_MEDIA_DROPS(X) \
  X(wrong_source, "it came from a source that may not send") \
  X(learning, "its source was still being learnt") \
  X(not_ready, "the other side's address was not known") \
  X(malformed, "it had no header of RTP or RTCP") \
  X(no_route, "there was no way to the other side's address") \
  X(tx_full, "the outgoing port took no more") \
  X(unauthenticated, "its SRTP tag was not made with the key of its peer") \
  X(replayed, "it came before, or so late that this can not be told") \
  X(no_key, "the key of its SRTP was not known yet") \
  X(key_spent, "the key of its SRTP may not be used for it again")

#define DEMARC_ENUMERATOR(name, help) name,
enum class MediaDrop : uint8_t { DEMARC_MEDIA_DROPS(DEMARC_ENUMERATOR) count };
#undef DEMARC_ENUMERATOR
inline constexpr unsigned media_drop_count = static_cast<unsigned>(MediaDrop::count);

struct MediaDropText {
  std::string_view name;
  std::string_view help;  // ends "it was dropped because ..."
};
constexpr MediaDropText text_of(MediaDrop drop) {
#define DEMARC_TEXT(name, help) {#name, help},
  constexpr MediaDropText texts[] = {DEMARC_MEDIA_DROPS(DEMARC_TEXT)};
#undef DEMARC_TEXT
  return texts[static_cast<unsigned>(drop)];
}

// What the peer's SDP said last that it does (RFC 8866 section 6.7).
enum class MediaDirection : uint8_t { unknown, sendrecv, sendonly, recvonly, inactive };

// What an m-line is for (RFC 8866 section 5.14).
#define DEMARC_MEDIA_KINDS(X) X(other) X(audio) X(video) X(text) X(application) X(message) X(image)

#define DEMARC_ENUMERATOR(name) name,
enum class MediaKind : uint8_t { DEMARC_MEDIA_KINDS(DEMARC_ENUMERATOR) count };
#undef DEMARC_ENUMERATOR

constexpr std::string_view spelling(MediaKind kind) {
#define DEMARC_TEXT(name) #name,
  constexpr std::string_view names[] = {DEMARC_MEDIA_KINDS(DEMARC_TEXT)};
#undef DEMARC_TEXT
  return names[kind < MediaKind::count ? static_cast<unsigned>(kind) : 0];
}

// How the source of what arrives was decided.
enum class MediaSource : uint8_t {
  signalled,  // only the address and port in SDP
  learning,   // nothing learnt yet; the signalled one may send
  learnt,     // another one than signalled
};

inline constexpr uint8_t no_payload_type = 0xff;

// What a stream may be coded with, as far as anybody asks. An enumerator and its encoding name
// stand on one line, here only.
#define DEMARC_AUDIO_CODECS(X) \
  X(pcmu, "PCMU") \
  X(pcma, "PCMA") \
  X(g722, "G722") \
  X(g723, "G723") \
  X(g726_32, "G726-32") \
  X(g728, "G728") \
  X(g729, "G729") \
  X(gsm, "GSM") \
  X(gsm_efr, "GSM-EFR") \
  X(ilbc, "iLBC") \
  X(amr, "AMR") \
  X(amr_wb, "AMR-WB") \
  X(opus, "opus") \
  X(silk, "SILK")

#define DEMARC_ENUMERATOR(name, encoding) name,
enum class AudioCodec : uint8_t { unknown, DEMARC_AUDIO_CODECS(DEMARC_ENUMERATOR) count };
#undef DEMARC_ENUMERATOR

// The encoding name of its rtpmap; empty for `unknown` and for what is none.
constexpr std::string_view encoding_of(AudioCodec codec) {
#define DEMARC_TEXT(name, encoding) encoding,
  constexpr std::string_view names[] = {"", DEMARC_AUDIO_CODECS(DEMARC_TEXT)};
#undef DEMARC_TEXT
  return codec < AudioCodec::count ? names[static_cast<unsigned>(codec)] : std::string_view{};
}

// A name of at most eight octets as one word, in lower case.
constexpr uint64_t encoding_word(std::string_view encoding) {
  uint64_t word = 0;
  for (const char c : encoding) word = word << 8 | static_cast<uint8_t>(ascii::to_lower(c));
  return word;
}
inline constexpr auto encoding_words = [] {
  std::array<uint64_t, static_cast<unsigned>(AudioCodec::count)> words = {};
  for (unsigned i = 1; i < words.size(); ++i) {
    words[i] = encoding_word(encoding_of(static_cast<AudioCodec>(i)));
  }
  return words;
}();

// Of an encoding name, whose case does not matter (RFC 8866 section 6.6).
inline AudioCodec audio_codec(std::string_view encoding) {
  if (encoding.empty() || encoding.size() > sizeof(uint64_t)) return AudioCodec::unknown;
  const uint64_t word = encoding_word(encoding);
  for (unsigned i = 1; i < encoding_words.size(); ++i) {
    if (encoding_words[i] == word) return static_cast<AudioCodec>(i);
  }
  return AudioCodec::unknown;
}

// Of a payload type that needs no rtpmap (RFC 3551 section 6).
constexpr AudioCodec static_codec(uint8_t payload_type) {
  switch (payload_type) {
    case 0:
      return AudioCodec::pcmu;
    case 3:
      return AudioCodec::gsm;
    case 4:
      return AudioCodec::g723;
    case 8:
      return AudioCodec::pcma;
    case 9:
      return AudioCodec::g722;
    case 15:
      return AudioCodec::g728;
    case 18:
      return AudioCodec::g729;
    default:
      return AudioCodec::unknown;
  }
}

// Of one m-line. "in" is what arrived from that leg's peer. packets_in + made = packets_relayed +
// absorbed + the sum of drops. Counts are of RTP and RTCP together unless named.
struct MediaSummary {
  uint64_t packets_in = 0;
  uint64_t octets_in = 0;        // payload octets
  uint64_t packets_relayed = 0;  // sent on to the other leg
  uint64_t packets_dropped = 0;  // the sum of `drops`
  uint32_t made = 0;             // by us, to the other leg
  uint32_t absorbed = 0;         // taken by the box: it acts on them
  std::array<uint32_t, media_drop_count> drops = {};

  // Quality as it arrives here, of RTP.
  uint32_t rtp_expected = 0;  // by the peer's sequence numbers (RFC 3550 appendix A.3)
  uint32_t rtp_lost = 0;      // of those
  uint32_t rtp_duplicate = 0;
  uint32_t rtp_late = 0;                   // behind a later one
  uint32_t loss_runs = 0;                  // runs of packets that were lost in a row
  uint32_t bursts = 0;                     // RFC 3611 section 4.7.2 with Gmin 16
  uint32_t burst_packets = 0;              // expected within them
  uint32_t burst_lost = 0;                 // lost within them
  uint32_t jitter_us = 0;                  // RFC 3550 appendix A.8
  uint32_t round_trip_us = 0;              // between us and this peer, by RTCP; 0: not measured
  uint32_t clock_rate_hz = 0;              // of RTP; 0: it is none (T.38)
  uint8_t payload_type = no_payload_type;  // of the codec that was heard last
  MediaDirection direction = MediaDirection::unknown;
  MediaSource source = MediaSource::signalled;
  uint8_t streams = 0;                     // m-lines of the call that carry media; 0: none does
  AudioCodec codec = AudioCodec::unknown;  // of payload_type, by the peers' SDP
  uint8_t media_index = 0;                 // of the m-line in SDP, from 0
  MediaKind kind = MediaKind::other;
  bool is_off = false;       // the last answer left its m-line out, or none has taken it yet
  bool is_bypassed = false;  // the call's media goes from peer to peer, past us; streams is 0

  uint64_t first_packet_unix_ns = 0;  // RTP that was let in; 0: none
  uint64_t last_packet_unix_ns = 0;   // RTP or RTCP that was let in; 0: none
  Endpoint local;                     // ours, facing the peer; port 0 when the call has no media
  Endpoint remote;                    // the peer's, as signalled; port 0: none
  Endpoint seen;                      // where the peer's media comes from; port 0: nowhere yet
  Endpoint refused;                   // who was refused last; port 0: nobody
};

}  // namespace demarc::contract
