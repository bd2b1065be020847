#include "dataplane/call/headers/header_rules.h"

#include "dataplane/call/headers/caller_names.h"
#include "dataplane/call/headers/crossing_address.h"
#include "dataplane/call/headers/value_pattern.h"
#include "dataplane/contract/field_class.h"
#include "sip-parser/params.h"
#include "sip-parser/remote_party_id.h"

namespace demarc::call::headers {
namespace {

using contract::FieldClass;
using contract::HeaderRule;

// Fields that say who sends a message, and that a rule may let through otherwise.
bool names_sender(sip::HeaderName name) {
  switch (name) {
    case sip::HeaderName::remote_party_id:
    case sip::HeaderName::identity:
    case sip::HeaderName::identity_info:
    case sip::HeaderName::reply_to:
    case sip::HeaderName::call_info:
    case sip::HeaderName::organization:
    case sip::HeaderName::subject:
      return true;
    default:
      return false;
  }
}

// One rule with its texts in hand.
class Step {
 public:
  Step(const HeaderRule& rule, const Crossing& crossing)
      : crossing_(crossing),
        action_(rule.action),
        name_(text_of(rule.name)),
        pattern_(text_of(rule.pattern)),
        value_(text_of(rule.value)),
        source_(text_of(rule.source)) {}

  void apply(FieldView& view) const {
    switch (action_) {
      case HeaderRule::Action::pass:
        return pass(view);
      case HeaderRule::Action::remove:
        return view.remove_if([&](const CrossingField& field) { return is_meant(field, name_); });
      case HeaderRule::Action::add:
        return view.add(made(value_));
      case HeaderRule::Action::replace:
        for (CrossingField& field : view.fields()) {
          if (is_meant(field, name_)) field.value = value_;
        }
        return;
      case HeaderRule::Action::copy:
        return copy(view);
    }
  }

 private:
  std::string_view text_of(contract::Text where) const {
    return contract::text(crossing_.trunks.header, where);
  }
  CrossingField made(std::string_view value) const {
    return {name_, value, sip::header_name(name_), CrossingField::not_received};
  }
  bool fits(std::string_view value) const {
    return pattern_.empty() || matches_pattern(pattern_, value);
  }
  bool is_meant(const CrossingField& field, std::string_view name) const {
    return contract::is_named_by(name, field.name) && fits(field.value);
  }

  // Whether a received field is one that a rule may see at all, and meant by `name`.
  bool is_meant(const sip::HeaderField& field, std::string_view name) const {
    const std::string_view known = sip::spelling(field.id);
    if (!contract::is_named_by(name, known.empty() ? text(field.name, crossing_.datagram) : known))
      return false;
    // Every name that is not free is a known one.
    if (!known.empty() && contract::field_class(known) != FieldClass::free) return false;
    if (crossing_.identity == Identity::concealed && names_sender(field.id)) return false;
    return fits(text(field.value, crossing_.datagram));
  }

  void pass(FieldView& view) const {
    const sip::Message& message = crossing_.message;
    for (uint16_t i = 0; i < message.field_count; ++i) {
      if (!is_meant(message.fields[i], name_) || view.holds_received(i)) continue;
      if (is_ruled_party(message.fields[i])) {
        add_parties(view, i);
        continue;
      }
      view.add_received(message, crossing_.datagram, i);
    }
  }

  bool is_ruled_party(const sip::HeaderField& field) const {
    return field.id == sip::HeaderName::remote_party_id &&
           (crossing_.numbers != nullptr || crossing_.names != nullptr);
  }

  // Remote-Party-ID with the numbers and names that the rules make.
  void add_parties(FieldView& view, uint16_t index) const {
    const std::string_view datagram = crossing_.datagram;
    sip::ListCursor cursor(crossing_.message.fields[index].value, datagram);
    for (Span element; cursor.next(element);) {
      const auto party = sip::parse_remote_party_id(element, datagram);
      if (!party || !is_known_scheme(party->address.uri)) {
        view.drop();
        continue;
      }
      number::Number number;
      AddressStyle style{.our_host = crossing_.our_host};
      const bool is_caller = party->party != sip::RemoteParty::called;
      if (is_caller && !show_number(crossing_, party->address.uri, number, style)) continue;
      number::DisplayName made;
      if (is_caller) {
        show_name(crossing_, party->address.name_addr, party->address.uri, made, style);
      }
      view.add_printed(sip::HeaderName::remote_party_id, index, [&](sip::Writer& writer) {
        write_address(writer, party->address.name_addr, party->address.uri, datagram, style);
        writer.unfolded(text(party->address.name_addr.params, datagram));
      });
    }
  }

  // Of what crosses; else of what came, unless it was kept from crossing for a reason.
  void copy(FieldView& view) const {
    for (const CrossingField& field : view.fields()) {
      if (is_meant(field, source_)) return view.add(made(field.value));
    }
    const sip::Message& message = crossing_.message;
    for (uint16_t i = 0; i < message.field_count; ++i) {
      if (!is_meant(message.fields[i], source_)) continue;
      // Where a number or name is rewritten its copy is of what crosses, or there is none.
      if (is_ruled_party(message.fields[i])) continue;
      return view.add(made(text(message.fields[i].value, crossing_.datagram)));
    }
  }

  const Crossing& crossing_;
  HeaderRule::Action action_;
  std::string_view name_;
  std::string_view pattern_;
  std::string_view value_;
  std::string_view source_;
};

}  // namespace

void apply_rules(FieldView& view, const Crossing& crossing, const contract::TrunkConfig& trunk,
                 HeaderRule::Side side) {
  const unsigned method = 1u << static_cast<unsigned>(crossing.message.method);
  for (const HeaderRule& rule : elements(crossing.trunks.header, trunk.policy.header_rules)) {
    if (rule.side != side || (rule.methods != 0 && (rule.methods & method) == 0)) continue;
    Step(rule, crossing).apply(view);
  }
}

}  // namespace demarc::call::headers
