#include "dataplane/call/headers/crossing_address.h"

namespace demarc::call::headers {
namespace {

using sip::UriScheme;
using sip::Writer;

void write_name(Writer& writer, const sip::NameAddr& name_addr, std::string_view datagram,
                std::string_view instead) {
  if (!instead.empty()) {
    writer.raw("\"").value(instead).raw("\" ");
    return;
  }
  if (name_addr.display_name.empty()) return;
  if (name_addr.has_quotes) {
    writer.raw("\"").unfolded(text(name_addr.display_name, datagram)).raw("\" ");
  } else {
    writer.unfolded(text(name_addr.display_name, datagram)).raw(" ");
  }
}

void write_sip_uri(Writer& writer, const sip::Uri& uri, std::string_view datagram,
                   std::string_view our_host, std::string_view number) {
  writer.raw(uri.scheme == UriScheme::sips ? "sips:" : "sip:");
  const std::string_view name = number.empty() ? text(uri.user, datagram) : number;
  if (!name.empty()) writer.value(name).raw("@");
  writer.value(our_host);
  const sip::Param user = sip::find_param(uri.params, "user", datagram);
  if (user.has_value) writer.raw(";user=").value(text(user.value, datagram));
}

// RFC 3261 section 19.1.6: what makes a telephone-subscriber is the user part of a SIP URI.
void write_tel_as_sip(Writer& writer, const sip::Uri& uri, std::string_view datagram,
                      std::string_view our_host) {
  writer.raw("sip:").value(text(uri.user, datagram)).value(text(uri.params, datagram));
  writer.raw("@").value(our_host).raw(";user=phone");
}

// A number that a rule made. RFC 3966 section 5.1.4: a local one is no tel URI without its context,
// which a rule takes away.
void write_number(Writer& writer, const AddressStyle& style) {
  if (style.keeps_tel && style.number.starts_with('+')) {
    writer.raw("tel:").value(style.number);
    return;
  }
  writer.raw("sip:").value(style.number).raw("@").value(style.our_host).raw(";user=phone");
}

void write_uri_header(Writer& writer, std::string_view name, std::string_view escaped,
                      char& separator) {
  if (escaped.empty()) return;
  writer.raw({&separator, 1}).raw(name).value(escaped);
  separator = '&';
}

}  // namespace

bool show_number(const Crossing& crossing, const sip::Uri& uri, number::Number& number,
                 AddressStyle& style) {
  if (crossing.numbers == nullptr) return true;
  switch (crossing.numbers->show(uri, crossing.datagram, number)) {
    case CallerNumbers::Result::hidden:
      return false;
    case CallerNumbers::Result::rewritten:
      style.number = number.view();
      return true;
    case CallerNumbers::Result::kept:
      break;
  }
  return true;
}

bool is_known_scheme(const sip::Uri& uri) {
  return uri.scheme != UriScheme::other;
}

void write_address(Writer& writer, const sip::NameAddr& name_addr, const sip::Uri& uri,
                   std::string_view datagram, const AddressStyle& style) {
  if (style.shows_name && !style.is_anonymous) {
    write_name(writer, name_addr, datagram, style.name);
  }
  writer.raw("<");
  if (style.is_anonymous) {
    writer.raw("sip:anonymous@anonymous.invalid");
  } else if (uri.scheme != UriScheme::tel) {
    write_sip_uri(writer, uri, datagram, style.our_host, style.number);
  } else if (!style.number.empty()) {
    write_number(writer, style);
  } else if (style.keeps_tel) {
    writer.value(text(uri.whole, datagram));
  } else {
    write_tel_as_sip(writer, uri, datagram, style.our_host);
  }
  if (style.cause != 0) writer.raw(";cause=").number(style.cause);
  char separator = '?';
  write_uri_header(writer, "Reason=", style.escaped_reason, separator);
  write_uri_header(writer, "Privacy=", style.escaped_privacy, separator);
  writer.raw(">");
}

}  // namespace demarc::call::headers
