#include "dataplane/call/transfers/session_fit.h"

#include <algorithm>
#include <span>

#include "sip-parser/base/ascii.h"

namespace demarc::call::transfers {
namespace {

using sdp::Format;
using sdp::Media;

std::span<const Format> formats_of(const Media& media) {
  return {media.formats.data(), media.format_count};
}

bool is_rtp(const Media& media) {
  return sdp::is_rtp(media.protocol);
}

// Keys are each leg's own (decision D31), so that it is all the same whether a line names them.
bool is_of_one_protocol(const Media& one, const Media& other) {
  if (!is_rtp(one) || !is_rtp(other)) return one.protocol == other.protocol;
  return sdp::has_feedback(one.protocol) == sdp::has_feedback(other.protocol);
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
  if (other.media.port == 0 || !is_of_one_protocol(shown.media, other.media)) return false;
  for (const Format& format : formats_of(shown.media)) {
    const bool may_be_sent = has_format(own, format, shown.body, false);
    if (may_be_sent && !has_format(other, format, shown.body, true)) return false;
  }
  return true;
}

bool is_event(const Format& format, std::string_view body) {
  return ascii::iequals(sdp::codec_of(format, body).encoding, "telephone-event");
}

// The formats that the offered line has, too. False when none of them carries media.
bool keep_common(Media& own, std::string_view own_body, const Line& offered) {
  const unsigned count = own.format_count;
  bool has_media = false;
  own.format_count = 0;
  for (unsigned i = 0; i < count; ++i) {
    const Format& format = own.formats[i];
    if (!has_format(offered, format, own_body, false)) continue;
    has_media |= !is_rtp(own) || !is_event(format, own_body);
    own.formats[own.format_count++] = format;
  }
  return has_media;
}

bool is_carried(const Media& media) {
  return media.port != 0 && (is_rtp(media) || media.protocol == sdp::Protocol::udptl);
}

// Whether the one can answer the other, once it names the other's profile: with keys or without.
bool is_of_kind(const Media& own, const Media& offered) {
  return own.type == offered.type && is_rtp(own) == is_rtp(offered) &&
         sdp::has_feedback(own.protocol) == sdp::has_feedback(offered.protocol);
}

}  // namespace

bool narrow(sdp::Description& own, std::string_view own_body, const Said& offer) {
  own.media_count = std::min(own.media_count, offer.description.media_count);
  bool is_any_on = false;
  for (unsigned i = 0; i < own.media_count; ++i) {
    Media& line = own.media[i];
    const Media& offered = offer.description.media[i];
    const uint8_t formats = line.format_count;
    const bool is_on = is_carried(line) && is_carried(offered) && is_of_kind(line, offered) &&
                       keep_common(line, own_body, {offered, offer.body});
    if (!is_on) {
      line.port = 0;
      line.format_count = std::min<uint8_t>(formats, 1);
      continue;
    }
    line.direction =
        sdp::answer_to(offer.description.direction_of(offered), own.direction_of(line));
    line.has_direction = true;
    line.has_rtcp_mux = line.has_rtcp_mux && offered.has_rtcp_mux;
    is_any_on = true;
  }
  return is_any_on;
}

bool fits(const Said& shown, const Said& own, const Said& other) {
  // A line that one of them does not have is off.
  static constexpr Media none;
  const unsigned count = std::max(
      {shown.description.media_count, own.description.media_count, other.description.media_count});
  const auto line = [](const Said& said, unsigned index) {
    const bool is_there = index < said.description.media_count;
    return Line{is_there ? said.description.media[index] : none, said.body};
  };
  for (unsigned i = 0; i < count; ++i) {
    const Line was = line(shown, i);
    const Line is = line(other, i);
    if (!fits_line(was, line(own, i), is)) return false;
    if (is.media.port == 0) continue;
    if (shown.description.direction_of(was.media) != other.description.direction_of(is.media)) {
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
