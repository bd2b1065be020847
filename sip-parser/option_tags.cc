#include "sip-parser/option_tags.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "sip-parser/base/ascii.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view words[] = {"100rel",
                                      "199",
                                      "answermode",
                                      "early-session",
                                      "eventlist",
                                      "explicitsub",
                                      "from-change",
                                      "geolocation-http",
                                      "geolocation-sip",
                                      "gin",
                                      "gruu",
                                      "histinfo",
                                      "ice",
                                      "join",
                                      "multiple-refer",
                                      "norefersub",
                                      "nosub",
                                      "outbound",
                                      "path",
                                      "policy",
                                      "precondition",
                                      "pref",
                                      "privacy",
                                      "recipient-list-invite",
                                      "recipient-list-message",
                                      "recipient-list-subscribe",
                                      "record-aware",
                                      "replaces",
                                      "resource-priority",
                                      "sdp-anat",
                                      "sec-agree",
                                      "siprec",
                                      "tdialog",
                                      "timer",
                                      "trickle-ice",
                                      "uui"};
static_assert(std::size(words) == static_cast<size_t>(OptionTag::other));
static_assert(static_cast<unsigned>(OptionTag::other) < 64, "EnumSet has 64 bits");

static_assert(std::is_sorted(std::begin(words), std::end(words)));

// Which of the words begin with each octet below 128, and where those of the next one begin.
constexpr std::array<uint8_t, 129> begins = [] {
  std::array<uint8_t, 129> table{};
  for (const std::string_view word : words) ++table[static_cast<uint8_t>(word.front()) + 1u];
  for (size_t i = 1; i < table.size(); ++i) {
    table[i] = static_cast<uint8_t>(table[i] + table[i - 1]);
  }
  return table;
}();

}  // namespace

std::string_view spelling(OptionTag tag) {
  return word_of(tag, words);
}

OptionTag option_tag(std::string_view token) {
  if (token.empty()) return OptionTag::other;
  const auto first = static_cast<uint8_t>(ascii::to_lower(token.front()));
  if (first >= begins.size() - 1) return OptionTag::other;
  for (size_t i = begins[first]; i < begins[first + 1u]; ++i) {
    if (ascii::iequals(token, words[i])) return static_cast<OptionTag>(i);
  }
  return OptionTag::other;
}

Result<OptionTags, ValueError> parse_option_tags(Span value, std::string_view datagram) {
  OptionTags tags;
  OptionTag tag{};
  Span token;
  OptionTagCursor cursor(value, datagram);
  while (cursor.next(tag, token)) {
    if (tag == OptionTag::other) {
      ++tags.unknown_count;
    } else {
      tags.known.add(tag);
    }
  }
  if (cursor.failed()) return Fail{ValueError::bad_syntax};
  return tags;
}

Result<OptionTags, ValueError> option_tags_of(const Message& message, HeaderName name,
                                              std::string_view datagram) {
  OptionTags all;
  for (const HeaderField* field = message.first(name); field != nullptr;
       field = message.next(*field)) {
    const Result<OptionTags, ValueError> tags = parse_option_tags(field->value, datagram);
    if (!tags) return Fail{tags.error()};
    all.known.add(tags->known);
    all.unknown_count = static_cast<uint16_t>(all.unknown_count + tags->unknown_count);
  }
  return all;
}

}  // namespace demarc::sip
