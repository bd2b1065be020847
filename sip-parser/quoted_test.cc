#include "sip-parser/quoted.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

std::string meaning(std::string_view content) {
  const support::GuardedBuffer buffer(content, 0, ' ');
  std::string result;
  std::string_view piece;
  for (QuotedCursor cursor(buffer.view()); cursor.next(piece);) result += piece;
  return result;
}

std::string write_text(std::string_view plain) {
  std::array<char, 64> buffer;
  Writer writer(buffer);
  write_quoted(writer, plain);
  return writer.failed() ? "failed" : std::string(writer.written());
}

TEST(Quoted, ReadsEscapesOnce) {
  EXPECT_EQ(meaning(""), "");
  EXPECT_EQ(meaning("plain text"), "plain text");
  EXPECT_EQ(meaning(R"(a\"b)"), "a\"b");
  EXPECT_EQ(meaning(R"(\\\\)"), R"(\\)");
  EXPECT_EQ(meaning(R"(\a\\"\b)"), R"(a\"b)");
}

TEST(Quoted, ReadsAFoldAsOneSpace) {
  EXPECT_EQ(meaning("a\r\n \t b"), "a b");
  EXPECT_EQ(meaning("a \r\n b"), "a  b");
  EXPECT_EQ(meaning("\r\n a"), " a");
  EXPECT_EQ(meaning("\\\\\r\n a"), "\\ a");
}

TEST(Quoted, ReadsAFoldAsTheWriterUnfoldsIt) {
  for (const char* content : {"a\r\n b", "a \r\n\t\r\n b", "\r\n \r\n x", "a b"}) {
    std::array<char, 64> buffer;
    Writer writer(buffer);
    EXPECT_EQ(meaning(content), writer.unfolded(content).written()) << content;
  }
}

TEST(Quoted, KeepsWhatIsNoEscapeAndNoFold) {
  EXPECT_EQ(meaning("\\"), "\\");
  EXPECT_EQ(meaning("a\\"), "a\\");
  EXPECT_EQ(meaning("a\rb\r\nc"), "a\rb\r\nc");
  EXPECT_EQ(meaning("a\r\n"), "a\r\n");
}

TEST(Quoted, ComparesTheMeaning) {
  EXPECT_TRUE(is_quoted_equal("", ""));
  EXPECT_TRUE(is_quoted_equal(R"(\a\"b)", "a\"b"));
  EXPECT_TRUE(is_quoted_equal("a\r\n b", "a b"));
  EXPECT_FALSE(is_quoted_equal("a", ""));
  EXPECT_FALSE(is_quoted_equal("", "a"));
  EXPECT_FALSE(is_quoted_equal("ab", "a"));
  EXPECT_FALSE(is_quoted_equal("a", "ab"));
  EXPECT_FALSE(is_quoted_equal("a", "A"));
  EXPECT_FALSE(is_quoted_equal(R"(a\"b)", R"(a\"b)"));
}

TEST(Quoted, WritesEscapes) {
  EXPECT_EQ(write_text(""), "\"\"");
  EXPECT_EQ(write_text("J\xc3\xa4s\tn"), "\"J\xc3\xa4s\tn\"");
  EXPECT_EQ(write_text(R"(a"b\)"), R"("a\"b\\")");
  EXPECT_EQ(write_text(R"("")"), R"("\"\"")");
}

TEST(Quoted, WritesWhatReadsTheSame) {
  for (const std::string plain : {"", "a", "\"", "\\", "\\\"\\\\", "a\tb \"c\" \\d"}) {
    const std::string text = write_text(plain);
    ASSERT_GE(text.size(), 2u);
    EXPECT_EQ(meaning(std::string_view(text).substr(1, text.size() - 2)), plain);
  }
}

TEST(Quoted, RefusesToWriteControls) {
  for (int octet = 0; octet < 256; ++octet) {
    const std::string plain = std::string("a") + static_cast<char>(octet) + "b";
    const bool is_control = (octet < 0x20 && octet != '\t') || octet == 0x7f;
    EXPECT_EQ(is_quotable(plain), !is_control) << octet;
    EXPECT_EQ(write_text(plain) == "failed", is_control) << octet;
  }
}

}  // namespace
}  // namespace demarc::sip
