#include "dataplane/call/headers/call_history.h"

#include <algorithm>
#include <array>

#include "dataplane/call/headers/crossing_address.h"
#include "dataplane/call/headers/privacy.h"
#include "sip-parser/base/ascii.h"
#include "sip-parser/diversion.h"
#include "sip-parser/escape.h"
#include "sip-parser/history_info.h"
#include "sip-parser/reason.h"

namespace demarc::call::headers {
namespace {

using contract::CallHistory;
using sip::DiversionPrivacy;
using sip::DiversionReason;
using sip::HeaderName;
using sip::HistoryEntry;
using sip::HistoryTarget;
using sip::Writer;

// The elements of all fields of one name, in order; the latest ones when there are too many.
template <class Element>
struct Elements {
  std::array<Element, max_history_entries> all;
  unsigned count = 0;

  void push_latest_last(const Element& element, FieldView& view) {
    if (count == all.size()) {
      std::move(all.begin() + 1, all.end(), all.begin());
      --count;
      view.drop();
    }
    all[count++] = element;
  }
  void push_latest_first(const Element& element, FieldView& view) {
    if (count == all.size()) return view.drop();
    all[count++] = element;
  }
};

// Gives each element of the field's values to `take`; one that is malformed, or of a scheme that
// has no place in a call, is dropped.
template <class Parse, class Take>
void read_elements(HeaderName name, const Crossing& crossing, FieldView& view, Parse parse,
                   Take take) {
  const sip::Message& message = crossing.message;
  for (const auto* field = message.first(name); field != nullptr; field = message.next(*field)) {
    sip::ListCursor cursor(field->value, crossing.datagram);
    for (Span element; cursor.next(element);) {
      const auto parsed = parse(element, crossing.datagram);
      if (parsed && is_known_scheme(parsed->address.uri)) {
        take(*parsed);
      } else {
        view.drop();
      }
    }
  }
}

// RFC 7544: causes of RFC 4458 for reasons of RFC 5806.
uint16_t cause_of(DiversionReason reason) {
  switch (reason) {
    case DiversionReason::unconditional:
      return 302;
    case DiversionReason::user_busy:
      return 486;
    case DiversionReason::no_answer:
      return 408;
    case DiversionReason::deflection:
      return 480;
    case DiversionReason::unavailable:
      return 503;
    default:
      return 404;
  }
}
DiversionReason reason_of(uint32_t cause) {
  switch (cause) {
    case 302:
      return DiversionReason::unconditional;
    case 486:
      return DiversionReason::user_busy;
    case 408:
      return DiversionReason::no_answer;
    case 480:
    case 487:
      return DiversionReason::deflection;
    case 503:
      return DiversionReason::unavailable;
    default:
      return DiversionReason::unknown;
  }
}

bool wants_privacy(const sip::Diversion& diversion) {
  return !diversion.privacy_text.empty() && diversion.privacy != DiversionPrivacy::off &&
         diversion.privacy != DiversionPrivacy::name;
}

// One that can not be read is taken for a wish.
bool wants_privacy(const HistoryEntry& entry, std::string_view datagram) {
  if (entry.escaped_privacy.empty()) return false;
  std::array<char, 64> room;
  const auto value = sip::unescape(text(entry.escaped_privacy, datagram), room);
  if (!value) return true;
  const auto privacy = sip::parse_privacy({0, static_cast<uint16_t>(value->size())}, *value);
  return !privacy || wish_of(*privacy).hides_history;
}

// RFC 4458; 0 when the URI has none.
uint16_t cause_param(const sip::Uri& uri, std::string_view datagram) {
  const sip::Param param = sip::find_param(uri.params, "cause", datagram);
  uint64_t cause = 0;
  if (!param.has_value || !ascii::parse_decimal(text(param.value, datagram), 699, cause)) return 0;
  return cause < 100 ? 0 : static_cast<uint16_t>(cause);
}

// The status code for which an entry was left; 0 when it does not say.
uint16_t cause_of_reason(const HistoryEntry& entry, std::string_view datagram) {
  if (entry.escaped_reason.empty()) return 0;
  std::array<char, 256> room;
  const auto value = sip::unescape(text(entry.escaped_reason, datagram), room);
  if (!value) return 0;
  const auto reason =
      sip::find_reason({0, static_cast<uint16_t>(value->size())}, sip::ReasonProtocol::sip, *value);
  return reason && reason->has_cause ? static_cast<uint16_t>(reason->cause) : 0;
}

// "1", "1.1", "1.1.1": a chain of diversions.
void write_index(Writer& writer, unsigned depth) {
  writer.raw("1");
  for (unsigned i = 0; i < depth; ++i) writer.raw(".1");
}

class History {
 public:
  History(FieldView& view, const Crossing& crossing)
      : view_(view), crossing_(crossing), datagram_(crossing.datagram) {}

