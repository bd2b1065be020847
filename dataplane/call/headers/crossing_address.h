// Addresses of the other side, written so that they show who but not where: the user part stays,
// the host becomes ours, and of the URI's parameters only those cross that say nothing of the path.
//
// A part of header_policy.h and call_history.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/headers/crossing.h"
#include "sip-parser/address.h"
#include "sip-parser/write.h"

namespace demarc::call::headers {

struct AddressStyle {
  std::string_view our_host;
  std::string_view number{};  // in place of its own user part; empty: none
  bool is_anonymous = false;  // <sip:anonymous@anonymous.invalid>
  bool shows_name = true;     // the display name
  std::string_view name{};    // in place of it, to stand in quotes; empty: its own
  bool keeps_tel = true;      // a tel URI as it is; else a SIP URI with user=phone
  // Of entries of History-Info, which are SIP URIs always; empty or 0: none.
  uint16_t cause = 0;                 // ";cause=" of RFC 4458
  std::string_view escaped_reason{};  // headers of the URI
  std::string_view escaped_privacy{};
};

// Puts the number that the rules make of the URI's into `style`, which borrows `number`. False: a
// rule hides it.
[[nodiscard]] bool show_number(const Crossing& crossing, const sip::Uri& uri,
                               number::Number& number, AddressStyle& style);

// Whether write_address() knows the scheme: sip, sips or tel.
bool is_known_scheme(const sip::Uri& uri);

// name-addr, always with <>.
void write_address(sip::Writer& writer, const sip::NameAddr& name_addr, const sip::Uri& uri,
                   std::string_view datagram, const AddressStyle& style);

}  // namespace demarc::call::headers
