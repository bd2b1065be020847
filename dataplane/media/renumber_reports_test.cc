#include "dataplane/media/renumber_reports.h"

#include <gtest/gtest.h>

#include "dataplane/media/report_harness.h"
#include "dataplane/media/work_harness.h"

namespace demarc::media {
namespace {

using support::Octets;

constexpr uint32_t peer = 0x70656572;  // who reports
constexpr uint32_t stranger = 8;

CodecPlan cut_to(uint8_t ptime_ms) {
  CodecPlan plan = plan_of({keep_a});
  plan.ptime_ms = ptime_ms;
  return plan;
}

// Packets of G.711 in sequence, each `ms` long.
struct Talk {
  uint16_t ms = 20;
  uint16_t first = 100;
  unsigned sent = 0;
  void to(Line& line, unsigned packets, int step = 1) {
    for (unsigned i = 0; i < packets; ++i, sent += static_cast<unsigned>(step)) {
      line.put({.payload_type = pcma,
                .sequence = static_cast<uint16_t>(first + sent),
                .timestamp = 16000 + sent * ms * 8,
                .payload = std::vector<uint8_t>(ms * 8, 0x55)},
               int64_t{sent} * ms);
    }
  }
};

Octets corrected(const Octets& packet, Work* sent, Work* heard) {
  Octets copy = packet;
  copy.resize(renumber_reports(copy, {sent, heard}).length);
  return copy;
}
Octets for_receiver(const Line& line, const Octets& packet) {
  return corrected(packet, line.work.get(), nullptr);
}
Octets for_sender(const Line& line, const Octets& packet) {
  return corrected(packet, nullptr, line.work.get());
}
Octets heard(const TestBlock& block) {
  return receiver_report_of(peer, {block});
}

TEST(RenumberReports, ASenderHasSentHalfOfThePacketsTwiceAsLong) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 10, 1600})), sender_report_of({7, 5, 1600}));
  // What it sent before we had to do with it counts on both sides.
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 1010, 161'600})),
            sender_report_of({7, 1005, 161'600}));
}

TEST(RenumberReports, ASenderHasSentTwiceThePacketsHalfAsLong) {
  Line line(cut_to(20));
  Talk{.ms = 40}.to(line, 5);
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 5, 1600})), sender_report_of({7, 10, 1600}));
}

TEST(RenumberReports, WhatWaitsToBeSentWasNotSent) {
  Line line(cut_to(40));
  Talk().to(line, 3);
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 3, 480})), sender_report_of({7, 1, 320}));
  EXPECT_EQ(for_sender(line, heard({.highest = 100})), heard({.highest = 101}));
}

TEST(RenumberReports, LossBeforeUsCountsOnBothSides) {
  Line line(cut_to(40));
  Talk talk;
  talk.to(line, 4);
  talk.sent += 2;
  talk.to(line, 4);
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 10, 1600})), sender_report_of({7, 5, 1600}));
}

TEST(RenumberReports, TheHighestNumberIsThatOfThePacketWithTheSameAudio) {
  Line longer(cut_to(40));
  Talk().to(longer, 10);
  EXPECT_EQ(for_sender(longer, heard({.highest = 104})), heard({.highest = 109}));
  EXPECT_EQ(for_sender(longer, heard({.highest = 102})), heard({.highest = 105}));
  Line shorter(cut_to(20));
  Talk{.ms = 40}.to(shorter, 10);
  EXPECT_EQ(for_sender(shorter, heard({.highest = 119})), heard({.highest = 109}));
  EXPECT_EQ(for_sender(shorter, heard({.highest = 113})), heard({.highest = 106}));
}

