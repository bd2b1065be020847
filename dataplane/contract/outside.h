// Requests outside of any call that the control plane has a worker send (REGISTER, OPTIONS), and
// what became of them: two rings per worker, filled and emptied by one thread on each side. The
// same rings carry the REGISTERs of peers that register with us, and the answers to them.
//
// The control plane says whom, what and how long; the worker adds Via, branch, Max-Forwards and
// Content-Length, runs the client transaction (RFC 3261 section 17.1.2) and answers each request
// with exactly one event, unless the ring of events is full, which is counted.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/ring.h"
#include "dataplane/contract/stream_fault.h"

namespace demarc::contract {

inline constexpr uint64_t outside_ring_capacity = 256;
inline constexpr uint32_t max_outside_octets = 4032;  // of texts in a request, of a response
inline constexpr uint32_t max_outside_wait_ms = 64000;

// Methods that no call sends, so that a response tells whose it is. `answer` is no request but the
// response to a REGISTER that an event of kind `request` brought, whose request_id it repeats.
enum class OutsideMethod : uint16_t { options, register_, answer };

struct OutsideRequest {
  uint64_t request_id = 0;  // comes back in the event
  TrunkId trunk = TrunkId::none;
  OutsideMethod method = OutsideMethod::options;
  uint32_t cseq = 1;
  Endpoint target;
  uint16_t status_code = 0;  // of an answer: 200 to 699, with `fields`; 0: no response at all
  uint32_t wait_ms = 32000;  // for a final response; 1 to max_outside_wait_ms
  // The texts stand in `octets` one behind the other.
  uint16_t uri_length = 0;  // Request-URI
  uint16_t call_id_length = 0;
  uint16_t fields_length = 0;  // whole header field lines, each with its CRLF: From, To, Contact
  uint16_t body_length = 0;
  char octets[max_outside_octets] = {};

  // Puts the next text behind those before; false when it does not fit.
  [[nodiscard]] bool put(uint16_t& length, std::string_view text) {
    const uint32_t used = uri_length + call_id_length + fields_length + body_length;
    if (text.size() > max_outside_octets - used) return false;
    text.copy(octets + used, text.size());
    length = static_cast<uint16_t>(text.size());
    return true;
  }
  // Whether the lengths stay inside; asked once by the reader, on a copy of its own.
  bool is_whole() const {
    return uint32_t{uri_length} + call_id_length + fields_length + body_length <=
           max_outside_octets;
  }
  std::string_view uri() const { return {octets, uri_length}; }
  std::string_view call_id() const { return {octets + uri_length, call_id_length}; }
  std::string_view fields() const { return {octets + uri_length + call_id_length, fields_length}; }
  std::string_view body() const {
    return {octets + uri_length + call_id_length + fields_length, body_length};
  }
};
static_assert(std::is_trivially_copyable_v<OutsideRequest> && sizeof(OutsideRequest) == 4080);

struct OutsideEvent {
  enum class Kind : uint16_t {
    response,     // a final one, in `octets`
    no_response,  // none in time
    refused,      // not sent: no such trunk, not a well-formed request, no room
    request,      // a REGISTER for us, to be answered; its request_id is the worker's
  };
  uint64_t request_id = 0;
  Kind kind = Kind::refused;
  uint16_t status_code = 0;
  uint16_t length = 0;  // of `octets`
  uint16_t is_cut = 0;  // 1: fields are missing, from some field on
  uint64_t round_trip_ns = 0;
  Endpoint source;                        // of the message
  TrunkId trunk = TrunkId::none;          // of a request: whose source it is
  uint16_t worker = 0;                    // of a request: whose ring takes the answer
  StreamFault fault = StreamFault::none;  // of no_response: why no connection brought it there
  uint8_t reserved[1] = {};
  // The response's start line and header fields but for Via and the body's, unfolded, with an empty
  // line: a message of its own without a body.
  char octets[max_outside_octets] = {};

  std::string_view text() const {
    return {octets, length <= max_outside_octets ? length : max_outside_octets};
  }
};
static_assert(std::is_trivially_copyable_v<OutsideEvent> && sizeof(OutsideEvent) == 4080);

using OutsideRequestRing = Ring<OutsideRequest>;
using OutsideEventRing = Ring<OutsideEvent>;

}  // namespace demarc::contract
