#include <utility>

#include "dataplane/call/calls.h"
#include "dataplane/call/transfers/transfers.h"
#include "sip-parser/cseq.h"
#include "sip-parser/event.h"
#include "sip-parser/validate.h"

namespace demarc::call::transfers {
namespace {

using memory::DatagramId;
using sip::HeaderName;
using sip::Method;
using sip::OptionTag;
using transaction::TransactionId;

// How a peer says that it takes no REFER: it does not know the method, or an extension of it, or
// takes it from nobody, or not from us. What else it says, 603 above all, is an answer to the wish.
constexpr bool is_not_taken(uint16_t status_code) {
  return status_code == 403 || status_code == 405 || status_code == 420 || status_code == 501;
}

}  // namespace

// Where the other side may take it too, what it can make nothing of is handled here at once: a
// dialog that nobody but us knows by that name, and the wish for no reports, which is ours to
// promise (RFC 4488 section 4).
bool Transfers::handles(const Received& request, const LegRef& leg) const {
  const contract::Transfer transfer = calls_.policy_of(request.trunk).transfer;
  if (transfer != contract::Transfer::passed_or_handled) {
    return transfer == contract::Transfer::handled;
  }
  const Leg& transferee = calls_.calls_[leg.slot].leg(other(leg.side));
  const bool is_refused = !transferee.allowed.empty() && !transferee.takes(Method::refer);
  if (is_refused || request.extensions.required.has(OptionTag::norefersub)) return true;
  char buffer[512];
  return names_ours(read_referral(request, buffer));
}

void Transfers::on_passed(const Received& request, uint32_t exchange) {
  if (!request.is_request(Method::refer)) return;
  note_passed(calls_.exchanges_[exchange]);
  const bool may_come_back =
      calls_.policy_of(request.trunk).transfer == contract::Transfer::passed_or_handled;
  if (!may_come_back) return;
  calls_.exchanges_[exchange].referral = calls_.services_.datagrams.keep(request.datagram);
}

// A NOTIFY may be faster than this. With credentials it had another number.
void Transfers::on_taken(uint32_t exchange) {
  const Exchange& taken = calls_.exchanges_[exchange];
  calls_.calls_[taken.call].leg(taken.from).has_referred = true;
  note_passed(taken);
}

void Transfers::note_passed(const Exchange& exchange) {
  Leg& leg = calls_.calls_[exchange.call].leg(exchange.from);
  leg.refer_cseq = exchange.cseq;
  leg.passed_cseq = exchange.client_cseq;
}

// The id of Event is the number of the REFER (RFC 3515 section 2.4.6), and each leg has its own. Of
// those that went on the last one is known; an id that is none of it crosses as it stands.
void Transfers::write_event(sip::Writer& writer, const Received& request, const LegRef& leg) const {
  const auto* field = request.message.first(HeaderName::event);
  if (field == nullptr) return;
  const Leg& own = calls_.calls_[leg.slot].leg(leg.side);
  const Leg& far = calls_.calls_[leg.slot].leg(other(leg.side));
  uint32_t id = 0;
  const auto event = sip::parse_event(field->value, request.datagram);
  if (event && text(event->package, request.datagram) == "refer") {
    const auto named = sip::parse_number(event->id, request.datagram, UINT32_MAX);
    if (named && *named == far.passed_cseq) {
      id = far.refer_cseq;
    } else if (named && *named == own.refer_cseq) {
      id = own.passed_cseq;
    }
  }
  writer.begin(HeaderName::event);
  if (id != 0) {
    writer.raw("refer;id=").number(id).end();
  } else {
    writer.unfolded(text(field->value, request.datagram)).end();
  }
}

bool Transfers::take_back(uint32_t exchange, uint16_t status_code, contract::Instant now) {
  Exchange& passed = calls_.exchanges_[exchange];
  if (passed.referral == DatagramId::none || !is_not_taken(status_code)) return false;
  const LegRef leg{passed.call, passed.from, passed.early};
  const TransactionId id = passed.server;
  const transaction::Path path = passed.path;
  DatagramId referral = std::exchange(passed.referral, DatagramId::none);
  const std::string_view octets = calls_.services_.datagrams.octets(referral);
  const bool is_read = calls_.services_.transactions.is_pending(id) &&
                       sip::parse(octets, calls_.message_).has_value();
  if (is_read) {
    calls_.release_exchange(exchange);
    const sip::Essentials essentials = sip::read_essentials(calls_.message_, octets);
    const contract::TrunkId trunk = calls_.calls_[leg.slot].leg(leg.side).trunk;
    on_refer({calls_.message_, octets, essentials, path.remote, path, trunk, now}, id, leg);
  }
  calls_.drop(referral);
  return is_read;
}

}  // namespace demarc::call::transfers
