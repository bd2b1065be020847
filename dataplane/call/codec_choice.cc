#include "dataplane/call/codec_choice.h"

#include <algorithm>
#include <bitset>

#include "sip-parser/base/ascii.h"

namespace demarc::call {
namespace {

using contract::AddedCodecs;
using contract::Dtmf;
using media::CodecPlan;
using media::Law;
using media::no_payload_type;
using media::PlanRow;
using media::Treatment;
using Kind = ChosenFormat::Kind;

constexpr unsigned not_named = 255;
constexpr uint8_t usual_event_number = 101;
constexpr uint8_t first_dynamic_number = 96;  // RFC 3551 section 6
constexpr uint32_t g711_rate_hz = 8000;
constexpr std::string_view event_name = "telephone-event";
constexpr std::string_view digits_fmtp = "0-15";

// FNV-1a without case. Two codecs of one m-line that collide harm nobody but who made them so.
uint32_t id_of(const sdp::Codec& codec) {
  uint32_t hash = 2166136261;
  const auto add = [&hash](uint32_t octet) { hash = (hash ^ (octet & 0xff)) * 16777619; };
  for (const char c : codec.encoding) add(static_cast<uint8_t>(ascii::to_lower(c)));
  for (unsigned shift = 0; shift < 32; shift += 8) add(codec.clock_rate_hz >> shift);
  add(codec.channels);
  return hash;
}

Kind kind_of(const sdp::Codec& codec) {
  if (codec.channels != 1) return Kind::other;
  if (ascii::iequals(codec.encoding, event_name)) return Kind::event;
  if (ascii::iequals(codec.encoding, "CN")) return Kind::noise;
  if (codec.clock_rate_hz != g711_rate_hz) return Kind::other;
  if (ascii::iequals(codec.encoding, "PCMU")) return Kind::pcmu;
  return ascii::iequals(codec.encoding, "PCMA") ? Kind::pcma : Kind::other;
}

constexpr bool is_audio(Kind kind) {
  return kind != Kind::event && kind != Kind::noise;
}
constexpr bool is_g711(Kind kind) {
  return kind == Kind::pcmu || kind == Kind::pcma;
}
constexpr Law law_of(Kind kind) {
  return kind == Kind::pcma ? Law::a : Law::mu;
}
constexpr Kind other_law(Kind kind) {
  return kind == Kind::pcmu ? Kind::pcma : Kind::pcmu;
}
constexpr sdp::Codec g711_codec(Kind kind) {
  return {kind == Kind::pcmu ? "PCMU" : "PCMA", g711_rate_hz, 1};
}
constexpr uint8_t static_number(Kind kind) {
  return kind == Kind::pcmu ? uint8_t{0} : uint8_t{8};
}

// What is offered on, in the making.
class Offering {
 public:
  Offering(const AudioLine& offer, const RulePair& rules, Choice& choice)
      : offer_(offer), rules_(rules), choice_(choice) {}

  ChosenFormats run() {
    choice_.count = 0;
    read();
    sort();
    add_other_law();
    keep_what_goes_with_audio();
    add_events();
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
                          : not_named + 1;
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
      format.codec = row.kind == Kind::event ? sdp::Codec{event_name, row.clock_rate_hz, 1}
                                             : g711_codec(row.kind);
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

// The answer on its way back, in the making.
class Answering {
 public:
  Answering(const AudioLine& answer, const RulePair& rules, const Choice& choice)
      : answer_(answer), rules_(rules), choice_(choice) {}

  AnsweredCodecs run() {
    taken_.fill(no_payload_type);
    told_.fill(no_payload_type);
    for (unsigned i = 0; i < answer_.media.format_count; ++i) take(answer_.media.formats[i]);
    if (!has_audio_) return {};
    take_digits();
    take_noise();
    plan();
    return answered_;
  }

 private:
  bool is_told(uint8_t number) const {
    const auto formats = answered_.formats.view();
    return std::any_of(formats.begin(), formats.end(), [number](const sdp::PrintedFormat& one) {
      return one.payload_type == number;
    });
  }

  void tell(unsigned row, uint8_t number, const sdp::PrintedFormat& format) {
    told_[row] = number;
    if (is_told(number) || answered_.formats.count == sdp::max_formats) return;
    sdp::PrintedFormat& told = answered_.formats.formats[answered_.formats.count++];
    told = format;
    told.payload_type = number;
  }

  // One format of the answer. What was never offered is left out (RFC 3264 section 6.1).
  void take(const sdp::Format& format) {
    const uint32_t codec = id_of(sdp::codec_of(format, answer_.body));
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (row.codec != codec || row.shown == no_payload_type) continue;
      if (taken_[i] != no_payload_type) continue;
      taken_[i] = format.payload_type;
      has_audio_ |= is_audio(row.kind);
      if (row.own == no_payload_type) return;  // the offerer has nothing like it
      sdp::PrintedFormat printed = sdp::printed_format(format, answer_.body);
      if (row.is_added) {
        printed.codec =
            row.kind == Kind::event ? codec_of_event(row.own) : g711_codec(other_law(row.kind));
      }
      // An answer may number anew; where we renumber, the offerer keeps its own.
      const bool is_kept = row.own == row.shown;
      return tell(i, is_kept ? format.payload_type : row.own, printed);
    }
  }

  sdp::Codec codec_of_event(uint8_t own) const {
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (row.own == own && !row.is_added) return {event_name, row.clock_rate_hz, 1};
    }
    return {event_name, g711_rate_hz, 1};
  }

