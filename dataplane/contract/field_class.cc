#include "dataplane/contract/field_class.h"

#include "sip-parser/base/ascii.h"

namespace demarc::contract {
namespace {

// What a back-to-back user agent says for itself on each leg: dialogs, transactions, bodies,
// extensions, events, credentials.
constexpr std::string_view ours[] = {
    "Accept",
    "Accept-Encoding",
    "Allow",
    "Allow-Events",
    "Authentication-Info",
    "Authorization",
    "Call-ID",
    "Contact",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Type",
    "CSeq",
    "Event",
    "Expires",
    "Flow-Timer",
    "From",
    "Info-Package",
    "Join",
    "Max-Breadth",
    "Max-Forwards",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "Path",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "Proxy-Require",
    "RAck",
    "Record-Route",
    "Recv-Info",
    "Refer-Sub",
    "Refer-To",
    "Referred-By",
    "Replaces",
    "Require",
    "Retry-After",
    "Route",
    "RSeq",
    "Service-Route",
    "Session-Expires",
    "SIP-ETag",
    "SIP-If-Match",
    "Subscription-State",
    "Supported",
    "Target-Dialog",
    "Timestamp",
    "To",
    "Unsupported",
    "Via",
    "WWW-Authenticate",
};
constexpr std::string_view of_policy[] = {
    "Diversion",     "History-Info",         "P-Asserted-Identity",
    "P-Early-Media", "P-Preferred-Identity", "Privacy",
};

template <size_t count>
bool is_among(const std::string_view (&names)[count], std::string_view name) {
  for (const std::string_view one : names) {
    if (ascii::iequals(one, name)) return true;
  }
  return false;
}

}  // namespace

FieldClass field_class(std::string_view name) {
  if (is_among(ours, name)) return FieldClass::ours;
  return is_among(of_policy, name) ? FieldClass::policy : FieldClass::free;
}

bool is_named_by(std::string_view rule, std::string_view name) {
  if (!rule.ends_with('*')) return ascii::iequals(rule, name);
  rule.remove_suffix(1);
  return name.size() >= rule.size() && ascii::iequals(rule, name.substr(0, rule.size()));
}

}  // namespace demarc::contract
