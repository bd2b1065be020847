#include "dataplane/call/transfers/leg_image.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

#include "dataplane/call/transfers/dialog_texts.h"

namespace demarc::call::transfers {
namespace {

constexpr std::string_view dialog_text = "call-id|our-tag|their-tag|<sip:us>|<sip:them>|sip:x|<r>";

Leg sample_leg() {
  Leg leg;
  leg.trunk = contract::TrunkId{3};
  leg.target = contract::TargetId{5};
  leg.path.local = {contract::IpAddress::v4(10, 0, 0, 1), 5060};
  leg.path.remote = {contract::IpAddress::v4(10, 0, 0, 2), 5062};
  leg.path.realm = contract::RealmId{1};
  leg.path.transport = contract::Transport::tls;
  leg.path.stream = transaction::StreamId{77};
  leg.advertised.address = contract::IpAddress::v4(203, 0, 113, 1);
  leg.advertised.is_sips = true;
  leg.timing.t1 = contract::Duration::milliseconds(250);
  leg.invite = {4, 5};
  leg.invite_cseq = 11;
  leg.is_indexed = leg.counted.is_set = true;
  leg.takes_reliable = leg.wants_reliable = leg.takes_timer = leg.hides_caller = true;
  leg.counted.as = Side::out;
  leg.identity = headers::Identity::concealed;
  leg.has_referred = true;
  leg.min_se_s = 90;
  leg.offer = dialog::OfferState::sent;
  leg.allowed.add(sip::Method::update);
  leg.session = {1800, true};
  leg.session_due = contract::Instant{8};
  leg.origin = {1, {2, 3}};
  dialog::Dialog& dialog = leg.dialog;
  dialog.state = dialog::State::confirmed;
  dialog.has_remote_cseq = true;
  dialog.local_cseq = 41;
  dialog.remote_cseq = 42;
  uint16_t at = 0;
  each_text(dialog, [&](Span& span) {
    const size_t end = std::min(dialog_text.find('|', at), dialog_text.size());
    span = {at, static_cast<uint16_t>(end - at)};
    at = static_cast<uint16_t>(end + 1);
  });
  return leg;
}

constexpr LegTexts texts = {.dialog = dialog_text,
                            .trunk_name = "pbx",
                            .said = "v=0 said",
                            .shown = "v=0 shown",
                            .named_call_id = "named@there",
                            .named_tag = "named-ours",
                            .named_remote_tag = "named-theirs",
                            .referred_to = "+49",
                            .referred_by = "2001"};

class LegImageTest : public testing::Test {
 protected:
  LegImageTest() {
    image.leg = sample_leg();
    image.sdp_id = 100;
    image.sdp_version = 101;
    image.sdp_hash = 102;
    image.agreed_count = 2;
    image.is_bypassed = true;
    image.places[1] = {contract::IpAddress::v4(192, 0, 2, 7), 3};
    image.named_trunk = contract::TrunkId{9};
  }
  std::string written(const LegTexts& from = texts) {
    return std::string(write_leg(image, from, buffer));
  }
  LegImage image;
  std::array<char, max_leg_octets> buffer = {};
};

TEST_F(LegImageTest, WhatIsSaidOfTheSessionAndTheDialogToJoinComesBack) {
  const std::string octets = written();
  LegImage got;
  ASSERT_TRUE(read_leg(octets, got));
  EXPECT_EQ(got.sdp_id, 100u);
  EXPECT_EQ(got.sdp_version, 101u);
  EXPECT_EQ(got.sdp_hash, 102u);
  EXPECT_EQ(got.agreed_count, 2);
  EXPECT_TRUE(got.is_bypassed);
  EXPECT_FALSE(got.places[0].address.is_set());
  EXPECT_EQ(got.places[1].address, contract::IpAddress::v4(192, 0, 2, 7));
  EXPECT_EQ(got.places[1].media_index, 3);
  EXPECT_EQ(got.named_trunk, contract::TrunkId{9});
  const auto part = [&](Span span) { return text(span, octets); };
  EXPECT_EQ(part(got.trunk_name), texts.trunk_name);
  EXPECT_EQ(part(got.said), texts.said);
  EXPECT_EQ(part(got.shown), texts.shown);
  EXPECT_EQ(part(got.named_call_id), texts.named_call_id);
  EXPECT_EQ(part(got.named_tag), texts.named_tag);
  EXPECT_EQ(part(got.named_remote_tag), texts.named_remote_tag);
  EXPECT_EQ(part(got.referred_to), texts.referred_to);
  EXPECT_EQ(part(got.referred_by), texts.referred_by);
}

TEST_F(LegImageTest, TheLegComesBackWithItsDialog) {
  const std::string octets = written();
  LegImage got;
  ASSERT_TRUE(read_leg(octets, got));
  const Leg& leg = got.leg;
  EXPECT_EQ(leg.trunk, contract::TrunkId{3});
  EXPECT_EQ(leg.target, contract::TargetId{5});
  EXPECT_EQ(leg.path.local, image.leg.path.local);
  EXPECT_EQ(leg.path.remote, image.leg.path.remote);
  EXPECT_EQ(leg.path.realm, contract::RealmId{1});
  EXPECT_EQ(leg.path.transport, contract::Transport::tls);
  EXPECT_EQ(leg.path.stream, transaction::StreamId{77});
  EXPECT_EQ(leg.advertised.address, image.leg.advertised.address);
  EXPECT_TRUE(leg.advertised.is_sips);
  EXPECT_EQ(leg.timing.t1, contract::Duration::milliseconds(250));
  EXPECT_EQ(leg.invite_cseq, 11u);
  EXPECT_TRUE(leg.takes_reliable && leg.wants_reliable && leg.takes_timer && leg.hides_caller);
  EXPECT_EQ(leg.counted.as, Side::out);
  EXPECT_EQ(leg.identity, headers::Identity::concealed);
  EXPECT_TRUE(leg.has_referred);
  EXPECT_EQ(leg.min_se_s, 90u);
  EXPECT_TRUE(leg.takes(sip::Method::update));
  EXPECT_FALSE(leg.takes(sip::Method::info));
  EXPECT_EQ(leg.session.interval_s, 1800u);
  EXPECT_TRUE(leg.session.we_refresh);
  EXPECT_TRUE(leg.dialog.has_remote_cseq);
  EXPECT_EQ(leg.dialog.local_cseq, 41u);
  EXPECT_EQ(leg.dialog.remote_cseq, 42u);
  EXPECT_EQ(text(leg.dialog.call_id, octets), "call-id");
  EXPECT_EQ(text(leg.dialog.local_tag, octets), "our-tag");
  EXPECT_EQ(text(leg.dialog.remote_tag, octets), "their-tag");
  EXPECT_EQ(text(leg.dialog.local_identity, octets), "<sip:us>");
  EXPECT_EQ(text(leg.dialog.remote_identity, octets), "<sip:them>");
  EXPECT_EQ(text(leg.dialog.remote_target, octets), "sip:x");
  EXPECT_EQ(text(leg.dialog.route_set, octets), "<r>");
}

TEST_F(LegImageTest, WhatBelongsToOneWorkerStaysThere) {
  LegImage got;
  ASSERT_TRUE(read_leg(written(), got));
  EXPECT_FALSE(got.leg.invite.is_set());
  EXPECT_FALSE(got.leg.session_due.is_set());
  EXPECT_FALSE(got.leg.is_indexed);
  EXPECT_FALSE(got.leg.counted.is_set);
  EXPECT_FALSE(got.leg.origin.is_set);
  EXPECT_EQ(got.leg.offer, dialog::OfferState::idle);
}

TEST_F(LegImageTest, OneThatIsCutShortOrTooLongIsRefused) {
  const std::string octets = written();
  LegImage got;
  for (size_t length = 0; length < octets.size(); ++length) {
    EXPECT_FALSE(read_leg(std::string_view(octets).substr(0, length), got)) << length;
  }
  EXPECT_FALSE(read_leg(octets + 'x', got));
}

TEST_F(LegImageTest, OneOfAnotherVersionIsRefused) {
  std::string octets = written();
  const uint32_t next = LegImage::current_version + 1;
  std::memcpy(octets.data(), &next, sizeof next);
  LegImage got;
  EXPECT_FALSE(read_leg(octets, got));
}

TEST_F(LegImageTest, ATextOutsideOfItIsRefused) {
  std::string octets = written();
  LegImage got;
  ASSERT_TRUE(read_leg(octets, got));
  LegImage broken = got;
  broken.said.length = static_cast<uint16_t>(octets.size());
  std::memcpy(octets.data(), &broken, sizeof broken);
  EXPECT_FALSE(read_leg(octets, got));
  broken.said = {0, 8};  // within the struct
  std::memcpy(octets.data(), &broken, sizeof broken);
  EXPECT_FALSE(read_leg(octets, got));
}

TEST_F(LegImageTest, ADialogThatIsNotConfirmedIsRefused) {
  image.leg.dialog.state = dialog::State::ended;
  LegImage got;
  EXPECT_FALSE(read_leg(written(), got));
}

TEST_F(LegImageTest, WhatDoesNotFitIsNotWritten) {
  LegTexts large = texts;
  const std::string sdp(40000, 'x');
  large.said = large.shown = sdp;
  EXPECT_TRUE(written(large).empty());
  std::array<char, 64> small = {};
  EXPECT_TRUE(write_leg(image, texts, small).empty());
}

}  // namespace
}  // namespace demarc::call::transfers
