// What the media of one direction takes on the way, by what SDP says: codec, packet length, and the
// headers of RTP, UDP and IP. For limits of trunks; an estimate where a codec has no fixed rate.
//
// Called by session.cc; a pure function.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/sdp/sdp.h"

namespace demarc::call {

// Of an offer that somebody else will make: G.711 of 20 ms.
uint32_t usual_kbps(bool is_v6);

// Of all m-lines that are on, each by its first format that is a codec, in kbit/s rounded up. What
// is no audio counts as its b= line says; without one as audio whose codec is not known, which is
// like G.711.
uint32_t kbps_of(const sdp::Description& description, std::string_view body, bool is_v6);

}  // namespace demarc::call
