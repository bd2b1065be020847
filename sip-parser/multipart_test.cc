#include "sip-parser/multipart.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "sip-parser/multipart_harness.h"
#include "sip-parser/parse.h"
#include "tests/support/seed.h"
#include "tests/support/shared_data.h"

namespace demarc::sip {
namespace {

// ---- well-formed bodies

TEST(PartCursor, FindsTheParts) {
  const Seen seen = seen_in(
      body_of("b", {part_of("application/sdp", sdp), part_of("application/pidf+xml", pidf)}));
  EXPECT_EQ(seen.error, PartError{});
  EXPECT_EQ(seen.types, (std::vector<std::string>{"application/sdp", "application/pidf+xml"}));
  EXPECT_EQ(seen.bodies, (std::vector{sdp, pidf}));
}

TEST(PartCursor, PassesBinaryOctets) {
  const std::string fields =
      "Content-Type: application/ISUP;version=itu-t92+\r\n"
      "Content-Disposition: signal;handling=optional\r\n"
      "Content-Transfer-Encoding: BINARY\r\n"
      "Content-ID: <1@a>\r\nContent-Length: 3\r\nX-Odd : 1\r\n 2\r\n";
  const std::string octets =
      body_of("unique-1", {part_of("application/sdp", sdp), fields + "\r\n" + isup});
  const Body body("multipart/mixed; boundary=\"unique-1\"", octets);
  const Result<MediaType, ValueError> media = parse_media_type(body.type_span, body.datagram());
  ASSERT_TRUE(media);
  PartCursor cursor(body.body_span, *media, body.datagram());
  Part part;
  ASSERT_TRUE(cursor.next(part));
  ASSERT_TRUE(cursor.next(part));
  EXPECT_EQ(part.type.kind, MediaKind::isup);
  EXPECT_EQ(text(part.body, body.datagram()), isup);
  EXPECT_EQ(text(part.content_disposition, body.datagram()), "signal;handling=optional");
  EXPECT_EQ(text(part.content_id, body.datagram()), "<1@a>");
  EXPECT_EQ(text(part.transfer_encoding, body.datagram()), "BINARY");
  EXPECT_EQ(text(part.header, body.datagram()), fields);
  EXPECT_FALSE(part.is_encoded);
  EXPECT_EQ(part.depth, 1u);
  EXPECT_FALSE(cursor.next(part));
  EXPECT_FALSE(cursor.failed());
}

TEST(PartCursor, SkipsPreambleAndEpilogue) {
  const std::string body = body_of("b", {part_of("text/plain", "x")});
  for (const char* preamble : {"", "\r\n", "words\r\n", "\n\r words\n\r\n",
                               "--\r\n--a\r\n -- b\r\n", "--B\r\n", "x--b\r\n"}) {
    for (const char* epilogue : {"", "\r\n", "words", "--b\r\n", "\r\n--b\n"}) {
      const Seen seen = seen_in(preamble + body + epilogue);
      EXPECT_EQ(seen.error, PartError{}) << preamble << epilogue;
      EXPECT_EQ(seen.bodies, std::vector{"x"s}) << preamble << epilogue;
    }
  }
}

TEST(PartCursor, AcceptsBlanksBehindADelimiterAndNoLastLineEnd) {
  const Seen seen = seen_in("--b \t \r\n\r\none\r\n--b\t\r\n\r\ntwo\r\n--b-- \t");
  EXPECT_EQ(seen.error, PartError{});
  EXPECT_EQ(seen.bodies, (std::vector{"one"s, "two"s}));
  EXPECT_EQ(seen_in("--b\r\n\r\none\r\n--b--").error, PartError{});
}

TEST(PartCursor, ReadsPartsWithoutFieldsOrBody) {
  const Seen seen = seen_in(
      "--b\r\n\r\n--b\r\n\r\n\r\n--b\r\nContent-Type: a/b\r\n\r\n--b\r\n"
      "Content-Type: c/d\r\n\r\n\r\n--b--");
  EXPECT_EQ(seen.error, PartError{});
  EXPECT_EQ(seen.types, (std::vector{""s, ""s, "a/b"s, "c/d"s}));
  EXPECT_EQ(seen.bodies, (std::vector{""s, ""s, ""s, ""s}));
}

TEST(PartCursor, TakesAPartWithoutTypeForText) {
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", "--b\r\nX: y\r\n\r\nhello\r\n--b--",
                     MediaKind::text_plain),
            "hello");
}

