#include "sip-parser/header_name.h"

#include <array>
#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/header_name_lookup.h"

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

}  // namespace

namespace name_lookup {
namespace {

constexpr uint64_t octet(std::string_view text, size_t at) {
  return static_cast<uint8_t>(text[at]);
}

constexpr uint64_t mix_name(std::string_view name) {
  const size_t size = name.size();
  return mix(octet(name, 0) | octet(name, 1) << 8,
             octet(name, size - 2) | octet(name, size - 1) << 8, octet(name, size / 2), size);
}

constexpr bool is_perfect(uint64_t candidate) {
  std::array<bool, slot_count> taken{};
  for (size_t i = 1; i < spellings.size(); ++i) {
    const size_t slot = slot_of(mix_name(spellings[i]), candidate);
    if (taken[slot]) return false;
    taken[slot] = true;
  }
  return true;
}

consteval uint64_t find_multiplier() {
  uint64_t candidate = 0x9e3779b97f4a7c15u;
  for (int i = 0; i < 400; ++i) {
    if (is_perfect(candidate)) return candidate;
    candidate = candidate * 6364136223846793005u + 1442695040888963407u;
    candidate |= 1;
  }
  return 0;
}

constexpr uint64_t found_multiplier = find_multiplier();
static_assert(found_multiplier != 0, "no perfect hash: more slots or other octets are needed");

}  // namespace

constexpr uint64_t multiplier = found_multiplier;

constexpr std::array<HeaderName, slot_count> slots = [] {
  std::array<HeaderName, slot_count> table{};
  for (size_t i = 1; i < spellings.size(); ++i) {
    table[slot_of(mix_name(spellings[i]), found_multiplier)] = static_cast<HeaderName>(i);
  }
  return table;
}();

constexpr std::array<Entry, header_name_count> entries = [] {
  std::array<Entry, header_name_count> table{};
  for (size_t i = 1; i < spellings.size(); ++i) {
    const std::string_view name = spellings[i];
    for (size_t k = 0; k < name.size(); ++k) table[i].text[k] = ascii::to_lower(name[k]);
    table[i].text.back() = static_cast<char>(name.size());
  }
  return table;
}();

}  // namespace name_lookup

HeaderName header_name(std::string_view text) {
  if (text.size() < 2) {
    if (text.empty()) return HeaderName::other;
    const char c = ascii::to_lower(text[0]);
    return c >= 'a' && c <= 'z' ? compact_forms[static_cast<size_t>(c - 'a')] : HeaderName::other;
  }
  if (text.size() >= name_lookup::entry_octets || !ascii::is_token(text)) return HeaderName::other;
  char padded[name_lookup::entry_octets] = {};
  std::memcpy(padded, text.data(), text.size());
  return name_lookup::find(padded, static_cast<uint32_t>(text.size()));
}

constexpr std::array<FieldBegin, header_name_count> field_begins = [] {
  std::array<FieldBegin, header_name_count> table{};
  for (size_t i = 1; i < spellings.size(); ++i) {
    for (const char c : spellings[i]) table[i].text[table[i].length++] = c;
    for (const char c : {':', ' '}) table[i].text[table[i].length++] = c;
  }
  return table;
}();

std::string_view spelling(HeaderName name) {
  const size_t index = static_cast<size_t>(name);
  return index < spellings.size() ? spellings[index] : std::string_view{};
}

}  // namespace demarc::sip
