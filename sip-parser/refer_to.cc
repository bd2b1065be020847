#include "sip-parser/refer_to.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/escape.h"
#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"
#include "sip-parser/uri_headers.h"

namespace demarc::sip {
namespace {

constexpr KnownParam referred_by_params[] = {{"cid", ParamForm::quoted}};

}  // namespace

Result<ReferTo, ValueError> parse_refer_to(Span value, std::string_view datagram) {
  const Result<Address, ValueError> address = parse_address(value, datagram, AddressForm::any);
  if (!address) return Fail{address.error()};
  ReferTo result;
  result.address = *address;
  // Only a SIP URI has a method and headers; of another scheme the tail is not ours to read.
  if (address->uri.scheme != UriScheme::sip && address->uri.scheme != UriScheme::sips) {
    return result;
  }
  const Param method = find_param(address->uri.params, "method", datagram);
  result.method_text = method.value;
  if (method.has_value) result.method = method_of(text(method.value, datagram));
  const Result<UriHeader, ValueError> replaces =
      find_uri_header(address->uri.headers, "Replaces", datagram);
  if (!replaces) return Fail{replaces.error()};
  result.escaped_replaces = replaces->value;
  return result;
}

Result<ReferredBy, ValueError> parse_referred_by(Span value, std::string_view datagram) {
  const Result<Address, ValueError> address = parse_address(value, datagram, AddressForm::any);
  if (!address) return Fail{address.error()};
  const auto found = read_known_params(address->name_addr.params, datagram, referred_by_params);
  if (!found) return Fail{found.error()};
  return ReferredBy{*address, (*found)[0].value};
}

Result<ReferSub, ValueError> parse_refer_sub(Span value, std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(value, datagram);
  if (!parts) return Fail{parts.error()};
  const std::string_view word = text(parts->token, datagram);
  if (ascii::iequals(word, "true")) return ReferSub{true};
  if (ascii::iequals(word, "false")) return ReferSub{false};
  return Fail{ValueError::bad_syntax};
}

Result<EmbeddedReplaces, ValueError> embedded_replaces(const ReferTo& refer_to,
                                                       std::string_view datagram,
                                                       std::span<char> buffer) {
  const Result<std::string_view, DecodeError> decoded =
      unescape(text(refer_to.escaped_replaces, datagram), buffer);
  if (!decoded) {
    return Fail{decoded.error() == DecodeError::no_room ? ValueError::too_many
                                                        : ValueError::bad_syntax};
  }
  const Result<DialogId, ValueError> id =
      parse_replaces({0, static_cast<uint16_t>(decoded->size())}, *decoded);
  if (!id) return Fail{id.error()};
  return EmbeddedReplaces{*decoded, *id};
}

}  // namespace demarc::sip
