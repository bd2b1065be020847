#include "dataplane/call/calls.h"
#include "dataplane/route/account.h"
#include "dataplane/route/route.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/params.h"
#include "sip-parser/parse.h"
#include "sip-parser/preference.h"
#include "sip-parser/uri.h"

namespace demarc::call {
namespace {

using contract::Redirects;
using memory::DatagramId;
using sip::HeaderName;

// Of one 3xx; a caller that tries more has long given up.
constexpr unsigned max_passed_contacts = 8;
// The same of one that is followed, the unusable ones included.
constexpr unsigned max_followed_contacts = 16;
// What one of them may take beside what came: our own URI and the name of the field.
constexpr size_t own_uri_octets = 512;

// The parameters of a Contact that say which one to try first, and for how long they hold (RFC 3261
// section 20.10). Others are between the registrar that wrote them and its users.
void write_contact_params(sip::Writer& writer, const sip::NameAddr& addr,
                          std::string_view datagram) {
  for (const std::string_view name : {"q", "expires"}) {
    const sip::Param param = sip::find_param(addr.params, name, datagram);
    if (!param.has_value || param.has_quotes) continue;
    writer.raw(";").raw(name).raw("=").value(text(param.value, datagram));
  }
}

// In thousandths; 1 where it is not said (RFC 3261 section 20.10: nothing else is better known).
int q_of(const sip::NameAddr& addr, std::string_view datagram) {
  const sip::Param param = sip::find_param(addr.params, "q", datagram);
  if (!param.has_value) return 1000;
  const auto q = sip::parse_q(param.value, datagram);
  return q ? *q : 1000;
}

// Of a URI what stands before its header fields; a user may have a '?' in it.
std::string_view without_headers(const sip::Uri& uri, std::string_view datagram) {
  const std::string_view whole = text(uri.whole, datagram);
  return whole.substr(0, whole.find('?', uri.host.end() - uri.whole.offset));
}

}  // namespace

// The Contacts of a 3xx that are addresses or names of the same trunk (decision D10), with their
// users: the best one first, the others when it fails (RFC 3261 section 8.1.3.4).
bool Calls::take_redirect(Call& call, const Received& response) {
  if (policy_of(call.leg(Side::out).trunk).redirects != Redirects::followed) return false;
  Search& search = search_of(call);
  drop(search.redirection);
  search.redirection = services_.datagrams.keep(response.datagram);
  search.tried_contacts = 0;
  search.redirector = call.leg(Side::out).path.remote;
  search.redirector_target = call.leg(Side::out).target;
  return take_next_contact(call);
}

// Of those that were not tried the first one with the highest q (section 20.10).
bool Calls::take_next_contact(Call& call) {
  Search& search = search_of(call);
  if (search.redirection == DatagramId::none) return false;
  const std::string_view datagram = services_.datagrams.octets(search.redirection);
  if (!sip::parse(datagram, message_)) return false;
  int best_q = -1;
  unsigned best_place = 0;
  sip::Uri best;
  unsigned place = 0;
  const auto* field = message_.first(HeaderName::contact);
  for (; field != nullptr; field = message_.next(*field)) {
    sip::NameAddrCursor cursor(field->value, datagram);
    sip::NameAddr addr;
    for (sip::Uri uri; place < max_followed_contacts && cursor.next(addr, uri); ++place) {
      const bool was_tried = (search.tried_contacts >> place & 1) != 0;
      if (was_tried || followed_to(call, uri, datagram).port == 0) continue;
      const int q = q_of(addr, datagram);
      if (q <= best_q) continue;
      best_q = q;
      best_place = place;
      best = uri;
    }
  }
  if (best_q < 0) {
    drop(search.redirection);
    return false;
  }
  search.tried_contacts = static_cast<uint16_t>(search.tried_contacts | (1u << best_place));
  return take_contact(call, best, datagram);
}

bool Calls::take_contact(Call& call, const sip::Uri& uri, std::string_view datagram) {
  const contract::Endpoint endpoint = followed_to(call, uri, datagram);
  const Span user = call.text.put(text(uri.user, datagram));
  if (user.empty()) return false;
  call.called_sent = user;
  search_of(call).redirect = endpoint;
  return true;
}

// Port 0: not there. A name of the peer is where the 3xx came from.
contract::Endpoint Calls::followed_to(const Call& call, const sip::Uri& uri,
                                      std::string_view datagram) const {
  const Leg& out = call.leg(Side::out);
  if (uri.scheme != sip::UriScheme::sip || uri.user.empty()) return {};
  const Search& search = searches_[call.search];
  const std::string_view host = text(uri.host, datagram);
  const auto named = contract::parse_address(host);
  if (!named && !is_peer_name(out.trunk, search.redirector_target, host)) return {};
  if (!named && uri.port == 0) return search.redirector;
  const contract::IpAddress address = named ? *named : search.redirector.address;
  const uint16_t port = uri.port == 0 ? default_port(out.path.transport) : uri.port;
  const contract::Endpoint endpoint{address, port};
  const bool is_ours =
      address.is_unicast() &&
      route::is_source_of(*snapshot_, out.trunk, out.path.local, endpoint, out.path.transport);
  return is_ours ? endpoint : contract::Endpoint{};
}

// Whether a 3xx is the caller's matter: there is one who waits for a call that nobody has answered,
// and something to go to. What is called for a transfer, or by a lent leg, has no such caller.
bool Calls::passes_redirect(uint32_t slot, const Received& response) {
  const Call& call = calls_[slot];
  if (response.message.status_code >= 400) return false;
  if (call.state != State::trying && call.state != State::proceeding) return false;
  if (policy_of(call.leg(Side::out).trunk).redirects != Redirects::passed) return false;
  if (transfers_.is_referred(slot) || transfers_.is_replacing(slot)) return false;
  sip::Writer trial(extra_);
  return write_redirect(call, response, trial);
}

// Whether `host` is a name of the trunk's peer, or of the phone that is this target.
bool Calls::is_peer_name(contract::TrunkId of, contract::TargetId target,
                         std::string_view host) const {
  const contract::TrunkConfig& trunk = snapshot_->trunk(of);
  const contract::SectionHeader& header = snapshot_->trunks->header;
  for (const contract::Text name : {trunk.peer_host, trunk.peer_contact}) {
    const std::string_view known = contract::text(header, name);
    if (!known.empty() && ascii::iequals(known, host)) return true;
  }
  for (const contract::Text name : elements(header, trunk.peer_names)) {
    if (ascii::iequals(contract::text(header, name), host)) return true;
  }
  const contract::BindingConfig* binding = snapshot_->binding(target);
  return binding != nullptr && ascii::iequals(contract::text(header, binding->host), host);
}

// Whether `host` names the peer of this leg, or us as the peer sees us: what the other side is
// never shown.
bool Calls::is_of_far_side(const Leg& far, std::string_view host, uint16_t port) const {
  if (is_peer_name(far.trunk, far.target, host)) return true;
  const contract::CallPolicy& policy = policy_of(far.trunk);
  const contract::SectionHeader& header = snapshot_->trunks->header;
  for (const contract::Text name : {policy.contact_host, policy.from_domain}) {
    const std::string_view known = contract::text(header, name);
    if (!known.empty() && ascii::iequals(known, host)) return true;
  }
  const auto address = contract::parse_address(host);
  if (!address) return false;
  const contract::IpAddress& shown = far.advertised.address;
  if (*address == shown || *address == far.path.local.address) return true;
  if (*address == far.path.remote.address) return true;
  const contract::Endpoint endpoint{*address, port == 0 ? default_port(far.path.transport) : port};
  return route::is_source_of(*snapshot_, far.trunk, far.path.local, endpoint, far.path.transport);
}

// The Contacts of a 3xx for the caller (decision D98). One that leads to the far side has our
// address instead, so that the caller comes back to us with its user; any other one is shown as it
// stands but for header fields, which would be of our INVITE. False when none is left.
bool Calls::write_redirect(const Call& call, const Received& response, sip::Writer& writer) const {
  const Leg& in = call.leg(Side::in);
  unsigned count = 0;
  const auto* field = response.message.first(HeaderName::contact);
  for (; field != nullptr; field = response.message.next(*field)) {
    sip::NameAddrCursor cursor(field->value, response.datagram);
    sip::NameAddr addr;
    for (sip::Uri uri; count < max_passed_contacts && cursor.next(addr, uri);) {
      const bool is_sip = uri.scheme == sip::UriScheme::sip || uri.scheme == sip::UriScheme::sips;
      const size_t octets = addr.uri.length + addr.params.length + own_uri_octets;
      if (writer.room() < octets) return count != 0;
      writer.begin(HeaderName::contact).raw("<");
      // Where it leads to is its maddr (RFC 3261 section 19.1.1), but its host is shown as well.
      const sip::Param maddr = sip::find_param(uri.params, "maddr", response.datagram);
      const auto is_far = [&](Span host) {
        return is_of_far_side(call.leg(Side::out), text(host, response.datagram), uri.port);
      };
      if (is_sip && (is_far(uri.host) || (maddr.has_value && is_far(maddr.value)))) {
        write_own_uri(writer, in.advertised, contact_host(in.trunk),
                      text(uri.user, response.datagram));
      } else {
        writer.value(is_sip ? without_headers(uri, response.datagram)
                            : text(addr.uri, response.datagram));
      }
      writer.raw(">");
      write_contact_params(writer, addr, response.datagram);
      writer.end();
      ++count;
    }
  }
  return count != 0;
}

}  // namespace demarc::call
