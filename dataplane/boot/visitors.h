// Visitors: connections to the handshake socket that have not introduced themselves yet. Each has
// to send its Hello within a time; there are few places. Main thread.
#pragma once

#include <array>
#include <span>

#include <poll.h>

#include "dataplane/contract/channel.h"
#include "dataplane/contract/time.h"

namespace demarc::boot {

class Visitors {
 public:
  static constexpr unsigned max_visitors = 4;
  static constexpr contract::Duration patience = contract::Duration::seconds(5);

  explicit Visitors(contract::FileDescriptor listener) : listener_(std::move(listener)) {}

  // Adds what to poll for; returns how many: at most max_visitors + 1.
  unsigned add_to_poll(std::span<pollfd> entries) const;
  // Takes a new connection if one waits and there is a place.
  void accept(contract::Instant now);
  struct Introduced {
    contract::FileDescriptor channel;  // not open: nobody has
    contract::HandshakeMessage hello;
  };
  // The next that has sent its first message. Forgets who closed or took too long.
  Introduced take_introduced(contract::Instant now);

 private:
  struct Visitor {
    contract::FileDescriptor channel;
    contract::Instant since;
  };
  contract::FileDescriptor listener_;
  std::array<Visitor, max_visitors> visitors_;
};

}  // namespace demarc::boot
