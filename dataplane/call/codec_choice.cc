#include "dataplane/call/codec_choice.h"

#include <algorithm>

#include "dataplane/call/codec_kind.h"

namespace demarc::call {

CodecRules rules_of(const contract::Snapshot& snapshot, contract::TrunkId trunk) {
  if (!snapshot.has_trunk(trunk)) return {};
  return {&snapshot.trunk(trunk).media.codecs, &snapshot.trunks->header};
}

bool CodecRules::allows(std::string_view encoding) const {
  return policy == nullptr || policy->allowed.count == 0 || rank(encoding) != not_named;
}

unsigned CodecRules::rank(std::string_view encoding) const {
  if (policy == nullptr) return not_named;
  const auto names = elements(*section, policy->allowed);
  for (unsigned i = 0; i < names.size(); ++i) {
    if (ascii::iequals(text(*section, names[i]), encoding)) return i;
  }
  return not_named;
}

bool CodecRules::has_any() const {
  return policy != nullptr &&
         (policy->allowed.count != 0 || policy->added != 0 || policy->ptime_ms != 0 ||
          policy->takes_noise || policy->fills_silence || policy->event_payload_type != 0 ||
          !takes_events());
}

ChosenFormats strip_line(const AudioLine& line, const RulePair& rules) {
  std::array<const sdp::Format*, Choice::max_rows> kept{};
  std::array<unsigned, Choice::max_rows> ranks{};
  unsigned count = 0;
  bool has_audio = false;
  for (unsigned i = 0; i < line.media.format_count && count < kept.size(); ++i) {
    const sdp::Format& format = line.media.formats[i];
    const sdp::Codec codec = sdp::codec_of(format, line.body);
    const Kind kind = kind_of(codec);
    const bool takes_events = rules.offerer.takes_events() && rules.answerer.takes_events();
    if (kind == Kind::event && !takes_events) continue;
    if (is_audio(kind) &&
        !(rules.offerer.allows(codec.encoding) && rules.answerer.allows(codec.encoding))) {
      continue;
    }
    has_audio |= is_audio(kind);
    // In its place among those that the trunk names; what is no audio comes behind.
    const unsigned rank =
        is_audio(kind) ? rules.answerer.rank(codec.encoding) : CodecRules::not_named + 1;
    unsigned place = count++;
    for (; place > 0 && rank < ranks[place - 1]; --place) {
      kept[place] = kept[place - 1];
      ranks[place] = ranks[place - 1];
    }
    kept[place] = &format;
    ranks[place] = rank;
  }
  ChosenFormats chosen;
  if (!has_audio) return chosen;
  for (unsigned i = 0; i < count; ++i) {
    chosen.formats[chosen.count++] = sdp::printed_format(*kept[i], line.body);
  }
  return chosen;
}

}  // namespace demarc::call
