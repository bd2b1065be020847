#include "sip-parser/header_name.h"

#include <array>
#include <cstring>

#include "sip-parser/base/ascii.h"

namespace demarc::sip {
namespace {

constexpr std::array<std::string_view, header_name_count> spellings = {
    "",  // other
    "Accept",
    "Accept-Contact",
    "Accept-Encoding",
    "Accept-Language",
    "Accept-Resource-Priority",
    "Alert-Info",
    "Allow",
    "Allow-Events",
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Call-Info",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Date",
    "Diversion",
    "Error-Info",
    "Event",
    "Expires",
    "Feature-Caps",
    "Flow-Timer",
    "From",
    "Geolocation",
    "Geolocation-Error",
    "Geolocation-Routing",
    "History-Info",
    "Identity",
    "Identity-Info",
    "In-Reply-To",
    "Info-Package",
    "Join",
    "Max-Breadth",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "Organization",
    "P-Access-Network-Info",
    "P-Asserted-Identity",
    "P-Associated-URI",
    "P-Called-Party-ID",
    "P-Charging-Function-Addresses",
    "P-Charging-Vector",
    "P-Early-Media",
    "P-Preferred-Identity",
    "P-Visited-Network-ID",
    "Path",
    "Priority",
    "Privacy",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Reason",
    "Record-Route",
    "Recv-Info",
    "Refer-Sub",
    "Refer-To",
    "Referred-By",
    "Reject-Contact",
    "Remote-Party-ID",
    "Replaces",
    "Reply-To",
    "Request-Disposition",
    "Require",
    "Resource-Priority",
    "Retry-After",
    "Route",
    "RSeq",
    "Server",
    "Service-Route",
    "Session-Expires",
    "Session-ID",
    "SIP-ETag",
    "SIP-If-Match",
    "Subject",
    "Subscription-State",
    "Supported",
    "Target-Dialog",
    "Timestamp",
    "To",
    "Unsupported",
    "User-Agent",
    "User-to-User",
    "Via",
    "Warning",
    "WWW-Authenticate",
};

// RFC 3261 section 7.3.3 and the registry of compact forms, by letter from 'a'.
constexpr std::array<HeaderName, 26> compact_forms = [] {
  std::array<HeaderName, 26> forms{};
  const auto set = [&forms](char letter, HeaderName name) {
    forms[static_cast<size_t>(letter - 'a')] = name;
  };
  set('a', HeaderName::accept_contact);
  set('b', HeaderName::referred_by);
  set('c', HeaderName::content_type);
  set('d', HeaderName::request_disposition);
  set('e', HeaderName::content_encoding);
  set('f', HeaderName::from);
  set('i', HeaderName::call_id);
  set('j', HeaderName::reject_contact);
  set('k', HeaderName::supported);
  set('l', HeaderName::content_length);
  set('m', HeaderName::contact);
  set('n', HeaderName::identity_info);
  set('o', HeaderName::event);
  set('r', HeaderName::refer_to);
  set('s', HeaderName::subject);
  set('t', HeaderName::to);
  set('u', HeaderName::allow_events);
  set('v', HeaderName::via);
  set('x', HeaderName::session_expires);
  set('y', HeaderName::identity);
  return forms;
}();

// A perfect hash: length and four letters of the name, mixed with a multiplier that was searched
// at compile time so that no two known names share a slot. A look-up is one multiplication, one
// load and one comparison; a new name that has no multiplier left fails to compile.
constexpr unsigned slot_bits = 10;
constexpr size_t slot_count = size_t{1} << slot_bits;

constexpr uint64_t letter(char c) {
  return static_cast<uint8_t>(ascii::to_lower(c));
}

constexpr uint64_t features(std::string_view text) {
  const size_t size = text.size();
  return letter(text[0]) | letter(text[size / 2]) << 8 | letter(text[size - 1]) << 16 |
         letter(text[size / 4]) << 24 | static_cast<uint64_t>(size) << 32;
}

constexpr size_t slot_of(uint64_t features, uint64_t multiplier) {
  return static_cast<size_t>((features * multiplier) >> (64 - slot_bits));
}

constexpr bool is_perfect(uint64_t multiplier) {
  std::array<bool, slot_count> taken{};
  for (size_t i = 1; i < spellings.size(); ++i) {
    const size_t slot = slot_of(features(spellings[i]), multiplier);
    if (taken[slot]) return false;
    taken[slot] = true;
  }
  return true;
}

consteval uint64_t find_multiplier() {
  uint64_t candidate = 0x9e3779b97f4a7c15u;
  for (int i = 0; i < 200; ++i) {
    if (is_perfect(candidate)) return candidate;
    candidate = candidate * 6364136223846793005u + 1442695040888963407u;
    candidate |= 1;
  }
  return 0;
}

constexpr uint64_t multiplier = find_multiplier();
static_assert(multiplier != 0, "no perfect hash was found: more slots or other letters are needed");

constexpr std::array<HeaderName, slot_count> slots = [] {
  std::array<HeaderName, slot_count> table{};
  for (size_t i = 1; i < spellings.size(); ++i) {
    table[slot_of(features(spellings[i]), multiplier)] = static_cast<HeaderName>(i);
  }
  return table;
}();

// Whether the `Word`s at both places are the same but for the case of letters. A name is made of
// letters and '-'; of these only letters have bit 6 set, and bit 5 is their case.
template <class Word>
bool is_equal_word(const char* text, const char* name) {
  Word a, b;
  std::memcpy(&a, text, sizeof a);
  std::memcpy(&b, name, sizeof b);
  const Word bit_6 = static_cast<Word>(0x4040404040404040u);
  return ((a ^ b) & ~((b & bit_6) >> 1)) == 0;
}

// Compares whole words; the last one reaches back over octets that were compared already.
template <class Word>
bool is_equal_by(std::string_view text, std::string_view name) {
  for (size_t i = 0; i + sizeof(Word) < text.size(); i += sizeof(Word)) {
    if (!is_equal_word<Word>(text.data() + i, name.data() + i)) return false;
  }
  const size_t last = text.size() - sizeof(Word);
  return is_equal_word<Word>(text.data() + last, name.data() + last);
}

bool is_equal(std::string_view text, std::string_view name) {
  if (text.size() != name.size()) return false;
  if (text.size() >= sizeof(uint64_t)) return is_equal_by<uint64_t>(text, name);
  if (text.size() >= sizeof(uint32_t)) return is_equal_by<uint32_t>(text, name);
  return ascii::iequals(text, name);
}

}  // namespace

HeaderName header_name(std::string_view text) {
  if (text.size() < 2) {
    if (text.empty()) return HeaderName::other;
    const char c = ascii::to_lower(text[0]);
    return c >= 'a' && c <= 'z' ? compact_forms[static_cast<size_t>(c - 'a')] : HeaderName::other;
  }
  const HeaderName name = slots[slot_of(features(text), multiplier)];
  return is_equal(text, spellings[static_cast<size_t>(name)]) ? name : HeaderName::other;
}

std::string_view spelling(HeaderName name) {
  const size_t index = static_cast<size_t>(name);
  return index < spellings.size() ? spellings[index] : std::string_view{};
}

}  // namespace demarc::sip
