#include "dataplane/call/codec_choice.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "dataplane/contract/section.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::call {
namespace {

using contract::AddedCodecs;
using contract::CodecPolicy;
using contract::Dtmf;

// The policies of the offerer and the answerer, in one section.
class Rules {
 public:
  Rules(CodecPolicy offerer, std::vector<std::string_view> offerer_codecs, CodecPolicy answerer,
        std::vector<std::string_view> answerer_codecs) {
    contract::SectionBuilder<contract::TrunkSection> builder(contract::SectionKind::trunks, 1);
    policies_ = {offerer, answerer};
    const std::vector<std::string_view>* names[] = {&offerer_codecs, &answerer_codecs};
    for (unsigned i = 0; i < 2; ++i) {
      std::vector<contract::Text> texts;
      for (const std::string_view name : *names[i]) texts.push_back(builder.text(name));
      policies_[i].allowed = builder.array<contract::Text>(texts);
    }
    section_ = builder.finish();
    const auto* header = reinterpret_cast<const contract::SectionHeader*>(section_.data());
    pair = {{&policies_[0], header}, {&policies_[1], header}};
  }
  explicit Rules(CodecPolicy answerer, std::vector<std::string_view> codecs = {})
      : Rules({}, {}, answerer, std::move(codecs)) {}
  RulePair pair;

 private:
  std::array<CodecPolicy, 2> policies_;
  std::vector<std::byte> section_;
};

// An m-line of audio with these formats: "0 8 101=telephone-event/8000".
class Line {
 public:
  explicit Line(const std::string& formats) {
    std::string numbers;
    std::string maps;
    for (size_t at = 0; at < formats.size();) {
      const size_t end = std::min(formats.find(' ', at), formats.size());
      const std::string one = formats.substr(at, end - at);
      at = end + 1;
      const size_t equals = one.find('=');
      const std::string number = one.substr(0, equals);
      numbers += " " + number;
      if (equals == std::string::npos) continue;
      maps += "a=rtpmap:" + number + " " + one.substr(equals + 1) + "\r\n";
      if (one.find("event") != std::string::npos) maps += "a=fmtp:" + number + " 0-15\r\n";
    }
    body =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 "
        "RTP/AVP" +
        numbers + "\r\n" + maps;
    EXPECT_TRUE(sdp::parse(body, *description)) << body;
  }
  AudioLine line() const { return {description->media[0], body}; }

