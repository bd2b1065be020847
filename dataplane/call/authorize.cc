// Challenges to our INVITE: the same request once more with credentials (RFC 3261 section 22.2).
#include "dataplane/call/calls.h"
#include "sip-parser/challenge.h"
#include "sip-parser/digest/client.h"
#include "sip-parser/validate.h"

namespace demarc::call {
namespace {

using memory::DatagramId;
using sip::HeaderName;

constexpr uint8_t most_answers = 2;  // the second one to a stale nonce only

// `whole` with one branch instead of another.
void write_via_with(sip::Writer& writer, std::string_view whole, std::string_view old_branch,
                    std::string_view new_branch) {
  const size_t at = whole.find(old_branch);
  writer.begin(HeaderName::via).value(whole.substr(0, at)).value(new_branch);
  writer.value(whole.substr(at + old_branch.size())).end();
}

// The kept INVITE with another branch and number, without credentials; the body is not finished.
void write_again(sip::Writer& writer, const sip::Message& invite, std::string_view datagram,
                 std::string_view old_branch, std::string_view new_branch, uint32_t cseq) {
  writer.request_line("INVITE", text(invite.request_uri, datagram));
  for (uint16_t i = 0; i < invite.field_count; ++i) {
    const sip::HeaderField& field = invite.fields[i];
    switch (field.id) {
      case HeaderName::via:
        write_via_with(writer, text(field.value, datagram), old_branch, new_branch);
        break;
      case HeaderName::cseq:
        writer.begin(HeaderName::cseq).number(cseq).raw(" INVITE").end();
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

// True when the INVITE is on its way again, in the same leg, to the same target: nothing of the
// call has changed then. Only the trunk that was called is answered, and only for its own account.
bool Calls::answer_challenge(uint32_t slot, const Received& response) {
  Call& call = calls_[slot];
  const uint16_t status = response.message.status_code;
  const bool is_setup = call.state == State::trying || call.state == State::proceeding;
  if ((status != 401 && status != 407) || !is_setup || call.first_early != memory::no_index) {
    return false;
  }
  const Leg& out = call.leg(Side::out);
  const contract::SecretConfig* secret = snapshot_->secret(out.trunk);
  if (secret == nullptr || !snapshot_->has_trunk(out.trunk)) return false;
  const auto name = status == 407 ? HeaderName::proxy_authenticate : HeaderName::www_authenticate;
  digest::ClientPolicy policy;
  policy.algorithms = secret->allows_md5 != 0 ? digest::with_md5 : digest::without_md5;
  const auto challenge =
      digest::choose_challenge(hasher_, policy, {response.message, response.datagram, name});
  if (!challenge || call.challenges >= most_answers) return false;
  if (call.challenges != 0 && !challenge->is_stale) return false;
  ++call.challenges;
  return authorize_invite(slot, response, *challenge, policy, *secret);
}

bool Calls::authorize_invite(uint32_t slot, const Received& response,
                             const sip::Challenge& challenge, const digest::ClientPolicy& policy,
                             const contract::SecretConfig& secret) {
  const Leg& out = calls_[slot].leg(Side::out);
  const std::string_view invite = services_.transactions.request_of(out.invite);
  if (invite.empty() || !sip::parse(invite, message_)) return false;
  const sip::Essentials essentials = sip::read_essentials(message_, invite);
  if (!essentials.has_via) return false;
  const contract::SectionHeader& section = snapshot_->secrets->header;
  const digest::Account account{
      contract::text(section, secret.user), contract::text(section, secret.password), {}};
  const contract::MintedName cnonce = mint_.name();
  const digest::ClientRequest request{.method = "INVITE",
                                      .uri = text(message_.request_uri, invite),
                                      .body = text(message_.body, invite),
                                      .cnonce = cnonce.view(),
                                      .times_answered = 0};
  const Mint::Branch branch = mint_.branch();
  const uint32_t cseq = out.invite_cseq + 1;
  sip::Writer writer(scratch_);
  write_again(writer, message_, invite, text(essentials.top_via.branch, invite), branch.view(),
              cseq);
  writer.begin(response.message.status_code == 407 ? HeaderName::proxy_authorization
                                                   : HeaderName::authorization);
  digest::ClientNonce nonce;
  const digest::ClientError error = digest::answer_challenge(
      hasher_, writer, nonce, policy, {challenge, response.datagram}, account, request);
  if (error != digest::ClientError::none) return false;
  writer.end().finish(request.body);
  transaction::Identity identity = transaction::identity_of(message_, invite, essentials, false);
  identity.cseq = cseq;
  return send_again(slot, writer, branch.view(), identity, response.now);
}

bool Calls::send_again(uint32_t slot, const sip::Writer& writer, std::string_view branch,
                       const transaction::Identity& identity, contract::Instant now) {
  Leg& out = calls_[slot].leg(Side::out);
  const DatagramId datagram = keep(writer);
  if (datagram == DatagramId::none) return false;
  const transaction::TransactionId id = services_.transactions.start(
      sip::Method::invite, branch, identity, datagram, out.path, out.timing, out.trunk, now);
  services_.datagrams.release(datagram);
  if (!id.is_set()) return false;
  services_.transactions.set_user(id, user_of({slot, Side::out}));
  out.invite = id;
  out.invite_cseq = identity.cseq;
  out.dialog.local_cseq = identity.cseq;
  return true;
}

}  // namespace demarc::call