TEST(PartCursor, KnowsNoCompactFieldNames) {
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", "--b\r\nc: application/sdp\r\n\r\nx\r\n--b--",
                     MediaKind::sdp),
            "error: not_found");
}

TEST(PartCursor, LeavesLinesThatOnlyResembleADelimiter) {
  const std::string lines =
      " --bb\r\n-\r\n--\r\n--a\r\n-b\r\n- -bb\r\nx--bb--\r\n--b\r\n--b--\r\n--";
  const Seen seen = seen_in("multipart/mixed;boundary=bb", body_of("bb", {"\r\n" + lines}));
  EXPECT_EQ(seen.error, PartError{});
  EXPECT_EQ(seen.bodies, std::vector{lines});
}

TEST(PartCursor, ComparesBoundariesWithCase) {
  const Seen seen = seen_in(body_of("b", {"\r\n--B\r\n--B--"}));
  EXPECT_EQ(seen.bodies, std::vector{"--B\r\n--B--"s});
}

TEST(PartCursor, SaysWhichPartsAreEncoded) {
  const struct {
    const char* word;
    bool is_encoded;
  } cases[] = {{"7bit", false},
               {"8Bit", false},
               {"binary", false},
               {"base64", true},
               {"quoted-printable", true},
               {"x-own", true}};
  for (const auto& [word, is_encoded] : cases) {
    const Body body("multipart/mixed;boundary=b",
                    "--b\r\nContent-Transfer-Encoding: "s + word + "\r\n\r\nx\r\n--b--");
    PartCursor cursor(body.body_span, *parse_media_type(body.type_span, body.datagram()),
                      body.datagram());
    Part part;
    ASSERT_TRUE(cursor.next(part)) << word;
    EXPECT_EQ(part.is_encoded, is_encoded) << word;
  }
}

TEST(PartFieldCursor, WalksTheFieldsOfAPart) {
  const std::string_view header = "A : 1\r\nB:\r\n two\r\n\tthree \r\nA:\r\n";
  const GuardedBuffer buffer(header, 0, ' ');
  PartFieldCursor cursor({0, static_cast<uint16_t>(header.size())}, buffer.view());
  Span name, value;
  std::string all;
  while (cursor.next(name, value)) {
    all += std::string(text(name, header)) + "=" + std::string(text(value, header)) + "|";
  }
  EXPECT_EQ(all, "A=1|B=two\r\n\tthree|A=|");
  EXPECT_FALSE(cursor.failed());
  EXPECT_FALSE(cursor.has_ended());
}

// ---- nesting

std::string nested_in(const std::string& inner_type, const std::string& inner) {
  return body_of("outer", {part_of("application/isup", isup), part_of(inner_type, inner),
                           part_of("application/rs-metadata+xml", metadata)});
}

TEST(PartCursor, WalksAPartThatIsMultipartItself) {
  const std::string inner = body_of("in", {part_of("text/plain", "x"), part_of("a/b", sdp)});
  const Body body("multipart/mixed;boundary=outer",
                  nested_in("multipart/alternative;boundary=in", inner));
  PartCursor cursor(body.body_span, *parse_media_type(body.type_span, body.datagram()),
                    body.datagram());
  Part part;
  ASSERT_TRUE(cursor.next(part));
  ASSERT_TRUE(cursor.next(part));
  EXPECT_EQ(text(part.body, body.datagram()), inner);
  PartCursor nested(part, body.datagram());
  Part inner_part;
  ASSERT_TRUE(nested.next(inner_part));
  EXPECT_EQ(inner_part.depth, 2u);
  ASSERT_TRUE(nested.next(inner_part));
  EXPECT_EQ(text(inner_part.body, body.datagram()), sdp);
  EXPECT_FALSE(nested.next(inner_part));
  EXPECT_FALSE(nested.failed());
  ASSERT_TRUE(cursor.next(part));
  EXPECT_EQ(text(part.body, body.datagram()), metadata);
}

