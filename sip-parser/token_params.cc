#include "sip-parser/token_params.h"

#include "sip-parser/value_reader.h"

namespace demarc::sip {

Result<Span, ValueError> check_params(Span params, std::string_view datagram) {
  Param param;
  ParamCursor cursor(params, datagram);
  while (cursor.next(param)) {
  }
  if (cursor.failed()) return Fail{cursor.error()};
  return params;
}

Result<TokenParams, ValueError> parse_token_params(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  TokenParams result;
  result.token = reader.token();
  if (result.token.empty() || !reader.params(result.params)) return Fail{ValueError::bad_syntax};
  const Result<Span, ValueError> params = check_params(result.params, datagram);
  if (!params) return Fail{params.error()};
  return result;
}

}  // namespace demarc::sip
