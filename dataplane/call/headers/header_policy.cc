#include "dataplane/call/headers/header_policy.h"

#include <algorithm>

#include "dataplane/call/headers/call_history.h"
#include "dataplane/call/headers/caller_names.h"
#include "dataplane/call/headers/crossing_address.h"
#include "dataplane/call/headers/field_view.h"
#include "dataplane/call/headers/header_rules.h"
#include "dataplane/call/headers/privacy.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/call_info.h"
#include "sip-parser/field_rules.h"
#include "sip-parser/geolocation.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/reason.h"
#include "sip-parser/user_to_user.h"

namespace demarc::call::headers {
namespace {

using sip::HeaderName;
using sip::Writer;

// RFC 3325 section 9.1: one SIP and one tel URI.
constexpr unsigned max_identities = 2;
// Of a list that crosses element by element.
constexpr unsigned max_elements = 8;

// The built-in policies over one message.
class Policies {
 public:
  Policies(FieldView& view, const Crossing& crossing)
      : view_(view),
        crossing_(crossing),
        message_(crossing.message),
        datagram_(crossing.datagram),
        wish_(privacy_wish(crossing.message, crossing.datagram, crossing.from_address)) {}

  void add() {
    for (uint16_t i = 0; i < message_.field_count; ++i) add_field(i);
    // An anonymous From alone does not keep a trusted peer from showing the identity further on.
    if (identities_ != 0 && wish_.hides_caller && !message_.has(HeaderName::privacy)) {
      view_.add({sip::spelling(HeaderName::privacy), "id", HeaderName::privacy,
                 CrossingField::not_received});
    }
    add_call_history(view_, crossing_);
  }

 private:
  void add_field(uint16_t index) {
    switch (message_.fields[index].id) {
      case HeaderName::p_asserted_identity:
        return add_identities(index);
      case HeaderName::reason:
        return add_reasons(index);
      case HeaderName::user_to_user:
        return add_user_to_user(index);
      case HeaderName::alert_info:
        return add_alerts(index);
      case HeaderName::geolocation:
        if (crossing_.locations != nullptr) add_geolocations(index);
        return;
      case HeaderName::geolocation_routing:
        if (crossing_.locations != nullptr) pass(index);
        return;
      case HeaderName::geolocation_error:
        if (!message_.is_request && crossing_.from.policy.passes_location) pass(index);
        return;
      case HeaderName::p_early_media:
        if (are_both_trusted()) pass(index);
        return;
      case HeaderName::subject:
        if (crossing_.identity == Identity::concealed) return;
        if (crossing_.to.policy.is_trusted || !wish_.hides_caller) pass(index);
        return;
      case HeaderName::privacy:
      case HeaderName::priority:
      case HeaderName::resource_priority:
      case HeaderName::accept_resource_priority:
        return pass(index);
      case HeaderName::other:
        if (is_answer_mode(text(message_.fields[index].name, datagram_))) pass(index);
        return;
      default:
        return;
    }
  }

  void pass(uint16_t index) { view_.add_received(message_, datagram_, index); }

  // RFC 5373.
  static bool is_answer_mode(std::string_view name) {
    return ascii::iequals(name, "Answer-Mode") || ascii::iequals(name, "Priv-Answer-Mode");
  }

  bool are_both_trusted() const {
    return crossing_.from.policy.is_trusted && crossing_.to.policy.is_trusted;
  }

  void add_identities(uint16_t index) {
    if (!are_both_trusted() || !crossing_.from.policy.keeps_identity ||
        !crossing_.to.policy.keeps_identity) {
      return;
    }
    sip::NameAddrCursor cursor(message_.fields[index].value, datagram_);
    sip::NameAddr name_addr;
    for (sip::Uri uri; cursor.next(name_addr, uri);) {
      if (!is_known_scheme(uri) || identities_ == max_identities) {
        view_.drop();
        continue;
      }
      add_identity(index, name_addr, uri);
    }
    if (cursor.failed()) view_.drop();
  }

  void add_identity(uint16_t index, const sip::NameAddr& name_addr, const sip::Uri& uri) {
    number::Number number;
    AddressStyle style{.our_host = crossing_.our_host};
    if (crossing_.identity == Identity::concealed) {
      // Whoever is asserted, once and without a name, is the one that From shows.
      if (crossing_.shown_user.empty() || identities_ != 0) return;
      style.number = crossing_.shown_user;
      style.shows_name = false;
    } else if (!show_number(crossing_, uri, number, style)) {
      return;
    }
    ++identities_;
    number::DisplayName made;
    show_name(crossing_, name_addr, uri, made, style);
    view_.add_printed(HeaderName::p_asserted_identity, index, [&](Writer& writer) {
      write_address(writer, name_addr, uri, datagram_, style);
    });
  }

  // Gives each element to `take`, which says whether it is good; the rest is dropped.
  template <class Take>
  void each_element(uint16_t index, Take take) {
    unsigned count = 0;
    sip::ListCursor cursor(message_.fields[index].value, datagram_);
    for (Span element; cursor.next(element);) {
      if (++count > max_elements || !take(element)) view_.drop();
    }
  }

  // Also why it rings elsewhere, or in vain: RFC 6432 section 2 allows causes in any response but
  // 100. A 2xx has nothing to explain.
  bool may_have_reason() const {
    if (!message_.is_request) return message_.status_code / 100 != 2;
    return message_.method == sip::Method::bye || message_.method == sip::Method::cancel;
  }

