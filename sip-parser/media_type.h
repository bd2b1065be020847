// Media types: Content-Type, the elements of Accept and Content-Disposition (RFC 3261 sections
// 20.15, 20.1, 20.11 and the grammar of section 25.1).
//
// Called by call/ to choose what is done with a body (and for the 406 and 415), and by multipart.h
// for the parts of one; on the worker that holds the message. Spans are valid as long as the
// datagram. Types, names of parameters and tokens compare without case (RFC 2045 section 5.1).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sip-parser/base/result.h"
#include "sip-parser/base/span.h"
#include "sip-parser/message.h"
#include "sip-parser/params.h"

namespace demarc::sip {

// The types that a trunk meets.
enum class MediaKind : uint8_t {
  other,
  sdp,                     // application/sdp
  isup,                    // application/isup, RFC 3204
  qsig,                    // application/qsig, RFC 3204
  pidf,                    // application/pidf+xml, RFC 3863
  rs_metadata,             // application/rs-metadata+xml, RFC 7866
  dtmf_relay,              // application/dtmf-relay, in INFO
  dtmf,                    // application/dtmf, in INFO
  simple_message_summary,  // application/simple-message-summary, RFC 3842
  dialog_info,             // application/dialog-info+xml, RFC 4235
  resource_lists,          // application/resource-lists+xml, RFC 5366
  media_control,           // application/media_control+xml, RFC 5168
  vq_rtcpxr,               // application/vq-rtcpxr, RFC 6035
  pkcs7_mime,              // application/pkcs7-mime, RFC 3261 section 23
  pkcs7_signature,         // application/pkcs7-signature
  sipfrag,                 // message/sipfrag, RFC 3420
  sip,                     // message/sip
  cpim,                    // message/cpim, RFC 3862
  multipart_mixed,         // multipart/mixed
  multipart_alternative,   // multipart/alternative
  multipart_related,       // multipart/related
  multipart_signed,        // multipart/signed
  text_plain,              // text/plain
  count,
};
// "application/sdp"; empty for `other`.
std::string_view spelling(MediaKind kind);
// The kind of "application/sdp"; `other` when it is not in the list.
MediaKind media_kind(std::string_view type, std::string_view subtype);

struct MediaType {
  MediaKind kind = MediaKind::other;
  bool is_multipart = false;  // of any subtype
  Span type;
  Span subtype;
  Span params;
  Param boundary;  // as find_param() gives it; at most one of each
  Param charset;
};

// m-type SLASH m-subtype *(SEMI m-attribute EQUAL m-value). A parameter needs a value, and its name
// is a token; for what a value may hold see ParamCursor. A boundary or charset that stands twice
// has two readings and is refused, and so is the wildcard "*".
Result<MediaType, ValueError> parse_media_type(Span value, std::string_view datagram);

// Whether the value of a parameter is `expected`: without quotes, with each quoted-pair taken for
// the character behind its backslash, and without case.
bool param_equals(const Param& param, std::string_view expected, std::string_view datagram);
// The value of a parameter without quotes and backslashes, in `buffer`. Fails with out_of_range
// when there is no room.
Result<std::string_view, ValueError> unquote(const Param& param, std::string_view datagram,
                                             std::span<char> buffer);

inline constexpr uint16_t max_quality = 1000;

// One element of Accept.
struct AcceptRange {
  MediaKind kind = MediaKind::other;
  bool is_any_type = false;     // "*/*"
  bool is_any_subtype = false;  // "type/*", and "*/*" too
  Span type;
  Span subtype;
  uint16_t quality = max_quality;  // q in thousandths; 0: not accepted
  Span params;                     // all of them
};
Result<AcceptRange, ValueError> parse_accept_range(Span element, std::string_view datagram);

// Two words of one type, which may come from anywhere.
struct MediaName {
  std::string_view type;
  std::string_view subtype;
};

// Whether a list of Accept allows a body of that type: the narrowest range that matches decides
// (RFC 2616 section 14.1), of two that are equally narrow the one with the greater q. Parameters
// other than q narrow nothing. An empty list allows nothing; a list with a mistake fails.
Result<bool, ValueError> accepts(std::string_view list, MediaName media);
// The same over all Accept fields of a message. Without one, application/sdp is allowed (RFC 3261
// section 20.1) and nothing else.
Result<bool, ValueError> accepts(const Message& message, std::string_view datagram,
                                 MediaName media);

enum class DispositionKind : uint8_t {
  other,
  session,
  render,
  icon,
  alert,
  early_session,      // RFC 3959
  by_reference,       // RFC 5621
  recipient_list,     // RFC 5363
  signal,             // RFC 3204
  info_package,       // RFC 6086
  aib,                // RFC 3893
  recording_session,  // RFC 7866
  count,
};
// "early-session"; empty for `other`.
std::string_view spelling(DispositionKind kind);

struct Disposition {
  DispositionKind kind = DispositionKind::other;
  // Whether a body that is not understood earns 415; so it is without "handling=optional", and
  // with any other word (RFC 3261 section 20.11).
  bool is_required = true;
  Span type;
  Span params;
};
Result<Disposition, ValueError> parse_disposition(Span value, std::string_view datagram);
// What holds without the field: session for application/sdp, render for all others.
DispositionKind default_disposition(MediaKind kind);

}  // namespace demarc::sip
