#include "sip-parser/sdp/attribute.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace demarc::sdp {
namespace {

// By both ways of asking.
AttributeKind kind_of(const std::string& name) {
  const AttributeKind kind = attribute_kind(name);
  const std::string padded = name + ":3456789";
  uint64_t word;
  std::memcpy(&word, padded.data(), sizeof word);
  EXPECT_EQ(attribute_kind(word, std::string_view(padded).substr(0, name.size())), kind) << name;
  return kind;
}

TEST(Attribute, KnowsEveryNameOfItsOwn) {
  for (unsigned i = 1; i < static_cast<unsigned>(AttributeKind::count); ++i) {
    const auto kind = static_cast<AttributeKind>(i);
    const std::string name(spelling(kind));
    ASSERT_FALSE(name.empty()) << i;
    EXPECT_EQ(kind_of(name), kind) << name;
  }
}

TEST(Attribute, KnowsNoOtherName) {
  for (unsigned i = 1; i < static_cast<unsigned>(AttributeKind::count); ++i) {
    const std::string name(spelling(static_cast<AttributeKind>(i)));
    EXPECT_EQ(kind_of(name + "x"), AttributeKind::other) << name;
    EXPECT_EQ(kind_of("x" + name), AttributeKind::other) << name;
    for (size_t place = 0; place < name.size(); ++place) {
      std::string changed = name;
      changed[place] = '~';
      EXPECT_EQ(kind_of(changed), AttributeKind::other) << changed;
    }
  }
  EXPECT_EQ(kind_of("RTPMAP"), AttributeKind::other);
  EXPECT_EQ(attribute_kind(""), AttributeKind::other);
  EXPECT_EQ(spelling(AttributeKind::other), "");
  EXPECT_EQ(spelling(AttributeKind::count), "");
}

TEST(Attribute, KnowsNamesOfT38InAnyLetters) {
  EXPECT_EQ(kind_of("t38faxversion"), AttributeKind::t38_version);
  EXPECT_EQ(kind_of("T38FAXUDPEC"), AttributeKind::t38_udp_ec);
  EXPECT_EQ(kind_of("T38VendorInfo"), AttributeKind::other);
  EXPECT_EQ(kind_of("T38"), AttributeKind::other);
}

TEST(Attribute, KnowsKindsThatBelongTogether) {
  EXPECT_TRUE(is_t38(AttributeKind::t38_version));
  EXPECT_TRUE(is_t38(AttributeKind::t38_udp_ec));
  EXPECT_FALSE(is_t38(AttributeKind::silence_supp));
  EXPECT_EQ(direction_of(AttributeKind::sendrecv), Direction::sendrecv);
  EXPECT_EQ(direction_of(AttributeKind::inactive), Direction::inactive);
}

}  // namespace
}  // namespace demarc::sdp
