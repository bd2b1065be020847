// The work for a message grows with its length and no faster, whatever stands in it.
//
// Counted, not timed: this program has a copy of the parser that counts every basic block that it
// enters (-fsanitize-coverage=trace-pc) and every 16 octets that memchr walks. The counts are the
// same in every run. A loop in a loop over the octets shows as four times the work for twice the
// length.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "sip-parser/framer.h"
#include "sip-parser/outcome.h"
#include "sip-parser/parse.h"
#include "sip-parser/peek.h"
#include "tests/torture/corpus.h"

namespace {
uint64_t work = 0;
}

extern "C" void __sanitizer_cov_trace_pc() {
  ++work;
}
extern "C" void* __real_memchr(const void* octets, int wanted, size_t size);
extern "C" void* __wrap_memchr(const void* octets, int wanted, size_t size) {
  void* found = __real_memchr(octets, wanted, size);
  const size_t walked =
      found == nullptr
          ? size
          : static_cast<size_t>(static_cast<const char*>(found) - static_cast<const char*>(octets));
  work += 1 + walked / 16;
  return found;
}

namespace demarc::torture {
namespace {

// Blocks an octet that even the worst message may cost; ordinary ones take about a tenth of it.
constexpr uint64_t max_work_per_octet = 60;
// What a message costs however short it is.
constexpr uint64_t fixed_work = 6000;

// Everything that is done with a message that comes in.
uint64_t work_of(std::string octets, const sip::Capabilities& element) {
  static sip::Message message;
  const size_t size = octets.size();
  octets.resize(size + sip::padding_octets);
  const std::string_view datagram(octets.data(), size);
  work = 0;
  static_cast<void>(sip::peek(datagram).has_value());
  const auto parsed = sip::parse(datagram, message);
  static_cast<void>(
      sip::outcome_of(parsed, message, datagram, sip::Delivery::datagram, element).status_code);
  sip::Framer framer;
  static_cast<void>(framer.next(datagram).length);
  return work;
}

TEST(Work, IsCounted) {
  const std::string text = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n";
  EXPECT_GT(work_of(text, user_agent), 100u);
  EXPECT_EQ(work_of(text, user_agent), work_of(text, user_agent));
}

TEST(Work, IsBoundedForEveryMessageOfTheCorpus) {
  for (const std::span<const Case>* group : groups) {
    for (const Case& one : *group) {
      const std::string octets = expand(one.text);
      EXPECT_LT(work_of(octets, *one.element), fixed_work + max_work_per_octet * octets.size())
          << one.name << ", " << octets.size() << " octets";
    }
  }
}

// Where the text that grows stands, and what it is made of.
struct Shape {
  const char* name;
  const char* before;
  const char* growing;
  const char* behind;
};

#define VIA "Via: SIP/2.0/UDP 192.0.2.66;branch=z9hG4bKb\n"
#define REST                                                      \
  "From: <sip:x@example.com>;tag=f\nTo: <sip:desk@example.net>\n" \
  "Call-ID: work\nCSeq: 1 INVITE\nContent-Length: 0\n\n"
#define INVITE "INVITE sip:desk@example.net SIP/2.0\n"

constexpr Shape shapes[] = {
    {"nested comments", INVITE VIA "User-Agent: ", "(", "\n" REST},
    {"quotes", INVITE VIA "Contact: ", "\"\"", "\n" REST},
    {"open quotes in a list", INVITE VIA "Contact: ", "\",", "\n" REST},
    {"quoted pairs", INVITE VIA "Contact: \"", "\\\"", "\" <sip:a@b>\n" REST},
    {"display name", INVITE VIA "Contact: ", "word ", "<sip:a@b>\n" REST},
    {"blanks of a display name", INVITE VIA "Contact: ", " ", "x <sip:a@b>\n" REST},
    {"open brackets", INVITE VIA "Contact: ", "<", "\n" REST},
    {"elements", INVITE VIA "Contact: <sip:a@b>", ",<sip:a@b>", "\n" REST},
    {"empty elements", INVITE VIA "Contact: ", ",", "\n" REST},
    {"empty elements of Via", INVITE "Via: SIP/2.0/UDP a", ",", "\n" REST},
    {"quoted commas of Via", INVITE "Via: SIP/2.0/UDP a;x=\"", ",", "\"\n" REST},
    {"folds", INVITE VIA "Contact: ", "\n ", "<sip:a@b>\n" REST},
    {"folds behind a value", INVITE VIA "Contact: <sip:a@b>", "\n ", "\n" REST},
    {"folds in parameters", INVITE VIA "Contact: <sip:a@b>;x", "\n ", "=y\n" REST},
    {"folds in a Via", INVITE "Via: SIP/2.0", "\n ", "/UDP a\n" REST},
    {"white space before a colon", INVITE VIA "Own", " ", ": x\n" REST},
    {"long name", INVITE VIA, "n", ": x\n" REST},
    {"long names", INVITE VIA, "Content-Lengti: x\n", REST},
    {"fields of one name", INVITE VIA, "Route: <sip:a>\n", REST},
    {"fields without a value", INVITE VIA, "s:\n", REST},
    {"parameters of a URI", "INVITE sip:desk@example.net", ";p=q", " SIP/2.0\n" VIA REST},
    {"user part", "INVITE sip:", "%41", "@example.net SIP/2.0\n" VIA REST},
    {"at signs", "INVITE sip:a", "@", " SIP/2.0\n" VIA REST},
    {"colons", "INVITE sip:a", ":", "@example.net SIP/2.0\n" VIA REST},
    {"question marks", "INVITE sip:a@b", "?", " SIP/2.0\n" VIA REST},
    {"host", "INVITE sip:", "a.", " SIP/2.0\n" VIA REST},
    {"IPv6 groups", "INVITE sip:[", "1:", ":] SIP/2.0\n" VIA REST},
    {"blanks of the request line", "INVITE", " ", "sip:a SIP/2.0\n" VIA REST},
    {"method", "", "A", " sip:a SIP/2.0\n" VIA REST},
    {"version digits", "INVITE sip:a SIP/", "0", "2.0\n" VIA REST},
    {"line ends before", "", "\n", INVITE VIA REST},
    {"digits", INVITE VIA "Max-Forwards: ", "0", "\n" REST},
    {"option tags", INVITE VIA "Require: a", ",a", "\n" REST},
    {"types", INVITE VIA "Accept: a/b", ",a/b", "\n" REST},
    {"parameters of types", INVITE VIA "Accept: a/b", ",a/b;q=0", "\n" REST},
    {"encodings", INVITE VIA "Content-Type: application/sdp\nContent-Encoding: identity",
     ",identity", "\nl: 1\n\nx"},
};

std::string grown(const Shape& shape, unsigned octets) {
  const std::string_view growing = shape.growing;
  std::string text = shape.before;
  for (unsigned i = 0; i < octets / growing.size(); ++i) text += growing;
  return expand(text + shape.behind);
}

TEST(Work, GrowsWithTheLengthAndNoFaster) {
  for (const Shape& shape : shapes) {
    const uint64_t none = work_of(grown(shape, 0), user_agent);
    const uint64_t once = work_of(grown(shape, 2000), user_agent);
    const uint64_t twice = work_of(grown(shape, 4000), user_agent);
    const uint64_t four_times = work_of(grown(shape, 8000), user_agent);
    // A little for what does not grow evenly.
    EXPECT_LT(twice, 2 * once + none + 500) << shape.name << ": " << once << ", " << twice;
    EXPECT_LT(four_times, 2 * twice + none + 500)
        << shape.name << ": " << twice << ", " << four_times;
    EXPECT_LT(four_times, fixed_work + max_work_per_octet * 8000) << shape.name;
  }
}

}  // namespace
}  // namespace demarc::torture
