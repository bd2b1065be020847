// T.38 fax in SDP: the attributes of "m=image ... udptl t38" (ITU-T T.38 annex D, RFC 7345).
//
// Called by the printer and by whoever negotiates fax, on the worker that owns the call. A plain
// value: what it says goes out as our own lines.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/sdp/sdp.h"
#include "sip-parser/sdp/value.h"

namespace demarc::sdp {

inline constexpr uint8_t max_t38_version = 9;
inline constexpr uint32_t max_t38_bit_rate = 1'000'000;
inline constexpr uint32_t max_t38_octets = 65535;  // of buffers and datagrams

enum class T38RateManagement : uint8_t { none, local_tcf, transferred_tcf };
enum class T38ErrorCorrection : uint8_t { none, no_ec, redundancy, fec };

struct T38 {
  bool has_version = false;
  uint8_t version = 0;
  uint32_t max_bit_rate = 0;  // 0: not named, as in all that follow
  bool fill_bit_removal = false;
  bool transcoding_mmr = false;
  bool transcoding_jbig = false;
  T38RateManagement rate_management = T38RateManagement::none;
  uint32_t max_buffer_octets = 0;
  uint32_t max_datagram_octets = 0;
  uint32_t max_ifp_octets = 0;
  T38ErrorCorrection error_correction = T38ErrorCorrection::none;
};

// Reads one attribute into `t38`. Flags are there without a value, or with ":1"; ":0" takes them
// back. Names of rates and methods are compared without case, as gateways write them in every way.
// False when it is no attribute of T.38 or its value is unreadable; `t38` is then as before.
bool read_t38(const Attribute& attribute, std::string_view body, T38& t38);
// All of a media description. What is unreadable is left out: it says nothing that could be relied
// on, and every attribute has a default (T.38 annex D).
T38 t38_of(const Description& description, const Media& media, std::string_view body);

std::string_view spelling(T38RateManagement management);
std::string_view spelling(T38ErrorCorrection correction);

}  // namespace demarc::sdp
