#include "sip-parser/sdp/attribute.h"

#include <array>

#include "sip-parser/base/ascii.h"

namespace demarc::sdp {
namespace {

constexpr auto kind_count = static_cast<size_t>(AttributeKind::count);
constexpr auto first_t38 = static_cast<size_t>(AttributeKind::t38_version);

constexpr std::array<std::string_view, kind_count> spellings = {
    "",  // other
    "rtpmap",
    "fmtp",
    "ptime",
    "maxptime",
    "sendrecv",
    "sendonly",
    "recvonly",
    "inactive",
    "rtcp",
    "rtcp-mux",
    "rtcp-fb",
    "rtcp-rsize",
    "crypto",
    "fingerprint",
    "setup",
    "connection",
    "tls-id",
    "ice-ufrag",
    "ice-pwd",
    "ice-options",
    "ice-lite",
    "ice-mismatch",
    "ice-pacing",
    "candidate",
    "remote-candidates",
    "end-of-candidates",
    "ssrc",
    "ssrc-group",
    "mid",
    "group",
    "msid",
    "extmap",
    "label",
    "content",
    "silenceSupp",
    "T38FaxVersion",
    "T38MaxBitRate",
    "T38FaxFillBitRemoval",
    "T38FaxTranscodingMMR",
    "T38FaxTranscodingJBIG",
    "T38FaxRateManagement",
    "T38FaxMaxBuffer",
    "T38FaxMaxDatagram",
    "T38FaxMaxIFP",
    "T38FaxUdpEC",
};

constexpr size_t word_octets = sizeof(uint64_t);

// The first eight octets, zeros behind a shorter name.
constexpr uint64_t word_of(std::string_view name) {
  uint64_t word = 0;
  for (size_t i = 0; i < name.size() && i < word_octets; ++i) {
    word |= static_cast<uint64_t>(static_cast<uint8_t>(name[i])) << (8 * i);
  }
  return word;
}

// A perfect hash: the length and the first eight octets, mixed with a multiplier that was searched
// at compile time so that no two known names share a slot.
constexpr unsigned slot_bits = 8;
constexpr size_t slot_count = size_t{1} << slot_bits;

constexpr size_t slot_of(uint64_t word, uint64_t length, uint64_t multiplier) {
  return static_cast<size_t>(((word ^ length) * multiplier) >> (64 - slot_bits));
}

constexpr bool is_perfect(uint64_t multiplier) {
  std::array<bool, slot_count> taken{};
  for (size_t i = 1; i < kind_count; ++i) {
    const size_t slot = slot_of(word_of(spellings[i]), spellings[i].size(), multiplier);
    if (taken[slot]) return false;
    taken[slot] = true;
  }
  return true;
}

consteval uint64_t find_multiplier() {
  uint64_t candidate = 0x9e3779b97f4a7c15u;
  for (int i = 0; i < 1000; ++i) {
    if (is_perfect(candidate)) return candidate;
    candidate = candidate * 6364136223846793005u + 1442695040888963407u;
    candidate |= 1;
  }
  return 0;
}

constexpr uint64_t multiplier = find_multiplier();
static_assert(multiplier != 0, "no perfect hash was found: more slots are needed");

struct Slot {
  uint64_t word = 0;
  uint8_t length = 0;  // 0: nobody's
  AttributeKind kind = AttributeKind::other;
};

constexpr std::array<Slot, slot_count> slots = [] {
  std::array<Slot, slot_count> table{};
  for (size_t i = 1; i < kind_count; ++i) {
    const std::string_view name = spellings[i];
    const uint64_t word = word_of(name);
    table[slot_of(word, name.size(), multiplier)] = {word, static_cast<uint8_t>(name.size()),
                                                     static_cast<AttributeKind>(i)};
  }
  return table;
}();

// What is not in the table may be a name of T.38 in other letters.
[[gnu::cold]] AttributeKind t38_kind(std::string_view name) {
  if (name.size() < 3 || !ascii::iequals(name.substr(0, 3), "T38")) return AttributeKind::other;
  for (size_t i = first_t38; i < kind_count; ++i) {
    if (ascii::iequals(name, spellings[i])) return static_cast<AttributeKind>(i);
  }
  return AttributeKind::other;
}

AttributeKind find(uint64_t word, std::string_view name) {
  const Slot& slot = slots[slot_of(word, name.size(), multiplier)];
  if (slot.word != word || slot.length != name.size()) return t38_kind(name);
  if (name.size() > word_octets &&
      name.substr(word_octets) != spellings[static_cast<size_t>(slot.kind)].substr(word_octets)) {
    return t38_kind(name);
  }
  return slot.kind;
}

}  // namespace

AttributeKind attribute_kind(std::string_view name) {
  return name.empty() ? AttributeKind::other : find(word_of(name), name);
}

AttributeKind attribute_kind(uint64_t first_octets, std::string_view name) {
  if (name.empty()) return AttributeKind::other;
  if (name.size() >= word_octets) return find(first_octets, name);
  return find(first_octets & ((uint64_t{1} << (8 * name.size())) - 1), name);
}

std::string_view spelling(AttributeKind kind) {
  const auto index = static_cast<size_t>(kind);
  return index < kind_count ? spellings[index] : std::string_view{};
}

}  // namespace demarc::sdp
