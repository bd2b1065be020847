#include "sip-parser/urn.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

Result<Urn, ValueError> urn(Span span, std::string_view datagram) {
  const Result<Uri, ValueError> uri = parse_uri(span, datagram);
  if (!uri) return Fail{uri.error()};
  return parse_urn(*uri, datagram);
}

bool is_emergency_text(std::string_view text) {
  const Result<Uri, ValueError> uri = parse_uri(support::whole(text), text);
  return uri && is_emergency(*uri, text);
}

std::string service(std::string_view uri_text) {
  const Result<Uri, ValueError> uri = parse_uri(support::whole(uri_text), uri_text);
  return uri ? std::string(text(service_of(*uri, uri_text), uri_text)) : "no URI";
}

TEST(Urn, ReadsItsParts) {
  const std::string_view value = "URN:example:a/b%2C:c?+r?=q#f";
  const Result<Urn, ValueError> result = support::parse_guarded(urn, value);
  ASSERT_TRUE(result);
  EXPECT_EQ(text(result->nid, value), "example");
  EXPECT_EQ(text(result->nss, value), "a/b%2C:c");
  EXPECT_EQ(text(result->components, value), "?+r?=q#f");
}

TEST(Urn, ChecksTheLengthOfItsNamespace) {
  const auto of = [](size_t octets) { return "urn:" + std::string(octets, 'a') + ":x"; };
  support::expect_accepted(urn, {of(2), of(3), of(31), of(32)});
  support::expect_refused(urn, {of(0), of(1), of(33)});
}

TEST(Urn, RefusesMistakes) {
  support::expect_refused(urn, {"urn:", "urn:ab", "urn:ab:", "urn:-a:b", "urn:a-:b", "urn:a_b:c",
                                "urn:ab:/c", "urn:ab:?=c", "urn:ab:c%", "urn:ab:c%4g", "urn:ab:[",
                                "urn:a?b:c", "sip:urn:ab", "http:ab:c", "tel:1"});
}

TEST(ServiceUrn, GivesTheService) {
  EXPECT_EQ(service("urn:service:sos.police"), "sos.police");
  EXPECT_EQ(service("URN:Service:counseling"), "counseling");
  EXPECT_EQ(service("urn:example:sos"), "");
  EXPECT_EQ(service("urn:service:sos."), "");
  EXPECT_EQ(service("urn:service:.sos"), "");
  EXPECT_EQ(service("urn:service:-sos"), "");
  EXPECT_EQ(service("urn:service:so/s"), "");
  EXPECT_EQ(service("sip:sos@h"), "");
}

TEST(ServiceUrn, ChecksTheLengthOfItsTopLevel) {
  EXPECT_NE(service("urn:service:" + std::string(26, 'a')), "");
  EXPECT_NE(service("urn:service:" + std::string(27, 'a')), "");
  EXPECT_EQ(service("urn:service:" + std::string(28, 'a')), "");
  EXPECT_NE(service("urn:service:a." + std::string(28, 'a')), "");
}

TEST(Emergency, IsSosAndAllBelowIt) {
  EXPECT_TRUE(is_emergency_text("urn:service:sos"));
  EXPECT_TRUE(is_emergency_text("urn:service:sos.police"));
  EXPECT_TRUE(is_emergency_text("URN:SERVICE:SOS.Fire.forest"));
  EXPECT_TRUE(is_emergency_text("urn:service:sos?+x"));
  for (const char* other : {"urn:service:sosx", "urn:service:counseling.sos", "urn:service:sos.",
                            "urn:sos:service", "urn:service:test.sos", "sip:sos@h", "tel:112"}) {
    EXPECT_FALSE(is_emergency_text(other)) << other;
  }
}

}  // namespace
}  // namespace demarc::sip
