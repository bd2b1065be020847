#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controlplane/media/emodel.h"
#include "controlplane/media/media_json.h"
#include "controlplane/media/verdict.h"

namespace demarc::media_report {
namespace {

using contract::AudioCodec;
using contract::Endpoint;
using contract::IpAddress;
using contract::MediaDirection;
using contract::MediaDrop;
using contract::MediaSummary;
using json = nlohmann::ordered_json;

constexpr uint64_t now = 1'700'000'000'000'000'000;

Endpoint at(uint8_t last, uint16_t port) {
  return {IpAddress::v4(203, 0, 113, last), port};
}

// 1,000 packets of PCMA that all went on.
MediaSummary sound() {
  MediaSummary media;
  media.streams = 1;
  media.kind = contract::MediaKind::audio;
  media.packets_in = media.packets_relayed = 1000;
  media.rtp_expected = 1000;
  media.clock_rate_hz = 8000;
  media.payload_type = 8;
  media.codec = AudioCodec::pcma;
  media.direction = MediaDirection::sendrecv;
  media.first_packet_unix_ns = now - 20'000'000'000;
  media.last_packet_unix_ns = now - 20'000'000;
  media.local = at(1, 20'000);
  media.remote = media.seen = at(2, 4000);
  return media;
}

// Nothing went on; all that came was dropped for one reason.
MediaSummary dropped(MediaDrop drop, uint32_t count) {
  MediaSummary media = sound();
  media.packets_in = media.packets_dropped = count;
  media.packets_relayed = 0;
  media.drops[static_cast<unsigned>(drop)] = count;
  media.first_packet_unix_ns = media.last_packet_unix_ns = 0;
  media.refused = at(9, 5000);
  return media;
}

TEST(EModel, GivesThePublishedFigures) {
  const Codec g711 = *values_of(AudioCodec::pcmu);
  const Codec g729 = *values_of(AudioCodec::g729);
  EXPECT_NEAR(mos_of(*rating(g711, {})), 4.41, 0.005);  // G.107 with all defaults
  EXPECT_NEAR(mos_of(*rating(g729, {})), 4.10, 0.02);
  // G.107 table of Idd: Ta 200 ms costs about 3, 300 ms about 14, 400 ms about 24.
  EXPECT_NEAR(93.2 - *rating(g711, {0, 1, 100}), 0, 0.01);
  EXPECT_NEAR(93.2 - *rating(g711, {0, 1, 200}), 3, 0.5);
  EXPECT_NEAR(93.2 - *rating(g711, {0, 1, 300}), 14, 1.5);
  EXPECT_NEAR(93.2 - *rating(g711, {0, 1, 400}), 24, 2);
  // Ie,eff = 95 * 2 / (2 + 25.1)
  EXPECT_NEAR(93.2 - *rating(g711, {0.02, 1, 0}), 7.01, 0.01);
  EXPECT_NEAR(mos_of(0), 1, 1e-9);
  EXPECT_NEAR(mos_of(100), 4.5, 1e-9);
  for (double r = 0; r < 100; r += 1) {
    EXPECT_GE(mos_of(r), 1);
    EXPECT_LE(mos_of(r), 4.5);
  }
}

TEST(EModel, LossesInARowAreWorseThanAsManyApart) {
  const Codec g711 = *values_of(AudioCodec::pcmu);
  EXPECT_LT(*rating(g711, {0.02, 4, 0}), *rating(g711, {0.02, 1, 0}));
  EXPECT_GE(*rating(g711, {1, 8, 100'000}), 0);
}

TEST(Quality, IsUnknownUntilMeasured) {
  MediaSummary media = sound();
  media.rtp_expected = 49;
  EXPECT_FALSE(quality_of(media, sound()).loss);
  EXPECT_FALSE(quality_of(media, sound()).mos_lq);
  media = sound();
  EXPECT_TRUE(quality_of(media, sound()).mos_lq);
  EXPECT_FALSE(quality_of(media, sound()).mos_cq) << "no round trip was measured";
  EXPECT_FALSE(quality_of(media, sound()).burst_ratio);
  for (const AudioCodec codec : {AudioCodec::unknown, AudioCodec::opus, AudioCodec::count}) {
    media.codec = codec;
    EXPECT_FALSE(quality_of(media, sound()).mos_lq) << "nobody published its values";
    EXPECT_TRUE(quality_of(media, sound()).loss);
  }
}

TEST(EModel, RatesWidebandOnItsOwnScale) {
  const Codec g722 = *values_of(AudioCodec::g722);
  EXPECT_NEAR(*rating(g722, {}), (129 - 13) / 1.29, 1e-9);
  EXPECT_GT(mos_of(*rating({AudioCodec::g722, 0, {}, true}, {})), 4.49);
}

TEST(Quality, OfLossesIsUnknownWhereNobodyPublishedTheirEffect) {
  MediaSummary media = sound();
  media.codec = AudioCodec::g722;
  EXPECT_TRUE(quality_of(media, sound()).mos_lq);
  media.rtp_lost = 1;
  media.loss_runs = 1;
  EXPECT_FALSE(quality_of(media, sound()).mos_lq);
  EXPECT_TRUE(quality_of(media, sound()).loss);
}

TEST(Quality, TakesBothWaysAndTheJitterIntoTheDelay) {
  MediaSummary media = sound();
  MediaSummary back = sound();
  media.round_trip_us = 300'000;
  EXPECT_FALSE(quality_of(media, back).mos_cq);
  back.round_trip_us = 200'000;
  media.jitter_us = 15'000;  // 150 + 100 + 30 + 20 ms
  const double mos = *quality_of(media, back).mos_cq;
  EXPECT_NEAR(mos, mos_of(*rating(*values_of(AudioCodec::pcma), {0, 1, 300})), 1e-9);
  EXPECT_LT(mos, *quality_of(media, back).mos_lq);
}

TEST(Quality, MeasuresHowLossesCluster) {
  MediaSummary media = sound();
  media.rtp_lost = 100;
  media.loss_runs = 25;
  EXPECT_NEAR(*quality_of(media, sound()).loss, 0.1, 1e-9);
  EXPECT_NEAR(*quality_of(media, sound()).burst_ratio, 3.6, 1e-9);
  media.loss_runs = 100;
  EXPECT_NEAR(*quality_of(media, sound()).burst_ratio, 1, 1e-9);
}

struct Case {
  std::string_view name;
  MediaSummary media;
  MediaSummary back;
  Verdict verdict;
  std::string_view says;  // a part of the sentence
};

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&all](std::string_view name, Verdict verdict, std::string_view says) -> Case& {
    return all.emplace_back(Case{name, sound(), sound(), verdict, says});
  };
  add("sound", Verdict::flowing, "1000 packets of the caller went on to the called.");
  add("none", Verdict::no_media, "no media").media = {};
  MediaSummary& past = add("past", Verdict::bypassed, "from peer to peer, past the box").media;
  past = {};
  past.is_bypassed = true;
  add("hold", Verdict::on_hold, "caller may not send").media.direction = MediaDirection::recvonly;
  add("held", Verdict::on_hold, "called does not want").back.direction = MediaDirection::sendonly;
  Case& silent = add("silent", Verdict::nothing_arrives,
                     "Not one packet of the caller arrived at "
                     "203.0.113.1:20000");
  silent.media = dropped(MediaDrop::wrong_source, 0);
  Case& unnamed = add("unnamed", Verdict::no_address, "has named no address");
  unnamed.media = dropped(MediaDrop::wrong_source, 0);
  unnamed.media.remote = {};
  add("NAT", Verdict::wrong_source,
      "7 packets came from 203.0.113.9:5000, but the caller said that "
      "it sends from 203.0.113.2:4000; it may be behind NAT")
      .media = dropped(MediaDrop::wrong_source, 7);
  add("learning", Verdict::learning, "held back").media = dropped(MediaDrop::learning, 3);
  add("not RTP", Verdict::not_rtp, "1 packet of the caller had no header").media =
      dropped(MediaDrop::malformed, 1);
  add("not aimed", Verdict::not_aimed, "the called has named no address").media =
      dropped(MediaDrop::not_ready, 50);
  add("no route", Verdict::no_route, "no way to the address of the called").media =
      dropped(MediaDrop::no_route, 50);
  add("full", Verdict::tx_full, "took no more").media = dropped(MediaDrop::tx_full, 50);
  add("wrong key", Verdict::wrong_key, "50 packets of the caller were no SRTP made with the key")
      .media = dropped(MediaDrop::unauthenticated, 50);
  add("replay", Verdict::replayed, "went back in their numbers").media =
      dropped(MediaDrop::replayed, 50);
  add("early", Verdict::no_key, "before a key for SRTP was agreed").media =
      dropped(MediaDrop::no_key, 5);
  add("spent", Verdict::key_spent, "could not be encrypted for the called").media =
      dropped(MediaDrop::key_spent, 5);
  add("stopped", Verdict::stopped, "until 10 seconds ago; none came since.")
      .media.last_packet_unix_ns = now - 10'000'000'000;
  Case& strayed = add("strayed", Verdict::stopped,
                      "until 10 seconds ago; none that may go on came since. 400 packets came from "
                      "203.0.113.9:5000");
  strayed.media.last_packet_unix_ns = now - 10'000'000'000;
  strayed.media.drops[static_cast<unsigned>(MediaDrop::wrong_source)] = 400;
  strayed.media.refused = at(9, 5000);
  Case& reports = add("reports", Verdict::only_rtcp, "but no audio");
  reports.media.first_packet_unix_ns = 0;
  reports.media.payload_type = contract::no_payload_type;
  Case& fax = add("fax", Verdict::flowing, "went on");
  fax.media.first_packet_unix_ns = 0;
  fax.media.payload_type = contract::no_payload_type;
  fax.media.clock_rate_hz = 0;
  Case& worst = add("two reasons", Verdict::not_aimed, "9 packets");
  worst.media = dropped(MediaDrop::not_ready, 9);
  worst.media.drops[static_cast<unsigned>(MediaDrop::wrong_source)] = 2;
  return all;
}

TEST(Verdict, NamesTheFirstCause) {
  for (const Case& one : cases()) {
    const Finding finding = verdict_of(one.media, one.back, {"caller", "called"}, now);
    EXPECT_EQ(spelling(finding.verdict), spelling(one.verdict)) << one.name;
    EXPECT_NE(finding.sentence.find(one.says), std::string::npos) << finding.sentence;
    EXPECT_EQ(finding.sentence.back(), '.') << one.name;
  }
}

TEST(Verdict, EveryDropHasASentence) {
  for (unsigned i = 0; i < contract::media_drop_count; ++i) {
    const Finding finding =
        verdict_of(dropped(static_cast<MediaDrop>(i), 5), sound(), {"caller", "called"}, now);
    EXPECT_NE(finding.verdict, Verdict::flowing);
    EXPECT_GT(finding.sentence.size(), 20u) << i;
  }
}

TEST(MediaJson, ShowsTheLedgerTheQualityAndTheVerdict) {
  const MediaSummary media[2] = {sound(), dropped(MediaDrop::wrong_source, 7)};
  const json body = media_json(media, now);
  ASSERT_EQ(body.size(), 2u);
  EXPECT_EQ(body[0]["from"], "caller");
  EXPECT_EQ(body[0]["verdict"], "flowing");
  EXPECT_EQ(body[0]["quality"]["codec"], "PCMA");
  EXPECT_EQ(body[0]["quality"]["mos_lq"], 4.41);
  EXPECT_TRUE(body[0]["quality"]["mos_cq"].is_null());
  EXPECT_EQ(body[1]["drops"]["wrong_source"], 7);
  EXPECT_EQ(body[1]["verdict"], "wrong_source");
  EXPECT_EQ(body[1]["refused"], "203.0.113.9:5000");
  EXPECT_TRUE(body[1]["first_packet"].is_null());
  EXPECT_EQ(body[1]["drops"].size(), contract::media_drop_count);
}

TEST(MediaJson, JitterIsUnknownBelowTwoPackets) {
  MediaSummary media[2] = {sound(), sound()};
  media[0].rtp_expected = 5;
  media[0].rtp_lost = 4;
  media[1].rtp_expected = 2;
  const json body = media_json(media, now);
  EXPECT_TRUE(body[0]["jitter_ms"].is_null());
  EXPECT_EQ(body[1]["jitter_ms"], 0.0);
}

TEST(MediaJson, NamesACodecWithoutARating) {
  MediaSummary media[2] = {sound(), sound()};
  media[0].payload_type = 96;
  media[0].codec = AudioCodec::opus;
  media[1].payload_type = 97;
  media[1].codec = AudioCodec::unknown;
  const json body = media_json(media, now);
  EXPECT_EQ(body[0]["quality"]["codec"], "opus");
  EXPECT_TRUE(body[0]["quality"]["mos_lq"].is_null());
  EXPECT_TRUE(body[1]["quality"]["codec"].is_null());
  EXPECT_EQ(body[1]["quality"]["payload_type"], 97);
}

TEST(MediaJson, SplitsLossesIntoBurstsAndGaps) {
  MediaSummary media[2] = {sound(), sound()};
  media[0].rtp_lost = 12;
  media[0].bursts = 1;
  media[0].burst_packets = 20;
  media[0].burst_lost = 10;
  const json quality = media_json(media, now)[0]["quality"];
  EXPECT_EQ(quality["burst_density"], 0.5);
  EXPECT_EQ(quality["gap_density"], 0.002);
  EXPECT_TRUE(media_json(media, now)[1]["quality"]["burst_density"].is_null());
}

TEST(Verdict, AnMLineThatNoAnswerTookIsOff) {
  MediaSummary media = dropped(MediaDrop::wrong_source, 5);
  media.is_off = true;
  EXPECT_EQ(verdict_of(media, sound(), {"caller", "called"}, now).verdict, Verdict::off);
  EXPECT_EQ(spelling(Verdict::off), "off");
}

TEST(Verdict, ReportsAloneAreNamedByWhatIsMissing) {
  MediaSummary media = sound();
  media.first_packet_unix_ns = 0;
  media.payload_type = contract::no_payload_type;
  media.kind = contract::MediaKind::video;
  const Finding finding = verdict_of(media, sound(), {"caller", "called"}, now);
  EXPECT_EQ(finding.verdict, Verdict::only_rtcp);
  EXPECT_EQ(finding.sentence, "The caller sends reports (RTCP), but no video.");
}

TEST(MediaJson, ShowsAnMLineAmongSeveral) {
  MediaSummary media[2] = {sound(), dropped(MediaDrop::wrong_source, 7)};
  media[0].media_index = media[1].media_index = 2;
  media[0].kind = media[1].kind = contract::MediaKind::video;
  const json body = stream_json(media, now);
  EXPECT_EQ(body["m_line"], 2);
  EXPECT_EQ(body["kind"], "video");
  EXPECT_EQ(body["media"][0]["verdict"], "flowing");
  EXPECT_EQ(body["media"][1]["verdict"], "wrong_source");
}

TEST(MediaJson, ShowsTheSumsAndTheWorst) {
  MediaSummary video = dropped(MediaDrop::wrong_source, 7);
  video.media_index = 1;
  video.kind = contract::MediaKind::video;
  contract::MediaTotals totals[2];
  add(totals[0], sound());
  add(totals[0], video);
  const json body = totals_json(totals);
  EXPECT_EQ(body[0]["from"], "caller");
  EXPECT_EQ(body[0]["m_lines"], 2);
  EXPECT_EQ(body[0]["packets_in"], 1007);
  EXPECT_EQ(body[0]["packets_relayed"], 1000);
  EXPECT_EQ(body[0]["drops"]["wrong_source"], 7);
  EXPECT_EQ(body[0]["worst"]["m_line"], 1);
  EXPECT_EQ(body[0]["worst"]["kind"], "video");
  EXPECT_EQ(body[0]["worst"]["is_silent"], true);
  EXPECT_TRUE(body[1]["worst"].is_null());
}

}  // namespace
}  // namespace demarc::media_report
