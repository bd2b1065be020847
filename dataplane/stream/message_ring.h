// MessageRing: SIP messages between one worker and the stream thread, of which there are two for
// each worker (lanes.h). What is read has room to read on behind it, as sip::parse() asks.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/stream_fault.h"
#include "dataplane/post/octet_ring.h"
#include "dataplane/transaction/path.h"
#include "sip-parser/method.h"
#include "sip-parser/parse.h"

namespace demarc::stream {

struct MessageHead {
  enum class Kind : uint8_t {
    message,      // either way: one SIP message
    broken,       // to a worker: what came up to a mistake; `status_code` is owed
    undelivered,  // to a worker: its request of this branch (the octets) and method is lost, by
                  // `fault`
  };
  uint32_t octets = 0;  // of the message behind it
  Kind kind = Kind::message;
  sip::Method method = sip::Method::other;
  uint16_t status_code = 0;
  contract::StreamFault fault = contract::StreamFault::none;
  contract::TrunkId trunk = contract::TrunkId::none;
  transaction::Path path;
};

using MessageRing = post::OctetRing<MessageHead>;
static_assert(MessageRing::readable_behind >= sip::padding_octets);
static_assert(sizeof(MessageHead) <= 64);

}  // namespace demarc::stream
