#include "dataplane/call/compose.h"

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/params.h"
#include "sip-parser/status.h"
#include "sip-parser/via.h"

namespace demarc::call {
namespace {

using sip::HeaderName;
using sip::Writer;

// One received field, as it stood.
void copy_first(Writer& writer, HeaderName name, const sip::Message& message,
                std::string_view datagram) {
  if (!message.has(name)) return;
  writer.begin(name).unfolded(text(message.value(name), datagram)).end();
}

void copy_all(Writer& writer, HeaderName name, const sip::Message& message,
              std::string_view datagram) {
  for (const auto* field = message.first(name); field != nullptr; field = message.next(*field)) {
    writer.begin(name).unfolded(text(field->value, datagram)).end();
  }
}

// The topmost Via as it came, with received and rport filled in from the packet.
void write_top_via(Writer& writer, const sip::Via& via, std::string_view datagram,
                   const contract::Endpoint& source) {
  const uint16_t head = static_cast<uint16_t>(
      via.params.empty() ? via.whole.length : via.params.offset - via.whole.offset);
  writer.unfolded(ascii::trim(text({via.whole.offset, head}, datagram)));
  sip::ParamCursor cursor(via.params, datagram);
  for (sip::Param param; cursor.next(param);) {
    const std::string_view name = text(param.name, datagram);
    if (ascii::iequals(name, "rport") || ascii::iequals(name, "received")) continue;
    writer.raw(";").value(name);
    if (!param.has_value) continue;
    writer.raw(param.has_quotes ? "=\"" : "=").unfolded(text(param.value, datagram));
    if (param.has_quotes) writer.raw("\"");
  }
  // RFC 3261 section 18.2.1 asks for received only where sent-by differs; RFC 3581 section 4 asks
  // for both whenever there is rport. Always giving it is allowed and tells the peer its address.
  writer.raw(";received=").raw(print(source.address).view());
  if (via.has_rport) writer.raw(";rport=").number(source.port);
}

void write_vias(Writer& writer, const sip::Message& message, std::string_view datagram,
                const sip::Essentials& essentials, const contract::Endpoint& source) {
  bool is_top = essentials.has_via;
  for (const auto* field = message.first(HeaderName::via); field != nullptr;
       field = message.next(*field)) {
    sip::ListCursor cursor(field->value, datagram);
    for (Span element; cursor.next(element);) {
      writer.begin(HeaderName::via);
      if (is_top) {
        write_top_via(writer, essentials.top_via, datagram, source);
      } else {
        writer.unfolded(text(element, datagram));
      }
      writer.end();
      is_top = false;
    }
  }
}

// As Via writes it.
std::string_view transport_token(contract::Transport transport) {
  switch (transport) {
    case contract::Transport::tcp:
      return "TCP";
    case contract::Transport::tls:
      return "TLS";
    default:
      return "UDP";
  }
}

// As a URI parameter (RFC 3261 section 19.1.1); UDP needs none.
std::string_view transport_param(contract::Transport transport) {
  switch (transport) {
    case contract::Transport::tcp:
      return ";transport=tcp";
    case contract::Transport::tls:
      return ";transport=tls";
    default:
      return {};
  }
}

void write_body(Writer& writer, std::string_view content_type, std::string_view body) {
  if (!body.empty()) writer.begin(HeaderName::content_type).unfolded(content_type).end();
  writer.finish(body);
}

// A multipart of the body and what goes with it. Its boundary is the branch, which nobody knew who
// wrote a part of it.
class Multipart {
 public:
  Multipart(std::string_view boundary, std::string_view content_type, std::string_view body,
            const Enclosed& enclosed)
      : boundary_(boundary), content_type_(content_type), body_(body), enclosed_(enclosed) {}

  void write(Writer& writer) const {
    writer.begin(HeaderName::content_type).raw("multipart/mixed;boundary=");
    writer.raw(boundary_).end();
    writer.field(HeaderName::content_length, octets()).raw("\r\n");
    each([&](std::string_view text) { writer.raw(text); });
  }

