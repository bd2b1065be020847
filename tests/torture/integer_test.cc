// Every number of a message at every boundary: what is read, and what the message earns.
//
// A number that is cut to the width of some integer turns into another one: 2^32 + 32 into 32. So
// each field is tried around the widths that an implementation could have, at its own limit, and
// with every trick on digits.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "sip-parser/name_addr.h"
#include "sip-parser/outcome.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"
#include "tests/support/guarded_buffer.h"
#include "tests/torture/corpus.h"

namespace demarc::torture {
namespace {

using sip::Defect;
using sip::Outcome;

// Digits without a limit, so that 2^64 and 40 digits fit too.
struct Number {
  const char* text;
  uint64_t number;  // UINT64_MAX stands for more
};
constexpr uint64_t more = UINT64_MAX;
constexpr Number numbers[] = {
    {"0", 0},
    {"1", 1},
    {"00000000000000000000000000000000000000001", 1},
    {"70", 70},
    {"99", 99},
    {"100", 100},
    {"254", 254},
    {"255", 255},
    {"256", 256},
    {"300", 300},
    {"699", 699},
    {"700", 700},
    {"32767", 32767},
    {"32768", 32768},
    {"65534", 65534},
    {"65535", 65535},
    {"65536", 65536},
    {"2147483646", 2147483646},
    {"2147483647", 2147483647},
    {"2147483648", 2147483648},
    {"4294967294", 4294967294},
    {"4294967295", 4294967295},
    {"4294967296", 4294967296},
    {"4294967297", 4294967297},
    {"4294967328", 4294967328},
    {"9223372036854775807", 9223372036854775807u},
    {"9223372036854775808", 9223372036854775808u},
    {"18446744073709551615", more},
    {"18446744073709551616", more},
    {"18446744073709551617", more},
    {"1234567890123456789012345678901234567890", more},
};

// No number at all. None of them ends the value before its last octet in some other way.
constexpr const char* tricks[] = {"-1",  "-0",       "+1",   "0x1",   "1 0", "1\t0", "1.5",
                                  "1e1", "0b1",      "1_0",  "1'0",   "x",   "1x",   "x1",
                                  "--1", "\xd9\xa1", "\xb9", "1\xa0", "1-",  "1+",   "\"1\""};

// A message with one number in it.
struct Place {
  const char* name;
  const char* before;  // all of the message but the number, as corpus.h has it
  const char* behind;
  uint64_t minimum;
  uint64_t maximum;
  Defect defect;  // beyond them; none: it is served all the same
  unsigned status_code;
  Defect trick_defect;  // no number at all
  // A trick that can not stand there at all, as a blank in a parameter; none: there is none.
  Defect broken_defect = Defect::none;
  bool is_empty_allowed = false;

