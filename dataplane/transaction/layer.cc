#include "dataplane/transaction/layer.h"

namespace demarc::transaction {

using memory::no_index;

Layer::Layer(memory::Arena& arena, uint32_t capacity, memory::DatagramPool& datagrams,
             TimerWheel& timers, Outbox& outbox, const SipHashKey& hash_key)
    : transactions_(arena, capacity),
      by_key_(arena, capacity),
      datagrams_(datagrams),
      timers_(timers),
      outbox_(outbox),
      match_key_(derive_match_key(hash_key)) {}

size_t Layer::octets_needed(uint32_t capacity) {
  return memory::Pool<Transaction>::octets_needed(capacity) +
         memory::HashIndex::octets_needed(capacity);
}

uint32_t Layer::create(const Transaction& transaction) {
  // A transaction that could not run its timers would never end.
  if (!timers_.has_room(timers_per_transaction)) return no_index;
  const uint32_t index = transactions_.acquire();
  if (index == no_index) return no_index;
  transactions_[index] = transaction;
  by_key_.insert(transaction.key, index);
  return index;
}

void Layer::terminate(uint32_t index) {
  Transaction& transaction = transactions_[index];
  transaction.state = State::terminated;
  timers_.cancel(transaction.retransmit);
  timers_.cancel(transaction.lifetime);
  datagrams_.release(transaction.datagram);
  datagrams_.release(transaction.ack);
  by_key_.erase(transaction.key, index);
  transactions_.release(index);
}

uint32_t Layer::find(const Key& key) const {
  return by_key_.find(key.value, [&](uint32_t index) {
    const Transaction& transaction = transactions_[index];
    return transaction.key == key.value && transaction.key_check == key.check;
  });
}

void Layer::set_user(TransactionId id, uint32_t user) {
  if (is_live(id)) transactions_[id.index].user = user;
}

uint32_t Layer::user_of(TransactionId id) const {
  return is_live(id) ? transactions_[id.index].user : 0;
}

bool Layer::is_live(TransactionId id) const {
  return transactions_.is_live(id.index, id.generation);
}

bool Layer::is_pending(TransactionId id) const {
  if (!is_live(id)) return false;
  const State state = transactions_[id.index].state;
  return state == State::calling || state == State::trying || state == State::proceeding;
}

bool Layer::is_proceeding(TransactionId id) const {
  return is_live(id) && transactions_[id.index].state == State::proceeding;
}

const Path& Layer::path_of(TransactionId id) const {
  DEMARC_CHECK(is_live(id));
  return transactions_[id.index].path;
}

contract::TrunkId Layer::trunk_of(TransactionId id) const {
  DEMARC_CHECK(is_live(id));
  return transactions_[id.index].trunk;
}

void Layer::stop_repeating(TransactionId id) {
  if (is_live(id)) timers_.cancel(transactions_[id.index].retransmit);
}

void Layer::abandon(TransactionId id) {
  if (is_live(id)) terminate(id.index);
}

}  // namespace demarc::transaction