 private:
  size_t octets() const {
    size_t octets = 0;
    each([&](std::string_view text) { octets += text.size(); });
    return octets;
  }
  template <class Take>
  void each(Take take) const {
    const auto take_all = [&](std::initializer_list<std::string_view> texts) {
      for (const std::string_view text : texts) take(text);
    };
    if (!body_.empty()) {
      take_all({"--", boundary_, "\r\nContent-Type: ", content_type_, "\r\n\r\n", body_, "\r\n"});
    }
    for (unsigned i = 0; i < enclosed_.locations->count; ++i) {
      const Span part = enclosed_.locations->parts[i].whole;
      take_all({"--", boundary_, "\r\n", text(part, enclosed_.datagram), "\r\n"});
    }
    take_all({"--", boundary_, "--\r\n"});
  }

  std::string_view boundary_;
  std::string_view content_type_;
  std::string_view body_;
  const Enclosed& enclosed_;
};

void write_tagged(Writer& writer, HeaderName name, std::string_view identity,
                  std::string_view tag) {
  writer.begin(name).unfolded(identity);
  if (!tag.empty()) writer.raw(";tag=").value(tag);
  writer.end();
}

void write_cseq(Writer& writer, uint32_t number, std::string_view method) {
  writer.begin(HeaderName::cseq).number(number).raw(" ").value(method).end();
}

void write_host_port(Writer& writer, std::string_view host, uint16_t port, uint16_t default_port) {
  // The configured host may be an IPv6 address without brackets.
  const bool needs_brackets =
      host.find(':') != std::string_view::npos && !host.empty() && host.front() != '[';
  if (needs_brackets) writer.raw("[");
  writer.value(host);
  if (needs_brackets) writer.raw("]");
  if (port != default_port) writer.raw(":").number(port);
}

// Without what only a Request-URI may say (RFC 3261 section 19.1.1, table 1).
void write_called_uri(Writer& writer, const InviteParts& parts) {
  writer.raw("sip:");
  if (!parts.called_user.empty()) writer.value(parts.called_user).raw("@");
  write_host_port(writer, parts.peer_host, parts.peer_port,
                  default_port(parts.sender.advertised.transport));
  if (parts.user_is_phone && !parts.called_user.empty()) writer.raw(";user=phone");
}

// A display name, as it was received or with its escapes.
void write_name(Writer& writer, std::string_view name, bool has_quotes) {
  if (name.empty()) return;
  if (has_quotes) writer.raw("\"");
  writer.unfolded(name).raw(has_quotes ? "\" " : " ");
}

}  // namespace

void write_via(Writer& writer, const Sender& sender) {
  writer.begin(HeaderName::via).raw("SIP/2.0/").raw(transport_token(sender.advertised.transport));
  writer.raw(" ").raw(print(sender.advertised.endpoint()).view());
  writer.raw(";branch=").value(sender.branch).raw(";rport");
  if (sender.advertised.has_alias) writer.raw(";alias");
  writer.end();
}

void write_own_uri(Writer& writer, const OwnAddress& advertised, std::string_view host,
                   std::string_view user) {
  writer.raw(advertised.is_sips ? "sips:" : "sip:");
  if (!user.empty()) writer.value(user).raw("@");
  if (host.empty()) {
    writer.raw(print(advertised.endpoint()).view());
  } else {
    write_host_port(writer, host, advertised.port, default_port(advertised.transport));
  }
  // A sips URI says TLS by itself; transport=tls is deprecated there (RFC 5630 section 3.1.4).
  if (!advertised.is_sips) writer.raw(transport_param(advertised.transport));
}

void write_contact(Writer& writer, const OwnAddress& advertised, std::string_view host,
                   std::string_view user) {
  writer.begin(HeaderName::contact).raw("<");
  write_own_uri(writer, advertised, host, user);
  writer.raw(">").end();
}

std::string_view allowed_methods(bool has_prack, bool has_refer) {
  if (has_prack && has_refer) {
    return "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, MESSAGE, SUBSCRIBE, NOTIFY, PRACK, "
           "REFER";
  }
  if (has_prack)
    return "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, MESSAGE, SUBSCRIBE, NOTIFY, PRACK";
  if (has_refer)
    return "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, MESSAGE, SUBSCRIBE, NOTIFY, REFER";
  return "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, MESSAGE, SUBSCRIBE, NOTIFY";
}

void write_response_head(Writer& writer, const sip::Message& message, std::string_view datagram,
                         const sip::Essentials& essentials, const contract::Endpoint& source) {
  write_vias(writer, message, datagram, essentials, source);
  copy_all(writer, HeaderName::record_route, message, datagram);
  copy_first(writer, HeaderName::from, message, datagram);
  copy_first(writer, HeaderName::call_id, message, datagram);
  copy_first(writer, HeaderName::cseq, message, datagram);
  copy_first(writer, HeaderName::timestamp, message, datagram);
}

void write_response_to(Writer& writer, const sip::Message& message, std::string_view datagram,
                       const sip::Essentials& essentials, std::string_view to_tag) {
  const std::string_view to = text(message.value(HeaderName::to), datagram);
  write_tagged(writer, HeaderName::to, to, essentials.to_tag.empty() ? to_tag : std::string_view{});
}

void write_unsupported(Writer& writer, const sip::Message& message, std::string_view datagram,
                       sip::EnumSet<sip::OptionTag> known) {
  for (const auto* field = message.first(HeaderName::require); field != nullptr;
       field = message.next(*field)) {
    sip::OptionTagCursor cursor(field->value, datagram);
    sip::OptionTag tag = sip::OptionTag::other;
    for (Span token; cursor.next(tag, token);) {
      if (tag != sip::OptionTag::other && known.has(tag)) continue;
      writer.field(HeaderName::unsupported, text(token, datagram));
    }
  }
}

void write_response(Writer& writer, const ResponseParts& parts) {
  writer.status_line(parts.status_code, parts.reason_phrase.empty()
                                            ? sip::reason_phrase(parts.status_code)
                                            : parts.reason_phrase);
  writer.raw(parts.head);
  if (!parts.to.empty()) write_tagged(writer, HeaderName::to, parts.to, parts.to_tag);
  if (parts.has_contact) write_contact(writer, parts.contact, parts.contact_host);
  if (!parts.allow.empty()) writer.field(HeaderName::allow, parts.allow);
  writer.raw(parts.extra);
  write_body(writer, parts.content_type, parts.body);
}

void write_local_identity(Writer& writer, const InviteParts& parts) {
  write_name(writer, parts.display_name, parts.has_quotes);
  writer.raw("<sip:");
  if (!parts.calling_user.empty()) writer.value(parts.calling_user).raw("@");
  if (parts.is_anonymous) {
    writer.raw("anonymous.invalid>");
  } else {
    if (parts.from_host.empty()) {
      writer.raw(print_host(parts.sender.advertised.address).view());
    } else {
      writer.value(parts.from_host);
    }
    if (parts.user_is_phone && !parts.calling_user.empty()) writer.raw(";user=phone");
    writer.raw(">");
  }
}

void write_remote_identity(Writer& writer, const InviteParts& parts) {
  write_name(writer, parts.called_name, parts.called_name_has_quotes);
  writer.raw("<");
  write_called_uri(writer, parts);
  writer.raw(">");
}

void write_invite(Writer& writer, const InviteParts& parts) {
  writer.raw("INVITE ");
  write_called_uri(writer, parts);
  writer.raw(transport_param(parts.sender.advertised.transport)).raw(" SIP/2.0\r\n");
  write_via(writer, parts.sender);
  writer.field(HeaderName::max_forwards, uint64_t{parts.max_forwards});
  writer.begin(HeaderName::from);
  write_local_identity(writer, parts);
  writer.raw(";tag=").value(parts.from_tag).end();
  writer.begin(HeaderName::to);
  write_remote_identity(writer, parts);
  writer.end();
  writer.field(HeaderName::call_id, parts.call_id);
  write_cseq(writer, parts.cseq, "INVITE");
  write_contact(writer, parts.sender.advertised, parts.contact_host, parts.contact_user);
  writer.field(HeaderName::allow, parts.allow);
  writer.raw(parts.extra);
  if (parts.enclosed.empty()) return write_body(writer, sdp_content_type, parts.body);
  Multipart(parts.sender.branch, sdp_content_type, parts.body, parts.enclosed).write(writer);
}

void write_in_dialog(Writer& writer, const InDialogParts& parts) {
  const dialog::Dialog& dialog = parts.dialog;
  const dialog::TextView identities =
      parts.identities == nullptr ? parts.text : dialog::TextView(*parts.identities);
  writer.value(parts.method).raw(" ").unfolded(parts.text.get(dialog.remote_target));
  writer.raw(" SIP/2.0\r\n");
  Sender sender = parts.sender;
  if (parts.is_over_tcp) sender.advertised.transport = contract::Transport::tcp;
  write_via(writer, sender);
  writer.field(HeaderName::max_forwards, uint64_t{parts.max_forwards});
  if (!dialog.route_set.empty()) {
    writer.begin(HeaderName::route).unfolded(parts.text.get(dialog.route_set)).end();
  }
  write_tagged(writer, HeaderName::from, identities.get(dialog.local_identity),
               parts.local_tag.empty() ? identities.get(dialog.local_tag) : parts.local_tag);
  write_tagged(writer, HeaderName::to, identities.get(dialog.remote_identity),
               parts.text.get(dialog.remote_tag));
  writer.field(HeaderName::call_id, identities.get(dialog.call_id));
  write_cseq(writer, parts.cseq, parts.method);
  if (parts.has_contact) write_contact(writer, parts.sender.advertised, parts.contact_host);
  if (!parts.allow.empty()) writer.field(HeaderName::allow, parts.allow);
  writer.raw(parts.extra);
  if (parts.enclosed.empty()) return write_body(writer, parts.content_type, parts.body);
  Multipart(sender.branch, parts.content_type, parts.body, parts.enclosed).write(writer);
}

void write_cancel(Writer& writer, const sip::Message& request, std::string_view datagram,
                  std::string_view extra) {
  writer.raw("CANCEL ").value(text(request.request_uri, datagram)).raw(" SIP/2.0\r\n");
  copy_first(writer, HeaderName::via, request, datagram);
  writer.field(HeaderName::max_forwards, uint64_t{70});
  copy_all(writer, HeaderName::route, request, datagram);
  copy_first(writer, HeaderName::from, request, datagram);
  copy_first(writer, HeaderName::to, request, datagram);
  copy_first(writer, HeaderName::call_id, request, datagram);
  const auto cseq = sip::parse_cseq(request.value(HeaderName::cseq), datagram);
  write_cseq(writer, cseq ? cseq->number : 1, "CANCEL");
  writer.raw(extra).finish({});
}

void write_to_answer(Writer& writer, std::string_view method, const Sender& sender,
                     const sip::Message& answer, std::string_view datagram,
                     const sip::Essentials& essentials, std::string_view routes,
                     std::string_view extra) {
  const std::string_view target = text(dialog::contact_uri(essentials), datagram);
  writer.raw(method).raw(" ").unfolded(target).raw(" SIP/2.0\r\n");
  write_via(writer, sender);
  writer.field(HeaderName::max_forwards, uint64_t{70});
  if (!routes.empty()) writer.begin(HeaderName::route).unfolded(routes).end();
  copy_first(writer, HeaderName::from, answer, datagram);
  copy_first(writer, HeaderName::to, answer, datagram);
  copy_first(writer, HeaderName::call_id, answer, datagram);
  write_cseq(writer, method == "ACK" ? essentials.cseq : stray_bye_cseq, method);
  writer.raw(extra).finish({});
}

}  // namespace demarc::call