  void add() {
    const bool has_diversion = crossing_.message.has(HeaderName::diversion);
    const bool has_history = crossing_.message.has(HeaderName::history_info);
    if (crossing_.to.policy.history == CallHistory::diversion) {
      if (has_diversion) return pass_diversions();
      if (has_history) diversions_of_history();
    } else if (has_history) {
      pass_history();
    } else if (has_diversion) {
      history_of_diversions();
    }
  }

 private:
  bool is_trusted() const { return crossing_.to.policy.is_trusted; }
  // `number` is what a rule makes of the URI's, and is borrowed. An entry whose number a rule hides
  // stays, so that indices and counts hold, and says nothing of whom.
  AddressStyle style(const sip::Uri& uri, number::Number& number, bool is_private) const {
    AddressStyle style{.our_host = crossing_.our_host};
    style.is_anonymous = !show_number(crossing_, uri, number, style);
    style.is_anonymous |= is_private && !is_trusted();
    return style;
  }

  void read_diversions() {
    read_elements(HeaderName::diversion, crossing_, view_, sip::parse_diversion,
                  [&](const sip::Diversion& one) { diversions_.push_latest_first(one, view_); });
  }
  void read_history() {
    read_elements(HeaderName::history_info, crossing_, view_, sip::parse_history_info,
                  [&](const HistoryEntry& one) { history_.push_latest_last(one, view_); });
  }

  // --- as it came ---

  void pass_diversions() {
    read_diversions();
    for (unsigned i = 0; i < diversions_.count; ++i) {
      const sip::Diversion& one = diversions_.all[i];
      view_.add_printed(HeaderName::diversion, CrossingField::not_received,
                        [&](Writer& writer) { write_diversion(writer, one); });
    }
  }

  void write_diversion(Writer& writer, const sip::Diversion& one) {
    number::Number number;
    AddressStyle address = style(one.address.uri, number, wants_privacy(one));
    address.shows_name = is_trusted() || one.privacy != DiversionPrivacy::name;
    write_address(writer, one.address.name_addr, one.address.uri, datagram_, address);
    const std::string_view reason = text(one.reason_text, datagram_);
    const std::string_view known = spelling(one.reason);
    if (!reason.empty()) {
      const bool is_plain = known.empty() && ascii::is_token(reason);
      writer.raw(";reason=").value(is_plain ? reason : known.empty() ? "unknown" : known);
    }
    if (!one.privacy_text.empty()) {
      const std::string_view privacy = spelling(one.privacy);
      writer.raw(";privacy=").raw(privacy.empty() ? "full" : privacy);
    }
    const std::string_view screen = text(one.screen_text, datagram_);
    if (ascii::is_token(screen)) writer.raw(";screen=").value(screen);
    if (one.has_counter) writer.raw(";counter=").number(one.counter);
    if (one.has_limit) writer.raw(";limit=").number(one.limit);
  }

  void pass_history() {
    read_history();
    for (unsigned i = 0; i < history_.count; ++i) {
      const HistoryEntry& one = history_.all[i];
      view_.add_printed(HeaderName::history_info, CrossingField::not_received,
                        [&](Writer& writer) { write_entry(writer, one); });
    }
  }

  void write_entry(Writer& writer, const HistoryEntry& one) {
    number::Number number;
    AddressStyle address = style(one.address.uri, number, wants_privacy(one, datagram_));
    address.keeps_tel = false;
    address.cause = cause_param(one.address.uri, datagram_);
    address.escaped_reason = text(one.escaped_reason, datagram_);
    // A wish that was carried out here is not passed on (RFC 7044 section 10.1.2).
    if (!address.is_anonymous) address.escaped_privacy = text(one.escaped_privacy, datagram_);
    write_address(writer, one.address.name_addr, one.address.uri, datagram_, address);
    writer.raw(";index=").value(text(one.index, datagram_));
    constexpr std::string_view names[] = {"", ";rc=", ";mp=", ";np="};
    if (one.target == HistoryTarget::unknown) return;
    writer.raw(names[static_cast<size_t>(one.target)]).value(text(one.target_index, datagram_));
  }

