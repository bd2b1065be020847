// Cold: what of a direction is rarely written, apart from the lines that packets touch.
//
// One Cold and one Folded for both slots of a direction, under its row (row_of_slot). Written by
// Table and by the stages of relay; one worker only.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/media/slot.h"

namespace demarc::media {

// Counts since the direction was opened, of RTP and RTCP together, beyond those of the slots' lines
// 2 and 3. Every packet that came or was made was either relayed or is in exactly one of the drops:
// in + made = relayed + drops.
struct SlowCounts {
  uint32_t made = 0;                  // packets of our own that leave this way
  uint32_t absorbed = 0;              // taken by the work stage, which gave nothing for it
  uint32_t drop_learning = 0;         // good, of a source that may yet be learnt
  uint32_t drop_unauthenticated = 0;  // SRTP with a wrong tag or MKI
  uint32_t drop_replayed = 0;         // SRTP that came before, or too late to tell
  uint32_t drop_no_key = 0;           // SRTP whose key was not known yet
  uint32_t drop_key_spent = 0;        // index used before, or the key has had all that it may
};

struct Cold {
  contract::Endpoint source_out;  // ours, on the other side, of RTP
  // RTCP leaves by the port of RTP (RFC 5761), and not by the next one.
  bool is_muxed_out = false;
  uint32_t source = no_row;  // of the Source; none where the sender is fixed
  SlowCounts counts;
};

// What fold() has counted at the trunk of a direction, of RTP and RTCP together, modulo 2^32: it
// comes each second, and what one stream brings in that time is far less.
struct Folded {
  uint32_t packets_in = 0;
  uint32_t octets_in = 0;
  uint32_t packets_out = 0;
  uint32_t octets_out = 0;
  uint32_t lost = 0;
  uint32_t drop_wrong_source = 0;
  uint32_t drop_not_ready = 0;
  uint32_t drop_malformed = 0;
  uint32_t drop_no_route = 0;
  uint32_t drop_tx_full = 0;
  SlowCounts counts;
};

}  // namespace demarc::media
