#include "sip-parser/reason.h"

#include "sip-parser/cseq.h"
#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view words[] = {"SIP", "Q.850", "Preemption", "STIR"};
static_assert(std::size(words) == static_cast<size_t>(ReasonProtocol::other));

constexpr KnownParam known[] = {{"cause", ParamForm::token}, {"text", ParamForm::quoted}};

uint32_t max_cause(ReasonProtocol protocol) {
  switch (protocol) {
    case ReasonProtocol::sip:
      return max_sip_cause;
    case ReasonProtocol::q850:
      return max_q850_cause;
    default:
      return UINT32_MAX;
  }
}

}  // namespace

std::string_view spelling(ReasonProtocol protocol) {
  return word_of(protocol, words);
}

Result<Reason, ValueError> parse_reason(Span element, std::string_view datagram) {
  const Result<TokenParams, ValueError> parts = parse_token_params(element, datagram);
  if (!parts) return Fail{parts.error()};
  const auto found = read_known_params(parts->params, datagram, known);
  if (!found) return Fail{found.error()};

  Reason reason;
  reason.protocol_text = parts->token;
  reason.protocol = enum_of<ReasonProtocol>(text(parts->token, datagram), words);
  reason.params = parts->params;
  reason.text = (*found)[1].value;
  reason.has_cause = is_present((*found)[0]);
  if (!reason.has_cause) return reason;
  const Result<uint32_t, ValueError> cause =
      parse_number((*found)[0].value, datagram, max_cause(reason.protocol));
  if (!cause) return Fail{cause.error()};
  if (reason.protocol == ReasonProtocol::sip && *cause < min_sip_cause) {
    return Fail{ValueError::out_of_range};
  }
  reason.cause = *cause;
  return reason;
}

Result<Reason, ValueError> find_reason(Span value, ReasonProtocol protocol,
                                       std::string_view datagram) {
  Span element;
  for (ListCursor cursor(value, datagram); cursor.next(element);) {
    const Result<Reason, ValueError> reason = parse_reason(element, datagram);
    if (!reason || reason->protocol == protocol) return reason;
  }
  return Reason{};
}

}  // namespace demarc::sip
