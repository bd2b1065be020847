// Frame: one UDP datagram that arrived on a media port, as octets with room before them.
//
// Filled by lcore/ from a received buffer, finished by Table::relay, read again by lcore/ to send
// it. Valid as long as the buffer that it points into; one worker only.
#pragma once

#include <cstdint>

#include "dataplane/contract/address.h"

namespace demarc::media {

struct Frame {
  uint8_t* l3 = nullptr;        // first octet of the IP header; relay moves it for another family
  uint16_t l3_length = 0;       // octets from l3 to the packet's end (no Ethernet padding)
  uint16_t headroom = 0;        // writable octets before l3
  uint16_t payload_offset = 0;  // of the UDP payload from l3: at least 28
  uint16_t payload_length = 0;  // as the UDP header says; inside l3_length
  contract::Endpoint source;
  uint32_t slot = 0;  // from Table::find; must be valid
  enum class Outcome : uint8_t {
    forward,  // all fields above are those of the outgoing packet; the slot says port and adjacency
    drop,     // counted; of no use any more
  } outcome = Outcome::drop;
  uint16_t tailroom = 0;  // writable octets behind l3 + l3_length
};

}  // namespace demarc::media
