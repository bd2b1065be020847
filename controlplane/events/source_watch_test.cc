#include "controlplane/events/source_watch.h"

#include <gtest/gtest.h>

namespace demarc::events {
namespace {

constexpr uint64_t s = 1'000'000'000;

struct Spray {
  // Each of `count` streams, named from `first` on, refused as many packets of `address`.
  std::vector<RefusedStream> streams(unsigned first, unsigned count, const std::string& address,
                                     uint64_t packets) {
    std::vector<RefusedStream> all;
    for (unsigned i = first; i < first + count; ++i) {
      all.push_back({"0-" + std::to_string(i), address, packets});
    }
    return all;
  }
  std::vector<std::string> told() {
    std::vector<std::string> told;
    for (const Event& event : events.after(0, kept_events).events) {
      told.push_back(std::string(text_of(event.kind).name) + " " + event.subject);
    }
    return told;
  }

  Events events{100 * s};
  SourceWatch watch{events};
};
using Told = std::vector<std::string>;

TEST(SourceWatch, ASprayIsToldWithItsAddressWhenItBeginsAndEnds) {
  Spray spray;
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 100), 1 * s);  // before we came
  EXPECT_EQ(spray.told(), Told{});
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 103), 6 * s);
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 106), 11 * s);
  EXPECT_EQ(spray.told(), Told{"media_spray 203.0.113.9"});
  EXPECT_NE(spray.events.after(0, 1).events[0].text.find("27 packets from 203.0.113.9 came to 9"),
            std::string::npos);
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 106), 70 * s);
  EXPECT_EQ(spray.told().size(), 1u);
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 106), 71 * s);
  EXPECT_EQ(spray.told(), (Told{"media_spray 203.0.113.9", "media_spray_over 203.0.113.9"}));
}

TEST(SourceWatch, APeerBehindNatIsNone) {
  Spray spray;
  spray.watch.looked({}, 1 * s);
  spray.watch.looked(spray.streams(0, spray_streams - 1, "203.0.113.9", 5'000), 6 * s);
  EXPECT_EQ(spray.told(), Told{});
}

TEST(SourceWatch, TellsOfFewAddressesAtOnce) {
  Spray spray;
  spray.watch.looked({}, 1 * s);
  std::vector<RefusedStream> all;
  for (unsigned i = 0; i < told_sources + 50; ++i) {
    const std::string address = "203.0.113." + std::to_string(i);
    for (const RefusedStream& one : spray.streams(i * 10, spray_streams, address, 7)) {
      all.push_back(one);
    }
  }
  spray.watch.looked(all, 6 * s);
  EXPECT_EQ(spray.told().size(), told_sources + 1);
  EXPECT_EQ(spray.told().back(), "media_spray others");
  spray.watch.looked(all, 66 * s);
  EXPECT_EQ(spray.told().size(), 2 * (told_sources + 1));
  EXPECT_EQ(spray.told().back(), "media_spray_over others");
}

// Nobody looked for an hour: what is counted now did not come within a minute.
TEST(SourceWatch, WhatCameWhileNobodyLookedIsNoEvent) {
  Spray spray;
  spray.watch.looked({}, 1 * s);
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 9), 3600 * s);
  EXPECT_EQ(spray.told(), Told{});
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 10), 3605 * s);
  EXPECT_EQ(spray.told(), Told{"media_spray 203.0.113.9"});
}

TEST(SourceWatch, ALookIsDueOnlyWhileThereIsSomethingToSee) {
  Spray spray;
  EXPECT_FALSE(spray.watch.is_due(0, 1 * s));
  EXPECT_TRUE(spray.watch.is_due(5, 2 * s));
  EXPECT_FALSE(spray.watch.is_due(6, 3 * s)) << "it was looked just now";
  EXPECT_TRUE(spray.watch.is_due(6, 2 * s + spray_look_ns)) << "what came meanwhile";
  EXPECT_FALSE(spray.watch.is_due(6, 100 * s));
  // What was told is looked after until it is over.
  spray.watch.looked({}, 100 * s);
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 3), 105 * s);
  EXPECT_TRUE(spray.watch.is_due(6, 110 * s));
  spray.watch.looked(spray.streams(0, 9, "203.0.113.9", 3), 165 * s);
  EXPECT_FALSE(spray.watch.is_due(6, 170 * s));
}

}  // namespace
}  // namespace demarc::events