TEST(PartCursor, GoesTwoMultipartsDeepAndNoDeeper) {
  const std::string deepest = body_of("deep", {part_of("application/sdp", sdp)});
  const std::string inner = body_of("in", {part_of("multipart/mixed;boundary=deep", deepest)});
  const std::string octets = nested_in("multipart/mixed;boundary=in", inner);
  const Body body("multipart/mixed;boundary=outer", octets);
  PartCursor cursor(body.body_span, *parse_media_type(body.type_span, body.datagram()),
                    body.datagram());
  Part part;
  ASSERT_TRUE(cursor.next(part));
  ASSERT_TRUE(cursor.next(part));
  PartCursor nested(part, body.datagram());
  ASSERT_TRUE(nested.next(part));
  PartCursor too_deep(part, body.datagram());
  EXPECT_FALSE(too_deep.next(part));
  ASSERT_TRUE(too_deep.failed());
  EXPECT_EQ(too_deep.error(), PartError::too_deep);
  EXPECT_EQ(found_in("multipart/mixed;boundary=outer", octets, MediaKind::sdp), "error: too_deep");
}

// ---- mistakes

TEST(PartCursor, WantsAMultipart) {
  EXPECT_EQ(seen_in("application/sdp;boundary=b", "--b\r\n\r\nx\r\n--b--").error,
            PartError::bad_content_type);
}

TEST(PartCursor, ChecksTheBoundary) {
  for (const char* bad :
       {"multipart/mixed", "multipart/mixed;boundary=\"\"", "multipart/mixed;boundary=\"b \"",
        "multipart/mixed;boundary=\"b\\b\"", "multipart/mixed;boundary=\"\\b\"",
        "multipart/mixed;boundary=b*", "multipart/mixed;boundary=\"b\r\n b\"",
        "multipart/mixed;boundary=\"b@\""}) {
    EXPECT_EQ(seen_in(bad, "--b\r\n\r\nx\r\n--b--").error, PartError::bad_boundary) << bad;
  }
  EXPECT_TRUE(is_boundary("09azAZ'()+_,-./:=? x"));
  for (unsigned c = 0; c < 256; ++c) {
    const std::string boundary = "x"s + static_cast<char>(c) + "x";
    const bool is_good = c != 0 && std::string("09azAZ'()+_,-./:=? ").find(static_cast<char>(c)) !=
                                       std::string::npos;
    EXPECT_EQ(is_boundary(boundary), is_good || std::isalnum(static_cast<int>(c)) != 0) << c;
  }
}

TEST(PartCursor, LimitsTheBoundary) {
  for (const size_t size :
       {size_t{1}, size_t{max_boundary_octets - 1}, size_t{max_boundary_octets}}) {
    const std::string boundary(size, 'b');
    EXPECT_EQ(seen_in("multipart/mixed;boundary=" + boundary, body_of(boundary, {"\r\nx"})).error,
              PartError{});
  }
  const std::string boundary(max_boundary_octets + 1, 'b');
  EXPECT_EQ(seen_in("multipart/mixed;boundary=" + boundary, body_of(boundary, {"\r\nx"})).error,
            PartError::bad_boundary);
}

TEST(PartCursor, WantsADelimiter) {
  for (const char* bad : {"", "-", "--", "\r\n", "\r\n--", "hello", "x--b\r\n\r\n--c--", "--a\r\n",
                          "--b--", "--b--\r\n", "\r\n--b--\r\n--b\r\n\r\nx\r\n--b--"}) {
    EXPECT_EQ(seen_in(bad).error, PartError::no_delimiter) << bad;
  }
}

TEST(PartCursor, SurvivesABoundaryLongerThanTheBody) {
  const std::string boundary(max_boundary_octets, 'b');
  for (const char* octets : {"", "-", "--", "--b", "--bbb\r\n", "\r\n--bbbbbbbbbb"}) {
    EXPECT_EQ(seen_in("multipart/mixed;boundary=" + boundary, octets).error,
              PartError::no_delimiter);
  }
}

TEST(PartCursor, WantsTheEnd) {
  for (const char* bad :
       {"--b", "--b ", "--b\r\n", "--b\r\n\r\n", "--b\r\n\r\nx", "--b\r\n\r\nx\r\n",
        "--b\r\n\r\nx\r\n--", "--b\r\n\r\nx\r\n--b", "--b\r\n\r\nx\r\n--b\r\n",
        "--b\r\n\r\nx\r\n--b\r\n\r\ny", "--b\r\n\r\nx --b--"}) {
    EXPECT_EQ(seen_in(bad).error, PartError::no_end) << bad;
  }
}

