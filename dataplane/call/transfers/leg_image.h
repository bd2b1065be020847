// LegImage: one leg of a call as another worker can go on with it (decisions D11, D60): the dialog
// and its peer, what it said and was shown of the session, and which dialog there it is to join.
// Media is not in it: ports, keys and counters stay where they are steered, and the peer is offered
// others, at the same address where that can be. Nor are timers, transactions and buffers, which
// are indexes into tables of one worker.
//
// Octets: the struct as it lies in memory, then its texts. Both sides are threads of one process;
// the version is for whoever keeps images longer than that. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/call/call.h"
#include "sip-parser/base/span.h"

namespace demarc::call::transfers {

// What is behind the struct, by Span from the first octet of the image; the texts of leg.dialog are
// there as well.
struct LegImage {
  // Counts up with each change of what is in it.
  static constexpr uint32_t current_version = 4;

  uint32_t version = current_version;
  uint32_t octets = 0;  // of all, texts included; set by write_leg()
  Leg leg;              // without transaction, timer and index
  uint64_t sdp_id = 0;  // what o= shows to the peer: id, version and what that stands for
  uint64_t sdp_version = 0;
  uint64_t sdp_hash = 0;
  uint8_t agreed_count = 0;  // m-lines of the session that is agreed with the peer
  bool is_bypassed = false;  // its media goes past us
  MediaPlaces places;        // none of media that goes past us
  Span trunk_name;
  Span said;   // the last SDP of the peer, as it was printed for who it talked to
  Span shown;  // the last that it was shown
  // The dialog in whose place it goes, as its peer names it; `named_tag` is ours.
  contract::TrunkId named_trunk = contract::TrunkId::none;
  Span named_call_id;
  Span named_tag;
  Span named_remote_tag;
  // For the record of that call: user parts.
  Span referred_to;
  Span referred_by;
};

// The texts of an image, in the order of its Spans.
struct LegTexts {
  std::string_view dialog;  // what the Spans of leg.dialog are over, before it is written
  std::string_view trunk_name;
  std::string_view said;
  std::string_view shown;
  std::string_view named_call_id;
  std::string_view named_tag;
  std::string_view named_remote_tag;
  std::string_view referred_to;
  std::string_view referred_by;
};

// The largest one.
inline constexpr size_t max_leg_octets = 65535;

// Writes it into `out`; the octets, or nothing when it does not fit. What of the leg belongs to one
// worker is left out.
std::string_view write_leg(LegImage image, const LegTexts& texts, std::span<char> out);

// Reads it. False when it is of another version, cut short or longer than it says, when a text lies
// outside of it, or when its dialog is not confirmed. The Spans are over `octets`.
[[nodiscard]] bool read_leg(std::string_view octets, LegImage& image);

}  // namespace demarc::call::transfers
