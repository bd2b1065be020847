#include "sip-parser/uri_compare.h"

#include <gtest/gtest.h>

#include <string>

#include "sip-parser/uri_headers.h"
#include "tests/support/guarded_buffer.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

struct Pair {
  std::string_view a;
  std::string_view b;
};

// Both directions, each URI at the end of readable memory.
bool matches(const Pair& pair) {
  const support::GuardedBuffer buffer_a(pair.a, 0, ' ');
  const support::GuardedBuffer buffer_b(pair.b, 0, ' ');
  const Result<Uri, ValueError> a = parse_uri(support::whole(pair.a), buffer_a.view());
  const Result<Uri, ValueError> b = parse_uri(support::whole(pair.b), buffer_b.view());
  if (!a || !b) {
    ADD_FAILURE() << "no URI: " << pair.a << " or " << pair.b;
    return false;
  }
  const UriView view_a{*a, buffer_a.view()};
  const UriView view_b{*b, buffer_b.view()};
  const bool result = is_equivalent(view_a, view_b);
  EXPECT_EQ(is_equivalent(view_b, view_a), result) << pair.a << " and " << pair.b;
  return result;
}

void expect_all(bool expected, std::initializer_list<Pair> pairs) {
  for (const Pair& pair : pairs) {
    EXPECT_EQ(matches(pair), expected) << pair.a << " and " << pair.b;
  }
}

