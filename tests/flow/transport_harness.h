// TransportLadder: a ladder whose peers speak TCP or TLS, for transport_test.cc, large_test.cc and
// framing_test.cc.
#pragma once

#include <string>

#include "tests/flow/ladder.h"

namespace demarc::flow {

inline constexpr transaction::StreamId pbx_stream{0x10001};
inline constexpr transaction::StreamId itsp_stream{0x20002};

inline BoxOptions over(contract::Transport in, contract::Transport out) {
  BoxOptions options;
  options.transport = {in, out};
  return options;
}

inline std::string branch_of(const Wire& message) {
  const std::string via = message.field("Via");
  const size_t begin = via.find("branch=") + 7;
  return via.substr(begin, via.find(';', begin) - begin);
}

class TransportLadder : public Ladder {
 protected:
  explicit TransportLadder(const BoxOptions& options) : Ladder(options) {
    pbx.transport = options.transport[0];
    itsp.transport = alt.transport = options.transport[1];
    // Whoever calls does it over a connection of its own, from a port where nobody listens.
    if (pbx.transport != contract::Transport::udp) {
      pbx.stream = pbx_stream;
      pbx.connection_port = 34567;
    }
  }
};

}  // namespace demarc::flow