TEST(PartCursor, RefusesALineThatOnlyBeginsWithTheBoundary) {
  for (const char* bad : {"--bb\r\n\r\nx\r\n--b--", "--b\r\n\r\nx\r\n--b1\r\n--b--",
                          "--b\r\n\r\nx\r\n--b--x\r\n--b--", "--b\r\n\r\nx\r\n--b-\r\n--b--",
                          "--b\r\n\r\nx\r\n--b - -", "--b\r\n\r\nx\r\n--b---\r\n", "--b\r\n--b--",
                          "--b\r\n--b\r\n\r\nx\r\n--b--"}) {
    EXPECT_EQ(seen_in(bad).error, PartError::bad_delimiter) << bad;
  }
  EXPECT_EQ(seen_in("--b\r\n\r\nx\r\n--b\0\r\n--b--"s).error, PartError::bad_delimiter);
}

TEST(PartCursor, RefusesOtherLineEndsThanCrlfAtADelimiter) {
  for (const char* bad :
       {"--b\n\nx\n--b--\n", "--b\n", "--b\r", "--b\rx", "--b \n", "\n--b\r\n", "\r--b\r\n",
        "\r\n\n--b\r\n", "\n\r--b\r\n", "--b\r\n\r\nx\n--b--", "--b\r\n\r\nx\r--b--",
        "--b\r\n\r\nx\r\n--b--\n", "--b\r\n\r\nx\r\n--b--\r", "--b\r\n\n--b--", "--b\r\n\r--b--"}) {
    EXPECT_EQ(seen_in(bad).error, PartError::bad_line_end) << testing::PrintToString(bad);
  }
}

TEST(PartCursor, ReadsPartFieldsByTheRulesOfAMessage) {
  for (const std::string& bad :
       {"X"s, "X y\r\n"s, ": y\r\n"s, " X: y\r\n"s, "X\x0b: y\r\n"s, "X: y\n"s, "X: y\rz\r\n"s,
        "X: y\0z\r\n"s, "X\r\n : y\r\n"s, "X: y\r\n z\n\r\n"s, "hello"s, "X: y\r\nhello"s}) {
    EXPECT_EQ(seen_in("--b\r\n" + bad + "\r\n\r\nbody\r\n--b--").error, PartError::bad_part_header)
        << testing::PrintToString(bad);
  }
  // No empty line behind the fields.
  EXPECT_EQ(seen_in("--b\r\nX: y\r\n--b--").error, PartError::bad_part_header);
  EXPECT_EQ(seen_in("--b\r\nhello\r\n--b--").error, PartError::bad_part_header);
}

TEST(PartCursor, RefusesARepeatedFieldThatIsRead) {
  for (const char* name :
       {"Content-Type", "Content-Disposition", "Content-ID", "Content-Transfer-Encoding"}) {
    const std::string field = std::string(name) + ": a/b\r\n";
    EXPECT_EQ(seen_in("--b\r\n" + field + "\r\nx\r\n--b--").error, PartError{}) << name;
    EXPECT_EQ(seen_in("--b\r\n" + field + "X: y\r\n" + field + "\r\nx\r\n--b--").error,
              PartError::repeated_field)
        << name;
  }
  EXPECT_EQ(seen_in("--b\r\nX: y\r\nX: y\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
                    "x\r\n--b--")
                .error,
            PartError{});
}

TEST(PartCursor, RefusesAPartWhoseTypeIsNotReadable) {
  for (const char* bad : {"", "sdp", "application/sdp;", "*/*"}) {
    EXPECT_EQ(seen_in(body_of("b", {part_of(bad, "x")})).error, PartError::bad_content_type) << bad;
  }
}

TEST(PartCursor, LimitsTheParts) {
  std::vector<std::string> parts(max_parts - 1, "\r\nx");
  EXPECT_EQ(seen_in(body_of("b", parts)).bodies.size(), max_parts - 1);
  parts.emplace_back("\r\nx");
  const Seen full = seen_in(body_of("b", parts));
  EXPECT_EQ(full.error, PartError{});
  EXPECT_EQ(full.bodies.size(), max_parts);
  parts.emplace_back("\r\nx");
  EXPECT_EQ(seen_in(body_of("b", parts)).error, PartError::too_many_parts);
}

TEST(PartCursor, LimitsTheFieldsOfAPart) {
  std::string fields;
  for (unsigned i = 0; i < max_part_fields - 1; ++i) fields += "X: y\r\n";
  EXPECT_EQ(seen_in(body_of("b", {fields + "\r\nx"})).error, PartError{});
  fields += "X: y\r\n";
  EXPECT_EQ(seen_in(body_of("b", {fields + "\r\nx"})).error, PartError{});
  fields += "X: y\r\n";
  EXPECT_EQ(seen_in(body_of("b", {fields + "\r\nx"})).error, PartError::too_many_fields);
}