  void add_reasons(uint16_t index) {
    if (!may_have_reason()) return;
    each_element(index, [&](Span element) {
      const auto reason = sip::parse_reason(element, datagram_);
      if (!reason) return false;
      // Of another protocol is not malformed, it just says nothing to the other side.
      if (reason->protocol != sip::ReasonProtocol::sip &&
          reason->protocol != sip::ReasonProtocol::q850) {
        return true;
      }
      view_.add_printed(HeaderName::reason, index, [&](Writer& writer) {
        writer.raw(spelling(reason->protocol));
        if (reason->has_cause) writer.raw(";cause=").number(reason->cause);
        if (reason->text.empty()) return;
        writer.raw(";text=\"").unfolded(text(reason->text, datagram_)).raw("\"");
      });
      return true;
    });
  }

  void add_user_to_user(uint16_t index) {
    each_element(index, [&](Span element) {
      if (!sip::parse_user_to_user(element, datagram_)) return false;
      view_.add({sip::spelling(HeaderName::user_to_user), text(element, datagram_),
                 HeaderName::user_to_user, index});
      return true;
    });
  }

  // A reference to a part that does not go on would be one to nothing (RFC 6442 section 4.2).
  void add_geolocations(uint16_t index) {
    each_element(index, [&](Span element) {
      const auto location = sip::parse_geolocation(element, datagram_);
      if (!location) return false;
      constexpr std::string_view cid = "cid:";
      const std::string_view uri = text(location->location.uri.whole, datagram_);
      if (location->is_by_value && !crossing_.locations->has(uri.substr(cid.size()), datagram_)) {
        return false;
      }
      view_.add({sip::spelling(HeaderName::geolocation), text(element, datagram_),
                 HeaderName::geolocation, index});
      return true;
    });
  }

  void add_alerts(uint16_t index) {
    each_element(index, [&](Span element) {
      const auto alert = sip::parse_bracketed_uri(element, datagram_);
      if (!alert) return false;
      constexpr std::string_view urn = "urn:alert:";
      const std::string_view uri = text(alert->uri.whole, datagram_);
      if (!ascii::iequals(uri.substr(0, urn.size()), urn)) return true;
      view_.add_printed(HeaderName::alert_info, index,
                        [&](Writer& writer) { writer.raw("<").value(uri).raw(">"); });
      return true;
    });
  }

  FieldView& view_;
  const Crossing& crossing_;
  const sip::Message& message_;
  std::string_view datagram_;
  PrivacyWish wish_;
  unsigned identities_ = 0;
};

// Whether a value can stand in a line: no NUL, and CR and LF in folds alone.
bool is_writable(std::string_view value) {
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\0' || value[i] == '\n') return false;
    if (value[i] != '\r') continue;
    if (value.size() - i < 3 || value[i + 1] != '\n' || !ascii::is_wsp(value[i + 2])) return false;
    i += 2;
  }
  return true;
}

bool is_well_formed(const CrossingField& field) {
  if (!ascii::is_token(field.name) || field.value.size() > sip::max_message_octets) return false;
  if (!is_writable(field.value)) return false;
  const Span whole = {0, static_cast<uint16_t>(field.value.size())};
  return sip::check_field(field.id, whole, field.value).has_value();
}

// Whether a field before it has the name of one that may not stand twice.
bool is_repeated(std::span<const CrossingField> before, const CrossingField& field) {
  if (field.id == HeaderName::other || sip::field_rule(field.id).may_repeat) return false;
  return std::any_of(before.begin(), before.end(),
                     [&](const CrossingField& one) { return one.id == field.id; });
}

CrossingCount write_fields(Writer& writer, FieldView& view, uint32_t max_octets) {
  CrossingCount count;
  count.dropped = view.dropped();
  size_t left = std::min<size_t>(max_octets, writer.room());
  const std::span<const CrossingField> fields = view.fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    const CrossingField& field = fields[i];
    const size_t line = field.name.size() + field.value.size() + 4;  // at most; ": " and CRLF
    if (line > left || is_repeated(fields.first(i), field) || !is_well_formed(field)) {
      ++count.dropped;
      continue;
    }
    writer.raw(field.name).raw(": ").unfolded(field.value).raw("\r\n");
    left -= line;
    ++count.written;
  }
  return count;
}

}  // namespace

CrossingCount write_crossing_fields(Writer& writer, const Crossing& crossing) {
  using Side = contract::HeaderRule::Side;
  FieldView view;
  Policies(view, crossing).add();
  apply_rules(view, crossing, crossing.from, Side::from_peer);
  apply_rules(view, crossing, crossing.to, Side::to_peer);
  return write_fields(writer, view, crossing.max_octets);
}

CrossingCount write_own_fields(Writer& writer, const OwnRequest& request) {
  if (elements(request.trunks.header, request.to.policy.header_rules).empty()) return {};
  sip::Message message;
  message.is_request = true;
  message.method = request.method;
  FieldView view;
  apply_rules(view,
              {.message = message,
               .datagram = {},
               .from_address = {},
               .trunks = request.trunks,
               .from = request.to,
               .to = request.to,
               .our_host = {}},
              request.to, contract::HeaderRule::Side::to_peer);
  return write_fields(writer, view, request.max_octets);
}

}  // namespace demarc::call::headers