TEST(RenumberReports, CyclesAreThoseOfTheOtherSide) {
  Line line(cut_to(20));
  Talk{.ms = 40, .first = 65'500}.to(line, 30);
  EXPECT_EQ(for_sender(line, heard({.highest = 65'559})), heard({.highest = 65'529}));
  Line longer(cut_to(40));
  Talk{.first = 65'500}.to(longer, 60);
  EXPECT_EQ(for_sender(longer, heard({.highest = 65'529})), heard({.highest = 65'559}));
}

TEST(RenumberReports, AReceiverThatBeganBehindAWrapOfOursHasNoCycleToGiveBack) {
  Line line(cut_to(20));
  Talk{.ms = 40, .first = 65'000}.to(line, 400);
  ASSERT_EQ(line.out.back().sequence, 263);
  EXPECT_EQ(for_sender(line, heard({.highest = 263})), heard({.highest = 65'399}));
  EXPECT_EQ(for_sender(line, heard({.highest = 65'536 + 263})), heard({.highest = 65'399}));
  EXPECT_EQ(for_sender(line, heard({.highest = 2 * 65'536 + 263})),
            heard({.highest = 65'536 + 65'399}));
}

TEST(RenumberReports, AShareOfLossIsTheSameAndItsCountIsInPacketsOfTheSender) {
  Line line(cut_to(40));
  Talk talk;
  talk.to(line, 100);
  EXPECT_EQ(for_sender(line, heard({.fraction = 51, .lost = 10, .highest = 149})),
            heard({.fraction = 51, .lost = 20, .highest = 199}));
  // The same again, as when a report is sent twice, and the next one.
  EXPECT_EQ(for_sender(line, heard({.fraction = 51, .lost = 10, .highest = 149})),
            heard({.fraction = 51, .lost = 20, .highest = 199}));
  // From now on packets are as the sender made them.
  line.replan(plan_of({keep_a}));
  talk.to(line, 10);
  EXPECT_EQ(for_sender(line, heard({.lost = 13, .highest = 159})),
            heard({.lost = 23, .highest = 209}));
}

TEST(RenumberReports, HalfAPacketWaitsForTheOtherHalf) {
  Line line(cut_to(20));
  Talk{.ms = 40}.to(line, 10);
  EXPECT_EQ(for_sender(line, heard({.lost = 1, .highest = 119})), heard({.highest = 109}));
  EXPECT_EQ(for_sender(line, heard({.lost = 2, .highest = 119})),
            heard({.lost = 1, .highest = 109}));
  // Duplicates make it less than nothing.
  EXPECT_EQ(for_sender(line, heard({.lost = 0xfffffe, .highest = 119})),
            heard({.lost = 0xffffff, .highest = 109}));
}

TEST(RenumberReports, WhatWasLostBeforeThereWasWorkIsNoneOfIt) {
  Line line(cut_to(40));
  line.work->begin({.owner = {}, .is_under_way = true});
  line.replan(cut_to(40));
  Talk().to(line, 10);
  EXPECT_EQ(for_sender(line, heard({.lost = 50, .highest = 104})),
            heard({.lost = 50, .highest = 109}));
  EXPECT_EQ(for_sender(line, heard({.lost = 51, .highest = 104})),
            heard({.lost = 52, .highest = 109}));
}

TEST(RenumberReports, ACountOfLossStaysWithinItsBits) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  EXPECT_EQ(for_sender(line, heard({.lost = 0x7fffff, .highest = 104})),
            heard({.lost = 0x7fffff, .highest = 109}));
  EXPECT_EQ(for_sender(line, heard({.lost = 0x800000, .highest = 104})),
            heard({.lost = 0x800000, .highest = 109}));
}

TEST(RenumberReports, WhatWasAbsorbedWasNotSent) {
  Line line(plan_of({keep_a, {pcmu, 0, Treatment::swallow, Law::a}}));
  for (unsigned i = 0; i < 10; ++i) line.audio(i % 5 == 4 ? pcmu : pcma, i, 20 * i);
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 10, 1600})), sender_report_of({7, 8, 1280}));
  EXPECT_EQ(for_sender(line, heard({.lost = 3, .highest = 107})),
            heard({.lost = 3, .highest = 109}));
}

TEST(RenumberReports, WhatWeMadeWasSent) {
  CodecPlan plan = plan_of({keep_a});
  plan.event_out = events;
  plan.makes_events = true;
  Line line(plan);
  Talk().to(line, 10);
  ASSERT_TRUE(line.work->send_digit(5, 60, at(200)));
  for (int64_t ms = 200; ms < 400; ms += 5) line.tick(ms);
  ASSERT_EQ(line.out.size(), 16u);
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 10, 1600})), sender_report_of({7, 16, 1624}));
  EXPECT_EQ(for_sender(line, heard({.highest = 115})), heard({.highest = 109}));
  line.replan({});
  EXPECT_TRUE(line.work->is_shifted());
}

TEST(RenumberReports, DuplicatesAndWhatCameLateWereSentOnce) {
  Line line(plan_of({a_to_mu}));
  for (const unsigned index : {0u, 1u, 3u, 2u, 3u, 4u}) line.audio(pcma, index, 20 * index);
  const Octets report = sender_report_of({7, 5, 800});
  EXPECT_EQ(for_receiver(line, report), report);
  EXPECT_FALSE(line.work->is_shifted());
}

TEST(RenumberReports, WorkStaysAsLongAsOctetsDiffer) {
  Line line(plan_of({keep_a, {13, pcma, Treatment::noise, Law::a}}));
  Talk talk;
  talk.to(line, 2);
  line.put({.payload_type = 13, .sequence = 102, .timestamp = 16'320, .payload = {40}}, 40);
  EXPECT_EQ(for_receiver(line, sender_report_of({7, 3, 321})), sender_report_of({7, 3, 480}));
  line.replan({});
  EXPECT_TRUE(line.work->is_shifted());
}

TEST(RenumberReports, BothStreamsAreCorrectedInOneCompound) {
  Line line(cut_to(40));
  Line back(cut_to(20));
  Talk().to(line, 10);
  Talk{.ms = 40, .first = 500}.to(back, 10);
  const Octets names = rtcp(1, source_description, {0, 0, 0, 7, 1, 1, 'x', 0});
  const Octets leave = rtcp(1, goodbye, {0, 0, 0, 7});
  EXPECT_EQ(
      corrected(sender_report_of({7, 10, 1600}, {{.fraction = 9, .highest = 519}}) + names + leave,
                line.work.get(), back.work.get()),
      sender_report_of({7, 5, 1600}, {{.fraction = 9, .highest = 509}}) + names + leave);
}

TEST(RenumberReports, BeforeAnythingCameNothingWasChanged) {
  Line line(cut_to(40));
  const Octets report =
      sender_report_of({7, 500, 80'000}, {{.lost = 3, .highest = 70'000}}) + heard({.ssrc = 9});
  EXPECT_EQ(corrected(report, line.work.get(), line.work.get()), report);
}

TEST(RenumberReports, OfAnotherSourceNothingIsSaid) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  EXPECT_EQ(for_receiver(line, sender_report_of({stranger, 10, 1600}, {{.highest = 5}})),
            receiver_report_of(stranger, {{.highest = 5}}));
  const TestBlock known{.highest = 104};
  const TestBlock unknown{.ssrc = stranger, .lost = 2, .highest = 104};
  EXPECT_EQ(for_sender(line, receiver_report_of(peer, {unknown, known, unknown})),
            heard({.highest = 109}));
  EXPECT_EQ(for_sender(line, heard(unknown)), receiver_report_of(peer, {}));
}

TEST(RenumberReports, AStreamOfOurOwnIsNotTheSenders) {
  CodecPlan plan = plan_of({keep_a});
  plan.event_out = events;
  plan.makes_events = true;
  Line line(plan);
  ASSERT_TRUE(line.work->send_digit(5, 60, at(0)));
  line.tick(0);
  EXPECT_EQ(for_sender(line, heard({.ssrc = 99, .highest = 4000})), receiver_report_of(peer, {}));
}

TEST(RenumberReports, ANumberThatNeverWentOutIsNotTranslated) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  EXPECT_EQ(for_sender(line, heard({.highest = 105})), receiver_report_of(peer, {}));
}

TEST(RenumberReports, ExtensionsOfAReportStay) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  Octets report = heard({.ssrc = stranger});
  report.insert(report.end(), {1, 2, 3, 4});
  ++report[3];
  Octets wanted = receiver_report_of(peer, {});
  wanted.insert(wanted.end(), {1, 2, 3, 4});
  ++wanted[3];
  EXPECT_EQ(for_sender(line, report), wanted);
}

// Of the last report of a compound only (RFC 3550 section 6.4.1).
Octets padded(Octets report) {
  report[0] |= 0x20;
  ++report[3];
  return report + Octets{0, 0, 0, 4};
}

TEST(RenumberReports, PaddingStaysBehindItsReport) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  const TestBlock unknown{.ssrc = stranger};
  EXPECT_EQ(for_sender(line, padded(heard({.highest = 104}))), padded(heard({.highest = 109})));
  EXPECT_EQ(for_sender(line, padded(receiver_report_of(peer, {{.highest = 104}, unknown}))),
            padded(heard({.highest = 109})));
  EXPECT_EQ(for_sender(line, padded(heard(unknown))), padded(receiver_report_of(peer, {})));
  EXPECT_EQ(for_receiver(line, padded(sender_report_of({stranger, 10, 1600}))),
            padded(receiver_report_of(stranger, {})));
}

