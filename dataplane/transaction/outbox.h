// Outbox: the messages that a step wants sent, in order. Filled by the layer and by call/; the
// engine's loop empties it after each step, and whoever empties it gives the datagrams' references
// back. One worker only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/memory/datagram_pool.h"
#include "dataplane/transaction/path.h"

namespace demarc::transaction {

struct Send {
  memory::DatagramId datagram = memory::DatagramId::none;  // the outbox holds a reference
  Path path;
  contract::TrunkId trunk = contract::TrunkId::none;  // whose counters count it
  bool is_again = false;                              // a retransmission
};

class Outbox {
 public:
  static constexpr unsigned capacity = 512;

  explicit Outbox(memory::DatagramPool& datagrams) : datagrams_(datagrams) {}

  // Takes a reference of its own. False when full: the message is lost like one on the wire.
  bool push(const Send& send) {
    if (count_ == capacity) return false;
    datagrams_.hold(send.datagram);
    sends_[count_++] = send;
    return true;
  }
  std::span<const Send> sends() const { return {sends_.data(), count_}; }
  // Gives all references back and forgets.
  void clear() {
    for (const Send& send : sends()) datagrams_.release(send.datagram);
    count_ = 0;
  }

 private:
  memory::DatagramPool& datagrams_;
  std::array<Send, capacity> sends_;
  unsigned count_ = 0;
};

}  // namespace demarc::transaction
