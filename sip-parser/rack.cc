#include "sip-parser/rack.h"

#include "sip-parser/value_reader.h"

namespace demarc::sip {

Result<uint32_t, ValueError> parse_rseq(Span value, std::string_view datagram) {
  const Result<uint32_t, ValueError> number = parse_number(value, datagram, max_rseq);
  if (!number) return Fail{number.error()};
  if (*number == 0) return Fail{ValueError::out_of_range};
  return *number;
}

Result<RAck, ValueError> parse_rack(Span value, std::string_view datagram) {
  ValueReader reader(value, datagram);
  const Span digits = reader.digits();
  if (!reader.is_at_space()) return Fail{ValueError::bad_syntax};
  const Result<uint32_t, ValueError> rseq = parse_rseq(digits, datagram);
  if (!rseq) return Fail{rseq.error()};
  const Result<CSeq, ValueError> cseq =
      parse_cseq(make_span(reader.position(), value.end()), datagram);
  if (!cseq) return Fail{cseq.error()};
  return RAck{*rseq, *cseq};
}

}  // namespace demarc::sip
