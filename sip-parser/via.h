// Via (RFC 3261 sections 8.1.1.7 and 20.42, rport of RFC 3581).
//
// Called by validate(), peek() and transaction/ on the worker that holds the message. Only SIP/2.0
// is read; ttl and maddr are parameters like any other. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/params.h"

namespace demarc::sip {

enum class Transport : uint8_t { udp, tcp, tls, sctp, ws, wss, other };
// "UDP"; empty for `other`.
std::string_view spelling(Transport transport);

struct Via {
  Transport transport = Transport::other;
  Span transport_text;
  Span host;          // of sent-by; an IPv6 reference with its brackets
  uint16_t port = 0;  // of sent-by; 0 when absent
  Span sent_by;
  Span branch;  // empty when absent
  Span received;
  bool has_rport = false;
  uint16_t rport = 0;  // 0 when the parameter has no value
  Span params;
  Span whole;  // this one element
};

// One element of a Via field value.
Result<Via, ValueError> parse_via(Span element, std::string_view datagram);
// The topmost Via: the first element of the first Via field value.
Result<Via, ValueError> parse_top_via(Span value, std::string_view datagram);
// The same into a caller's object, complete on success. ValueError{} is success.
[[nodiscard]] ValueError read_top_via(Span value, std::string_view datagram, Via& via);

// Walks all Vias of one field value; a list holds the topmost first. Reads each element once.
class ViaCursor {
 public:
  ViaCursor(Span value, std::string_view datagram)
      : datagram_(datagram), position_(value.offset), end_(value.end()) {}
  // False at the end and at a mistake; ask failed() for the difference. An empty value is one.
  bool next(Via& via) { return !is_done_ && read_next(via); }
  bool failed() const { return error_ != ValueError{}; }
  ValueError error() const { return error_; }

 private:
  bool read_next(Via& via);

  std::string_view datagram_;
  uint32_t position_;
  uint32_t end_;
  bool is_done_ = false;
  ValueError error_{};
};

// Whether the branch begins with the magic cookie of RFC 3261 section 8.1.1.7 and goes on behind
// it: a bare cookie names no transaction (RFC 4475 section 3.2.1).
bool has_magic_cookie(std::string_view branch);
inline constexpr std::string_view magic_cookie = "z9hG4bK";

}  // namespace demarc::sip
