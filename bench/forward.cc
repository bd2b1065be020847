#include "bench/forward.h"

#include <charconv>

#include "sip-parser/cseq.h"
#include "sip-parser/edit.h"
#include "sip-parser/write.h"

namespace demarc::bench {
namespace {

using sip::HeaderName;

constexpr std::string_view our_via =
    "SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK0f6b2a91c4d8e375;rport";
constexpr std::string_view our_record_route = "<sip:203.0.113.5;lr>";
constexpr std::string_view our_contact = "<sip:203.0.113.5:5060;transport=udp>";
constexpr std::string_view our_description =
    "v=0\r\n"
    "o=- 7203849125 7203849125 IN IP4 203.0.113.6\r\n"
    "s=-\r\n"
    "c=IN IP4 203.0.113.6\r\n"
    "t=0 0\r\n"
    "m=audio 41320 RTP/AVP 8 0 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\n"
    "a=ptime:20\r\n"
    "a=sendrecv\r\n";

constexpr uint32_t max_max_forwards = 255;

}  // namespace

std::string_view forward(const sip::Message& message, std::string_view datagram,
                         std::span<char> out) {
  sip::Edit edit(message, datagram);
  std::array<char, 4> hops_text;
  if (message.is_request) {
    edit.insert_before(HeaderName::via, HeaderName::via, our_via);
    if (message.has(HeaderName::max_forwards)) {
      const Result<uint32_t, sip::ValueError> hops =
          sip::parse_number(message.value(HeaderName::max_forwards), datagram, max_max_forwards);
      if (!hops || *hops == 0) return {};
      const std::to_chars_result end =
          std::to_chars(hops_text.data(), hops_text.data() + hops_text.size(), *hops - 1);
      edit.replace(HeaderName::max_forwards,
                   {hops_text.data(), static_cast<size_t>(end.ptr - hops_text.data())});
    }
    edit.remove(HeaderName::route);
    edit.insert_before(HeaderName::record_route, HeaderName::record_route, our_record_route);
  }
  edit.replace(HeaderName::contact, our_contact);
  if (!message.body.empty()) edit.replace_body(our_description);
  sip::Writer writer(out);
  return edit.apply(writer) ? writer.written() : std::string_view{};
}

}  // namespace demarc::bench