  // --- converted, RFC 7544 ---

  // The latest diversion first: each entry that has one is a target that the one before it, or the
  // one that it names, was diverted to.
  void diversions_of_history() {
    read_history();
    for (unsigned i = history_.count; i-- > 1;) {
      const HistoryEntry& target = history_.all[i];
      const HistoryEntry& diverter = history_.all[diverter_of(i)];
      uint16_t cause = cause_param(target.address.uri, datagram_);
      if (cause == 0) cause = cause_of_reason(diverter, datagram_);
      if (cause == 0 && target.target != HistoryTarget::mp) continue;
      view_.add_printed(HeaderName::diversion, CrossingField::not_received, [&](Writer& writer) {
        const bool is_private = wants_privacy(diverter, datagram_);
        number::Number number;
        const AddressStyle address = style(diverter.address.uri, number, is_private);
        write_address(writer, diverter.address.name_addr, diverter.address.uri, datagram_, address);
        writer.raw(";reason=").raw(spelling(reason_of(cause))).raw(";counter=1");
        writer.raw(is_private ? ";privacy=full" : ";privacy=off");
      });
    }
  }

  unsigned diverter_of(unsigned target) const {
    const std::string_view index = text(history_.all[target].target_index, datagram_);
    for (unsigned i = 0; i < target && !index.empty(); ++i) {
      if (text(history_.all[i].index, datagram_) == index) return i;
    }
    return target - 1;
  }

  // The oldest diverter first, each the target of the one before it; at last whom we call.
  void history_of_diversions() {
    read_diversions();
    const unsigned count = diversions_.count;
    for (unsigned depth = 0; depth < count; ++depth) {
      const sip::Diversion& one = diversions_.all[count - 1 - depth];
      view_.add_printed(HeaderName::history_info, CrossingField::not_received, [&](Writer& writer) {
        const bool is_private = wants_privacy(one);
        number::Number number;
        AddressStyle address = style(one.address.uri, number, is_private);
        address.shows_name = one.privacy != DiversionPrivacy::name;
        address.keeps_tel = false;
        address.cause = depth == 0 ? 0 : cause_before(depth);
        if (is_private && is_trusted()) address.escaped_privacy = "history";
        write_address(writer, one.address.name_addr, one.address.uri, datagram_, address);
        write_chain(writer, depth);
      });
    }
    if (count == 0 || crossing_.called_user.empty()) return;
    view_.add_printed(HeaderName::history_info, CrossingField::not_received, [&](Writer& writer) {
      writer.raw("<sip:").value(crossing_.called_user).raw("@").value(crossing_.our_host);
      writer.raw(";cause=").number(cause_before(count)).raw(">");
      write_chain(writer, count);
    });
  }

  // Why the entry at `depth` - 1 diverted to the one at `depth`.
  uint16_t cause_before(unsigned depth) const {
    return cause_of(diversions_.all[diversions_.count - depth].reason);
  }

  static void write_chain(Writer& writer, unsigned depth) {
    writer.raw(";index=");
    write_index(writer, depth);
    if (depth == 0) return;
    writer.raw(";mp=");
    write_index(writer, depth - 1);
  }

  FieldView& view_;
  const Crossing& crossing_;
  std::string_view datagram_;
  Elements<sip::Diversion> diversions_;
  Elements<HistoryEntry> history_;
};

}  // namespace

void add_call_history(FieldView& view, const Crossing& crossing) {
  if (crossing.identity == Identity::concealed) return;
  const contract::CallPolicy& to = crossing.to.policy;
  if (to.history == CallHistory::none) return;
  if (!crossing.message.is_request || crossing.message.method != sip::Method::invite) return;
  const PrivacyWish wish = privacy_wish(crossing.message, crossing.datagram, crossing.from_address);
  if (!to.is_trusted && wish.hides_history) return;
  History(view, crossing).add();
}

}  // namespace demarc::call::headers
