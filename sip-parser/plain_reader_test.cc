// What is read plainly is what the general way reads: a value and the same one with its first word
// in the other case, which the plain way leaves alone, give the same.
#include "sip-parser/plain_reader.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"
#include "tests/support/guarded_buffer.h"

namespace demarc::sip {
namespace {

using support::GuardedBuffer;

// A value alone or in the middle of others, of which nothing may be read. With few octets behind it
// the last 64 of the text are classified, with many those from the value on.
class Placed {
 public:
  static constexpr unsigned places = 3;
  Placed(std::string_view value, unsigned place)
      : buffer_(text(value, place), 0, ' '),
        span_{static_cast<uint16_t>(place == 0 ? 0 : before.size()),
              static_cast<uint16_t>(value.size())} {}
  std::string_view datagram() const { return buffer_.view(); }
  Span span() const { return span_; }

 private:
  static constexpr std::string_view before = "Contact: \"<sip:a;b=c@d>,";
  static constexpr std::string_view behind = ",;=\"<sip:x@y>;tag=z";
  static std::string text(std::string_view value, unsigned place) {
    if (place == 0) return std::string(value);
    std::string result(before);
    result += value;
    for (unsigned i = 0; i < (place == 1 ? 1u : 4u); ++i) result += behind;
    return result;
  }

