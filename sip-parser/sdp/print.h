// Prints session descriptions: those that a Description goes on as, and those made from nothing.
//
// Called by call/ on the worker that owns the call. SDP is never edited as text. What is printed is
// a PrintedSession and its PrintedMedia: plain values, of our own or taken from a Description, each
// checked for what it is before it is written, so that nothing in them can make a line of its own.
// The lines come in the order of RFC 8866 section 5, with CRLF. Everything is borrowed until the
// call returns.
#pragma once

#include <array>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "sip-parser/sdp/crypto.h"
#include "sip-parser/sdp/dtls.h"
#include "sip-parser/sdp/sdp.h"
#include "sip-parser/sdp/silence.h"
#include "sip-parser/sdp/t38.h"
#include "sip-parser/write.h"

namespace demarc::sdp {

// One format with its a=rtpmap and a=fmtp.
struct PrintedFormat {
  uint8_t payload_type = no_payload_type;
  std::string_view name = {};  // where there is no payload type, "t38"
  Codec codec = {};            // without an encoding no rtpmap is printed
  std::string_view fmtp = {};  // empty: none is printed
};
using PrintedFormats = std::array<PrintedFormat, max_formats>;

// One a=crypto. `key` is base64 of as many octets as the suite needs.
struct PrintedCrypto {
  uint32_t tag = 1;
  CryptoSuite suite = CryptoSuite::other;
  std::string_view key = {};
  uint8_t lifetime_exponent = 0;  // 2^n packets, 1 to 48; 0 prints none
  std::string_view mki = {};      // digits; empty prints none
  uint8_t mki_octets = 0;
};

// Any other attribute of our own making: those of ICE, a=mid, a=label, ...
struct PrintedAttribute {
  std::string_view name = {};
  std::string_view value = {};  // empty: a flag
};

struct PrintedMedia {
  std::string_view media = "audio";
  std::string_view protocol = "RTP/AVP";
  uint16_t port = 0;  // 0 prints the m= line only: refused, or off (RFC 3264 section 6)
  std::span<const PrintedFormat> formats = {};
  // c= of this media description, where its address is not that of the session; else empty.
  std::string_view address = {};
  AddressType type = AddressType::ip4;
  Bandwidths bandwidths = {};
  uint16_t ptime_ms = 0;  // 0 prints none, as for the next
  uint16_t maxptime_ms = 0;
  SilenceSuppression silence_suppression = SilenceSuppression::none;
  T38 t38 = {};  // what is at its default is not printed
  std::optional<Direction> direction = {};
  std::span<const PrintedCrypto> crypto = {};
  const Fingerprint* fingerprint = nullptr;
  Setup setup = Setup::none;
  ConnectionUse connection = ConnectionUse::none;
  uint16_t rtcp_port = 0;  // printed as a=rtcp when it is neither 0 nor port + 1
  bool rtcp_mux = false;
  std::span<const PrintedAttribute> attributes = {};
};

struct PrintedSession {
  std::string_view user_name = "-";  // of o=
  uint64_t session_id = 0;           // of o=; numeric, ours
  uint64_t session_version = 0;
  std::string_view address = {};  // text of the address for o= and c=
  AddressType type = AddressType::ip4;
  Bandwidths bandwidths = {};
  std::span<const PrintedAttribute> attributes = {};
};

// Prints a description made from nothing: an offer of our own, or an answer. False when the writer
// failed or when something is not what it should be; what was written then is of no use.
[[nodiscard]] bool print(const PrintedSession& session, std::span<const PrintedMedia> media,
                         sip::Writer& writer);

// What of a received format and of a received media description may reach the other side: formats
// with rtpmap and fmtp, b=, ptime, maxptime, direction (also of the session), rtcp-mux, silenceSupp
// and T.38. Nothing of the peer's addresses, keys, ICE, sources, names and unknown attributes.
PrintedFormat printed_format(const Format& format, std::string_view body);
// The formats go to `formats`, which the result borrows. Its port is 0.
PrintedMedia printed_media(const Description& description, const Media& media,
                           std::string_view body, PrintedFormats& formats);

// What we put into a printed description in place of the peer's own values.
struct Rewrite {
  PrintedSession session;  // its bandwidths are ignored: those of the description are printed
  struct Media {
    uint16_t port = 0;
    uint16_t rtcp_port = 0;
    bool rtcp_mux = false;       // keeps a=rtcp-mux where the peer had it
    bool adds_rtcp_mux = false;  // says it whatever the peer had: an answer of our own
    std::string_view address = {};
    AddressType type = AddressType::ip4;
    // Each in place of what was received, where it is set.
    std::string_view protocol = {};               // "RTP/SAVP"
    std::span<const PrintedFormat> formats = {};  // after the codec policy: allowed, ordered, added
    std::optional<Direction> direction = {};
    std::optional<uint16_t> ptime_ms = {};  // 0 prints none
    std::optional<uint16_t> maxptime_ms = {};
    std::optional<T38> t38 = {};
    // Ours alone, as in PrintedMedia.
    std::span<const PrintedCrypto> crypto = {};
    const Fingerprint* fingerprint = nullptr;
    Setup setup = Setup::none;
    ConnectionUse connection = ConnectionUse::none;
    std::span<const PrintedAttribute> attributes = {};
  };

  // One per media description. Further ones are not made: they are large, and most descriptions
  // have one.
  class Lines {
   public:
    explicit Lines(unsigned count) : count_(count < max_media ? count : max_media) {
      for (unsigned i = 0; i < count_; ++i) new (&lines_[i]) Media;
    }
    unsigned size() const { return count_; }
    Media& operator[](unsigned index) { return lines_[index]; }
    const Media& operator[](unsigned index) const { return lines_[index]; }
    Media* begin() { return lines_.data(); }
    Media* end() { return lines_.data() + count_; }

   private:
    static_assert(std::is_trivially_copyable_v<Media> && std::is_trivially_destructible_v<Media>);
    union {
      std::array<Media, max_media> lines_;
    };
    unsigned count_;
  };
  Lines media;

  explicit Rewrite(unsigned media_count = max_media) : media(media_count) {}
};

// Prints `description` (parsed from `body`) for the other side: printed_media() of each media
// description with `rewrite` on top. What is printed depends on the model and `rewrite` only.
// Parsing it and printing it with the same `rewrite` gives the same text. False also when `rewrite`
// has fewer lines than the description.
[[nodiscard]] bool print(const Description& description, std::string_view body,
                         const Rewrite& rewrite, sip::Writer& writer);

}  // namespace demarc::sdp
