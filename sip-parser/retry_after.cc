#include "sip-parser/retry_after.h"

#include "sip-parser/cseq.h"
#include "sip-parser/known_params.h"
#include "sip-parser/value_reader.h"

namespace demarc::sip {
namespace {

constexpr KnownParam known[] = {{"duration", ParamForm::token}};

}  // namespace

Result<RetryAfter, ValueError> parse_retry_after(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  const Result<uint32_t, ValueError> delay = parse_number(reader.digits(), datagram, UINT32_MAX);
  if (!delay) return Fail{delay.error()};
  RetryAfter result;
  result.delay_s = *delay;
  reader.skip_space();
  if (reader.is_at('(') && !reader.comment(result.comment)) return Fail{ValueError::bad_syntax};
  if (!reader.params(result.params)) return Fail{ValueError::bad_syntax};
  const auto found = read_known_params(result.params, datagram, known);
  if (!found) return Fail{found.error()};
  result.has_duration = is_present((*found)[0]);
  if (!result.has_duration) return result;
  const Result<uint32_t, ValueError> duration =
      parse_number((*found)[0].value, datagram, UINT32_MAX);
  if (!duration) return Fail{duration.error()};
  result.duration_s = *duration;
  return result;
}

}  // namespace demarc::sip
