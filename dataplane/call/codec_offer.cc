#include <algorithm>
#include <bitset>

#include "dataplane/call/codec_kind.h"

// An offer on its way across a call.

namespace demarc::call {
namespace {

using contract::AddedCodecs;
using media::no_payload_type;

constexpr uint8_t usual_event_number = 101;
constexpr uint8_t first_dynamic_number = 96;  // RFC 3551 section 6

// What is offered on, in the making.
class Offering {
 public:
  Offering(const AudioLine& offer, const RulePair& rules, Choice& choice)
      : offer_(offer), rules_(rules), choice_(choice) {}

  ChosenFormats run() {
    choice_.count = 0;
    choice_.maxptime_ms = offer_.media.maxptime_ms;
    read();
    sort();
    add_other_law();
    keep_what_goes_with_audio();
    add_events();
    add_noise();
    return print();
  }

 private:
  ChosenFormat* add(const ChosenFormat& format) {
    if (choice_.count == Choice::max_rows) return nullptr;
    sources_[choice_.count] = nullptr;
    choice_.rows[choice_.count] = format;
    return &choice_.rows[choice_.count++];
  }

  void read() {
    for (unsigned i = 0; i < offer_.media.format_count; ++i) {
      const sdp::Format& format = offer_.media.formats[i];
      numbers_.set(format.payload_type);
      const sdp::Codec codec = sdp::codec_of(format, offer_.body);
      const Kind kind = kind_of(codec);
      ChosenFormat row{.codec = id_of(codec),
                       .clock_rate_hz = codec.clock_rate_hz,
                       .own = format.payload_type,
                       .shown = format.payload_type,
                       .kind = kind};
      if (kind == Kind::event && !rules_.offerer.takes_events()) continue;
      if (is_audio(kind)) {
        if (!rules_.offerer.allows(codec.encoding)) continue;
        // What only the other side does not take may still be what something is made of.
        if (!rules_.answerer.allows(codec.encoding)) row.shown = no_payload_type;
        if (row.shown == no_payload_type && !is_g711(kind)) continue;
      }
      if (kind == Kind::event && !rules_.answerer.takes_events()) row.shown = no_payload_type;
      if (add(row) != nullptr) sources_[choice_.count - 1] = &format;
    }
  }

  // In the order of the trunk that gets the offer; of what it does not name, in that of the offer.
  void sort() {
    std::array<unsigned, Choice::max_rows> ranks{};
    for (unsigned i = 0; i < choice_.count; ++i) {
      const bool is_named = is_audio(choice_.rows[i].kind) && sources_[i] != nullptr;
      ranks[i] = is_named ? rules_.answerer.rank(sdp::codec_of(*sources_[i], offer_.body).encoding)
                          : CodecRules::not_named + 1;
    }
    for (unsigned i = 1; i < choice_.count; ++i) {
      for (unsigned k = i; k > 0 && ranks[k] < ranks[k - 1]; --k) {
        std::swap(ranks[k], ranks[k - 1]);
        std::swap(choice_.rows[k], choice_.rows[k - 1]);
        std::swap(sources_[k], sources_[k - 1]);
      }
    }
  }

  const ChosenFormat* find(Kind kind) const {
    for (unsigned i = 0; i < choice_.count; ++i) {
      if (choice_.rows[i].kind == kind && !choice_.rows[i].is_added) return &choice_.rows[i];
    }
    return nullptr;
  }

  void add_other_law() {
    const uint8_t added =
        rules_.answerer.policy == nullptr ? uint8_t{0} : rules_.answerer.policy->added;
    for (const Kind kind : {Kind::pcmu, Kind::pcma}) {
      const uint8_t bit = kind == Kind::pcmu ? AddedCodecs::pcmu : AddedCodecs::pcma;
      const ChosenFormat* source = find(other_law(kind));
      const ChosenFormat* present = find(kind);
      if ((added & bit) == 0 || source == nullptr || present != nullptr) continue;
      const ChosenFormat* row = add({.codec = id_of(g711_codec(kind)),
                                     .clock_rate_hz = g711_rate_hz,
                                     .own = source->own,
                                     .shown = free_number(static_number(kind)),
                                     .kind = kind,
                                     .is_added = true});
      if (row != nullptr) put_in_place(g711_codec(kind).encoding);
    }
  }

  // The last row moves before those audio rows that the trunk likes less, and before what is no
  // audio.
  void put_in_place(std::string_view encoding) {
    const unsigned rank = rules_.answerer.rank(encoding);
    for (unsigned k = choice_.count - 1u; k > 0; --k) {
      const ChosenFormat& before = choice_.rows[k - 1];
      const bool goes_before =
          !is_audio(before.kind) ||
          (sources_[k - 1] != nullptr &&
           rank < rules_.answerer.rank(sdp::codec_of(*sources_[k - 1], offer_.body).encoding));
      if (!goes_before) return;
      std::swap(choice_.rows[k], choice_.rows[k - 1]);
      std::swap(sources_[k], sources_[k - 1]);
    }
  }

