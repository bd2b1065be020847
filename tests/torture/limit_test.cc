// Every limit reached exactly: one less and all of it are served, one more is refused as a whole.
#include <gtest/gtest.h>

#include <string>

#include "sip-parser/framer_harness.h"
#include "sip-parser/outcome.h"
#include "sip-parser/params.h"
#include "tests/support/guarded_buffer.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::Defect;
using sip::Outcome;

std::string times(unsigned count, std::string_view text) {
  std::string all;
  for (unsigned i = 0; i < count; ++i) all += text;
  return all;
}

constexpr std::string_view fields =
    "From: <sip:x@example.com>;tag=f\r\nTo: <sip:y@example.com>\r\nCall-ID: limit\r\n"
    "CSeq: 1 OPTIONS\r\nContent-Type: text/plain\r\n";
constexpr unsigned field_count = 7;  // of request()

// With its mandatory fields and Content-Length behind `more`.
std::string request(const std::string& more, const std::string& body = "",
                    std::string_view uri = "sip:y@example.com",
                    std::string_view via = "Via: SIP/2.0/UDP 192.0.2.66\r\n") {
  return "OPTIONS " + std::string(uri) + " SIP/2.0\r\n" + std::string(via) + std::string(fields) +
         more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Outcome outcome_of(const std::string& text) {
  const support::GuardedBuffer buffer(text, sip::padding_octets, ' ');
  static sip::Message message;
  const auto parsed = sip::parse(buffer.view(), message);
  return sip::outcome_of(parsed, message, buffer.view(), sip::Delivery::datagram, user_agent);
}

// make(n) has n of something.
template <class Make>
void expect_limit(unsigned limit, Defect defect, unsigned status_code, Make make) {
  for (const unsigned count : {limit - 1, limit}) {
    const Outcome outcome = outcome_of(make(count));
    EXPECT_EQ(spelling(outcome.defect), "none") << count;
  }
  const Outcome outcome = outcome_of(make(limit + 1));
  EXPECT_EQ(spelling(outcome.defect), spelling(defect));
  EXPECT_EQ(outcome.status_code, status_code);
}

TEST(Limit, OctetsOfAMessage) {
  const size_t around = request("", std::string(60000, 'b')).size() - 60000;
  expect_limit(sip::max_message_octets, Defect::message_too_large, 0, [around](unsigned octets) {
    return request("", std::string(octets - around, 'b'));
  });
}

// Nothing of such a message is read as a datagram. A stream says so before the body comes.
TEST(Limit, OctetsOfAMessageOnAStream) {
  const size_t around = request("", std::string(60000, 'b')).size() - 60000;
  for (const size_t octets : {sip::max_message_octets - 1u, sip::max_message_octets + 0u}) {
    const std::string text = request("", std::string(octets - around, 'b'));
    ASSERT_EQ(sip::frames_of(text).size(), 1u);
    EXPECT_EQ(sip::frames_of(text)[0], sip::message_at(0, octets));
  }
  const std::string text = request("", std::string(sip::max_message_octets + 1 - around, 'b'));
  const std::vector<sip::Found> found = sip::frames_of(text);
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].kind, sip::Frame::Kind::failed);
  const support::GuardedBuffer buffer(text.substr(found[0].offset, found[0].length),
                                      sip::padding_octets, ' ');
  sip::Message message;
  static_cast<void>(sip::parse(buffer.view(), message).has_value());
  const Outcome outcome = sip::outcome_of(found[0].error, message, buffer.view(), user_agent);
  EXPECT_EQ(outcome.status_code, 513);
  EXPECT_EQ(outcome.action, Outcome::Action::answer);
  EXPECT_TRUE(outcome.closes_connection);
}

TEST(Limit, HeaderFields) {
  expect_limit(sip::max_header_fields, Defect::too_many_fields, 400,
               [](unsigned count) { return request(times(count - field_count, "Own: y\r\n")); });
}

TEST(Limit, OctetsOfAFieldValue) {
  expect_limit(sip::max_field_value_octets, Defect::field_too_large, 513,
               [](unsigned octets) { return request("Own: " + times(octets, "x") + "\r\n"); });
  // Folds count as they stand.
  expect_limit(sip::max_field_value_octets, Defect::field_too_large, 513, [](unsigned octets) {
    return request("Own: x" + times(octets / 4 - 1, "\r\n x") + times(octets % 4 + 3, "x") +
                   "\r\n");
  });
}

