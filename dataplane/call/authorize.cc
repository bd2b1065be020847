// Challenges to our requests: the same once more with credentials (RFC 3261 section 22.2), for a
// new INVITE, for what crosses a call or refreshes it, and for BYE.
#include "dataplane/call/calls.h"
#include "sip-parser/challenge.h"
#include "sip-parser/digest/client.h"
#include "sip-parser/validate.h"

namespace demarc::call {
namespace {

using memory::DatagramId;
using sip::HeaderName;
using transaction::TransactionId;

constexpr uint8_t most_answers = 2;  // the second one to a stale nonce only

// `whole` with one branch instead of another.
void write_via_with(sip::Writer& writer, std::string_view whole, std::string_view old_branch,
                    std::string_view new_branch) {
  const size_t at = whole.find(old_branch);
  writer.begin(HeaderName::via).value(whole.substr(0, at)).value(new_branch);
  writer.value(whole.substr(at + old_branch.size())).end();
}

// The kept request with another branch and number, without credentials; the body is not finished.
void write_again(sip::Writer& writer, const sip::Message& request, std::string_view datagram,
                 std::string_view old_branch, std::string_view new_branch, uint32_t cseq) {
  const std::string_view method = text(request.method_text, datagram);
  writer.request_line(method, text(request.request_uri, datagram));
  for (uint16_t i = 0; i < request.field_count; ++i) {
    const sip::HeaderField& field = request.fields[i];
    switch (field.id) {
      case HeaderName::via:
        write_via_with(writer, text(field.value, datagram), old_branch, new_branch);
        break;
      case HeaderName::cseq:
        writer.begin(HeaderName::cseq).number(cseq).raw(" ").value(method).end();
        break;
      case HeaderName::authorization:
      case HeaderName::proxy_authorization:
      case HeaderName::content_length:
        break;
      default:
        writer.field(text(field.name, datagram), text(field.value, datagram));
    }
  }
}

}  // namespace

// True when the INVITE is on its way again, in the same leg, to the same target.
bool Calls::answer_challenge(uint32_t slot, const Received& response) {
  Call& call = calls_[slot];
  const bool is_setup = call.state == State::trying || call.state == State::proceeding;
  if (!is_setup || call.first_early != memory::no_index) return false;
  Leg& out = call.leg(Side::out);
  const uint32_t cseq = out.invite_cseq + 1;
  const TransactionId id = authorize(response, {out.invite, call.challenges, cseq});
  if (!id.is_set()) return false;
  ++call.challenges;
  drop(call.large);  // it got there
  services_.transactions.set_user(id, user_of({slot, Side::out}));
  out.invite = id;
  out.invite_cseq = out.dialog.local_cseq = cseq;
  // Of this one nothing was heard yet, so that it must not be cancelled (RFC 3261 section 9.1).
  call.state = State::trying;
  if (transfers_.is_replacing(slot)) transfers_.count_lent(slot, cseq);
  return true;
}

// The same of what crosses a call, and of what is our own within one. What was given up meanwhile
// is not sent again.
bool Calls::answer_exchange_challenge(uint32_t index, const Received& response) {
  Exchange& exchange = exchanges_[index];
  const bool is_wanted =
      exchange.state == ExchangeState::waiting || exchange.state == ExchangeState::proceeding;
  if (!is_wanted || exchange.call == memory::no_index) return false;
  const Side to = other(exchange.from);
  const uint32_t cseq = cseq_to(exchange.call, to, exchange.early) + 1;
  const TransactionId id = authorize(response, {exchange.client, exchange.challenges, cseq});
  if (!id.is_set()) return false;
  ++exchange.challenges;
  static_cast<void>(next_cseq(exchange.call, to, exchange.early));
  services_.transactions.set_user(exchange.client, 0);
  services_.transactions.set_user(id, user_of_exchange(index));
  exchange.client = id;
  exchange.client_cseq = cseq;
  exchange.state = ExchangeState::waiting;
  drop(exchange.large);  // it got there
  return true;
}

// An ACK has the credentials of its INVITE (RFC 3261 section 22.1): their line. Empty when there
// are none. Borrowed from the transaction.
std::string_view Calls::credentials_of(const TransactionId& invite) {
  const std::string_view sent = services_.transactions.request_of(invite);
  if (sent.empty() || !sip::parse(sent, message_)) return {};
  for (const HeaderName name : {HeaderName::authorization, HeaderName::proxy_authorization}) {
    const auto* field = message_.first(name);
    if (field == nullptr) continue;
    // send_authorized() wrote one line and no other, which ends behind its value.
    return sent.substr(field->name.offset, field->value.end() + 2 - field->name.offset);
  }
  return {};
}

// A BYE is nobody's by now: how often it was answered stands in its transaction's mark.
void Calls::answer_bye_challenge(const transaction::Layer::Response& match,
                                 const Received& response) {
  const bool is_marked = (match.user & bye_mark) == bye_mark;
  if (!is_marked && match.user != 0) return;
  const auto answered = static_cast<uint8_t>(match.user & 0xff);
  const TransactionId id = authorize(response, {match.id, answered, cseq_of(response) + 1});
  if (id.is_set()) services_.transactions.set_user(id, bye_mark | (answered + 1u));
}

// Only the trunk that was asked is answered, and only for its own account; not set: not at all.
transaction::TransactionId Calls::authorize(const Received& response, const Challenged& asked) {
  const uint16_t status = response.message.status_code;
  if ((status != 401 && status != 407) || asked.answered >= most_answers) return {};
  const contract::SecretConfig* secret = snapshot_->secret(response.trunk);
  if (secret == nullptr || !snapshot_->has_trunk(response.trunk)) return {};
  const auto name = status == 407 ? HeaderName::proxy_authenticate : HeaderName::www_authenticate;
  digest::ClientPolicy policy;
  policy.algorithms = secret->allows_md5 != 0 ? digest::with_md5 : digest::without_md5;
  const auto challenge =
      digest::choose_challenge(hasher_, policy, {response.message, response.datagram, name});
  if (!challenge || (asked.answered != 0 && !challenge->is_stale)) return {};
  return send_authorized(response, *challenge, policy, asked);
}

transaction::TransactionId Calls::send_authorized(const Received& response,
                                                  const sip::Challenge& challenge,
                                                  const digest::ClientPolicy& policy,
                                                  const Challenged& asked) {
  const std::string_view kept = services_.transactions.request_of(asked.request);
  if (kept.empty() || !sip::parse(kept, message_)) return {};
  const sip::Essentials essentials = sip::read_essentials(message_, kept);
  if (!essentials.has_via) return {};
  const contract::SecretConfig& secret = *snapshot_->secret(response.trunk);
  const contract::SectionHeader& section = snapshot_->secrets->header;
  const digest::Account account{
      contract::text(section, secret.user), contract::text(section, secret.password), {}};
  const contract::MintedName cnonce = mint_.name();
  const digest::ClientRequest request{.method = text(message_.method_text, kept),
                                      .uri = text(message_.request_uri, kept),
                                      .body = text(message_.body, kept),
                                      .cnonce = cnonce.view(),
                                      .times_answered = 0};
  const Mint::Branch branch = mint_.branch();
  sip::Writer writer(scratch_);
  write_again(writer, message_, kept, text(essentials.top_via.branch, kept), branch.view(),
              asked.cseq);
  writer.begin(response.message.status_code == 407 ? HeaderName::proxy_authorization
                                                   : HeaderName::authorization);
  digest::ClientNonce nonce;
  const digest::ClientError error = digest::answer_challenge(
      hasher_, writer, nonce, policy, {challenge, response.datagram}, account, request);
  if (error != digest::ClientError::none) return {};
  writer.end().finish(request.body);
  const DatagramId datagram = keep(writer);
  if (datagram == DatagramId::none) return {};
  transaction::Identity identity =
      transaction::identity_of(message_, kept, essentials, !text(essentials.to_tag, kept).empty());
  identity.cseq = asked.cseq;
  const transaction::Path path = services_.transactions.path_of(asked.request);
  const TransactionId id = services_.transactions.start(
      message_.method, branch.view(), identity, datagram, path,
      transaction::timing_of(snapshot_->trunk(response.trunk)), response.trunk, response.now);
  services_.datagrams.release(datagram);
  if (message_.method == sip::Method::invite) services_.transactions.keep_request(id);
  return id;
}

}  // namespace demarc::call
