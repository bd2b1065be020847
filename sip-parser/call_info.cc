#include "sip-parser/call_info.h"

#include "sip-parser/known_params.h"
#include "sip-parser/token_params.h"
#include "sip-parser/value_reader.h"
#include "sip-parser/words.h"

namespace demarc::sip {
namespace {

constexpr std::string_view purposes[] = {"icon", "info", "card"};
static_assert(std::size(purposes) == static_cast<size_t>(CallInfoPurpose::other));

constexpr KnownParam known[] = {{"purpose", ParamForm::token}};

}  // namespace

std::string_view spelling(CallInfoPurpose purpose) {
  return word_of(purpose, purposes);
}

Result<BracketedUri, ValueError> parse_bracketed_uri(Span element, std::string_view datagram) {
  ValueReader reader(element, datagram);
  Span inside;
  BracketedUri result;
  if (!reader.bracketed(inside) || !reader.params(result.params)) {
    return Fail{ValueError::bad_syntax};
  }
  const Result<Uri, ValueError> uri = parse_uri(inside, datagram);
  if (!uri) return Fail{uri.error()};
  result.uri = *uri;
  const Result<Span, ValueError> params = check_params(result.params, datagram);
  if (!params) return Fail{params.error()};
  return result;
}

Result<CallInfo, ValueError> parse_call_info(Span element, std::string_view datagram) {
  const Result<BracketedUri, ValueError> info = parse_bracketed_uri(element, datagram);
  if (!info) return Fail{info.error()};
  const auto found = read_known_params(info->params, datagram, known);
  if (!found) return Fail{found.error()};
  const Span purpose = (*found)[0].value;
  return CallInfo{*info, enum_of<CallInfoPurpose>(text(purpose, datagram), purposes), purpose};
}

}  // namespace demarc::sip
