#include "sip-parser/field_rules.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tests/support/number_cases.h"
#include "tests/support/value_parsing.h"

namespace demarc::sip {
namespace {

struct Samples {
  HeaderName name;
  std::vector<std::string_view> good;
  std::vector<std::string_view> bad;
};

// Good and bad values of every field, at least one of each.
const std::vector<Samples>& all_samples() {
  static const std::vector<Samples> samples = {
      {HeaderName::accept,
       {"", "application/sdp;level=1, text/*;q=0.5", "*/*", "a / b ; c=\"d,e\""},
       {"application", "application/", "/sdp", "a/b,", "a/b/c", "a/b;", "a b"}},
      {HeaderName::accept_contact,
       {"*", "*;audio;require", "*;mobility=\"fixed\", *;methods=\"INVITE,BYE\";explicit"},
       {"", "a;audio", "*audio", "*;require=x", "*,"}},
      {HeaderName::accept_encoding,
       {"", "gzip", "gzip;q=1.0, identity; q=0.5, *;q=0"},
       {"gzip;q=2", "gzip;q=x", "gzip,", "gz ip", "gzip;q=0.1234"}},
      {HeaderName::accept_language,
       {"", "da, en-gb;q=0.8, en;q=0.7", "*", "es-419"},
       {"d a", "abcdefghi", "-en", "en-", "en--gb", "en,,de", "en_gb"}},
      {HeaderName::accept_resource_priority,
       {"", "dsn.flash, ets.0"},
       {"dsn", "dsn.", "a.b.c", ","}},
      {HeaderName::alert_info,
       {"<http://www.example.com/sounds/moo.wav>", "<urn:alert:service:call-waiting>;x=y, <a:b>"},
       {"", "http://x/y", "<>", "<x>", "<http://x", "<http://x>y", "<http://x>,", "<http://x y>"}},
      {HeaderName::allow, {"", "INVITE, ACK,BYE", "X-Mine"}, {"INVITE ACK", "INVITE,", "IN@VITE"}},
      {HeaderName::allow_events, {"presence", "presence.winfo, dialog"}, {"", "a..b", ".a", "a;b"}},
      {HeaderName::authentication_info,
       {"nextnonce=\"47364c23\"", "qop=auth, rspauth=\"ab\" , cnonce=\"c\", nc=00000001"},
       {"", "nextnonce", "nextnonce=\"b", "nc=x"}},
      {HeaderName::authorization,
       {"Digest username=\"Alice\", realm=\"a, b\", nonce=\"84a4\", uri=\"sip:x\", "
        "response=\"7587\"",
        "Mine a=b"},
       {"", "Digest", "Digest username=\"bob\"", "a=b"}},
      {HeaderName::call_id, {"a84b4c76e66710@pc33", "x"}, {"", "a b", "a@", "a@b@c", "a,b"}},
      {HeaderName::call_info,
       {"<http://www.example.com/alice/photo.jpg> ;purpose=icon, <a:b> ;purpose=info"},
       {"", "<a:b>;purpose", "<a:b>;purpose=\"icon\"", "a:b;purpose=icon"}},
      {HeaderName::contact,
       {"*", "\"Mr. Watson\" <sip:watson@bell.example>;q=0.7; expires=3600, <mailto:w@b.example>",
        "sip:a@b;q=1"},
       {"", "*, <sip:a@b>", "<sip:a@b>, *", "<sip:a@b>;q=1.1", "<sip:a@b>;expires=x", "<sip:>",
        "<sip:a@b>,", "sip:a@b?c=d"}},
      {HeaderName::content_disposition,
       {"session", "session;handling=optional"},
       {"", "a b", "a,b"}},
      {HeaderName::content_encoding, {"gzip", "tar, gzip"}, {"", "gzip,", "g zip", "gzip;q=1"}},
      {HeaderName::content_language, {"fr", "en-US, de"}, {"", "*", "e n", "en;q=1"}},
      {HeaderName::content_length, {"0", "349"}, {"", "-1", "1 2", "0x1", "1,1"}},
      {HeaderName::content_type,
       {"application/sdp", "multipart/mixed;boundary=\"a b\""},
       {"", "sdp", "a/b c", "a/b, c/d"}},
      {HeaderName::cseq, {"4711 INVITE"}, {"", "4711", "INVITE", "-1 INVITE"}},
      {HeaderName::date,
       {"Sat, 13 Nov 2010 23:29:00 GMT"},
       {"", "Sat, 13 Nov 2010 23:29:00 EST", "Sat, 13 Nov 2010 23:29:00", "0"}},
      {HeaderName::diversion,
       {"<sip:+19195551002@x>;reason=user-busy;counter=1, \"B\" <tel:+1>;privacy=\"full\""},
       {"", "sip:a@b;reason=away", "<sip:a@b>;counter=x", "<sip:a@b>;reason"}},
      {HeaderName::error_info, {"<sip:not-in-service@atlanta.example>"}, {"", "sip:a@b", "<sip:>"}},
      {HeaderName::event,
       {"presence", "dialog.x;id=1234"},
       {"", ".a", "a;id", "a,b", "a;id=\"1\""}},
      {HeaderName::expires, {"0", "4294967295"}, {"", "5 minutes", "-1"}},
      {HeaderName::feature_caps, {"*;+g.3gpp.srvcc;+sip.x=\"<y>\", *"}, {"", "+g", "**"}},
      {HeaderName::flow_timer, {"126"}, {"", "126;x", "a"}},
      {HeaderName::from,
       {"\"A. G. Bell\" <sip:agb@bell.example> ;tag=a48s", "sip:x@y;tag=887s",
        "Anonymous <sip:c@z>"},
       {"", "<sip:a@b>;tag", "<sip:a@b>;tag=1;tag=2", "<sip:a@b:0>", "sip:a@b, sip:c@d", "a"}},
      {HeaderName::geolocation,
       {"<cid:target123@atlanta.example>", "<sips:a@b>;x=y, <pres:c@d>"},
       {"", "cid:a@b", "<cid:>", "<cid:a>;;"}},
      {HeaderName::geolocation_error,
       {"100 ; code=\"Cannot Process Location\"", "300"},
       {"", "x", "100;code=Cannot", "100,200", "1 00"}},
      {HeaderName::geolocation_routing,
       {"yes", "no", "maybe;x=y"},
       {"", "yes,no", "yes no", "yes;"}},
      {HeaderName::history_info,
       {"<sip:bob@x>;index=1",
        "<sip:b@x?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1, <tel:+1>;index=1.2"},
       {"", "<sip:b@x>", "<sip:b@x>;index=01", "<sip:b@x>;index=1.", "sip:b@x;index=1",
        "<sip:b@x>;index=1;rc=1;np=1", "<sip:b@x>;index=a"}},
      {HeaderName::identity,
       {"eyJ.eyJ.c2ln;info=<https://biloxi.example/c.cer>;alg=ES256;ppt=shaken",
        "..c2ln;info=<a:b>"},
       {"", "a.b.c", "a.b.c;alg=ES256", "a.b;info=<a:b>", "a.b.;info=<a:b>", ".b.c;info=<a:b>",
        "a.b.c;info=\"a:b\"", "a+.b.c;info=<a:b>", "a.b.c;info=<a:b>,d.e.f;info=<a:b>"}},
      {HeaderName::identity_info,
       {"<https://atlanta.example/a.cer>;alg=rsa-sha1"},
       {"", "https://x"}},
      {HeaderName::in_reply_to, {"70710@saturn.example, 17320@saturn"}, {"", "a,", "a b", "a;b"}},
      {HeaderName::info_package, {"foo", "foo;x=y"}, {"", "foo, bar", "f oo", "foo;"}},
      {HeaderName::join, {"12adf;to-tag=1;from-tag=2"}, {"", "12adf", "12adf;to-tag=1", "a b"}},
      {HeaderName::max_breadth, {"60"}, {"", "-1", "60,60"}},
      {HeaderName::max_forwards, {"0", "70", "255"}, {"", "256", "-1", "7 0"}},
      {HeaderName::mime_version, {"1.0", "12.34"}, {"", "1", "1.", ".0", "1.0.0", "a.b", "1 .0"}},
      {HeaderName::min_expires, {"60"}, {"", "60s", "4294967296"}},
      {HeaderName::min_se, {"90", "90;x=y"}, {"", "90,90", "x"}},
      {HeaderName::organization, {"", "Boxes by Bob", "B\xc3\xb6xes"}, {"a\x01", "\xff", "a\x7f"}},
      {HeaderName::p_access_network_info,
       {"3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11",
        "IEEE-802.11a;np, ADSL;dsl-location=\"x\""},
       {"", "a b", "a;np=1", "a;", "a,"}},
      {HeaderName::p_asserted_identity,
       {"\"C J\" <sip:fluffy@cisco.example>, tel:+14085264000", "sip:a@b"},
       {"", "<sip:a@b>;x=y", "<sip:>", "a", "<sip:a@b>,"}},
      {HeaderName::p_associated_uri,
       {"", "<sip:a@b>, <tel:+1>;x"},
       {"sip:a@b", "<sip:a@b>,", "<a>"}},
      {HeaderName::p_called_party_id,
       {"<sip:user1-business@example.com>;x=y"},
       {"", "sip:a@b", "<a>"}},
      {HeaderName::p_charging_function_addresses,
       {"ccf=192.0.8.1; ecf=192.0.8.3", "ccf=\"[2001:db8::1]\";ccf=[2001:db8::2]"},
       {"", "ccf", "ccf=1;ecf", "ccf=1,ecf=2", ";ccf=1", "ccf="}},
      {HeaderName::p_charging_vector,
       {"icid-value=1234bc9876e;icid-generated-at=192.0.6.8;orig-ioi=home1.net",
        "icid-value=\"a;b\""},
       {"", "icid-value", "orig-ioi=a", "icid-value=1;icid-value=2", "icid-value=1;orig-ioi",
        "icid-value=1,x", "icid-value=\"a"}},
      {HeaderName::p_early_media, {"", "supported", "sendrecv, gated"}, {"a b", "a,", "a;b"}},
      {HeaderName::p_preferred_identity, {"<sip:a@b>", "tel:+1"}, {"", "<sip:a@b>;x", "x"}},
      {HeaderName::p_visited_network_id,
       {"other.net, \"Visited network number 1\";x=y"},
       {"", "a b", "\"a", "a,", "a;"}},
      {HeaderName::path,
       {"<sip:P3.example.com;lr>,<sip:P1.example.com;lr>;x"},
       {"", "sip:a@b", "<x>"}},
      {HeaderName::priority, {"emergency", "x-mine"}, {"", "very urgent", "a,b", "a;b"}},
      {HeaderName::privacy,
       {"id", "header;user ; id;critical"},
       {"", "id,header", "id;", "id header"}},
      {HeaderName::proxy_authenticate,
       {"Digest realm=\"atlanta.example\", qop=\"auth\", nonce=\"f84f\", stale=FALSE, "
        "algorithm=MD5"},
       {"", "Digest", "Digest realm=\"a\"", "Digest realm=\"a\" nonce=\"b\""}},
      {HeaderName::proxy_authorization,
       {"Digest username=\"Alice\", realm=\"a, b\", nonce=\"84a4\", uri=\"sip:x\", "
        "response=\"7587\""},
       {"", "Digest a=b",
        "Digest username=\"Alice\", realm=\"a, b\", nonce=\"84a4\", uri=\"sip:x\", "
        "response=\"7587\" x"}},
      {HeaderName::proxy_require, {"foo", "foo,sec-agree"}, {"", "foo,", "f oo", ","}},
      {HeaderName::rack, {"776656 1 INVITE"}, {"", "0 1 INVITE", "1 INVITE", "1 1"}},
      {HeaderName::reason,
       {"SIP ;cause=200 ;text=\"Call completed elsewhere\", Q.850;cause=16"},
       {"", "SIP;cause=x", "Q.850;cause=128", "SIP;text=x", "SIP,"}},
      {HeaderName::record_route,
       {"<sip:server10.biloxi.example;lr>, <sip:b>"},
       {"", "sip:a;lr", "<>"}},
      {HeaderName::recv_info, {"", "foo, bar;x=y"}, {"foo,", "f oo", "foo;"}},
      {HeaderName::refer_sub, {"false", "TRUE;x"}, {"", "0", "true,false", "true false"}},
      {HeaderName::refer_to,
       {"<sip:dave@d.example?Replaces=12345%40h%3Bto-tag%3D1%3Bfrom-tag%3D2>",
        "http://www.ietf.org"},
       {"", "<sip:a@b?x>", "<sip:a@b>,<sip:c@d>", "sip:a@b?c=d",
        "<sip:a@b?Replaces=1&replaces=2>"}},
      {HeaderName::referred_by,
       {"<sip:r@ref.example>;cid=\"2UWQFN309shb3@ref.example\"", "sip:a@b"},
       {"", "<sip:a@b>;cid=x", "<sip:a@b>;cid", "<sip:a@b>,<sip:c@d>"}},
      {HeaderName::reject_contact, {"*;actor=\"msg-taker\";video"}, {"", "sip:a@b", "*;"}},
      {HeaderName::remote_party_id,
       {"\"A\" <sip:a@b>;party=calling;screen=yes;privacy=off"},
       {"", "sip:a@b", "<sip:a@b>;party", "<x>"}},
      {HeaderName::replaces, {"98732@x;from-tag=1;to-tag=2;early-only"}, {"", "a", "a;to-tag=1"}},
      {HeaderName::reply_to,
       {"Bob <sip:bob@biloxi.example>;x=y"},
       {"", "<sip:a@b>,<sip:c@d>", "x"}},
      {HeaderName::request_disposition,
       {"proxy, recurse,parallel"},
       {"", "proxy,redirect", "x", "proxy,"}},
      {HeaderName::require, {"100rel", "100rel,x-mine"}, {"", "100rel,", "100 rel", ",100rel"}},
      {HeaderName::resource_priority, {"wps.3, dsn.flash"}, {"", "wps", "wps.3.1", "wps.3,"}},
      {HeaderName::retry_after,
       {"18000;duration=3600", "120 (I'm (really) in a \\) meeting)"},
       {"", "x", "120 (a", "120 a)", "120;duration", "120;duration=x", "(a) 120"}},
      {HeaderName::route,
       {"<sip:bigbox3.site3.atlanta.example;lr>,<sip:b>;x=y"},
       {"", "sip:a", "<a"}},
      {HeaderName::rseq, {"1", "988789"}, {"", "0", "4294967296", "1 2"}},
      {HeaderName::server, {"HomeServer v2", "a/1.0 (b; \"c\")"}, {"", "a\x02", "\xc0\x80"}},
      {HeaderName::service_route, {"<sip:P2.home.example;lr>"}, {"", "sip:a@b", "<sip:a@b>,"}},
      {HeaderName::session_expires, {"4000;refresher=uac"}, {"", "x", "4000;refresher=x", "1,2"}},
      {HeaderName::session_id,
       {"ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2"},
       {"", "ab30317f1a784dc48ff824d0d3715d8", "AB30317F1A784DC48FF824D0D3715D86",
        "ab30317f1a784dc48ff824d0d3715d86;remote=1", "ab30317f-1a784dc48ff824d0d3715d86"}},
      {HeaderName::sip_etag, {"dx200xyz"}, {"", "a b", "\"a\""}},
      {HeaderName::sip_if_match, {"kwj449x"}, {"", "a,b"}},
      {HeaderName::subject,
       {"", "Need more \"boxes", "\xe2\x82\xac\r\n x"},
       {"a\rb", "\xe2\x82", "\x80"}},
      {HeaderName::subscription_state,
       {"active;expires=60", "terminated;reason=timeout"},
       {"", "active;expires=x", "a b", "active;retry-after"}},
      {HeaderName::supported, {"", "100rel, timer,x"}, {"100rel,", "a b", "a;b"}},
      {HeaderName::target_dialog,
       {"fa77;local-tag=1;remote-tag=2"},
       {"", "fa77", "fa77;local-tag=1"}},
      {HeaderName::timestamp, {"54", "54.321 .5", "1 2."}, {"", ".5", "1 2 3", "a", "-1"}},
      {HeaderName::to,
       {"The Operator <sip:operator@cs.example>;tag=287447"},
       {"", "<sip:a@b", "a"}},
      {HeaderName::unsupported, {"foo, bar"}, {"", "foo,", "f oo"}},
      {HeaderName::user_agent, {"Softphone Beta1.5"}, {"", "\xed\xa0\x80", "a\x1f"}},
      {HeaderName::user_to_user,
       {"56a390f3d2b7310023a2;encoding=hex;purpose=foo;content=bar", "\"a, b\", c"},
       {"", "abc;encoding=hex", "0g;encoding=hex", "a b", "a;purpose", "\"a"}},
      {HeaderName::via,
       {"SIP/2.0/UDP a.example;branch=z9hG4bK1, SIP / 2.0 / TCP [2001:db8::1]:5060"},
       {"", "SIP/2.0/UDP", "SIP/1.0/UDP a", "SIP/2.0/UDP a;branch", "SIP/2.0/UDP a,"}},
      {HeaderName::warning,
       {"307 isi.example \"Session parameter 'foo' not understood\", 301 [2001:db8::1]:5060 \"x\""},
       {"", "30 a \"b\"", "307 a b", "307 \"b\"", "3070 a \"b\"", "307 a:b:c \"d\"", "307 a \"b"}},
      {HeaderName::www_authenticate,
       {"Digest realm=\"a\",nonce=\"b\""},
       {"", "Digest", "\"Digest\" a=b"}},
  };
  return samples;
}

Result<Span, ValueError> check_guarded(HeaderName name, std::string_view value) {
  return support::parse_guarded(
      [name](Span span, std::string_view datagram) { return check_field(name, span, datagram); },
      value);
}

TEST(FieldRules, EveryFieldHasGoodAndBadSamples) {
  std::array<bool, header_name_count> is_tested{};
  is_tested[static_cast<size_t>(HeaderName::other)] = true;
  for (const Samples& samples : all_samples()) {
    EXPECT_FALSE(samples.good.empty()) << spelling(samples.name);
    EXPECT_FALSE(samples.bad.empty()) << spelling(samples.name);
    is_tested[static_cast<size_t>(samples.name)] = true;
  }
  for (size_t i = 0; i < is_tested.size(); ++i) {
    EXPECT_TRUE(is_tested[i]) << spelling(static_cast<HeaderName>(i));
  }
}

TEST(CheckField, AcceptsGoodValues) {
  for (const Samples& samples : all_samples()) {
    for (const std::string_view value : samples.good) {
      EXPECT_TRUE(check_guarded(samples.name, value).has_value())
          << spelling(samples.name) << ": [" << value << ']';
    }
  }
}

TEST(CheckField, RefusesBadValues) {
  for (const Samples& samples : all_samples()) {
    for (const std::string_view value : samples.bad) {
      EXPECT_FALSE(check_guarded(samples.name, value).has_value())
          << spelling(samples.name) << ": [" << value << ']';
    }
  }
}

TEST(CheckField, TakesAnEmptyValueWhereTheRowSaysSo) {
  for (size_t i = 1; i < header_name_count; ++i) {
    const FieldRule& rule = field_rule(static_cast<HeaderName>(i));
    EXPECT_EQ(check_guarded(rule.name, "").has_value(), rule.may_be_empty) << spelling(rule.name);
  }
}

TEST(CheckField, ReadsListsWhereTheRowSaysSo) {
  for (const Samples& samples : all_samples()) {
    const FieldRule& rule = field_rule(samples.name);
    // A comma is text, or stands between the parameters of one value.
    if (rule.shape == Shape::text || rule.shape == Shape::credentials) continue;
    const std::string value(samples.good.back());
    const bool is_accepted = check_guarded(rule.name, value + ", " + value).has_value();
    EXPECT_EQ(is_accepted, rule.is_list) << spelling(rule.name) << ": " << value;
  }
}

TEST(CheckField, IsSafeOnEveryTruncation) {
  for (const Samples& samples : all_samples()) {
    for (const std::string_view value : samples.good) {
      support::parse_truncations(
          [&samples](Span span, std::string_view datagram) {
            return check_field(samples.name, span, datagram);
          },
          value);
    }
  }
}

TEST(CheckField, RefusesControlOctetsEverywhere) {
  for (const Samples& samples : all_samples()) {
    for (const char* octet : {"\r", "\n", "\x01", "\x7f"}) {
      const std::string value = std::string(samples.good.back()) + octet + "x";
      EXPECT_FALSE(check_guarded(samples.name, value).has_value()) << spelling(samples.name);
    }
    EXPECT_FALSE(
        check_guarded(samples.name, std::string(samples.good.back()) + std::string(1, '\0') + "x")
            .has_value())
        << spelling(samples.name);
  }
}

TEST(CheckField, LooksIntoQuotedStrings) {
  const auto with = [](std::string_view inside) {
    std::string value = "\"";
    value.append(inside).append("\" <sip:a@b>");
    return check_guarded(HeaderName::from, value).has_value();
  };
  EXPECT_TRUE(with("a \t\r\n b"));
  EXPECT_TRUE(with("\xc3\xa4\xf0\x9f\x93\x9e"));
  EXPECT_TRUE(with("\\\x07 \\\" \\\x7f"));  // quoted-pairs
  for (const std::string_view bad :
       {std::string_view("\x07"), std::string_view("\x7f"), std::string_view("\0", 1),
        std::string_view("\\\0", 2), std::string_view("\\\n"), std::string_view("\\\r\n x"),
        std::string_view("\xe4"), std::string_view("\\\xc3\xa4\xc3"), std::string_view("\xc0\xaf"),
        std::string_view("\xed\xa0\x80"), std::string_view("\xf4\x90\x80\x80"),
        std::string_view("\xe0\x9f\xbf"), std::string_view("\xf5\x80\x80\x80")}) {
    EXPECT_FALSE(with(bad)) << bad;
  }
}

TEST(CheckField, TakesAnythingOfAFieldThatItDoesNotKnow) {
  EXPECT_TRUE(check_guarded(HeaderName::other, ""));
  EXPECT_TRUE(check_guarded(HeaderName::other, "\x01 ,;\""));
  EXPECT_TRUE(check_guarded(HeaderName::count, "x"));
}

TEST(CheckField, PassesOnWhatIsOutOfRange) {
  EXPECT_EQ(check_guarded(HeaderName::max_forwards, "256").error(), ValueError::out_of_range);
  EXPECT_EQ(check_guarded(HeaderName::via, "SIP/2.0/UDP a, SIP/2.0/UDP a:0").error(),
            ValueError::out_of_range);
}

TEST(CheckField, ChecksTheRangeOfEveryNumber) {
  for (size_t i = 1; i < header_name_count; ++i) {
    const FieldRule& rule = field_rule(static_cast<HeaderName>(i));
    if (rule.shape != Shape::number) continue;
    const uint64_t minimum = rule.name == HeaderName::rseq ? 1 : 0;
    support::expect_number_range(
        {minimum, max_number_of(rule.name)},
        [&rule](const std::string& number) -> Result<uint64_t, ValueError> {
          const Result<Span, ValueError> result = check_guarded(rule.name, number);
          if (!result) return Fail{result.error()};
          return uint64_t{std::stoull(number)};
        });
  }
}

TEST(FieldRules, KeepsItsFactsTogether) {
  for (size_t i = 0; i < header_name_count; ++i) {
    const FieldRule& rule = field_rule(static_cast<HeaderName>(i));
    EXPECT_EQ(rule.name, static_cast<HeaderName>(i));
    EXPECT_TRUE(!rule.is_list || rule.may_repeat) << spelling(rule.name);
  }
  EXPECT_EQ(field_rule(HeaderName::diversion).rfc, 5806);
  EXPECT_FALSE(field_rule(HeaderName::cseq).may_repeat);
  EXPECT_TRUE(field_rule(HeaderName::www_authenticate).may_repeat);
  EXPECT_FALSE(field_rule(HeaderName::www_authenticate).is_list);
  EXPECT_TRUE(field_rule(HeaderName::other).may_repeat);
}

}  // namespace
}  // namespace demarc::sip
