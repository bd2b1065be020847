// Compose: every message that a call sends, written once into a fresh buffer (decision D9).
//
// What crosses from one side to the other is what these functions are given, and nothing else: no
// Via, Contact, Record-Route, Call-ID, tag or address of one side can be seen on the other. All
// text from outside goes through Writer::value or unfolded, which can not make a line of its own.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataplane/call/headers/location.h"
#include "dataplane/contract/address.h"
#include "dataplane/contract/transport.h"
#include "dataplane/dialog/dialog.h"
#include "sip-parser/message.h"
#include "sip-parser/option_tags.h"
#include "sip-parser/write.h"

namespace demarc::call {

// Our signalling address as one peer sees it, and how it is reached: what Via and Contact say.
struct OwnAddress {
  contract::IpAddress address;
  uint16_t port = 5060;
  contract::Transport transport = contract::Transport::udp;
  bool has_alias = false;  // Via offers the connection for requests of the peer (RFC 5923)
  bool is_sips = false;    // Contact is a sips URI (RFC 3261 section 12.1.1)

  contract::Endpoint endpoint() const { return {address, port}; }
};

// What Allow lists: the methods of a call, with PRACK and REFER where the trunk has them.
std::string_view allowed_methods(bool has_prack, bool has_refer);
inline constexpr std::string_view sdp_content_type = "application/sdp";
// The bodies of requests that begin or change a session (RFC 5621 section 3.1).
inline constexpr std::string_view accept_line = "Accept: application/sdp, multipart/mixed\r\n";

// Via (with received and rport, RFC 3261 section 18.2.1 and RFC 3581), Record-Route, From, Call-ID,
// CSeq and Timestamp: what every response to `message` repeats, but for To.
void write_response_head(sip::Writer& writer, const sip::Message& message,
                         std::string_view datagram, const sip::Essentials& essentials,
                         const contract::Endpoint& source);
// The To field of a response to `message`, with our tag if it has none. An empty tag adds none.
void write_response_to(sip::Writer& writer, const sip::Message& message, std::string_view datagram,
                       const sip::Essentials& essentials, std::string_view to_tag);

// Unsupported with every option tag that `message` requires and that is not among `known` (RFC 3261
// section 8.2.2.3).
void write_unsupported(sip::Writer& writer, const sip::Message& message, std::string_view datagram,
                       sip::EnumSet<sip::OptionTag> known);

// The URI with our address and port, and the transport when that is not UDP; with `host` instead of
// the address when that is not empty, and with no port then where the URI means ours anyway.
void write_own_uri(sip::Writer& writer, const OwnAddress& advertised, std::string_view host,
                   std::string_view user = {});
// Contact with that URI.
void write_contact(sip::Writer& writer, const OwnAddress& advertised, std::string_view host,
                   std::string_view user = {});

struct ResponseParts {
  uint16_t status_code = 0;
  std::string_view reason_phrase = {};  // empty: that of the code
  std::string_view head = {};           // what write_response_head and write_response_to wrote
  std::string_view to = {};             // To without a tag, when `head` has none
  std::string_view to_tag = {};
  bool has_contact = false;            // 1xx above 100 and 2xx to INVITE
  OwnAddress contact = {};             // as advertised
  std::string_view contact_host = {};  // instead of the address; empty: the address
  std::string_view allow = {};         // empty: no Allow
  std::string_view extra = {};         // whole header field lines, "Accept: ...\r\n"
  std::string_view content_type = sdp_content_type;
  std::string_view body = {};  // empty: none
};
void write_response(sip::Writer& writer, const ResponseParts& parts);

// The top Via, Contact and sent-by of what we send on one leg.
struct Sender {
  OwnAddress advertised;
  std::string_view branch;  // whole, with the magic cookie
};

// The top Via of a request of ours.
void write_via(sip::Writer& writer, const Sender& sender);

// What a request encloses beside its body: parts of a received one, as they stood there.
struct Enclosed {
  const headers::Locations* locations = nullptr;  // nullptr: nothing
  std::string_view datagram = {};

  bool empty() const { return locations == nullptr || locations->empty(); }
};

struct InviteParts {
  Sender sender;
  std::string_view called_user;  // as it is sent
  std::string_view peer_host;    // of the Request-URI and To
  uint16_t peer_port = 5060;
  std::string_view display_name;  // as received, without quotes; empty: none
  bool has_quotes = false;
  std::string_view called_name = {};  // in To; the same
  bool called_name_has_quotes = false;
  std::string_view calling_user;    // empty: none
  std::string_view from_host = {};  // in From instead of our address; empty: the address
  bool is_anonymous = false;        // From host anonymous.invalid (RFC 3323 section 4.1.1.3)
  std::string_view from_tag;
  std::string_view call_id;
  uint32_t cseq = 1;
  uint32_t max_forwards = 69;
  std::string_view contact_user = {};  // of our account with the peer; empty: none
  std::string_view contact_host = {};  // in Contact instead of the address; empty: the address
  bool user_is_phone = false;          // URIs with a user say user=phone
  std::string_view allow;
  std::string_view extra = {};  // whole header field lines
  std::string_view body;        // SDP; empty: none
  Enclosed enclosed = {};
};
void write_invite(sip::Writer& writer, const InviteParts& parts);
// From and To of that INVITE without tags, for the dialog.
void write_local_identity(sip::Writer& writer, const InviteParts& parts);
void write_remote_identity(sip::Writer& writer, const InviteParts& parts);

// A request within a dialog.
struct InDialogParts {
  std::string_view method;
  Sender sender;
  bool is_over_tcp =
      false;  // for its size, in a dialog over UDP: so says its Via, and nothing else
  const dialog::Dialog& dialog;
  dialog::TextView text;  // of the dialog's spans
  // Of our side, where the tag is not that of the dialog (another early dialog of the caller's).
  std::string_view local_tag = {};
  const dialog::TextBlock* identities = nullptr;  // of local_identity and so on, if another
  uint32_t cseq = 1;
  uint32_t max_forwards = 70;
  bool has_contact = false;            // it refreshes the target (RFC 3261 section 12.2)
  std::string_view contact_host = {};  // as in InviteParts
  std::string_view allow = {};
  std::string_view extra = {};  // whole header field lines
  std::string_view content_type = {};
  std::string_view body = {};
  Enclosed enclosed = {};
};
void write_in_dialog(sip::Writer& writer, const InDialogParts& parts);

// CANCEL of a request that we sent (RFC 3261 section 9.1), from the kept request itself.
void write_cancel(sip::Writer& writer, const sip::Message& request, std::string_view datagram,
                  std::string_view extra);

// CSeq of a BYE that is made from a 2xx alone: above any of the dialog, and one for all answers in
// it, so that each of them brings the same request.
inline constexpr uint32_t stray_bye_cseq = 1u << 30;
// ACK, or BYE with a CSeq far above it, made from nothing but a 2xx to an INVITE of ours (RFC 3261
// section 13.2.2.4), so that a call that is gone, or a fork that came late, can still be answered.
// `routes` is what route_set_of made of it; `extra` are whole header field lines.
void write_to_answer(sip::Writer& writer, std::string_view method, const Sender& sender,
                     const sip::Message& answer, std::string_view datagram,
                     const sip::Essentials& essentials, std::string_view routes,
                     std::string_view extra = {});

}  // namespace demarc::call
