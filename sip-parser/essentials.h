// Essentials: what every step behind validate() asks of a message, read once.
//
// Filled by validate() on the worker that holds the message; read by the transaction layer and by
// call/. Spans are valid as long as the datagram.
#pragma once

#include <cstdint>

#include "sip-parser/address.h"
#include "sip-parser/base/span.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"

namespace demarc::sip {

struct Essentials {
  Via top_via;
  bool has_via = false;  // top_via could be read
  Address from;          // without a URI when it can not be read
  Span from_tag;         // empty when absent
  Span to_tag;           // likewise
  Uri contact;           // of the first Contact; empty when there is none, or it can not be read
  uint32_t cseq = 0;     // its number; 0 also when it can not be read
};

}  // namespace demarc::sip
