// The client side of the layer: RFC 3261 section 17.1.
#include "dataplane/transaction/layer.h"

namespace demarc::transaction {
namespace {

using memory::no_index;

Event event_of_response(uint16_t status_code) {
  if (status_code < 200) return Event::provisional;
  return status_code < 300 ? Event::success : Event::failure;
}

bool is_client(Machine machine) {
  return machine == Machine::client_invite || machine == Machine::client_non_invite;
}

}  // namespace

TransactionId Layer::start(sip::Method method, std::string_view branch, const Identity& identity,
                           memory::DatagramId request, const Path& path, const Timing& timing,
                           contract::TrunkId trunk, contract::Instant now) {
  if (request == memory::DatagramId::none) return {};
  const Key key = client_key(match_key_, branch, method);
  Transaction transaction;
  transaction.machine =
      method == sip::Method::invite ? Machine::client_invite : Machine::client_non_invite;
  transaction.method = method;
  transaction.trunk = trunk;
  transaction.key = key.value;
  transaction.key_check = key.check;
  transaction.identity = identity_hash(match_key_, identity);
  transaction.has_to_tag = !identity.to_tag.empty();
  transaction.path = path;
  transaction.timing = timing;
  const uint32_t index = create(transaction);
  if (index == no_index) return {};
  keep(transactions_[index], request);
  take(index, Event::begin, {.now = now, .message = request});
  return name_of(index);
}

Layer::Response Layer::receive_response(const sip::Message& message, std::string_view datagram,
                                        const sip::Essentials& essentials, contract::TrunkId trunk,
                                        contract::Instant now) {
  const std::string_view branch = text(essentials.top_via.branch, datagram);
  const uint32_t index = find(client_key(match_key_, branch, message.method));
  if (index == no_index || transactions_[index].trunk != trunk) return {};
  const Identity identity =
      identity_of(message, datagram, essentials, transactions_[index].has_to_tag);
  if (identity_hash(match_key_, identity) != transactions_[index].identity) return {};
  Response response{Response::Kind::absorbed, name_of(index), transactions_[index].user};
  const std::string_view to = text(message.value(sip::HeaderName::to), datagram);
  const Step taken = take(index, event_of_response(message.status_code), {.now = now, .to = to});
  if (has(taken.actions, Action::pass)) response.kind = Response::Kind::pass;
  return response;
}

Layer::Expiry Layer::fail(sip::Method method, std::string_view branch,
                          contract::StreamFault fault) {
  const uint32_t index = find(client_key(match_key_, branch, method));
  if (index == no_index) return {};
  const Transaction& transaction = transactions_[index];
  if (!is_client(transaction.machine)) return {};
  if (transaction.state != State::calling && transaction.state != State::trying) return {};
  const Expiry expiry{Expiry::Kind::unreachable, name_of(index), transaction.user, fault};
  terminate(index);
  return expiry;
}

contract::TrunkId Layer::trunk_of(sip::Method method, std::string_view branch) const {
  const uint32_t index = find(client_key(match_key_, branch, method));
  return index == no_index ? contract::TrunkId::none : transactions_[index].trunk;
}

bool Layer::is_started(sip::Method method, std::string_view branch) const {
  return find(client_key(match_key_, branch, method)) != no_index;
}

std::string_view Layer::request_of(TransactionId id) const {
  if (!is_live(id)) return {};
  const Transaction& transaction = transactions_[id.index];
  if (!is_client(transaction.machine)) return {};
  if (transaction.datagram == memory::DatagramId::none) return {};
  return datagrams_.octets(transaction.datagram);
}

void Layer::keep_request(TransactionId id) {
  if (is_live(id)) transactions_[id.index].keeps_request = true;
}

}  // namespace demarc::transaction