TEST(PartCursor, FindsAnErrorInEveryTruncation) {
  const std::string inner = body_of("in", {part_of("application/sdp", sdp)});
  const std::string body = nested_in("multipart/mixed;boundary=in", inner);
  const size_t complete = body.size() - 2;  // the last CRLF may be absent
  for (size_t size = 0; size < complete; ++size) {
    EXPECT_NE(seen_in("multipart/mixed;boundary=outer", body.substr(0, size)).error, PartError{})
        << size;
    const std::string found =
        found_in("multipart/mixed;boundary=outer", body.substr(0, size), MediaKind::sdp);
    EXPECT_EQ(found.substr(0, 6), "error:") << size;
  }
  EXPECT_EQ(seen_in("multipart/mixed;boundary=outer", body.substr(0, complete)).error, PartError{});
}

TEST(PartCursor, SurvivesSpoiledBodies) {
  const unsigned seed = support::test_seed();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string pieces[] = {"\r",      "\n",          "\r\n",  "\0"s,
                                "--b",     "-",           "--b--", "--in\r\n",
                                ":",       "\r\n--b\r\n", " ",     "Content-Type: a/b\r\n",
                                "\r\n\r\n"};
  const std::string inner = body_of("in", {part_of("application/sdp", "v=0\r\n")});
  const std::string base =
      body_of("b", {part_of("multipart/mixed;boundary=in", inner), part_of("text/plain", "x")});
  for (int round = 0; round < 5'000; ++round) {
    std::string octets = base;
    for (unsigned i = 0; i < 1 + random() % 4; ++i) {
      const size_t at = random() % octets.size();
      octets.replace(at, std::min<size_t>(random() % 4, octets.size() - at),
                     pieces[random() % std::size(pieces)]);
    }
    const Seen seen = seen_in(octets);
    EXPECT_LE(seen.bodies.size(), max_parts);
    // One mistake anywhere, and no part of it is used.
    if (seen.error != PartError{}) {
      EXPECT_EQ(found_in("multipart/mixed;boundary=b", octets, MediaKind::sdp).substr(0, 6),
                "error:");
    }
  }
}

// ---- work

