#include "sip-parser/header_name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "sip-parser/base/ascii.h"

namespace demarc::sip {
namespace {

TEST(HeaderName, FindsEverySpellingInAnyCase) {
  for (unsigned i = 1; i < header_name_count; ++i) {
    const HeaderName name = static_cast<HeaderName>(i);
    std::string text(spelling(name));
    ASSERT_FALSE(text.empty()) << i;
    EXPECT_TRUE(ascii::is_token(text)) << text;
    EXPECT_EQ(header_name(text), name) << text;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return ascii::to_lower(c); });
    EXPECT_EQ(header_name(text), name) << text;
    for (size_t k = 0; k < text.size(); k += 2) {
      if (ascii::is_alpha(text[k])) text[k] = static_cast<char>(text[k] - 'a' + 'A');
    }
    EXPECT_EQ(header_name(text), name) << text;
  }
}

TEST(HeaderName, SpellsAsTheRfcDoes) {
  EXPECT_EQ(spelling(HeaderName::call_id), "Call-ID");
  EXPECT_EQ(spelling(HeaderName::cseq), "CSeq");
  EXPECT_EQ(spelling(HeaderName::www_authenticate), "WWW-Authenticate");
  EXPECT_EQ(spelling(HeaderName::mime_version), "MIME-Version");
  EXPECT_EQ(spelling(HeaderName::rack), "RAck");
  EXPECT_EQ(spelling(HeaderName::user_to_user), "User-to-User");
  EXPECT_EQ(spelling(HeaderName::p_asserted_identity), "P-Asserted-Identity");
  EXPECT_EQ(spelling(HeaderName::other), "");
  EXPECT_EQ(spelling(HeaderName::count), "");
}

TEST(HeaderName, BeginsALine) {
  for (unsigned i = 1; i < header_name_count; ++i) {
    const HeaderName name = static_cast<HeaderName>(i);
    const FieldBegin& begin = field_begin(name);
    EXPECT_EQ(std::string(begin.text.data(), begin.length), std::string(spelling(name)) + ": ");
  }
  EXPECT_EQ(field_begin(HeaderName::other).length, 0);
  EXPECT_EQ(field_begin(HeaderName::count).length, 0);
}

TEST(HeaderName, FindsCompactForms) {
  constexpr std::pair<std::string_view, HeaderName> forms[] = {
      {"a", HeaderName::accept_contact},
      {"b", HeaderName::referred_by},
      {"c", HeaderName::content_type},
      {"d", HeaderName::request_disposition},
      {"e", HeaderName::content_encoding},
      {"f", HeaderName::from},
      {"i", HeaderName::call_id},
      {"j", HeaderName::reject_contact},
      {"k", HeaderName::supported},
      {"l", HeaderName::content_length},
      {"m", HeaderName::contact},
      {"n", HeaderName::identity_info},
      {"o", HeaderName::event},
      {"r", HeaderName::refer_to},
      {"s", HeaderName::subject},
      {"t", HeaderName::to},
      {"u", HeaderName::allow_events},
      {"v", HeaderName::via},
      {"x", HeaderName::session_expires},
      {"y", HeaderName::identity},
  };
  for (const auto& [letter, name] : forms) {
    EXPECT_EQ(header_name(letter), name) << letter;
    const char upper = static_cast<char>(letter[0] - 'a' + 'A');
    EXPECT_EQ(header_name({&upper, 1}), name) << letter;
  }
  for (const char* unknown : {"g", "h", "p", "q", "w", "z", "1", "-"}) {
    EXPECT_EQ(header_name(unknown), HeaderName::other) << unknown;
  }
}

TEST(HeaderName, LeavesWhatItDoesNotKnow) {
  for (const char* unknown : {"", "Vi", "Viaa", "Via ", "X-Via", "Call_ID", "CallID", "Call-I",
                              "From\r", "Content-Lengt", "Content-Lengtg", "T0"}) {
    EXPECT_EQ(header_name(unknown), HeaderName::other) << unknown;
  }
  EXPECT_EQ(header_name({"\0\0\0", 3}), HeaderName::other);
  EXPECT_EQ(header_name(std::string(70000, 'v')), HeaderName::other);
}

// Any other octet at any place is another name, save the same letter in the other case.
TEST(HeaderName, ComparesEveryOctet) {
  for (unsigned i = 1; i < header_name_count; ++i) {
    const HeaderName name = static_cast<HeaderName>(i);
    std::string text(spelling(name));
    for (char& c : text) {
      const char kept = c;
      for (unsigned octet = 0; octet < 256; ++octet) {
        c = static_cast<char>(octet);
        // Another known name of the same length may be one letter away.
        const HeaderName found = header_name(text);
        ASSERT_EQ(found == name, ascii::to_lower(c) == ascii::to_lower(kept)) << text;
        ASSERT_TRUE(found == HeaderName::other || ascii::iequals(text, spelling(found))) << text;
      }
      c = kept;
    }
  }
}

}  // namespace
}  // namespace demarc::sip
