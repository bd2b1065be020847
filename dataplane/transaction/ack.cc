#include "dataplane/transaction/ack.h"

#include "sip-parser/cseq.h"
#include "sip-parser/message.h"
#include "sip-parser/parse.h"
#include "sip-parser/via.h"
#include "sip-parser/write.h"

namespace demarc::transaction {

using sip::HeaderName;

std::string_view compose_ack(const AckSource& source, std::span<char> buffer) {
  const std::string_view request = source.request;
  sip::Message message;
  if (!sip::parse(request, message)) return {};
  const auto via = sip::parse_top_via(message.value(HeaderName::via), request);
  if (!via) return {};
  const auto cseq = sip::parse_cseq(message.value(HeaderName::cseq), request);
  if (!cseq) return {};

  sip::Writer writer(buffer);
  const auto copy = [&](HeaderName name, std::string_view value) {
    writer.begin(name).unfolded(value).end();
  };
  writer.request_line("ACK", text(message.request_uri, request));
  copy(HeaderName::via, text(via->whole, request));
  for (const auto* route = message.first(HeaderName::route); route != nullptr;
       route = message.next(*route)) {
    copy(HeaderName::route, text(route->value, request));
  }
  writer.field(HeaderName::max_forwards, 70);
  copy(HeaderName::from, text(message.value(HeaderName::from), request));
  copy(HeaderName::to, source.to);
  copy(HeaderName::call_id, text(message.value(HeaderName::call_id), request));
  writer.begin(HeaderName::cseq).number(cseq->number).raw(" ACK").end();
  for (const HeaderName name : {HeaderName::authorization, HeaderName::proxy_authorization}) {
    for (const auto* field = message.first(name); field != nullptr; field = message.next(*field)) {
      copy(name, text(field->value, request));
    }
  }
  writer.finish({});
  return writer.written();
}

}  // namespace demarc::transaction
