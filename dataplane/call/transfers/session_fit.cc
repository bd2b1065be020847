#include "dataplane/call/transfers/session_fit.h"

#include <algorithm>
#include <span>

namespace demarc::call::transfers {
namespace {

using sdp::Format;
using sdp::Media;

std::span<const Format> formats_of(const Media& media) {
  return {media.formats.data(), media.format_count};
}

bool is_rtp(const Media& media) {
  return media.protocol == sdp::Protocol::rtp_avp || media.protocol == sdp::Protocol::rtp_avpf;
}

struct Line {
  const Media& media;
  std::string_view body;
};

// Whether the line has this format of another body: of RTP the same codec, else the same word.
// `needs_number`: under the same payload type.
bool has_format(const Line& line, const Format& format, std::string_view body, bool needs_number) {
  const std::span<const Format> formats = formats_of(line.media);
  return std::any_of(formats.begin(), formats.end(), [&](const Format& one) {
    if (!is_rtp(line.media)) return text(one.text, line.body) == text(format.text, body);
    if (needs_number && one.payload_type != format.payload_type) return false;
    const sdp::Codec a = sdp::codec_of(one, line.body);
    const sdp::Codec b = sdp::codec_of(format, body);
    // What nobody has named is known by its number alone.
    if (a.encoding.empty() || b.encoding.empty()) return one.payload_type == format.payload_type;
    return sdp::is_same(a, b);
  });
}

bool fits_line(const Line& shown, const Line& own, const Line& other) {
  // Off on the peer's side stays off.
  if (own.media.port == 0 || shown.media.port == 0) return other.media.port == 0;
  if (other.media.port == 0 || shown.media.protocol != other.media.protocol) return false;
  for (const Format& format : formats_of(shown.media)) {
    const bool may_be_sent = has_format(own, format, shown.body, false);
    if (may_be_sent && !has_format(other, format, shown.body, true)) return false;
  }
  return true;
}

}  // namespace

bool fits(const Said& shown, const Said& own, const Said& other) {
  const unsigned count = shown.description.media_count;
  if (own.description.media_count != count || other.description.media_count != count) return false;
  for (unsigned i = 0; i < count; ++i) {
    const Media& was = shown.description.media[i];
    const Media& is = other.description.media[i];
    if (!fits_line({was, shown.body}, {own.description.media[i], own.body}, {is, other.body})) {
      return false;
    }
    const bool is_on = is.port != 0;
    if (is_on && shown.description.direction_of(was) != other.description.direction_of(is)) {
      return false;
    }
  }
  return true;
}

uint16_t held_lines(const Said& shown) {
  static_assert(sdp::max_media <= 16);
  uint16_t lines = 0;
  for (unsigned i = 0; i < shown.description.media_count; ++i) {
    if (is_hold(shown.description, shown.description.media[i], shown.body)) {
      lines = static_cast<uint16_t>(lines | 1u << i);
    }
  }
  return lines;
}

}  // namespace demarc::call::transfers
