// The values of attributes on any octets, alone and beside others, and the reader under the SDP
// parser: its SIMD numbers and sets say what plain loops say.

#include <memory>

#include "sip-parser/base/ascii.h"
#include "sip-parser/sdp/base64.h"
#include "sip-parser/sdp/candidate.h"
#include "sip-parser/sdp/connection.h"
#include "sip-parser/sdp/crypto.h"
#include "sip-parser/sdp/dtls.h"
#include "sip-parser/sdp/extension.h"
#include "sip-parser/sdp/fmtp.h"
#include "sip-parser/sdp/grouping.h"
#include "sip-parser/sdp/reader.h"
#include "sip-parser/sdp/silence.h"
#include "tests/fuzz/input.h"

namespace demarc::fuzz {
namespace {

constexpr uint32_t max_reader_octets = 512;

struct Value {
  std::string_view body;
  Span span;
  const Neighboured& inside;
};

// `parse` says the same of the value alone and beside others; gives what it says, or nothing.
template <class Parse>
auto check_neighbours(Parse parse, const Value& value) {
  const auto alone = parse(value.span, value.body);
  const auto twin = parse(value.inside.span(), value.inside.datagram());
  DEMARC_CHECK(alone.has_value() == twin.has_value());
  DEMARC_CHECK(alone.has_value() || alone.error() == twin.error());
  return alone;
}

void check_candidate(const Value& value) {
  const auto candidate = check_neighbours(sdp::parse_candidate, value);
  Span extensions = candidate.has_value() ? candidate->extensions : Span{};
  sdp::CandidateExtension extension;
  unsigned count = 0;
  while (sdp::take_extension(extensions, value.body, extension)) {
    check_inside(extension.name, value.span);
    check_inside(extension.value, value.span);
    DEMARC_CHECK(++count <= value.span.length);
  }
  if (!candidate) return;
  for (const Span span : {candidate->foundation, candidate->address, candidate->related_address,
                          candidate->transport_text, candidate->type_text}) {
    check_inside(span, value.span);
  }
  DEMARC_CHECK(candidate->priority <= sdp::max_candidate_priority);
}

void check_remote_candidates(const Value& value) {
  Span rest = value.span;
  sdp::RemoteCandidate remote;
  unsigned count = 0;
  while (sdp::take_remote_candidate(rest, value.body, remote)) {
    check_inside(remote.address, value.span);
    DEMARC_CHECK(++count <= value.span.length);
  }
}

void check_crypto(const Value& value) {
  const auto crypto = check_neighbours(sdp::parse_crypto, value);
  if (!crypto) return;
  DEMARC_CHECK(crypto->tag <= sdp::max_crypto_tag && crypto->key_count <= sdp::max_crypto_keys);
  for (unsigned i = 0; i < crypto->key_count; ++i) {
    check_inside(crypto->keys[i].key, value.span);
    check_inside(crypto->keys[i].mki, value.span);
    if (crypto->suite == sdp::CryptoSuite::other) continue;
    // What the parser lets through as a key is one.
    uint8_t octets[64];
    const uint8_t size = sdp::key_octets(crypto->suite);
    DEMARC_CHECK(sdp::base64_decode(text(crypto->keys[i].key, value.body), {octets, size}));
  }
}

void check_group(const Value& value) {
  for (const auto parse : {sdp::parse_group, sdp::parse_ssrc_group}) {
    const auto group = check_neighbours(parse, value);
    if (!group) continue;
    Span members = group->members;
    Span member;
    while (sdp::take_member(members, value.body, member)) check_inside(member, value.span);
  }
}

void check_events(const Value& value) {
  const auto events = check_neighbours(sdp::parse_telephone_events, value);
  if (!events) return;
  sdp::TelephoneEventsText printed;
  const std::string_view text = sdp::print_telephone_events(*events, printed);
  const auto again = sdp::parse_telephone_events({0, static_cast<uint16_t>(text.size())}, text);
  DEMARC_CHECK(events->empty() ? text.empty() : again.has_value() && *again == *events);
}

void check_fmtp(std::string_view value) {
  sdp::FmtpParameter parameter;
  unsigned count = 0;
  while (sdp::take_parameter(value, parameter)) DEMARC_CHECK(++count <= max_value_octets);
}

void check_values(const Value& value) {
  check_candidate(value);
  check_remote_candidates(value);
  check_crypto(value);
  check_group(value);
  check_events(value);
  check_fmtp(value.body);
  static_cast<void>(check_neighbours(sdp::parse_fingerprint, value));
  static_cast<void>(check_neighbours(sdp::parse_setup, value));
  static_cast<void>(check_neighbours(sdp::parse_connection_use, value));
  static_cast<void>(check_neighbours(sdp::parse_extension_map, value));
  static_cast<void>(check_neighbours(sdp::parse_rtcp_feedback, value));
  static_cast<void>(check_neighbours(sdp::parse_ssrc, value));
  static_cast<void>(check_neighbours(sdp::parse_msid, value));
  static_cast<void>(check_neighbours(sdp::parse_mid, value));
  static_cast<void>(check_neighbours(sdp::parse_label, value));
  static_cast<void>(check_neighbours(sdp::parse_ice_ufrag, value));
  static_cast<void>(check_neighbours(sdp::parse_ice_pwd, value));
  static_cast<void>(check_neighbours(sdp::parse_silence_suppression, value));
  static_cast<void>(sdp::has_content(value.span, value.body, "main"));
  static_cast<void>(sdp::has_ice_option(value.span, value.body, "ice2"));
  for (const sdp::AddressType type : {sdp::AddressType::ip4, sdp::AddressType::ip6}) {
    static_cast<void>(sdp::is_address(value.body, type));
    static_cast<void>(sdp::is_multicast(value.body, type));
  }
  static_cast<void>(sdp::is_unspecified(value.body));
}

void check_number(const sdp::Reader& reader, size_t begin, size_t end) {
  const std::string_view text = reader.between(begin, end);
  for (const uint64_t maximum :
       {uint64_t{9}, uint64_t{255}, uint64_t{65535}, uint64_t{UINT32_MAX}, UINT64_MAX}) {
    uint64_t expected = 0;
    uint64_t value = 0;
    const bool is_number = ascii::parse_decimal(text, maximum, expected);
    DEMARC_CHECK(reader.number(begin, end, maximum, value) == is_number);
    DEMARC_CHECK(!is_number || value == expected);
    if (maximum > UINT32_MAX) continue;
    uint32_t small = 0;
    DEMARC_CHECK(reader.short_number(begin, end, static_cast<uint32_t>(maximum), small) ==
                 is_number);
    DEMARC_CHECK(!is_number || small == expected);
  }
  DEMARC_CHECK(reader.are_digits(begin, end) == (!text.empty() && sdp::digits.covers(text)));
}

// Every separator of the body is found, in order, and every word between two is read as a number.
void check_reader(std::string_view body) {
  const auto copy = std::make_unique<sdp::IndexedCopy<max_reader_octets>>(body);
  const sdp::Reader reader(*copy, body.size());
  sdp::Pieces pieces(reader, 0);
  size_t begin = 0;
  for (size_t i = 0; i <= body.size(); ++i) {
    if (i < body.size() && sdp::token.contains(body[i])) continue;
    DEMARC_CHECK(pieces.next() == i);
    check_number(reader, begin, i);
    begin = i + 1;
  }
  for (size_t i = 0; i < body.size(); ++i) {
    const size_t stop = body.find_first_of(std::string_view("\0\r\n", 3), i);
    DEMARC_CHECK(reader.skip_text(i) == (stop == std::string_view::npos ? body.size() : stop));
    for (const sdp::OctetSet* set : {&sdp::digits, &sdp::token, &sdp::ip6_text}) {
      size_t end = i;
      while (end < body.size() && set->contains(body[end])) ++end;
      DEMARC_CHECK(reader.skip(i, *set) == end);
      DEMARC_CHECK(set->outside(copy->octets + i) == set->outside_scalar(copy->octets + i));
    }
  }
}

void run(std::string_view input) {
  if (input.size() > max_value_octets) return;
  const Placed placed(input, 0, '\0');
  const Neighboured inside(input);
  check_values({placed.view(), {0, static_cast<uint16_t>(input.size())}, inside});
  if (input.size() <= max_reader_octets) check_reader(placed.view());
}

}  // namespace
}  // namespace demarc::fuzz

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  demarc::fuzz::run(demarc::fuzz::view_of(data, size));
  return 0;
}
