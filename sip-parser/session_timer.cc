#include "sip-parser/session_timer.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {{"refresher", ParamForm::token}};

}  // namespace

Result<SessionExpires, ValueError> parse_session_expires(Span value, std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(value, datagram);
  if (!parts) return Fail{parts.error()};
  const Result<uint32_t, ValueError> interval = parse_number(parts->token, datagram, UINT32_MAX);
  if (!interval) return Fail{interval.error()};
  const auto found = read_known_params(parts->params, datagram, known);
  if (!found) return Fail{found.error()};

  SessionExpires result;
  result.interval_s = *interval;
  if (!is_present((*found)[0])) return result;
  const std::string_view refresher = text((*found)[0].value, datagram);
  if (ascii::iequals(refresher, "uac")) {
    result.refresher = Refresher::uac;
  } else if (ascii::iequals(refresher, "uas")) {
    result.refresher = Refresher::uas;
  } else {
    return Fail{ValueError::bad_syntax};
  }
  return result;
}

Result<uint32_t, ValueError> parse_min_se(Span value, std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(value, datagram);
  if (!parts) return Fail{parts.error()};
  return parse_number(parts->token, datagram, UINT32_MAX);
}

}  // namespace demarc::sip