TEST(Limit, ViasInOneField) {
  expect_limit(sip::max_vias, Defect::too_many_vias, 400, [](unsigned count) {
    return request("", "", "sip:y@example.com",
                   "Via: SIP/2.0/UDP a" + times(count - 1, ",SIP/2.0/UDP a") + "\r\n");
  });
}

TEST(Limit, ViasInManyFields) {
  expect_limit(sip::max_vias, Defect::too_many_vias, 400, [](unsigned count) {
    return request("", "", "sip:y@example.com", times(count, "v: SIP/2.0/UDP a\r\n"));
  });
  expect_limit(sip::max_vias, Defect::too_many_vias, 400, [](unsigned count) {
    const std::string odd = count % 2 == 1 ? "v: SIP/2.0/UDP a\r\n" : "";
    return request("", "", "sip:y@example.com",
                   times(count / 2, "v: SIP/2.0/UDP a, SIP/2.0/UDP b\r\n") + odd);
  });
}

TEST(Limit, ViasButNotTheirCommasInQuotes) {
  EXPECT_EQ(outcome_of(request("", "", "sip:y@example.com",
                               "Via: SIP/2.0/UDP a;x=\"" + times(1000, ",") + "\"\r\n"))
                .defect,
            Defect::none);
}

TEST(Limit, Routes) {
  for (const std::string name : {"Route", "Record-Route"}) {
    expect_limit(sip::max_routes, Defect::too_many_routes, 400, [&name](unsigned count) {
      return request(name + ": <sip:a>" + times(count - 1, ", <sip:a>") + "\r\n");
    });
    expect_limit(sip::max_routes, Defect::too_many_routes, 400,
                 [&name](unsigned count) { return request(times(count, name + ": <sip:a>\r\n")); });
  }
}

TEST(Limit, RoutesEachOfTheirOwn) {
  const unsigned all = sip::max_routes;
  EXPECT_EQ(outcome_of(
                request(times(all, "Route: <sip:a>\r\n") + times(all, "Record-Route: <sip:a>\r\n")))
                .defect,
            Defect::none);
}

TEST(Limit, ParametersOfAField) {
  expect_limit(sip::max_params, Defect::bad_contact, 400, [](unsigned count) {
    return request("Contact: <sip:x@192.0.2.66>" + times(count, ";p") + "\r\n");
  });
  expect_limit(sip::max_params, Defect::bad_via, 400, [](unsigned count) {
    return request("", "", "sip:y@example.com",
                   "Via: SIP/2.0/UDP a" + times(count, ";p=q") + "\r\n");
  });
  expect_limit(sip::max_params, Defect::bad_content_type, 400, [](unsigned count) {
    std::string text = request("", "b");
    const size_t at = text.find("text/plain") + 10;
    return text.substr(0, at) + times(count, ";p=q") + text.substr(at);
  });
}

TEST(Limit, ParametersOfAUri) {
  expect_limit(sip::max_params, Defect::bad_request_uri, 400, [](unsigned count) {
    return request("", "", "sip:y@example.com" + times(count, ";p"));
  });
  expect_limit(sip::max_params, Defect::bad_route, 400, [](unsigned count) {
    return request("Route: <sip:192.0.2.8" + times(count, ";p") + ">\r\n");
  });
}

// The largest message that can be made of all of it is still read to its end.
TEST(Limit, AllOfThemAtOnce) {
  const std::string more = "Record-Route: <sip:a>" + times(63, ",<sip:a>") + "\r\nRoute: <sip:a>" +
                           times(63, ",<sip:a>") + "\r\nContact: <sip:x@y" + times(64, ";u") + ">" +
                           times(64, ";p") + "\r\n" + times(4, "Own: " + times(8192, "x") + "\r\n");
  const std::string vias = "Via: SIP/2.0/UDP a" + times(127, ",SIP/2.0/UDP a") + "\r\n";
  const std::string body(20000, 'b');
  const std::string text = request(more, body, "sip:y@example.com", vias);
  EXPECT_EQ(outcome_of(text).defect, Defect::none);
  EXPECT_LT(text.size(), sip::max_message_octets);
}

}  // namespace
}  // namespace demarc::torture