  // Events of the offerer are answered by us where the other side gets its digits in INFO.
  void take_digits() {
    if (!rules_.answerer.is_info()) return;
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (row.kind != Kind::event) continue;
      sdp::PrintedFormat format;
      format.codec = {event_name, row.clock_rate_hz, 1};
      format.fmtp = digits_fmtp;
      tell(i, row.own, format);
    }
  }

  // CN of the offerer likewise, where its trunk says so and there is G.711 to put noise into.
  void take_noise() {
    const bool is_wanted = rules_.offerer.policy != nullptr && rules_.offerer.policy->takes_noise;
    if (!is_wanted || g711_of_answerer() == nullptr) return;
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (row.kind != Kind::noise || taken_[i] != no_payload_type) continue;
      if (row.clock_rate_hz != g711_rate_hz) continue;
      tell(i, row.own, {.codec = {"CN", g711_rate_hz, 1}});
    }
  }

  // Its row, of which the number is in taken_.
  const ChosenFormat* g711_of_answerer() const {
    for (unsigned i = 0; i < choice_.count; ++i) {
      if (is_g711(choice_.rows[i].kind) && taken_[i] != no_payload_type) return &choice_.rows[i];
    }
    return nullptr;
  }
  uint8_t number_at_answerer(const ChosenFormat& row) const {
    return taken_[static_cast<size_t>(&row - choice_.rows.data())];
  }

