// The server side of the layer: RFC 3261 sections 17.2 and 9.2.
#include "dataplane/transaction/layer.h"
#include "sip-parser/parse.h"

namespace demarc::transaction {
namespace {

using memory::no_index;

constexpr std::string_view invite = "INVITE";

Event event_of_response(uint16_t status_code) {
  if (status_code < 200) return Event::send_provisional;
  return status_code < 300 ? Event::send_success : Event::send_failure;
}

Key key_of(const SipHashKey& keys, const Received& request, std::string_view method) {
  if (has_cookie(request)) return server_key(keys, request, method);
  return old_server_key(keys, request, {method, text(request.essentials.to_tag, request.datagram)});
}

}  // namespace

Layer::Request Layer::receive_request(const sip::Message& message, std::string_view datagram,
                                      const sip::Essentials& essentials, const Path& path,
                                      const Timing& timing, contract::TrunkId trunk,
                                      contract::Instant now) {
  const Received received{message, datagram, essentials, trunk};
  if (message.method == sip::Method::ack) return receive_ack(received, now);
  const Key key = key_of(match_key_, received, text(message.method_text, datagram));
  const uint32_t known = find(key);
  if (known != no_index) {
    const TransactionId id = name_of(known);
    take(known, Event::request, {.now = now});
    return {Request::Kind::absorbed, id};
  }
  Transaction transaction;
  transaction.machine =
      message.method == sip::Method::invite ? Machine::server_invite : Machine::server_non_invite;
  transaction.method = message.method;
  transaction.trunk = trunk;
  transaction.key = key.value;
  transaction.key_check = key.check;
  transaction.path = path;
  transaction.timing = timing;
  const uint32_t index = create(transaction);
  if (index == no_index) return {Request::Kind::refused, {}};
  take(index, Event::begin, {.now = now});
  return {Request::Kind::fresh, name_of(index)};
}

Layer::Request Layer::receive_ack(const Received& ack, contract::Instant now) {
  const uint32_t index = find_acknowledged(ack);
  if (index == no_index) return {Request::Kind::ack, {}};
  const TransactionId id = name_of(index);
  const Step taken = take(index, Event::ack, {.now = now});
  return {has(taken.actions, Action::pass) ? Request::Kind::ack : Request::Kind::absorbed, id};
}

// RFC 3261 section 17.2.3. Without a cookie the To tag of the ACK is that of our response, which
// the INVITE had only when it was inside a dialog.
uint32_t Layer::find_acknowledged(const Received& ack) const {
  if (has_cookie(ack)) return find(server_key(match_key_, ack, invite));
  const std::string_view to_tag = text(ack.essentials.to_tag, ack.datagram);
  const uint32_t index = find(old_server_key(match_key_, ack, {invite, {}}));
  if (index != no_index && has_to_tag(transactions_[index], to_tag)) return index;
  if (to_tag.empty()) return no_index;
  return find(old_server_key(match_key_, ack, {invite, to_tag}));
}

// Whether the kept response has this tag. In Accepted nothing is kept and nothing depends on it:
// every ACK goes to the user.
bool Layer::has_to_tag(const Transaction& transaction, std::string_view to_tag) const {
  if (transaction.datagram == memory::DatagramId::none) return true;
  const std::string_view response = datagrams_.octets(transaction.datagram);
  sip::Message message;
  if (!sip::parse(response, message)) return false;
  return to_tag_of(message, response) == to_tag;
}

TransactionId Layer::find_cancelled(const sip::Message& cancel, std::string_view datagram,
                                    const sip::Essentials& essentials, contract::TrunkId trunk) {
  const uint32_t index = find(key_of(match_key_, {cancel, datagram, essentials, trunk}, invite));
  return index == no_index ? TransactionId{} : name_of(index);
}

void Layer::respond(TransactionId id, uint16_t status_code, memory::DatagramId response,
                    contract::Instant now) {
  const bool is_final = status_code >= 200;
  if (!is_live(id)) {
    DEMARC_CHECK(!is_final);
    return;
  }
  const Step taken =
      take(id.index, event_of_response(status_code), {.now = now, .message = response});
  DEMARC_CHECK(taken.is_edge || !is_final);
}

}  // namespace demarc::transaction
