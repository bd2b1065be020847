#include <algorithm>

#include "dataplane/call/codec_kind.h"

// An answer on its way back, and what the packets of both ways need.

namespace demarc::call {
namespace {

using contract::Dtmf;
using media::CodecPlan;
using media::Law;
using media::no_payload_type;
using media::PlanRow;
using media::Treatment;

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

  // Events of the offerer are answered by us where the other side gets its digits in INFO, or as
  // tones that we make.
  void take_digits() {
    const bool makes_tones =
        rules_.answerer.dtmf() == Dtmf::inband && g711_of_answerer() != nullptr;
    if (!rules_.answerer.is_info() && !makes_tones) return;
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
      if (row.kind != Kind::noise || row.is_added || taken_[i] != no_payload_type) continue;
      if (row.clock_rate_hz != g711_rate_hz) continue;
      tell(i, row.own, {.codec = noise_codec});
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
    if (cuts) forth.ptime_ms = ptime_for(rules_.answerer, answer_.media.maxptime_ms);
    if (cuts) back.ptime_ms = ptime_for(rules_.offerer, choice_.maxptime_ms);
    const ChosenFormat* audio = g711_of_answerer();
    if (audio != nullptr) {
      const Law law = law_of(audio->kind);
      put_tones(forth, {number_at_answerer(*audio), law});
      put_tones(back, {audio->own, audio->is_added ? other(law) : law});
    }
    if (cuts) fill_silence(forth, rules_.answerer, noise_at_answerer_);
    if (cuts) fill_silence(back, rules_.offerer, noise_at_offerer_);
    plan_digits(forth, rules_.offerer, rules_.answerer, event_at_answerer_);
    plan_digits(back, rules_.answerer, rules_.offerer, event_at_offerer_);
  }

  // As the trunk says, but never more than its peer takes (a=maxptime, RFC 8866 section 6.4).
  static uint8_t ptime_for(const CodecRules& rules, uint16_t maxptime_ms) {
    const uint8_t wanted = rules.policy == nullptr ? uint8_t{0} : rules.policy->ptime_ms;
    if (maxptime_ms == 0 || wanted <= maxptime_ms) return wanted;
    return std::max<uint8_t>(static_cast<uint8_t>(maxptime_ms / 10 * 10), 10);
  }

  static void fill_silence(CodecPlan& plan, const CodecRules& to, uint8_t noise_number) {
    plan.fills_silence = to.policy != nullptr && to.policy->fills_silence;
    if (plan.fills_silence) plan.noise_out = noise_number;
  }

  struct Tones {
    uint8_t number;
    Law law;
  };
  static void put_tones(CodecPlan& plan, const Tones& tones) {
    plan.tone_out = tones.number;
    plan.tone_law = tones.law;
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
        if (row.clock_rate_hz == g711_rate_hz) {
          noise_at_answerer_ = taken;
          noise_at_offerer_ = told_[i] == no_payload_type ? no_payload_type : row.own;
        }
        if (taken == no_payload_type && told_[i] != no_payload_type) {
          const ChosenFormat* audio = g711_of_answerer();
          forth.add({told_[i], number_at_answerer(*audio), Treatment::noise, law_of(audio->kind)});
          return;
        }
        if (row.is_added) return plan_added_noise(taken, row, back);
        break;
      case Kind::other:
        break;
    }
    if (taken == no_payload_type || told_[i] == no_payload_type) return;
    if (told_[i] != taken) forth.add({told_[i], taken, Treatment::renumber, Law::a});
    if (row.shown != row.own) back.add({row.shown, row.own, Treatment::renumber, Law::a});
  }

  // CN that only the answerer has becomes noise in what the offerer hears.
  void plan_added_noise(uint8_t taken, const ChosenFormat& row, CodecPlan& back) {
    const ChosenFormat* audio = g711_of_answerer();
    if (taken == no_payload_type) return;
    if (audio == nullptr) {
      back.add({row.shown, no_payload_type, Treatment::swallow, Law::a});
      return;
    }
    const Law law = law_of(audio->kind);
    back.add({row.shown, audio->own, Treatment::noise, audio->is_added ? other(law) : law});
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
    const uint8_t shown_khz = khz_of(row.clock_rate_hz);
    const uint8_t own_khz =
        row.own == no_payload_type ? shown_khz : khz_of(codec_of_event(row.own).clock_rate_hz);
    if (taken != no_payload_type) event_at_answerer_ = {taken, shown_khz};
    // What the answerer takes under that number as it is needs no other clock.
    if (told_[i] != no_payload_type) {
      event_at_offerer_ = {row.own, own_khz};
      const uint8_t khz_out = taken == no_payload_type ? own_khz : shown_khz;
      if (forth.find(told_[i]) == nullptr) {
        forth.add({told_[i], taken, Treatment::event, Law::a, own_khz, khz_out});
      }
    }
    if (taken == no_payload_type) return;
    back.add({row.shown, row.own, Treatment::event, Law::a, shown_khz, own_khz});
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
    if (to.dtmf() == Dtmf::inband) {
      if (from.dtmf() == Dtmf::inband || plan.tone_out == no_payload_type) return;
      plan.digits = media::Digits::tones;
      plan.makes_events = from.is_info() || from.takes_events();  // which may send INFO instead
      return;
    }
    const bool has_events = to.takes_events() && number.number != no_payload_type;
    if (from.takes_events()) {
      if (to.is_info()) plan.digits = media::Digits::reported;
      return;
    }
    if (!has_events && !to.is_info()) return;
    if (to.is_info()) plan.digits = media::Digits::reported;
    if (has_events) plan.event_out = number.number;
    if (has_events) plan.event_khz = number.khz;
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
  uint8_t noise_at_answerer_ = no_payload_type;
  uint8_t noise_at_offerer_ = no_payload_type;
  EventNumber event_at_answerer_;
  EventNumber event_at_offerer_;
};

}  // namespace

AnsweredCodecs choose_answer(const AudioLine& answer, const RulePair& rules, const Choice& choice) {
  return Answering(answer, rules, choice).run();
}

}  // namespace demarc::call