  bool has_audio_of(uint32_t rate) const {
    return std::any_of(choice_.rows.begin(), choice_.rows.begin() + choice_.count,
                       [rate](const ChosenFormat& row) {
                         return is_audio(row.kind) && row.shown != no_payload_type &&
                                row.clock_rate_hz == rate;
                       });
  }

  bool is_offered_of(uint32_t rate) const {
    for (unsigned i = 0; i < offer_.media.format_count; ++i) {
      const sdp::Codec codec = sdp::codec_of(offer_.media.formats[i], offer_.body);
      if (is_audio(kind_of(codec)) && codec.clock_rate_hz == rate) return true;
    }
    return false;
  }

  // telephone-event and CN of a clock rate whose audio was stripped go with it (RFC 4733 section
  // 2.1, RFC 3389 section 4).
  void keep_what_goes_with_audio() {
    unsigned kept = 0;
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      const bool is_lost = !is_audio(row.kind) && is_offered_of(row.clock_rate_hz) &&
                           !has_audio_of(row.clock_rate_hz);
      if (is_lost) continue;
      choice_.rows[kept] = row;
      sources_[kept++] = sources_[i];
    }
    choice_.count = static_cast<uint8_t>(kept);
  }

  // Under the number that the trunk wants. Where the offerer has no events, or only those of
  // another clock, they are made for the side that takes them.
  void add_events() {
    if (!rules_.answerer.takes_events()) return;
    bool has_event = false;
    for (unsigned i = 0; i < choice_.count; ++i) {
      ChosenFormat& row = choice_.rows[i];
      if (row.kind != Kind::event) continue;
      has_event |= has_audio_of(row.clock_rate_hz);
      const uint8_t wanted = wanted_event_number();
      if (wanted != 0 && row.clock_rate_hz == g711_rate_hz && !numbers_.test(wanted)) {
        row.shown = wanted;
        numbers_.set(wanted);
      }
    }
    const ChosenFormat* source = find(Kind::event);
    const bool is_made = source != nullptr || !rules_.offerer.takes_events();
    if (has_event || !is_made) return;
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& audio = choice_.rows[i];
      const uint32_t rate = audio.clock_rate_hz;
      if (!is_audio(audio.kind) || audio.shown == no_payload_type || rate % 1000 != 0) continue;
      if (rate > 96000) continue;
      add({.codec = id_of({event_name, rate, 1}),
           .clock_rate_hz = rate,
           .own = source == nullptr ? no_payload_type : source->own,
           .shown =
               free_number(wanted_event_number() != 0 ? wanted_event_number() : usual_event_number),
           .kind = Kind::event,
           .is_added = true});
      return;
    }
  }

  // CN for the side whose trunk has it; where the offerer has none, noise is made of it.
  void add_noise() {
    const bool is_wanted = rules_.answerer.policy != nullptr && rules_.answerer.policy->takes_noise;
    if (!is_wanted) return;
    bool has_g711 = false;
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (row.kind == Kind::noise && row.clock_rate_hz == g711_rate_hz) return;
      has_g711 |= is_g711(row.kind) && row.shown != no_payload_type;
    }
    if (!has_g711) return;
    add({.codec = id_of(noise_codec),
         .clock_rate_hz = g711_rate_hz,
         .shown = free_number(noise_number),
         .kind = Kind::noise,
         .is_added = true});
  }

  uint8_t wanted_event_number() const {
    return rules_.answerer.policy == nullptr ? uint8_t{0}
                                             : rules_.answerer.policy->event_payload_type;
  }

  // That one, or one that nothing in the offer has.
  uint8_t free_number(uint8_t wanted) {
    uint8_t number = wanted;
    if (numbers_.test(number)) {
      number = first_dynamic_number;
      while (number < sdp::max_payload_type && numbers_.test(number)) ++number;
    }
    numbers_.set(number);
    return number;
  }

  static sdp::Codec codec_of(const ChosenFormat& added) {
    if (added.kind == Kind::event) return {event_name, added.clock_rate_hz, 1};
    return added.kind == Kind::noise ? noise_codec : g711_codec(added.kind);
  }

  ChosenFormats print() const {
    ChosenFormats chosen;
    bool has_audio = false;
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (row.shown == no_payload_type) continue;
      has_audio |= is_audio(row.kind);
      sdp::PrintedFormat& format = chosen.formats[chosen.count++];
      if (sources_[i] != nullptr) format = sdp::printed_format(*sources_[i], offer_.body);
      format.payload_type = row.shown;
      if (sources_[i] != nullptr) continue;
      format.codec = codec_of(row);
      if (row.kind == Kind::event) format.fmtp = digits_fmtp;
    }
    if (!has_audio) chosen.count = 0;
    return chosen;
  }

  const AudioLine& offer_;
  const RulePair& rules_;
  Choice& choice_;
  std::bitset<256> numbers_;
  std::array<const sdp::Format*, Choice::max_rows> sources_ = {};  // nullptr: of our own making
};

}  // namespace

ChosenFormats choose_offer(const AudioLine& offer, const RulePair& rules, Choice& choice) {
  return Offering(offer, rules, choice).run();
}

}  // namespace demarc::call