TEST(RenumberReports, AGoodbyeOfNobodyStaysBehindItsReport) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  const Octets leave = rtcp(0, goodbye, {});
  EXPECT_EQ(for_sender(line, heard({.highest = 104}) + leave), heard({.highest = 109}) + leave);
  // Alone it is shorter than RTCP may be.
  EXPECT_EQ(for_sender(line, leave), Octets());
}

TEST(RenumberReports, WhatNamesSinglePacketsIsLeftOut) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  const Octets report = heard({.highest = 104});
  const Octets good = heard({.highest = 109});
  const auto with_block = [](uint8_t type) {
    return rtcp(0, 207, {0, 0, 0, 7, type, 0, 0, 1, 0, 0, 0, 7});
  };
  for (const uint8_t type : std::initializer_list<uint8_t>{1, 2, 3, 6, 10, 14, 25, 33}) {
    EXPECT_EQ(for_sender(line, report + with_block(type)), good) << unsigned{type};
  }
  EXPECT_EQ(for_sender(line, report + with_block(7)), good + with_block(7));
  const auto feedback = [](uint8_t format) {
    return rtcp(format, 205, {0, 0, 0, 7, 0, 0, 0, 7, 0, 100, 0, 0});
  };
  for (const uint8_t format : std::initializer_list<uint8_t>{1, 7, 8, 11}) {
    EXPECT_EQ(for_sender(line, report + feedback(format)), good) << unsigned{format};
  }
  EXPECT_EQ(for_sender(line, report + feedback(3)), good + feedback(3));  // a bit rate
  EXPECT_EQ(for_receiver(line, feedback(1)), feedback(1));  // of the stream that nobody changed
}

