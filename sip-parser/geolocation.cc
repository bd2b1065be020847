#include "sip-parser/geolocation.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"

namespace demarc::sip {
namespace {

constexpr KnownParam error_params[] = {{"code", ParamForm::quoted}};

}  // namespace

Result<Location, ValueError> parse_geolocation(Span element, std::string_view datagram) {
  const Result<BracketedUri, ValueError> location = parse_bracketed_uri(element, datagram);
  if (!location) return Fail{location.error()};
  return Location{*location, ascii::iequals(text(location->uri.scheme_text, datagram), "cid")};
}

Result<GeolocationRouting, ValueError> parse_geolocation_routing(Span value,
                                                                 std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(value, datagram);
  if (!parts) return Fail{parts.error()};
  return GeolocationRouting{ascii::iequals(text(parts->token, datagram), "yes"), parts->token};
}

Result<GeolocationError, ValueError> parse_geolocation_error(Span value,
                                                             std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(value, datagram);
  if (!parts) return Fail{parts.error()};
  const Result<uint32_t, ValueError> code =
      parse_number(parts->token, datagram, max_geolocation_error);
  if (!code) return Fail{code.error()};
  const auto found = read_known_params(parts->params, datagram, error_params);
  if (!found) return Fail{found.error()};
  return GeolocationError{static_cast<uint16_t>(*code), (*found)[0].value};
}

}  // namespace demarc::sip