TEST(PartCursor, LooksAtEachOctetTwiceAtMost) {
  const std::string boundary(max_boundary_octets, 'b');
  for (const std::string& unit :
       {"\r\n--" + boundary.substr(1), "\n--" + boundary.substr(1), "\r\n--"s, "-"s, "\r\n-"s,
        "\r\n"s, "--" + boundary + "\r\n", "\r\n--b"s, boundary, "\n"s, "x"s}) {
    std::string octets = "--" + boundary + "\r\n\r\n";
    while (octets.size() + unit.size() < 60'000) octets += unit;
    octets += "\r\n--" + boundary + "--";
    const Body body("multipart/mixed;boundary=" + boundary, octets);
    PartCursor cursor(body.body_span, *parse_media_type(body.type_span, body.datagram()),
                      body.datagram());
    Part part;
    while (cursor.next(part)) {
    }
    EXPECT_LE(cursor.examined(), 2 * octets.size() + 2) << unit;
  }
}

// ---- find_part

TEST(FindPart, GivesTheFirstOfItsKind) {
  const std::string body =
      body_of("b", {part_of("application/isup;version=x", isup), part_of("Application/SDP", sdp),
                    part_of("application/sdp", "second")});
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", body, MediaKind::sdp), sdp);
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", body, MediaKind::isup), isup);
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", body, MediaKind::pidf), "error: not_found");
}

TEST(FindPart, ReadsSdpBesideSiprecMetadata) {
  const std::string body = body_of("foobar", {part_of("application/SDP", sdp),
                                              part_of("application/rs-metadata+xml", metadata)});
  EXPECT_EQ(found_in("multipart/mixed;boundary=foobar", body, MediaKind::sdp), sdp);
  EXPECT_EQ(found_in("multipart/mixed;boundary=foobar", body, MediaKind::rs_metadata), metadata);
}

TEST(FindPart, ReadsSdpBesideAPidf) {
  const std::string body =
      body_of("x", {part_of("application/pidf+xml", pidf), part_of("application/sdp", sdp)});
  EXPECT_EQ(found_in("multipart/mixed;boundary=x", body, MediaKind::pidf), pidf);
  EXPECT_EQ(found_in("multipart/mixed;boundary=x", body, MediaKind::sdp), sdp);
}

TEST(FindPart, LooksIntoAPartThatIsMultipart) {
  const std::string inner =
      body_of("in", {part_of("text/plain", "x"), part_of("application/sdp", sdp)});
  const std::string body = nested_in("multipart/mixed;boundary=in", inner);
  EXPECT_EQ(found_in("multipart/mixed;boundary=outer", body, MediaKind::sdp), sdp);
  EXPECT_EQ(found_in("multipart/mixed;boundary=outer", body, MediaKind::rs_metadata), metadata);
  EXPECT_EQ(found_in("multipart/mixed;boundary=outer", body, MediaKind::multipart_mixed), body);
}

TEST(FindPart, GivesTheWholeBodyWhenItIsOfThatKind) {
  EXPECT_EQ(found_in("application/sdp", sdp, MediaKind::sdp), sdp);
  EXPECT_EQ(found_in("application/sdp", "", MediaKind::sdp), "");
  EXPECT_EQ(found_in("application/sdp", sdp, MediaKind::isup), "error: not_found");
  const Body body("application/sdp", sdp);
  EXPECT_EQ(find_part(body.body_span, body.type_span, MediaKind::sdp, body.datagram())->depth, 0u);
}

TEST(FindPart, FailsOnAMistakeBehindThePart) {
  const std::string body = body_of("b", {part_of("application/sdp", sdp), "X\r\n"});
  EXPECT_EQ(found_in("multipart/mixed;boundary=b", body, MediaKind::sdp), "error: bad_part_header");
  const std::string nested = nested_in("multipart/mixed;boundary=in", "--in\r\n");
  EXPECT_EQ(found_in("multipart/mixed;boundary=outer", nested, MediaKind::isup), "error: no_end");
  EXPECT_EQ(
      found_in("multipart/mixed;boundary=outer", nested_in("multipart/mixed", ""), MediaKind::isup),
      "error: bad_boundary");
}

TEST(FindPart, WantsAContentType) {
  EXPECT_EQ(found_in("", sdp, MediaKind::sdp), "error: not_found");
  EXPECT_EQ(found_in("sdp", sdp, MediaKind::sdp), "error: bad_content_type");
  EXPECT_EQ(found_in("multipart/mixed", sdp, MediaKind::sdp), "error: bad_boundary");
}

// The body of the advisory AST-2017-003: LF only, a backtick in the name of the parameter, and a
// boundary that the body has no room for.
TEST(FindPart, RefusesTheBodyThatOverranOthers) {
  EXPECT_EQ(found_in("multipart/mixed;`boundary=++", "--\n--++=AAA\nxxx\n--+\n", MediaKind::sdp),
            "error: bad_boundary");
  EXPECT_EQ(found_in("multipart/mixed;boundary=++", "--\n--++=AAA\nxxx\n--+\n", MediaKind::sdp),
            "error: bad_line_end");
}

TEST(FindPart, ReadsTheBinaryMessageOfRfc4475) {
  for (const support::SharedFile& file : support::shared_messages("rfc4475")) {
    if (file.path.find("mpart01") == std::string::npos) continue;
    const GuardedBuffer buffer(file.octets, padding_octets, ' ');
    Message message;
    ASSERT_TRUE(parse(buffer.view(), message));
    const Span type = message.value(HeaderName::content_type);
    const Result<Part, PartError> part =
        find_part(message.body, type, MediaKind::text_plain, buffer.view());
    ASSERT_TRUE(part);
    EXPECT_EQ(text(part->body, buffer.view()), "Hello");
    PartCursor cursor(message.body, *parse_media_type(type, buffer.view()), buffer.view());
    const Seen seen = walk(cursor, buffer.view());
    EXPECT_EQ(seen.error, PartError{});
    ASSERT_EQ(seen.types, (std::vector{"text/plain"s, "application/octet-stream"s}));
    EXPECT_EQ(seen.bodies[1].size(), 342u);
  }
}

TEST(PartError, IsSpelled) {
  std::set<std::string_view> names;
  for (unsigned i = 1; i < static_cast<unsigned>(PartError::count); ++i) {
    names.insert(spelling(static_cast<PartError>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(PartError::count) - 1);
  EXPECT_EQ(names.count(""), 0u);
  EXPECT_EQ(spelling(PartError::count), "");
}

}  // namespace
}  // namespace demarc::sip