TEST(RenumberReports, BesideBlocksThatNamePacketsTheOthersStay) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  const Octets head{0, 0, 0, 7};
  const Octets loss{1, 0, 0, 2, 0, 0, 0, 7, 0, 100, 0, 109};
  const Octets dlrr{5, 0, 0, 3, 0, 0, 0, 9, 1, 2, 3, 4, 0, 1, 0, 0};
  const Octets voip = Octets{7, 0, 0, 8} + Octets(32, 0x11);
  EXPECT_EQ(for_sender(line, rtcp(0, 207, head + loss + dlrr + loss + voip + loss)),
            rtcp(0, 207, head + dlrr + voip));
  EXPECT_EQ(for_sender(line, rtcp(0, 207, head + loss + loss)), Octets());
  const Octets empty = rtcp(0, 207, head);
  EXPECT_EQ(for_sender(line, empty), empty);
  // One that ends beyond the report, or padding that does.
  const Octets whole = heard({.highest = 104});
  const Octets good = heard({.highest = 109});
  EXPECT_EQ(for_sender(line, rtcp(0, 207, head + dlrr + Octets{7, 0, 0, 8}) + whole), good);
  EXPECT_EQ(for_sender(line, rtcp(0, 207, {}) + whole), good);
  for (const uint8_t padding : std::initializer_list<uint8_t>{0, 3, 4, 16, 20, 24}) {
    const Octets padded = rtcp(0x20, 207, head + dlrr + Octets{0, 0, 0, padding});
    const bool is_whole = padding == 4 || padding == 20;
    EXPECT_EQ(for_sender(line, padded + whole), is_whole ? padded + good : good)
        << unsigned{padding};
  }
  EXPECT_EQ(for_sender(line, rtcp(0x20, 207, head + loss + dlrr + Octets{0, 0, 0, 4})),
            rtcp(0x20, 207, head + dlrr + Octets{0, 0, 0, 4}));
  EXPECT_EQ(for_sender(line, rtcp(0x20, 207, head + loss + Octets{0, 0, 0, 4})), Octets());
}

