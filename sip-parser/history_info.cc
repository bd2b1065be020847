#include "sip-parser/history_info.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/known_params.h"
#include "sip-parser/uri_headers.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {{"index", ParamForm::token},
                                {"rc", ParamForm::token},
                                {"mp", ParamForm::token},
                                {"np", ParamForm::token}};

// index-val = number *( "." number ), a number being "0" or without leading zeros.
bool is_index(std::string_view text) {
  size_t digits = 0;
  bool is_zero = false;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0) return false;
      digits = 0;
    } else if (!ascii::is_digit(c) || (digits == 1 && is_zero)) {
      return false;
    } else {
      if (digits == 0) is_zero = c == '0';
      ++digits;
    }
  }
  return digits > 0;
}

// At most one of rc, mp and np.
bool read_target(const std::array<Param, std::size(known)>& found, std::string_view datagram,
                 HistoryEntry& entry) {
  for (size_t i = 1; i < found.size(); ++i) {
    if (!is_present(found[i])) continue;
    if (entry.target != HistoryTarget::unknown || !is_index(text(found[i].value, datagram))) {
      return false;
    }
    entry.target = static_cast<HistoryTarget>(i);
    entry.target_index = found[i].value;
  }
  return true;
}

}  // namespace

Result<HistoryEntry, ValueError> parse_history_info(Span element, std::string_view datagram) {
  const Result<Address, ValueError> address =
      parse_address(element, datagram, AddressForm::name_addr);
  if (!address) return Fail{address.error()};
  const auto found = read_known_params(address->name_addr.params, datagram, known);
  if (!found) return Fail{found.error()};
  HistoryEntry entry;
  entry.address = *address;
  entry.index = (*found)[0].value;
  if (!is_index(text(entry.index, datagram)) || !read_target(*found, datagram, entry)) {
    return Fail{ValueError::bad_syntax};
  }
  const Span headers = address->uri.headers;
  const Result<UriHeader, ValueError> reason = find_uri_header(headers, "Reason", datagram);
  if (!reason) return Fail{reason.error()};
  const Result<UriHeader, ValueError> privacy = find_uri_header(headers, "Privacy", datagram);
  if (!privacy) return Fail{privacy.error()};
  entry.escaped_reason = reason->value;
  entry.escaped_privacy = privacy->value;
  return entry;
}

}  // namespace demarc::sip