  std::string body;
  std::unique_ptr<sdp::Description> description = std::make_unique<sdp::Description>();
};

std::string text_of(const ChosenFormats& chosen) {
  std::string text;
  for (const sdp::PrintedFormat& format : chosen.view()) {
    if (!text.empty()) text += " ";
    text += std::to_string(format.payload_type);
    if (format.codec.encoding.empty()) continue;
    text +=
        "=" + std::string(format.codec.encoding) + "/" + std::to_string(format.codec.clock_rate_hz);
  }
  return text;
}

// "8>0:transcode" for each row, then what else the plan says.
std::string text_of(const media::CodecPlan& plan) {
  constexpr std::string_view names[] = {"renumber", "g711",  "transcode",
                                        "event",    "noise", "swallow"};
  std::string text;
  for (unsigned i = 0; i < plan.row_count; ++i) {
    const media::PlanRow& row = plan.rows[i];
    text += std::to_string(row.in) + ">" + std::to_string(row.out) + ":";
    text += names[static_cast<unsigned>(row.treatment)];
    if (row.khz_in != row.khz_out) {
      text += "/" + std::to_string(row.khz_in) + ">" + std::to_string(row.khz_out);
    }
    text += " ";
  }
  if (plan.ptime_ms != 0) text += "ptime=" + std::to_string(plan.ptime_ms) + " ";
  if (plan.event_out != media::no_payload_type) {
    text += "event=" + std::to_string(plan.event_out) + " ";
  }
  if (plan.digits == media::Digits::reported) text += "reported ";
  if (plan.digits == media::Digits::tones) {
    text += "tones=" + std::to_string(plan.tone_out);
    text += plan.tone_law == media::Law::a ? "/a " : "/mu ";
  }
  if (plan.fills_silence) {
    text += "fills";
    if (plan.noise_out != media::no_payload_type) text += "=" + std::to_string(plan.noise_out);
    text += " ";
  }
  if (plan.is_listening) text += "listening ";
  if (plan.makes_events) text += "makes ";
  return text;
}

// One offer and one answer.
struct Exchanged {
  Exchanged(const Rules& rules, const std::string& offered, const std::string& answered = {}) {
    const Line offer(offered);
    offered_on = text_of(choose_offer(offer.line(), rules.pair, choice));
    if (answered.empty()) return;
    const Line answer(answered);
    const AnsweredCodecs codecs = choose_answer(answer.line(), rules.pair, choice);
    answered_on = text_of(codecs.formats);
    forth = text_of(codecs.from_offerer);
    back = text_of(codecs.from_answerer);
    is_needed = codecs.from_offerer.is_needed() || codecs.from_answerer.is_needed();
  }
  Choice choice;
  std::string offered_on, answered_on, forth, back;
  bool is_needed = false;
};

TEST(CodecChoice, StripsAndOrdersByTheNamesOfTheTrunk) {
  const Exchanged one(Rules({}, {"pcmu", "G722", "PCMA"}),
                      "8 18 9 0 101=telephone-event/8000 96=opus/48000/2",
                      "9 0 101=telephone-event/8000");
  EXPECT_EQ(one.offered_on, "0 9 8 101=telephone-event/8000");
  EXPECT_EQ(one.answered_on, "9 0 101=telephone-event/8000");
  EXPECT_FALSE(one.is_needed);
}

TEST(CodecChoice, BothTrunksMustAllow) {
  EXPECT_EQ(Exchanged(Rules({}, {"PCMA", "G729"}, {}, {"G729", "PCMU"}), "0 8 18").offered_on,
            "18");
  EXPECT_EQ(Exchanged(Rules({}, {"PCMA"}, {}, {"PCMU"}), "0 8").offered_on, "");
  EXPECT_EQ(Exchanged(Rules({}, {"G722"}), "0 8 101=telephone-event/8000").offered_on, "");
}

TEST(CodecChoice, EventsAndNoiseGoWithTheAudioOfTheirClock) {
  const std::string offer =
      "96=opus/48000/2 0 97=telephone-event/48000 101=telephone-event/8000 13 98=CN/48000";
  EXPECT_EQ(Exchanged(Rules({}, {"PCMU"}), offer).offered_on, "0 101=telephone-event/8000 13");
  EXPECT_EQ(Exchanged(Rules({}, {"opus"}), offer).offered_on,
            "96=opus/48000 97=telephone-event/48000 98=CN/48000");
}

TEST(CodecChoice, AnAnswerHasOnlyWhatWasOffered) {
  const Exchanged one(Rules({}, {"PCMA"}), "0 8 101=telephone-event/8000",
                      "0 8 18 101=telephone-event/8000");
  EXPECT_EQ(one.answered_on, "8 101=telephone-event/8000");
  EXPECT_EQ(Exchanged(Rules({}, {"PCMA"}), "0 8", "0").answered_on, "");
  // telephone-event alone is no answer.
  EXPECT_EQ(Exchanged(Rules({}, {"PCMA"}), "8 101=telephone-event/8000", "101=telephone-event/8000")
                .answered_on,
            "");
}

TEST(CodecChoice, AddsTheOtherLawAndTranscodesWhenItIsTaken) {
  CodecPolicy adds;
  adds.added = AddedCodecs::pcmu;
  const Rules rules(adds);
  const Exchanged taken(rules, "8 101=telephone-event/8000", "0 101=telephone-event/8000");
  EXPECT_EQ(taken.offered_on, "8 0=PCMU/8000 101=telephone-event/8000");
  EXPECT_EQ(taken.answered_on, "8=PCMA/8000 101=telephone-event/8000");
  EXPECT_EQ(taken.forth, "8>0:transcode 101>101:event ");
  EXPECT_EQ(taken.back, "0>8:transcode 101>101:event ");
  const Exchanged kept(rules, "8", "8");
  EXPECT_FALSE(kept.is_needed);
  EXPECT_EQ(kept.answered_on, "8");
  // With both, only what comes back in the law that the offerer has not is transcoded.
  const Exchanged both(rules, "8", "0 8");
  EXPECT_EQ(both.answered_on, "8=PCMA/8000");
  EXPECT_EQ(both.forth, "8>8:g711 ");
  EXPECT_EQ(both.back, "8>8:g711 0>8:transcode ");
}

TEST(CodecChoice, AddsInThePlaceOfTheTrunksOrderAndForWhatItDoesNotTake) {
  CodecPolicy adds;
  adds.added = AddedCodecs::pcmu;
  EXPECT_EQ(Exchanged(Rules(adds, {"PCMU", "G722"}), "8 9").offered_on, "0=PCMU/8000 9");
  EXPECT_EQ(Exchanged(Rules(adds), "0 8").offered_on, "0 8");
  EXPECT_EQ(Exchanged(Rules(adds), "9 18").offered_on, "9 18");
  adds.added = AddedCodecs::pcma;
  EXPECT_EQ(Exchanged(Rules(adds), "0").offered_on, "0 8=PCMA/8000");
  // Another codec has the number.
  EXPECT_EQ(Exchanged(Rules(adds), "0 8=iLBC/8000").offered_on, "0 8=iLBC/8000 96=PCMA/8000");
}

TEST(CodecChoice, AsymmetricNumbersPassAsTheyAre) {
  CodecPolicy other;
  other.takes_noise = true;  // some policy, which has no say here
  const Exchanged one(Rules(other), "8 96=opus/48000/2 101=telephone-event/8000",
                      "111=opus/48000/2 8 100=telephone-event/8000");
  EXPECT_EQ(one.answered_on, "111=opus/48000 8 100=telephone-event/8000");
  EXPECT_FALSE(one.is_needed);
}

TEST(CodecChoice, NumbersEventsAsTheTrunkWants) {
  CodecPolicy wants;
  wants.event_payload_type = 100;
  const Exchanged one(Rules(wants), "8 101=telephone-event/8000", "8 100=telephone-event/8000");
  EXPECT_EQ(one.offered_on, "8 100=telephone-event/8000");
  EXPECT_EQ(one.answered_on, "8 101=telephone-event/8000");
  EXPECT_EQ(one.forth, "8>8:g711 101>100:event ");
  EXPECT_EQ(one.back, "8>8:g711 100>101:event ");
  // Another format has that number: the peer gets what the offer has.
  EXPECT_EQ(Exchanged(Rules(wants), "8 100=iLBC/8000 101=telephone-event/8000").offered_on,
            "8 100=iLBC/8000 101=telephone-event/8000");
}

TEST(CodecChoice, MakesEventsOfTheClockThatTheAudioHas) {
  const Exchanged one(Rules({}, {"opus"}), "96=opus/48000/2 101=telephone-event/8000",
                      "96=opus/48000/2 97=telephone-event/48000");
  EXPECT_EQ(one.offered_on, "96=opus/48000 101=telephone-event/8000 97=telephone-event/48000");
  EXPECT_EQ(one.answered_on, "96=opus/48000 101=telephone-event/8000");
  EXPECT_EQ(one.forth, "101>97:event/8>48 ");
  EXPECT_EQ(one.back, "97>101:event/48>8 ");
}

TEST(CodecChoice, EventsOfTwoClocksKeepTheirOwn) {
  const Exchanged one(Rules({}, {"opus"}), "96=opus/48000/2 101=telephone-event/8000",
                      "96=opus/48000/2 101=telephone-event/8000 97=telephone-event/48000");
  EXPECT_EQ(one.answered_on, "96=opus/48000 101=telephone-event/8000");
  EXPECT_EQ(one.forth, "101>101:event ");
  EXPECT_EQ(one.back, "101>101:event 97>101:event/48>8 ");
}

TEST(CodecChoice, EventsAreReportedForAPeerWithInfo) {
  CodecPolicy info;
  info.dtmf = Dtmf::info_relay;
  const Exchanged one(Rules(info), "8 101=telephone-event/8000", "8");
  EXPECT_EQ(one.offered_on, "8");
  EXPECT_EQ(one.answered_on, "8 101=telephone-event/8000");
  EXPECT_EQ(one.forth, "8>8:g711 101>255:event reported ");
  EXPECT_EQ(one.back, "8>8:g711 event=101 makes ");
}

TEST(CodecChoice, EventsAreOfferedForACallerWithInfo) {
  CodecPolicy info;
  info.dtmf = Dtmf::info_dtmf;
  const Rules rules(info, {}, {}, {});
  const Exchanged one(rules, "8", "8 101=telephone-event/8000");
  EXPECT_EQ(one.offered_on, "8 101=telephone-event/8000");
  EXPECT_EQ(one.answered_on, "8");
  EXPECT_EQ(one.forth, "8>8:g711 event=101 makes ");
  EXPECT_EQ(one.back, "8>8:g711 101>255:event reported ");
  // And where they are not taken, the digits stay in INFO.
  const Exchanged none(rules, "8", "8");
  EXPECT_EQ(none.forth, "8>8:g711 ");
}

TEST(CodecChoice, TonesAreHeardForAPeerWithoutEvents) {
  CodecPolicy inband;
  inband.dtmf = Dtmf::inband;
  const Exchanged one(Rules(inband), "8 101=telephone-event/8000", "8");
  EXPECT_EQ(one.offered_on, "8");
  // What the offerer sends as events, its peer hears as tones.
  EXPECT_EQ(one.answered_on, "8 101=telephone-event/8000");
  EXPECT_EQ(one.forth, "8>8:g711 101>255:event tones=8/a makes ");
  const Exchanged other_codec(Rules(inband), "18 101=telephone-event/8000", "18");
  EXPECT_EQ(other_codec.answered_on, "18");
  EXPECT_FALSE(other_codec.is_needed);  // there is nothing to put tones into
  const Exchanged two(Rules(inband, {}, {}, {}), "8", "8 101=telephone-event/8000");
  EXPECT_EQ(two.forth, "8>8:g711 event=101 listening ");
  EXPECT_EQ(two.back, "8>8:g711 101>255:event tones=8/a makes ");
}

TEST(CodecChoice, TonesAreMadeOfDigitsInInfo) {
  CodecPolicy inband;
  inband.dtmf = Dtmf::inband;
  CodecPolicy info;
  info.dtmf = Dtmf::info_relay;
  inband.added = AddedCodecs::pcmu;
  const Exchanged one(Rules(info, {}, inband, {}), "8", "0");
  EXPECT_EQ(one.forth, "8>0:transcode tones=0/mu makes ");
  EXPECT_EQ(one.back, "0>8:transcode reported listening ");
  const Exchanged back(Rules(inband, {}, info, {}), "8", "8");
  EXPECT_EQ(back.back, "8>8:g711 tones=8/a makes ");
}

TEST(CodecChoice, CutsNoLongerThanThePeerTakes) {
  CodecPolicy policy;
  policy.ptime_ms = 40;
  const auto forth_with = [&](const std::string& line) {
    Line answer("8");
    answer.body += line;
    EXPECT_TRUE(sdp::parse(answer.body, *answer.description));
    const Rules rules(policy);
    Choice choice;
    const Line offer("8");
    static_cast<void>(choose_offer(offer.line(), rules.pair, choice));
    return choose_answer(answer.line(), rules.pair, choice).from_offerer.ptime_ms;
  };
  EXPECT_EQ(forth_with(""), 40);
  EXPECT_EQ(forth_with("a=maxptime:60\r\n"), 40);
  EXPECT_EQ(forth_with("a=maxptime:35\r\n"), 30);
  EXPECT_EQ(forth_with("a=maxptime:5\r\n"), 10);
  Line offer("8");
  offer.body += "a=maxptime:20\r\n";
  EXPECT_TRUE(sdp::parse(offer.body, *offer.description));
  const Rules rules(policy, {}, {}, {});
  Choice choice;
  static_cast<void>(choose_offer(offer.line(), rules.pair, choice));
  const Line answer("8");
  EXPECT_EQ(choose_answer(answer.line(), rules.pair, choice).from_answerer.ptime_ms, 20);
}

TEST(CodecChoice, NoiseIsAnsweredWhereTheTrunkTakesIt) {
  CodecPolicy noise;
  noise.takes_noise = true;
  const Exchanged one(Rules(noise, {}, {}, {}), "8 13", "8");
  EXPECT_EQ(one.answered_on, "8 13=CN/8000");
  EXPECT_EQ(one.forth, "8>8:g711 13>8:noise ");
  EXPECT_EQ(Exchanged(Rules(noise, {}, {}, {}), "8 13", "8 13").answered_on, "8 13");
}

TEST(CodecChoice, NoiseIsOfferedToATrunkThatTakesIt) {
  CodecPolicy noise;
  noise.takes_noise = true;
  const Exchanged one(Rules(noise), "8", "8 13");
  EXPECT_EQ(one.offered_on, "8 13=CN/8000");
  EXPECT_EQ(one.answered_on, "8");
  EXPECT_EQ(one.forth, "8>8:g711 ");
  EXPECT_EQ(one.back, "8>8:g711 13>8:noise ");
  // It is not taken, was offered anyway, or has no audio to be made of.
  EXPECT_EQ(Exchanged(Rules(noise), "8", "8").back, "8>8:g711 ");
  EXPECT_EQ(Exchanged(Rules(noise), "8 13", "8 13").offered_on, "8 13");
  EXPECT_EQ(Exchanged(Rules(noise), "18").offered_on, "18");
  EXPECT_EQ(Exchanged(Rules(noise), "18 8", "18 13").back, "13>255:swallow ");
  // Both trunks have it, and neither peer: nobody is answered what it did not offer.
  EXPECT_EQ(Exchanged(Rules(noise, {}, noise, {}), "8", "8").answered_on, "8");
  // Of the law that the offerer hears.
  noise.added = AddedCodecs::pcmu;
  EXPECT_EQ(Exchanged(Rules(noise), "8", "0 13").back, "0>8:transcode 13>8:noise ");
}

TEST(CodecChoice, SilenceIsFilledWithCnOnlyWhereBothSpokeOfIt) {
  CodecPolicy fill;
  fill.fills_silence = true;
  const Exchanged plain(Rules(fill), "8", "8");
  EXPECT_EQ(plain.offered_on, "8");
  EXPECT_EQ(plain.forth, "8>8:g711 fills ");
  EXPECT_EQ(plain.back, "8>8:g711 ");
  EXPECT_TRUE(plain.is_needed);
  EXPECT_EQ(Exchanged(Rules(fill), "8 13", "8 13").forth, "8>8:g711 fills=13 ");
  EXPECT_EQ(Exchanged(Rules(fill, {}, {}, {}), "8 13", "8").back, "8>8:g711 fills ");
  EXPECT_EQ(Exchanged(Rules(fill, {}, {}, {}), "8 13", "8 13").back, "8>8:g711 fills=13 ");
  // CN that only one side has is agreed where the trunk takes it.
  fill.takes_noise = true;
  EXPECT_EQ(Exchanged(Rules(fill), "8", "8 13").forth, "8>8:g711 fills=13 ");
  EXPECT_EQ(Exchanged(Rules(fill, {}, {}, {}), "8 13", "8").back, "8>8:g711 fills=13 ");
  // Each side under its own number.
  EXPECT_EQ(Exchanged(Rules(fill), "8 97=CN/8000", "8 98=CN/8000").forth, "8>8:g711 fills=98 ");
  EXPECT_EQ(Exchanged(Rules(fill), "18", "18").forth, "");
}

TEST(CodecChoice, PacketLengthsAreCutForTheTrunkThatWantsThem) {
  CodecPolicy cut;
  cut.ptime_ms = 30;
  const Exchanged one(Rules(cut), "8", "8");
  EXPECT_EQ(one.forth, "8>8:g711 ptime=30 ");
  EXPECT_EQ(one.back, "8>8:g711 ");
  EXPECT_FALSE(Exchanged(Rules(cut), "9", "9").is_needed);
}

TEST(CodecChoice, TakesAsManyFormatsAsAnMLineHas) {
  std::string offer = "8";
  for (unsigned i = 0; i < 31; ++i)
    offer += " " + std::to_string(96 + i) + "=X" + std::to_string(i) + "/8000";
  CodecPolicy adds;
  adds.added = AddedCodecs::pcmu;
  const Exchanged one(Rules(adds), offer, "8 96=X0/8000");
  EXPECT_EQ(one.answered_on, "8 96=X0/8000");
}

TEST(StripLine, KeepsWhatBothTrunksAllowInTheOrderOfWhoGetsIt) {
  const Line line("96=opus/48000 0 9 8 13 101=telephone-event/8000");
  EXPECT_EQ(text_of(strip_line(line.line(), Rules({}, {"PCMA", "PCMU", "G722"}).pair)),
            "8 0 9 13 101=telephone-event/8000");
  EXPECT_EQ(text_of(strip_line(line.line(), Rules({}, {"G722", "opus"}, {}, {}).pair)),
            "96=opus/48000 9 13 101=telephone-event/8000");
}

TEST(StripLine, LeavesEventsOutWhereATrunkHasThemOtherwise) {
  CodecPolicy info;
  info.dtmf = Dtmf::info_relay;
  const Line line("8 101=telephone-event/8000");
  EXPECT_EQ(text_of(strip_line(line.line(), Rules(info).pair)), "8");
  EXPECT_EQ(text_of(strip_line(line.line(), Rules(info, {}, {}, {}).pair)), "8");
}

TEST(StripLine, AddsNothing) {
  CodecPolicy adds;
  adds.added = AddedCodecs::pcmu;
  EXPECT_EQ(text_of(strip_line(Line("8").line(), Rules(adds).pair)), "8");
}

TEST(StripLine, IsEmptyWithoutAudio) {
  EXPECT_EQ(strip_line(Line("0 101=telephone-event/8000").line(), Rules({}, {"PCMA"}).pair).count,
            0);
}

}  // namespace
}  // namespace demarc::call
