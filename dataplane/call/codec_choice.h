// CodecChoice: which formats of an audio m-line go on, in which order and under which numbers, and
// what their packets need on the way.
//
// Called by session.cc with an offer on its way across a call (codec_offer.cc) and with the answer
// on its way back (codec_answer.cc), RFC 3264 sections 5.1 and 6.1. The policies of both trunks say
// what is stripped, added and made of digits. Pure functions; a Choice is a plain value of one
// worker's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dataplane/contract/codec_policy.h"
#include "dataplane/contract/snapshot.h"
#include "dataplane/media/codec_plan.h"
#include "sip-parser/sdp/print.h"

namespace demarc::call {

// The policy of one trunk with the section that its names stand in; without one: all passes.
struct CodecRules {
  static constexpr unsigned not_named = 255;  // the rank of what the trunk does not name

  const contract::CodecPolicy* policy = nullptr;
  const contract::SectionHeader* section = nullptr;

  // Whether audio of that name may cross.
  bool allows(std::string_view encoding) const;
  // Its place among those that the trunk names; what is not named comes behind.
  unsigned rank(std::string_view encoding) const;
  contract::Dtmf dtmf() const { return policy == nullptr ? contract::Dtmf::rfc4733 : policy->dtmf; }
  bool takes_events() const { return dtmf() == contract::Dtmf::rfc4733; }
  bool is_info() const {
    return dtmf() == contract::Dtmf::info_relay || dtmf() == contract::Dtmf::info_dtmf;
  }
  // Whether anything but what the peers agree on is asked for.
  bool has_any() const;
};
// Of a trunk that has left the configuration: without a policy.
CodecRules rules_of(const contract::Snapshot& snapshot, contract::TrunkId trunk);

// One format of the offer as either side knows it.
struct ChosenFormat {
  enum class Kind : uint8_t { other, pcmu, pcma, event, noise };
  uint32_t codec = 0;  // stands for name, clock rate and channels
  uint32_t clock_rate_hz = 0;
  uint8_t own = media::no_payload_type;    // the offerer receives it under; none: it has it not
  uint8_t shown = media::no_payload_type;  // offered to the other side under; none: it is not
  Kind kind = Kind::other;
  bool is_added = false;  // by us: `own` is the number of what it is made of
};

// What was offered on, until it is answered.
struct Choice {
  static constexpr unsigned max_rows =
      16;                    // formats that may be left of an offer; more are stripped
  uint8_t count = 0;         // 0: no policy had a say, and the formats go on as they are
  uint16_t maxptime_ms = 0;  // of the offer; 0: none
  std::array<ChosenFormat, max_rows> rows = {};
};

struct ChosenFormats {
  sdp::PrintedFormats formats = {};
  uint8_t count = 0;
  std::span<const sdp::PrintedFormat> view() const { return std::span(formats).first(count); }
};

// An m-line of audio, with the body that its text stands in.
struct AudioLine {
  const sdp::Media& media;
  std::string_view body;
};
// The offerer's trunk and the other one's.
struct RulePair {
  CodecRules offerer;
  CodecRules answerer;
};

// What of an offer goes on; empty when nothing is left that both trunks allow.
ChosenFormats choose_offer(const AudioLine& offer, const RulePair& rules, Choice& choice);

struct AnsweredCodecs {
  ChosenFormats formats;           // for the offerer; empty: nothing of the offer was taken
  media::CodecPlan from_offerer;   // for what the offerer sends
  media::CodecPlan from_answerer;  // for what the answerer sends
};
AnsweredCodecs choose_answer(const AudioLine& answer, const RulePair& rules, const Choice& choice);

// Of a further m-line of audio, offer or answer, what both trunks allow, in the order of the one
// that gets it. Nothing is added to it and its payload passes as it is, so telephone-event goes on
// only where both trunks have it. Empty when no audio is left.
ChosenFormats strip_line(const AudioLine& line, const RulePair& rules);

}  // namespace demarc::call