  GuardedBuffer buffer_;
  Span span_;
};

std::string with_prefix(std::string text, std::string_view prefix, size_t at) {
  return text.replace(at, prefix.size(), prefix);
}

using Spans = std::vector<Span>;

Spans spans_of(const Via& via) {
  return {via.transport_text,    via.host,   via.sent_by, via.branch,
          via.received,          via.params, via.whole,   Span{via.port, via.rport},
          Span{via.has_rport, 0}};
}
Spans spans_of(const Uri& uri) {
  return {uri.whole, uri.scheme_text, uri.user,    uri.password,
          uri.host,  uri.params,      uri.headers, Span{uri.port, 0}};
}
Spans spans_of(const NameAddr& name_addr) {
  return {name_addr.display_name, name_addr.uri, name_addr.params, name_addr.tag};
}

// All elements of a value, and at the end the error.
Spans read_vias(const Placed& value) {
  Spans result;
  ViaCursor cursor(value.span(), value.datagram());
  for (Via via; cursor.next(via);) {
    for (const Span span : spans_of(via)) result.push_back(span);
  }
  result.push_back({static_cast<uint16_t>(cursor.error()), 0});
  return result;
}
Spans read_addresses(const Placed& value) {
  Spans result;
  NameAddrCursor cursor(value.span(), value.datagram());
  NameAddr name_addr;
  for (Uri uri; cursor.next(name_addr, uri);) {
    for (const Span span : spans_of(name_addr)) result.push_back(span);
    for (const Span span : spans_of(uri)) result.push_back(span);
  }
  result.push_back({static_cast<uint16_t>(cursor.error()), 0});
  return result;
}
// The same without the URIs, and the value as one address.
Spans read_name_addrs(const Placed& value) {
  Spans result;
  NameAddrCursor cursor(value.span(), value.datagram());
  for (NameAddr name_addr; cursor.next(name_addr);) {
    for (const Span span : spans_of(name_addr)) result.push_back(span);
  }
  result.push_back({static_cast<uint16_t>(cursor.error()), 0});
  const Result<NameAddr, ValueError> one = parse_name_addr(value.span(), value.datagram());
  for (const Span span : one ? spans_of(*one) : Spans{{static_cast<uint16_t>(one.error()), 0}}) {
    result.push_back(span);
  }
  return result;
}
Spans read_uri(const Placed& value) {
  const Result<Uri, ValueError> uri = parse_uri(value.span(), value.datagram());
  return uri ? spans_of(*uri) : Spans{{static_cast<uint16_t>(uri.error()), 0}};
}

void expect_agreement(const std::string& tail) {
  const std::string via = "SIP/2.0/UDP " + tail;
  const std::string uri = "sip:" + tail;
  const std::string address = "<sip:" + tail;
  for (unsigned place = 0; place < Placed::places; ++place) {
    SCOPED_TRACE(place);
    EXPECT_EQ(read_vias({via, place}), read_vias({with_prefix(via, "sip", 0), place})) << via;
    EXPECT_EQ(read_uri({uri, place}), read_uri({with_prefix(uri, "SIP", 0), place})) << uri;
    const Placed plain(address, place);
    const Placed general(with_prefix(address, "SIP", 1), place);
    EXPECT_EQ(read_addresses(plain), read_addresses(general)) << address;
    // Without the URI, parameters are read plainly whatever its scheme; white space prevents that.
    const Spans name_addrs = read_name_addrs(plain);
    EXPECT_EQ(name_addrs, read_name_addrs(general)) << address;
    EXPECT_EQ(name_addrs, read_name_addrs({address + " ", place})) << address;
  }
}

TEST(PlainReader, AgreesWithTheGeneralWayOnEveryPort) {
  for (const std::string_view port :
       {"",         "0",     "1",     "9",     "60",    "0000",   "00000", "5060", "05060",
        "00005060", "50600", "65535", "65536", "99999", "123456", "a060",  "506a", "5a60",
        "5060a",    "a5060", "5060:", "-506",  "+506",  "506 ",   "50/0",  "5:60"}) {
    for (const std::string_view behind : {"", ">", ";branch=z;rport=", ";lr>;tag=x"}) {
      expect_agreement("h:" + std::string(port) + std::string(behind));
      expect_agreement("h;rport=" + std::string(port) + std::string(behind));
    }
  }
}

TEST(PlainReader, AgreesWithTheGeneralWayOnHowManyParametersThereMayBe) {
  for (const unsigned count : {max_params - 1, max_params, max_params + 1}) {
    std::string params;
    for (unsigned i = 0; i < count; ++i) params += i % 2 == 0 ? ";a" : ";a=b";
    expect_agreement("h" + params);
    expect_agreement("h" + params + ">" + params);
  }
}

TEST(PlainReader, AgreesWithTheGeneralWayWhereverABlockEnds) {
  for (size_t length = 0; length < 150; ++length) {
    const std::string run(length, 'x');
    expect_agreement(run + "@h;a=" + run + ">;tag=" + run + ";b");
    expect_agreement("h;branch=" + run + ";received=" + run + ", SIP/2.0/UDP h");
  }
}

TEST(PlainReader, AgreesWithTheGeneralWayOnRandomValues) {
  constexpr uint32_t seed = 11;
  SCOPED_TRACE(seed);
  const std::string_view pieces[] = {"h",
                                     "192.0.2.1",
                                     "user",
                                     "+44",
                                     ":",
                                     ":5060",
                                     "@",
                                     ";",
                                     "=",
                                     ">",
                                     "?",
                                     ",",
                                     " ",
                                     "\"",
                                     ";branch=",
                                     ";tag=",
                                     ";rport",
                                     "%41",
                                     "%",
                                     "[::1]",
                                     "/",
                                     "~",
                                     "*",
                                     "&",
                                     ";lr",
                                     "\t",
                                     "\r\n ",
                                     "<sip:",
                                     "\xc3\xa4",
                                     "a=b",
                                     ">;tag=",
                                     ";received=1.2.3.4",
                                     "SIP/2.0/TCP h",
                                     "\r",
                                     "(",
                                     "$"};
  std::mt19937 random(seed);
  for (int i = 0; i < 5000; ++i) {
    std::string tail;
    for (auto count = 1 + random() % 12; count != 0; --count) {
      tail += pieces[random() % std::size(pieces)];
    }
    expect_agreement(tail);
  }
}

TEST(PlainReader, GivesUpWhereTheGeneralWayIsToDecide) {
  const std::string_view params = ";a \t;b";
  PlainReader reader(params, 0, static_cast<uint32_t>(params.size()));
  reader.advance();
  EXPECT_FALSE(reader.read_params([](Span, Span) { return true; }));
}

}  // namespace
}  // namespace demarc::sip