  bool is_response() const { return std::string_view(before).substr(0, 4) == "SIP/"; }
};

#define FIELDS(method)                                            \
  "From: <sip:x@example.com>;tag=f\nTo: <sip:desk@example.net>\n" \
  "Call-ID: number\nCSeq: 1 " method "\n"
#define VIA "Via: SIP/2.0/UDP 192.0.2.66;branch=z9hG4bKb\n"
#define REQUEST(method) method " sip:desk@example.net SIP/2.0\n" VIA FIELDS(method)
#define END "\nContent-Length: 0\n\n"

const Place places[] = {
    {"max_forwards", REQUEST("OPTIONS") "Max-Forwards: ", END, 0, 255, Defect::bad_max_forwards,
     400, Defect::bad_max_forwards},
    {"cseq",
     "BYE sip:desk@example.net SIP/2.0\n" VIA
     "From: <sip:x@example.com>;tag=f\nTo: <sip:desk@example.net>\nCall-ID: number\nCSeq: ",
     " BYE" END, 0, 2147483647, Defect::bad_cseq, 400, Defect::bad_cseq},
    {"cseq_of_a_response",
     "SIP/2.0 200 OK\n" VIA
     "From: <sip:x@example.com>;tag=f\nTo: <sip:desk@example.net>\nCall-ID: number\nCSeq: ",
     " BYE" END, 0, 2147483647, Defect::bad_cseq, 0, Defect::bad_cseq},
    {"content_length", REQUEST("OPTIONS") "Content-Length: ", "\n\n", 0, 0,
     Defect::bad_content_length, 400, Defect::bad_content_length},
    {"status_code", "SIP/2.0 ", " Odd\n" VIA FIELDS("BYE") "Content-Length: 0\n\n", 100, 699,
     Defect::bad_status_code, 0, Defect::bad_start_line},
    {"port_in_via", "OPTIONS sip:desk@example.net SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.66:",
     ";branch=z9hG4bKb\n" FIELDS("OPTIONS") "Content-Length: 0\n\n", 1, 65535, Defect::bad_via, 400,
     Defect::bad_via},
    {"port_in_the_request_uri",
     "OPTIONS sip:desk@example.net:", " SIP/2.0\n" VIA FIELDS("OPTIONS") "Content-Length: 0\n\n", 1,
     65535, Defect::bad_request_uri, 400, Defect::bad_request_uri, Defect::bad_start_line},
    {"port_in_a_route", REQUEST("OPTIONS") "Route: <sip:192.0.2.8:", ">" END, 1, 65535,
     Defect::bad_route, 400, Defect::bad_route},
    {"rport", "OPTIONS sip:desk@example.net SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.66;rport=",
     ";branch=z9hG4bKb\n" FIELDS("OPTIONS") "Content-Length: 0\n\n", 1, 65535, Defect::bad_via, 400,
     Defect::bad_via},
    {"rseq", "SIP/2.0 183 Progress\n" VIA FIELDS("INVITE") "RSeq: ", END, 1, 4294967295,
     Defect::bad_rseq, 0, Defect::bad_rseq},
    {"rack_of_rseq", REQUEST("PRACK") "RAck: ", " 1 INVITE" END, 1, 4294967295, Defect::bad_rack,
     400, Defect::bad_rack},
    {"rack_of_cseq", REQUEST("PRACK") "RAck: 1 ", " INVITE" END, 0, 2147483647, Defect::bad_rack,
     400, Defect::bad_rack},
    {"q_of_a_binding", REQUEST("REGISTER") "Contact: <sip:x@192.0.2.66>;q=", END, 0, 1,
     Defect::bad_contact, 400, Defect::bad_contact},
    // What nobody reads, or what counts as absent or as a default of its own when it is no number.
    {"ttl", "OPTIONS sip:desk@example.net SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.66;ttl=",
     ";branch=z9hG4bKb\n" FIELDS("OPTIONS") "Content-Length: 0\n\n", 0, more, Defect::none, 0,
     Defect::none, Defect::bad_via},
    {"expires", REQUEST("REGISTER") "Expires: ", END, 0, more, Defect::none, 0, Defect::none,
     Defect::none, true},
    {"expires_of_a_binding", REQUEST("REGISTER") "Contact: <sip:x@192.0.2.66>;expires=", END, 0,
     more, Defect::none, 0, Defect::none, Defect::bad_contact},
    {"min_expires", "SIP/2.0 423 Interval Too Brief\n" VIA FIELDS("REGISTER") "Min-Expires: ", END,
     0, more, Defect::none, 0, Defect::none, Defect::none, true},
    {"retry_after", "SIP/2.0 503 Busy\n" VIA FIELDS("INVITE") "Retry-After: ", END, 0, more,
     Defect::none, 0, Defect::none, Defect::none, true},
};

struct Judged {
  Defect defect;
  unsigned status_code;
};

Judged judge(const Place& place, std::string_view number) {
  const std::string octets =
      expand(std::string(place.before) + std::string(number) + std::string(place.behind));
  const support::GuardedBuffer buffer(octets, sip::padding_octets, '9');
  sip::Message message;
  const auto parsed = sip::parse(buffer.view(), message);
  const Outcome outcome =
      sip::outcome_of(parsed, message, buffer.view(), sip::Delivery::datagram, user_agent);
  return {outcome.defect, outcome.status_code};
}

class Integer : public testing::TestWithParam<Place> {};

TEST_P(Integer, IsReadUpToItsLimitsAndNoFurther) {
  const Place& place = GetParam();
  const bool is_status = std::string_view(place.name) == "status_code";
  for (const Number& one : numbers) {
    const bool is_good = one.number >= place.minimum && one.number <= place.maximum;
    const Judged judged = judge(place, one.text);
    // A status code has three digits or is no such thing.
    const bool has_form = !is_status || std::string_view(one.text).size() == 3;
    const Defect bad = has_form ? place.defect : place.trick_defect;
    const bool is_served = is_good && has_form;
    EXPECT_EQ(spelling(judged.defect), spelling(is_served ? Defect::none : bad)) << one.text;
    EXPECT_EQ(judged.status_code, is_served ? 0 : place.status_code) << one.text;
  }
}

TEST_P(Integer, IsDigitsOnly) {
  const Place& place = GetParam();
  for (const char* trick : tricks) {
    const Judged judged = judge(place, trick);
    EXPECT_TRUE(judged.defect == place.trick_defect || judged.defect == place.broken_defect)
        << trick << ": " << spelling(judged.defect);
    EXPECT_EQ(judged.status_code, judged.defect == Defect::none || place.is_response() ? 0u : 400u)
        << trick;
  }
}

TEST_P(Integer, IsNotEmpty) {
  const Place& place = GetParam();
  const Judged judged = judge(place, "");
  if (place.is_empty_allowed) {
    EXPECT_EQ(judged.defect, Defect::none);
    return;
  }
  EXPECT_NE(judged.defect, Defect::none);
}

INSTANTIATE_TEST_SUITE_P(Boundary, Integer, testing::ValuesIn(places),
                         [](const testing::TestParamInfo<Place>& place) {
                           return std::string(place.param.name);
                         });

}  // namespace
}  // namespace demarc::torture
