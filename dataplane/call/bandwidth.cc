#include "dataplane/call/bandwidth.h"

#include <algorithm>

#include "sip-parser/base/ascii.h"

namespace demarc::call {
namespace {

constexpr uint32_t usual_ptime_ms = 20;
constexpr uint32_t headers_v4 = 12 + 8 + 20;  // octets of RTP, UDP and IP
constexpr uint32_t headers_v6 = 12 + 8 + 40;

struct Rate {
  std::string_view encoding;
  uint32_t bits_per_second;
};
// Of codecs with several rates the highest one that is usual in telephony.
constexpr Rate rates[] = {
    {"PCMU", 64'000},    {"PCMA", 64'000},    {"G722", 64'000},    {"G729", 8'000},
    {"G729D", 6'400},    {"G729E", 11'800},   {"G723", 6'400},     {"G728", 16'000},
    {"GSM", 13'200},     {"GSM-EFR", 12'200}, {"iLBC", 15'200},    {"AMR", 12'200},
    {"AMR-WB", 23'850},  {"EVS", 24'400},     {"opus", 40'000},    {"SILK", 40'000},
    {"speex", 24'600},   {"G7221", 32'000},   {"G726-32", 32'000}, {"G726-16", 16'000},
    {"G726-24", 24'000}, {"G726-40", 40'000}, {"SIREN", 16'000},   {"x-msrta", 45'000},
    {"L16", 128'000},
};

uint32_t bits_of(std::string_view encoding) {
  const auto* found = std::find_if(std::begin(rates), std::end(rates), [&](const Rate& rate) {
    return ascii::iequals(rate.encoding, encoding);
  });
  return found == std::end(rates) ? rates[0].bits_per_second : found->bits_per_second;
}

uint32_t with_headers(uint32_t bits_per_second, uint32_t ptime_ms, bool is_v6) {
  const uint32_t octets = is_v6 ? headers_v6 : headers_v4;
  const uint32_t bits = bits_per_second + octets * 8 * 1000 / ptime_ms;
  return (bits + 999) / 1000;
}

constexpr uint64_t most_kbps_of_a_line = 8'000;  // video in high definition

bool is_codec(std::string_view encoding) {
  return !ascii::iequals(encoding, "telephone-event") && !ascii::iequals(encoding, "CN");
}

uint32_t bits_of_audio(const sdp::Media& media, std::string_view body) {
  for (unsigned i = 0; i < media.format_count; ++i) {
    const sdp::Codec codec = sdp::codec_of(media.formats[i], body);
    if (is_codec(codec.encoding)) return bits_of(codec.encoding);
  }
  return bits_of({});
}

}  // namespace

uint32_t usual_kbps(bool is_v6) {
  return with_headers(bits_of({}), usual_ptime_ms, is_v6);
}

uint32_t kbps_of(const sdp::Description& description, std::string_view body, bool is_v6) {
  uint64_t sum = 0;
  for (unsigned i = 0; i < description.media_count; ++i) {
    const sdp::Media& media = description.media[i];
    if (media.port == 0) continue;
    const bool is_audio = media.type == sdp::MediaType::audio;
    const uint32_t ptime_ms = media.ptime_ms == 0 ? usual_ptime_ms : media.ptime_ms;
    if (!is_audio && media.bandwidths.has(sdp::BandwidthType::as)) {
      // Headers are in it (RFC 8866). A peer may write what it likes.
      sum +=
          std::min<uint64_t>(media.bandwidths.value(sdp::BandwidthType::as), most_kbps_of_a_line);
    } else {
      sum += with_headers(bits_of_audio(media, body), ptime_ms, is_v6);
    }
  }
  return static_cast<uint32_t>(sum);
}

}  // namespace demarc::call
