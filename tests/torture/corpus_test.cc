#include "tests/torture/corpus.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace demarc::torture {
namespace {

TEST(Expand, WritesWhatHasNoPrintableForm) {
  EXPECT_EQ(expand("a\nb<<00>><<ff>>"), std::string("a\r\nb\0\xff", 6));
  EXPECT_EQ(expand("<<3*xy>>z<<2*\n >>"), "xyxyxyz\r\n \r\n ");
  EXPECT_EQ(expand("l: <<length>>\n\nab\n<<00>>"), std::string("l: 5\r\n\r\nab\r\n\0", 13));
  EXPECT_EQ(expand("<sip:a>, <<b"), "<sip:a>, <<b");
}

bool has_section(std::span<const Case> group, const std::string& section) {
  for (const Case& one : group) {
    if (std::string_view(one.name).substr(0, section.size()) == section) return true;
  }
  return false;
}

// How many sections RFC 4475 and RFC 5118 have in each part.
TEST(Corpus, HasAMessageForEachSection) {
  const auto expect_all = [](std::span<const Case> group, const std::string& part, unsigned last) {
    for (unsigned i = 1; i <= last; ++i) {
      const std::string section = part + std::to_string(i) + "_";
      EXPECT_TRUE(has_section(group, section)) << section;
    }
  };
  expect_all(rfc4475_valid, "s3_1_1_", 13);
  expect_all(rfc4475_invalid, "s3_1_2_", 19);
  expect_all(rfc4475_beyond_syntax, "s3_2_", 1);
  expect_all(rfc4475_beyond_syntax, "s3_3_", 15);
  expect_all(rfc4475_beyond_syntax, "s3_4_", 1);
  expect_all(rfc5118, "s4_", 10);
}

TEST(Corpus, NamesEachMessageOnce) {
  std::set<std::string> names;
  for (const std::span<const Case>* group : groups) {
    for (const Case& one : *group) EXPECT_TRUE(names.insert(one.name).second) << one.name;
  }
}

}  // namespace
}  // namespace demarc::torture
