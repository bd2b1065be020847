#include "dataplane/boot/visitors.h"

#include <fcntl.h>

namespace demarc::boot {

using contract::Instant;
using contract::Received;

unsigned Visitors::add_to_poll(std::span<pollfd> entries) const {
  unsigned count = 0;
  bool has_place = false;
  for (const Visitor& visitor : visitors_) {
    if (visitor.channel.is_open()) {
      entries[count++] = {visitor.channel.get(), POLLIN, 0};
    } else {
      has_place = true;
    }
  }
  if (has_place) entries[count++] = {listener_.get(), POLLIN, 0};
  return count;
}

void Visitors::accept(Instant now) {
  pollfd waiting{listener_.get(), POLLIN, 0};
  if (::poll(&waiting, 1, 0) != 1) return;
  for (Visitor& visitor : visitors_) {
    if (visitor.channel.is_open()) continue;
    visitor = {contract::accept_on(listener_), now};
    return;
  }
}

Visitors::Introduced Visitors::take_introduced(Instant now) {
  for (Visitor& visitor : visitors_) {
    if (!visitor.channel.is_open()) continue;
    const Received received = contract::receive_message(visitor.channel, false);
    if (received.kind == Received::Kind::message) {
      return {std::move(visitor.channel), received.message};
    }
    const bool is_late = now - visitor.since > patience;
    if (received.kind == Received::Kind::closed || is_late) visitor.channel.reset();
  }
  return {};
}

}  // namespace demarc::boot