TEST(RenumberReports, WhatNamesSinglePacketsStaysWhereNumbersAreThoseThatCameIn) {
  Line line(plan_of({{pcma, 96, Treatment::renumber, Law::a}}));
  Talk().to(line, 10);
  ASSERT_EQ(line.out.front().payload_type, 96);
  const Octets named = rtcp(1, 205, {0, 0, 0, 7, 0, 0, 0, 7, 0, 100, 0, 0}) +
                       rtcp(0, 207, {0, 0, 0, 7, 1, 0, 0, 1, 0, 0, 0, 7});
  EXPECT_EQ(for_sender(line, heard({.highest = 109}) + named), heard({.highest = 109}) + named);
  // A packet of our own moves all numbers behind it, whatever the plan does then.
  CodecPlan plan = line.work->current_plan();
  plan.event_out = events;
  plan.makes_events = true;
  line.replan(plan);
  ASSERT_TRUE(line.work->send_digit(5, 60, at(200)));
  line.tick(200);
  line.replan({});
  EXPECT_EQ(for_sender(line, heard({.highest = 110}) + named), heard({.highest = 109}));
}

TEST(RenumberReports, BrokenCompoundsLoseWhatIsBroken) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  const Octets whole = heard({.highest = 104});
  const Octets good = heard({.highest = 109});
  // The last one ends beyond the packet.
  for (size_t cut = 1; cut < whole.size(); ++cut) {
    const Octets broken(whole.begin(), whole.end() - static_cast<long>(cut));
    EXPECT_EQ(for_sender(line, whole + broken), good) << cut;
    EXPECT_EQ(for_sender(line, broken), Octets()) << cut;
  }
  // Blocks end beyond their report, which others follow.
  Octets too_many = whole;
  too_many[0] = 0x82;
  EXPECT_EQ(for_sender(line, too_many + whole), good);
  // A sender report without what it is about.
  EXPECT_EQ(for_receiver(line, rtcp(0, sender_report, {0, 0, 0, 7}) + whole), whole);
  Octets of_version_1 = whole;
  of_version_1[0] = 0x41;
  EXPECT_EQ(for_sender(line, whole + of_version_1), good);
  EXPECT_EQ(for_sender(line, {}), Octets());
}

TEST(RenumberReports, AnyOctetsStayWithinTheirPacket) {
  Line line(cut_to(40));
  Talk().to(line, 10);
  support::TestRandom random(5);
  for (unsigned round = 0; round < 20'000; ++round) {
    Octets packet = sender_report_of({7, 10, 1600}, {{.highest = 104}, {.ssrc = stranger}}) +
                    heard({.highest = 104});
    for (unsigned i = 0; i < 4; ++i) {
      packet[random() % packet.size()] = static_cast<uint8_t>(random());
    }
    packet.resize(random() % (packet.size() + 1));
    packet.shrink_to_fit();
    const uint16_t length = renumber_reports(packet, {line.work.get(), line.work.get()}).length;
    ASSERT_LE(length, packet.size());
    // It is whole now: the lengths add up.
    size_t end = 0;
    while (end < length) end += 4u + 4u * read_be16(&packet[end + 2]);
    ASSERT_EQ(end, length);
  }
}

}  // namespace
}  // namespace demarc::media
