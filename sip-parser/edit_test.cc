#include "sip-parser/edit.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "sip-parser/parse.h"
#include "tests/support/sip_messages.h"

namespace demarc::sip {
namespace {

constexpr std::string_view original =
    "OPTIONS sip:a@b SIP/2.0\r\n"
    "Via:  SIP/2.0/UDP h \r\n"
    "v: SIP/2.0/UDP\r\n i\r\n"
    "To: x\r\n"
    "X-Own: 1\r\n"
    "Content-Length: 2\r\n"
    "CSeq: 1 OPTIONS\r\n"
    "\r\n"
    "hi";

class EditTest : public testing::Test {
 protected:
  EditTest() { read(original); }
  void read(std::string_view text) {
    octets_.assign(text);
    size_ = text.size();
    octets_.resize(size_ + padding_octets);
    ASSERT_TRUE(parse(datagram(), message_));
  }
  std::string_view datagram() const { return std::string_view(octets_).substr(0, size_); }
  Edit edit() const { return Edit(message_, datagram()); }
  std::string apply(const Edit& edit) {
    buffer_.assign(70000, '\0');
    Writer writer(buffer_);
    is_applied_ = edit.apply(writer);
    return std::string(writer.written());
  }

  std::string octets_;
  size_t size_ = 0;
  Message message_;
  std::vector<char> buffer_;
  bool is_applied_ = false;
};

TEST_F(EditTest, KeepsAMessageByteForByte) {
  EXPECT_EQ(apply(edit()), original);
  EXPECT_TRUE(is_applied_);
}

TEST_F(EditTest, KeepsEveryMessageThatHasAContentLength) {
  for (const std::string_view whole : support::sip_messages) {
    read(whole);
    if (!message_.has(HeaderName::content_length)) continue;
    // Less what does not belong to it: line ends before and octets behind.
    const uint32_t begin = message_.start_line.offset;
    EXPECT_EQ(apply(edit()), whole.substr(begin, message_.body.end() - begin));
  }
}

TEST_F(EditTest, AddsAContentLengthWhereThereIsNone) {
  read("BYE sip:a SIP/2.0\r\nTo: x\r\n\r\nbody");
  EXPECT_EQ(apply(edit()), "BYE sip:a SIP/2.0\r\nTo: x\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(EditTest, ReplacesTheStartLine) {
  const std::string result = apply(edit().replace_start_line("OPTIONS sip:new SIP/2.0"));
  EXPECT_EQ(result.substr(0, 31), "OPTIONS sip:new SIP/2.0\r\nVia:  ");
}

TEST_F(EditTest, ReplacesTheFirstAndRemovesFurtherFields) {
  EXPECT_EQ(apply(edit().replace(HeaderName::via, "new")),
            "OPTIONS sip:a@b SIP/2.0\r\nVia: new\r\nTo: x\r\nX-Own: 1\r\nContent-Length: 2\r\n"
            "CSeq: 1 OPTIONS\r\n\r\nhi");
}

TEST_F(EditTest, RemovesFields) {
  EXPECT_EQ(apply(edit().remove(HeaderName::via)),
            "OPTIONS sip:a@b SIP/2.0\r\nTo: x\r\nX-Own: 1\r\nContent-Length: 2\r\n"
            "CSeq: 1 OPTIONS\r\n\r\nhi");
  EXPECT_EQ(apply(edit().remove_field(0).remove_field(3)),
            "OPTIONS sip:a@b SIP/2.0\r\nv: SIP/2.0/UDP\r\n i\r\nTo: x\r\nContent-Length: 2\r\n"
            "CSeq: 1 OPTIONS\r\n\r\nhi");
}

TEST_F(EditTest, InsertsWhereItIsAsked) {
  EXPECT_EQ(apply(edit()
                      .insert_before(HeaderName::via, HeaderName::route, "r1")
                      .insert_before(HeaderName::via, HeaderName::route, "r2")
                      .insert_before(HeaderName::from, HeaderName::subject, "no From")
                      .append(HeaderName::reason, "z")
                      .append("X-New", "y")),
            "OPTIONS sip:a@b SIP/2.0\r\nRoute: r1\r\nRoute: r2\r\nVia:  SIP/2.0/UDP h \r\n"
            "v: SIP/2.0/UDP\r\n i\r\nTo: x\r\nX-Own: 1\r\nContent-Length: 2\r\nCSeq: 1 OPTIONS\r\n"
            "Subject: no From\r\nReason: z\r\nX-New: y\r\n\r\nhi");
}

TEST_F(EditTest, InsertsBeforeARemovedField) {
  const std::string result =
      apply(edit().remove(HeaderName::to).insert_before(HeaderName::to, HeaderName::subject, "s"));
  EXPECT_NE(result.find(" i\r\nSubject: s\r\nX-Own"), std::string::npos);
}

TEST_F(EditTest, ReplacesTheBodyAndItsLength) {
  EXPECT_NE(apply(edit().replace_body("longer"))
                .find("Content-Length: 6\r\nCSeq: 1 OPTIONS\r\n\r\nlonger"),
            std::string::npos);
  EXPECT_NE(apply(edit().replace_body("")).find("Content-Length: 0\r\n"), std::string::npos);
  // Content-Length follows the body whatever else is asked.
  EXPECT_EQ(apply(edit().remove(HeaderName::content_length)), original);
  EXPECT_EQ(apply(edit().replace(HeaderName::content_length, "9")), original);
}

TEST_F(EditTest, WritesNoSecondContentLength) {
  EXPECT_EQ(apply(edit().append(HeaderName::content_length, "9")), original);
  EXPECT_EQ(apply(edit().append("content-LENGTH", "9")), original);
  EXPECT_EQ(apply(edit().append("l", "9")), original);
  EXPECT_EQ(apply(edit().insert_before(HeaderName::to, HeaderName::content_length, "9")), original);
}

TEST_F(EditTest, ShortensARepeatedContentLengthThatChanges) {
  read("BYE sip:a SIP/2.0\r\nl: 1\r\nl: 1\r\n\r\nx");
  EXPECT_EQ(apply(edit()), datagram());
  EXPECT_EQ(apply(edit().replace_body("")), "BYE sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(EditTest, GivesARemovalPrecedence) {
  const std::string result = apply(edit().replace(HeaderName::to, "y").remove(HeaderName::to));
  EXPECT_EQ(result.find("To:"), std::string::npos);
  EXPECT_NE(apply(edit().replace(HeaderName::to, "1st").replace(HeaderName::to, "2nd"))
                .find("To: 1st\r\n"),
            std::string::npos);
}

TEST_F(EditTest, DoesNothingToWhatIsNotThere) {
  EXPECT_EQ(
      apply(edit().replace(HeaderName::from, "x").remove(HeaderName::expires).remove_field(9)),
      original);
  EXPECT_EQ(apply(edit().remove(HeaderName::other)), original);
}

TEST_F(EditTest, RefusesLineEndsInValues) {
  for (const char* bad : {"a\r\nb", "a\nb", "a\r\n b"}) {
    EXPECT_EQ(apply(edit().replace(HeaderName::to, bad)), "");
    EXPECT_FALSE(is_applied_);
    EXPECT_EQ(apply(edit().append(HeaderName::to, bad)), "");
    EXPECT_FALSE(is_applied_);
    EXPECT_EQ(apply(edit().insert_before(HeaderName::to, HeaderName::via, bad)), "");
    EXPECT_FALSE(is_applied_);
    EXPECT_EQ(apply(edit().replace_start_line(bad)), "");
    EXPECT_FALSE(is_applied_);
    EXPECT_EQ(apply(edit().append(bad, "x")), "");
    EXPECT_FALSE(is_applied_);
  }
}

TEST_F(EditTest, CountsStepsToItsLimit) {
  Edit many = edit();
  for (unsigned i = 0; i < Edit::max_edits; ++i) many.append("X", "y");
  apply(many);
  EXPECT_TRUE(is_applied_);
  many.append("X", "y");
  EXPECT_EQ(apply(many), "");
  EXPECT_FALSE(is_applied_);
}

TEST_F(EditTest, FailsWithoutRoom) {
  std::array<char, original.size()> buffer;
  Writer exact(buffer);
  EXPECT_TRUE(edit().apply(exact));
  Writer short_by_one(std::span<char>(buffer).first(buffer.size() - 1));
  EXPECT_FALSE(edit().apply(short_by_one));
}

}  // namespace
}  // namespace demarc::sip