// RFC 3261 section 19.1.4, all examples.
TEST(UriCompare, FindsTheExamplesOfTheRfcEquivalent) {
  expect_all(true,
             {{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"},
              {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
              {"sip:carol@chicago.com", "sip:carol@chicago.com;security=on"},
              {"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"},
              {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
               "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
              {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
               "sip:alice@atlanta.com?priority=urgent&subject=project%20x"}});
}

TEST(UriCompare, FindsTheExamplesOfTheRfcDifferent) {
  expect_all(false, {{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
                     {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
                     {"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
                     {"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
                     {"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
                     {"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"},
                     {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"}});
}

TEST(UriCompare, NeverFindsSipAndSipsEquivalent) {
  expect_all(false, {{"sip:a@b", "sips:a@b"}, {"sip:1", "tel:1"}, {"sip:a", "x:a"}});
  expect_all(true, {{"SIPS:a@b", "sips:a@b"}});
}

TEST(UriCompare, ComparesUserAndPasswordWithCase) {
  expect_all(true, {{"sip:a:b@c", "sip:a:%62@c"}, {"sip:a:@c", "sip:a:@c"}});
  expect_all(false, {{"sip:a:b@c", "sip:a:B@c"},
                     {"sip:a@c", "sip:A@c"},
                     {"sip:a@c", "sip:c"},
                     {"sip:a:b@c", "sip:a@c"},
                     {"sip:a:@c", "sip:a@c"},
                     {"sip:a@c", "sip:ab@c"}});
}

TEST(UriCompare, DecodesAllButReservedCharacters) {
  expect_all(true, {{"sip:a%2Db%5f@c", "sip:a-b_@c"},
                    {"sip:a%3bb@c", "sip:a%3Bb@c"},
                    {"sip:%23@c", "sip:#@c"},
                    {"sip:%c3%A4@c", "sip:%C3%a4@c"}});
  expect_all(false, {{"sip:a%3Bb@c", "sip:a;b@c"},
                     {"sip:a%2Fb@c", "sip:a/b@c"},
                     {"sip:a%40b@c", "sip:a%41b@c"},
                     {"sip:%2541@c", "sip:A@c"}});
}

TEST(UriCompare, ComparesHosts) {
  expect_all(true, {{"sip:Example.COM", "sip:example.com"},
                    {"sip:[2001:DB8::1]", "sip:[2001:db8:0:0:0:0:0:1]"},
                    {"sip:[::ffff:192.0.2.1]", "sip:[::ffff:c000:201]"},
                    {"sip:[::1]:5060", "sip:[0::1]:5060"}});
  expect_all(false, {{"sip:example.com", "sip:example.org"},
                     {"sip:[::1]", "sip:[::2]"},
                     {"sip:[::1]", "sip:h"},
                     {"sip:h:5061", "sip:h:5060"},
                     {"sip:example.com.", "sip:example.com"}});
}

TEST(UriCompare, TakesAddressesThatAreNoneAsText) {
  const std::string longest = "sip:[" + std::string(60, '1') + ":]";
  expect_all(true, {{longest, longest}, {"sip:[:]", "sip:[:]"}});
  expect_all(false, {{longest, "sip:[::1]"}, {"sip:[1:2]", "sip:[1:3]"}});
}

TEST(UriCompare, WantsSomeParametersInBoth) {
  for (const std::string param :
       {"user=phone", "ttl=15", "method=INVITE", "maddr=192.0.2.1", "transport=udp"}) {
    EXPECT_FALSE(matches({"sip:a@b", "sip:a@b;" + param})) << param;
    EXPECT_TRUE(matches({"sip:a@b;" + param, "sip:a@b;x;" + param})) << param;
  }
  expect_all(true, {{"sip:a@b", "sip:a@b;lr"}, {"sip:a@b;%74tl=1", "sip:a@b;TTL=1"}});
  expect_all(false, {{"sip:a@b", "sip:a@b;%74tl=1"}});
}

TEST(UriCompare, WantsEqualValuesOfWhatBothHave) {
  expect_all(true, {{"sip:a@b;x=Y;z", "sip:a@b;Z;X=y"}, {"sip:a@b;x=%59", "sip:a@b;x=y"}});
  expect_all(false, {{"sip:a@b;x=1", "sip:a@b;x=2"},
                     {"sip:a@b;lr", "sip:a@b;lr=on"},
                     {"sip:a@b;x=1;x=2", "sip:a@b;x=1"},
                     {"sip:a@b;method=INVITE", "sip:a@b;method=invite"}});
}

TEST(UriCompare, NeverIgnoresHeaders) {
  expect_all(true, {{"sip:a@b?X=1&x=2", "sip:a@b?x=2&x=1"}, {"sip:a@b?x=", "sip:a@b?X="}});
  expect_all(false, {{"sip:a@b?x=1", "sip:a@b"},
                     {"sip:a@b?x=1", "sip:a@b?x=2"},
                     {"sip:a@b?x=a", "sip:a@b?x=A"},
                     {"sip:a@b?x=1&x=1", "sip:a@b?x=1"},
                     {"sip:a@b?x=1&x=1", "sip:a@b?x=1&x=2"},
                     {"sip:a@b?x=1&y=2", "sip:a@b?x=1"},
                     {"sip:a@b?x", "sip:a@b?x"}});
}

TEST(UriCompare, ComparesHeadersToTheirLimit) {
  std::string uri = "sip:a@b?x=0";
  for (unsigned i = 1; i < max_uri_headers - 1; ++i) uri += "&x=" + std::to_string(i);
  EXPECT_TRUE(matches({uri, uri}));
  EXPECT_TRUE(matches({uri + "&y=z", uri + "&y=z"}));
  EXPECT_FALSE(matches({uri + "&y=z", uri + "&y=w"}));
  EXPECT_FALSE(matches({uri + "&y=z&y=z", uri + "&y=z&y=z"}));
}

TEST(UriCompare, ComparesParametersToTheirLimit) {
  std::string uri = "sip:a@b";
  std::string reverse;
  for (unsigned i = 0; i < max_params; ++i) {
    uri += ";p" + std::to_string(i) + "=v";
    reverse = ";p" + std::to_string(i) + "=v" + reverse;
  }
  EXPECT_TRUE(matches({uri, "sip:a@b" + reverse}));
}

// RFC 3966 section 4.
TEST(UriCompare, ComparesTelephoneNumbers) {
  expect_all(true, {{"tel:+1-201-555-0123", "TEL:+1(201)555.0123"},
                    {"tel:+1;ext=12-3;isub=a", "tel:+1;ISUB=A;ext=123"},
                    {"tel:7A;phone-context=Example.com", "tel:7-a;phone-context=example.com"},
                    {"tel:7;phone-context=+1-201", "tel:7;phone-context=+1201"}});
  expect_all(false, {{"tel:+1201", "tel:1201"},
                     {"tel:+1", "tel:+1;ext=1"},
                     {"tel:+1;x=y", "tel:+1"},
                     {"tel:+1;ext=1", "tel:+1;ext=2"},
                     {"tel:7;phone-context=a.b", "tel:7;phone-context=+1"},
                     {"tel:7;phone-context=a.b", "tel:7;phone-context=a.c"}});
}

TEST(UriCompare, ComparesUrns) {
  expect_all(true, {{"urn:service:SOS.police", "URN:Service:sos.POLICE"},
                    {"urn:example:a%2cb", "URN:Example:a%2Cb"},
                    {"urn:example:a?+x", "urn:example:a?=y#z"}});
  expect_all(false, {{"urn:example:a", "urn:example:A"},
                     {"urn:example:a%2Cb", "urn:example:a,b"},
                     {"urn:service:sos", "urn:service:sos.police"},
                     {"urn:example:a", "urn:other:a"},
                     {"urn:x", "urn:x"},
                     {"urn:example:a", "urn:x"}});
}

TEST(UriCompare, ComparesOtherSchemesOctetByOctet) {
  expect_all(true, {{"HTTP://x/%7ey", "http://x/~y"},
                    {"mailto:a@b", "mailto:a@b"},
                    {"x:%2f%2F", "x:%2F%2f"},
                    {"x:%", "x:%"},
                    {"x:%4", "x:%4"}});
  expect_all(false, {{"http://x/Y", "http://x/y"},
                     {"http://x/a%2Fb", "http://x/a/b"},
                     {"http://x", "https://x"},
                     {"http://x/", "http://x"},
                     {"x:%4", "x:%41"}});
}

}  // namespace
}  // namespace demarc::sip
