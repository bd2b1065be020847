// write_multipart(): what a cursor reads again.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "sip-parser/multipart_harness.h"

namespace demarc::sip {
namespace {

std::string error_of_write(std::string_view boundary, std::span<const PartToWrite> parts) {
  std::array<char, 4096> buffer;
  const Result<std::string_view, PartError> body = write_multipart(buffer, boundary, parts);
  return body ? "" : std::string(spelling(body.error()));
}
std::string error_of_write(std::string_view boundary, const PartField& field,
                           std::string_view body) {
  const PartToWrite part = {{&field, 1}, body};
  return error_of_write(boundary, {&part, 1});
}

TEST(WriteMultipart, ComposesWhatACursorReads) {
  const PartField sdp_fields[] = {{"Content-Type", "application/sdp"}};
  const PartField isup_fields[] = {{"Content-Type", "application/isup;version=x"},
                                   {"Content-Disposition", "signal;handling=optional"}};
  const PartToWrite parts[] = {{sdp_fields, sdp}, {isup_fields, isup}, {{}, ""}};
  std::array<char, 2048> buffer;
  const Result<std::string_view, PartError> body = write_multipart(buffer, "a b", parts);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->substr(0, 44), "--a b\r\nContent-Type: application/sdp\r\n\r\nv=0\r");
  EXPECT_EQ(body->substr(body->size() - 20), "--a b\r\n\r\n\r\n--a b--\r\n");
  const Seen seen = seen_in("multipart/mixed;boundary=\"a b\"", *body);
  EXPECT_EQ(seen.error, PartError{});
  EXPECT_EQ(seen.bodies, (std::vector{sdp, isup, ""s}));
}

TEST(WriteMultipart, FailsOneOctetShort) {
  const PartToWrite part = {{}, "hello"};
  std::array<char, 64> buffer;
  const size_t size = write_multipart(buffer, "b", {&part, 1})->size();
  for (size_t room = 0; room < size; ++room) {
    const Result<std::string_view, PartError> body =
        write_multipart(std::span<char>(buffer).first(room), "b", {&part, 1});
    ASSERT_FALSE(body) << room;
    EXPECT_EQ(body.error(), PartError::no_room) << room;
  }
  EXPECT_TRUE(write_multipart(std::span<char>(buffer).first(size), "b", {&part, 1}));
}

TEST(WriteMultipart, WritesNoMoreThanAMessageHolds) {
  std::vector<char> buffer(70'000);
  const std::string_view frame = "--b\r\n\r\n\r\n--b--\r\n";
  std::string octets(max_message_octets - frame.size(), 'x');
  PartToWrite part = {{}, octets};
  EXPECT_TRUE(write_multipart(buffer, "b", {&part, 1}));
  octets += 'x';
  part.body = octets;
  const Result<std::string_view, PartError> body = write_multipart(buffer, "b", {&part, 1});
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error(), PartError::no_room);
}

TEST(WriteMultipart, RefusesABoundaryThatStandsInAPart) {
  const PartField type = {"Content-Type", "a/b"};
  for (const char* body : {"--b", "x\r\n--b\r\ny", "\n--b--", "x--bc", "\r\n--b"}) {
    EXPECT_EQ(error_of_write("b", type, body), "boundary_in_part") << body;
  }
  for (const char* body : {"b", "-b", "--B", "--", "- -b", "--\r\nb"}) {
    EXPECT_EQ(error_of_write("b", type, body), "") << body;
  }
}

TEST(WriteMultipart, RefusesABoundaryThatIsNone) {
  const PartField type = {"Content-Type", "a/b"};
  for (const std::string& bad :
       {""s, " "s, "b "s, "b\r\n"s, "b\""s, "b\0"s, std::string(71, 'b')}) {
    EXPECT_EQ(error_of_write(bad, type, "x"), "bad_boundary") << bad;
  }
  EXPECT_EQ(error_of_write(std::string(70, 'b'), type, "x"), "");
}

TEST(WriteMultipart, RefusesFieldsThatWouldBreakOut) {
  for (const PartField& bad : std::initializer_list<PartField>{{"X", "a\r\nY: b"},
                                                               {"X", "a\rb"},
                                                               {"X", "a\nb"},
                                                               {"X", std::string_view("a\0b", 3)},
                                                               {"X\r\nY", "a"},
                                                               {"X:", "a"},
                                                               {"", "a"}}) {
    EXPECT_EQ(error_of_write("b", bad, "x"), "bad_field") << bad.value;
  }
}

TEST(WriteMultipart, RefusesWhatACursorRefuses) {
  EXPECT_EQ(error_of_write("b", {"Content-Type", "sdp"}, "x"), "bad_content_type");
  const PartField twice[] = {{"Content-ID", "<a>"}, {"content-id", "<b>"}};
  const PartToWrite part = {twice, "x"};
  EXPECT_EQ(error_of_write("b", {&part, 1}), "repeated_field");
  const std::vector<PartField> many(max_part_fields + 1, {"X", "y"});
  const PartToWrite wide = {many, "x"};
  EXPECT_EQ(error_of_write("b", {&wide, 1}), "too_many_fields");
  const PartToWrite exact = {std::span(many).first(max_part_fields), "x"};
  EXPECT_EQ(error_of_write("b", {&exact, 1}), "");
}

TEST(WriteMultipart, LimitsTheParts) {
  const std::vector<PartToWrite> parts(max_parts + 1, {{}, "x"});
  EXPECT_EQ(error_of_write("b", std::span(parts).first(max_parts)), "");
  EXPECT_EQ(error_of_write("b", parts), "too_many_parts");
  EXPECT_EQ(error_of_write("b", std::span<const PartToWrite>{}), "no_delimiter");
}

}  // namespace
}  // namespace demarc::sip