  void plan() {
    CodecPlan& forth = answered_.from_offerer;
    CodecPlan& back = answered_.from_answerer;
    bool cuts = false;
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (is_g711(row.kind) && taken_[i] != no_payload_type) cuts = true;
      plan_row(i, row, forth, back);
    }
    const uint8_t to_answerer = ptime_of(rules_.answerer);
    const uint8_t to_offerer = ptime_of(rules_.offerer);
    if (cuts) forth.ptime_ms = to_answerer;
    if (cuts) back.ptime_ms = to_offerer;
    plan_digits(forth, rules_.offerer, rules_.answerer, event_at_answerer_);
    plan_digits(back, rules_.answerer, rules_.offerer, event_at_offerer_);
  }

  static uint8_t ptime_of(const CodecRules& rules) {
    return rules.policy == nullptr ? uint8_t{0} : rules.policy->ptime_ms;
  }

  void plan_row(unsigned i, const ChosenFormat& row, CodecPlan& forth, CodecPlan& back) {
    const uint8_t taken = taken_[i];
    switch (row.kind) {
      case Kind::pcmu:
      case Kind::pcma:
        return plan_g711(i, row, forth, back);
      case Kind::event:
        return plan_event(i, row, forth, back);
      case Kind::noise:
        if (taken == no_payload_type && told_[i] != no_payload_type) {
          const ChosenFormat* audio = g711_of_answerer();
          forth.add({told_[i], number_at_answerer(*audio), Treatment::noise, law_of(audio->kind)});
          return;
        }
        break;
      case Kind::other:
        break;
    }
    if (taken == no_payload_type || told_[i] == no_payload_type) return;
    if (told_[i] != taken) forth.add({told_[i], taken, Treatment::renumber, Law::a});
    if (row.shown != row.own) back.add({row.shown, row.own, Treatment::renumber, Law::a});
  }

  void plan_g711(unsigned i, const ChosenFormat& row, CodecPlan& forth, CodecPlan& back) {
    if (taken_[i] == no_payload_type) return;
    const Law law = law_of(row.kind);
    if (!row.is_added) {
      forth.add({told_[i], taken_[i], Treatment::g711, law});
      back.add({row.shown, row.own, Treatment::g711, law});
      return;
    }
    back.add({row.shown, row.own, Treatment::transcode, law});
    // Only what the answerer does not take as it is has to be made for it.
    if (forth.find(told_[i]) == nullptr && !is_taken_as_it_is(row.own)) {
      forth.add({told_[i], taken_[i], Treatment::transcode, other(law)});
    }
  }

  bool is_taken_as_it_is(uint8_t own) const {
    for (unsigned i = 0; i < choice_.count; ++i) {
      const ChosenFormat& row = choice_.rows[i];
      if (row.own == own && !row.is_added && taken_[i] != no_payload_type) return true;
    }
    return false;
  }

  void plan_event(unsigned i, const ChosenFormat& row, CodecPlan& forth, CodecPlan& back) {
    const uint8_t taken = taken_[i];
    if (taken != no_payload_type) event_at_answerer_ = {taken, khz_of(row.clock_rate_hz)};
    if (told_[i] != no_payload_type) {
      event_at_offerer_ = {row.own, khz_of(codec_of_event(row.own).clock_rate_hz)};
      forth.add({told_[i], taken, Treatment::event, Law::a});
      forth.event_khz_in = event_at_offerer_.khz;
      forth.event_khz_out = taken == no_payload_type ? forth.event_khz_in : event_at_answerer_.khz;
    }
    if (taken == no_payload_type) return;
    back.add({row.shown, row.own, Treatment::event, Law::a});
    back.event_khz_in = khz_of(row.clock_rate_hz);
    back.event_khz_out = row.own == no_payload_type ? back.event_khz_in : event_at_offerer_.khz;
  }

  struct EventNumber {
    uint8_t number = no_payload_type;
    uint8_t khz = 8;
  };
  static uint8_t khz_of(uint32_t rate_hz) {
    return rate_hz < 1000 || rate_hz > 96000 ? uint8_t{8} : static_cast<uint8_t>(rate_hz / 1000);
  }

  // How digits of `from` reach `to`.
  static void plan_digits(CodecPlan& plan, const CodecRules& from, const CodecRules& to,
                          EventNumber number) {
    const bool has_events = to.takes_events() && number.number != no_payload_type;
    if (from.takes_events()) {
      if (to.is_info()) plan.digits = media::Digits::reported;
      return;
    }
    if (!has_events && !to.is_info()) return;
    if (to.is_info()) plan.digits = media::Digits::reported;
    if (has_events) plan.event_out = number.number;
    if (has_events) plan.event_khz_out = plan.event_khz_in = number.khz;
    plan.is_listening = from.dtmf() == Dtmf::inband;
    plan.makes_events = from.is_info() && has_events;
    // Between two that use INFO, it crosses as INFO and RTP has nothing of it.
    if (from.is_info() && to.is_info()) plan.digits = media::Digits::events;
  }

  const AudioLine& answer_;
  const RulePair& rules_;
  const Choice& choice_;
  AnsweredCodecs answered_;
  std::array<uint8_t, Choice::max_rows> taken_;  // numbers that the answerer receives under
  std::array<uint8_t, Choice::max_rows> told_;   // numbers that the offerer was answered
  bool has_audio_ = false;
  EventNumber event_at_answerer_;
  EventNumber event_at_offerer_;
};

}  // namespace

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
          policy->takes_noise || policy->event_payload_type != 0 || !takes_events());
}

ChosenFormats choose_offer(const AudioLine& offer, const RulePair& rules, Choice& choice) {
  return Offering(offer, rules, choice).run();
}

AnsweredCodecs choose_answer(const AudioLine& answer, const RulePair& rules, const Choice& choice) {
  return Answering(answer, rules, choice).run();
}

}  // namespace demarc::call
