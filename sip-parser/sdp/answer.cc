#include "sip-parser/sdp/answer.h"

#include "sip-parser/base/ascii.h"

namespace demarc::sdp {
namespace {

bool is_same_format(const Format& a, std::string_view a_body, const Format& b,
                    std::string_view b_body) {
  const Codec a_codec = codec_of(a, a_body);
  const Codec b_codec = codec_of(b, b_body);
  if (!a_codec.encoding.empty() && !b_codec.encoding.empty()) return is_same(a_codec, b_codec);
  if (!a_codec.encoding.empty() || !b_codec.encoding.empty()) return false;
  return a.payload_type == b.payload_type &&
         (a.payload_type != no_payload_type ||
          ascii::iequals(text(a.text, a_body), text(b.text, b_body)));
}

bool is_same_protocol(const Media& a, std::string_view a_body, const Media& b,
                      std::string_view b_body) {
  if (a.protocol != b.protocol) return false;
  return a.protocol != Protocol::other ||
         text(a.protocol_text, a_body) == text(b.protocol_text, b_body);
}

// Of the formats alone.
AnswerFault check_formats(const Media& offered, std::string_view offer_body, const Media& answered,
                          std::string_view answer_body) {
  unsigned common = 0;
  for (unsigned i = 0; i < answered.format_count; ++i) {
    if (find_format(offered, offer_body, answered.formats[i], answer_body) != nullptr) ++common;
  }
  if (common == 0) return AnswerFault::no_common_format;
  return common == answered.format_count ? AnswerFault::none : AnswerFault::added_format;
}

AnswerFault check(const Described& offer, const Described& answer, unsigned index) {
  const Media& offered = offer.description.media[index];
  const Media& answered = answer.description.media[index];
  if (text(offered.media, offer.body) != text(answered.media, answer.body)) {
    return AnswerFault::media_type;
  }
  if (!is_same_protocol(offered, offer.body, answered, answer.body)) return AnswerFault::protocol;
  if (answered.port == 0) return AnswerFault::none;
  if (offered.port == 0) return AnswerFault::revived;
  const AnswerFault formats = check_formats(offered, offer.body, answered, answer.body);
  if (formats == AnswerFault::no_common_format) return formats;
  const Direction direction = answer.description.direction_of(answered);
  if (answer_to(offer.description.direction_of(offered), direction) != direction) {
    return AnswerFault::wrong_direction;
  }
  return formats;
}

}  // namespace

const Format* find_format(const Media& media, std::string_view body, const Format& wanted,
                          std::string_view wanted_body) {
  for (unsigned i = 0; i < media.format_count; ++i) {
    if (is_same_format(media.formats[i], body, wanted, wanted_body)) return &media.formats[i];
  }
  return nullptr;
}

AnswerCheck answers(const Described& offer, const Described& answer) {
  if (offer.description.media_count != answer.description.media_count) {
    return {AnswerFault::media_count, 0};
  }
  AnswerCheck worst;
  for (unsigned i = 0; i < answer.description.media_count; ++i) {
    const AnswerFault fault = check(offer, answer, i);
    const bool is_worse =
        fault != AnswerFault::none && (worst.fault == AnswerFault::none || fault < worst.fault);
    if (is_worse) worst = {fault, static_cast<uint8_t>(i)};
  }
  return worst;
}

std::string_view spelling(AnswerFault fault) {
  switch (fault) {
    case AnswerFault::none:
      return "none";
    case AnswerFault::media_count:
      return "media_count";
    case AnswerFault::media_type:
      return "media_type";
    case AnswerFault::protocol:
      return "protocol";
    case AnswerFault::revived:
      return "revived";
    case AnswerFault::no_common_format:
      return "no_common_format";
    case AnswerFault::wrong_direction:
      return "wrong_direction";
    case AnswerFault::added_format:
      return "added_format";
    case AnswerFault::count:
      break;
  }
  return "";
}

}  // namespace demarc::sdp
