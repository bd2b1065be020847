// Well-formed SIP messages of many shapes, for every test that wants "all messages".
//
// Each parses and passes validate(). Names and addresses are those reserved for documentation.
#pragma once

#include <string_view>

namespace demarc::support {

inline constexpr std::string_view sdp_offer =
    "v=0\r\n"
    "o=- 3724394400 3724394405 IN IP4 192.0.2.10\r\n"
    "s=call\r\n"
    "c=IN IP4 192.0.2.10\r\n"
    "t=0 0\r\n"
    "m=audio 49170 RTP/AVP 8 0 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ptime:20\r\n"
    "a=sendrecv\r\n";

inline constexpr std::string_view invite_sdp =
    "INVITE sip:+442079460018@sbc.example.net:5060;user=phone SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-top;rport\r\n"
    "Via: SIP/2.0/TCP pbx.example.com;branch=z9hG4bK-second , SIP/2.0/UDP [2001:db8::9]:5070"
    ";branch=z9hG4bK-third\r\n"
    "Max-Forwards: 69\r\n"
    "From: \"Alice \\\"A\\\"\" <sip:alice@example.com>;tag=from1\r\n"
    "To: <sip:+442079460018@sbc.example.net;user=phone>\r\n"
    "Call-ID: 843817637684230@998sdasdh09\r\n"
    "CSeq: 1826 INVITE\r\n"
    "Contact: <sip:alice@192.0.2.1:5060;transport=udp>\r\n"
    "Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE\r\n"
    "Supported: 100rel, timer\r\n"
    "X-Trunk: seven\r\n"
    "Content-Type: application/sdp\r\n"
    "Content-Length: 237\r\n"
    "\r\n"
    "v=0\r\n"
    "o=- 3724394400 3724394405 IN IP4 192.0.2.10\r\n"
    "s=call\r\n"
    "c=IN IP4 192.0.2.10\r\n"
    "t=0 0\r\n"
    "m=audio 49170 RTP/AVP 8 0 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-15\r\n"
    "a=ptime:20\r\n"
    "a=sendrecv\r\n";

inline constexpr std::string_view response_ringing =
    "SIP/2.0 180 Ringing\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-top;received=192.0.2.1;rport=5060\r\n"
    "From: <sip:alice@example.com>;tag=from1\r\n"
    "To: <sip:bob@example.net>;tag=to1\r\n"
    "Call-ID: a84b4c76e66710\r\n"
    "CSeq: 7 INVITE\r\n"
    "Contact: <sip:bob@192.0.2.4>\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

// Folds, white space before colons, compact and odd-case names, an empty value.
inline constexpr std::string_view folded_options =
    "\r\n\r\n"
    "OPTIONS sip:probe@sbc.example.net SIP/2.0\r\n"
    "v\t:  SIP / 2.0 /\r\n UDP   198.51.100.7:5062 ;\r\n\tbranch = z9hG4bKfold , SIP/2.0/TLS "
    "a.example\r\n"
    "mAx-FORWARDS : 0070\r\n"
    "f : probe<sip:probe@198.51.100.7>\r\n  ;tag = p1\r\n"
    "t:\r\n sip:probe@sbc.example.net ; tag=there\r\n"
    "i  : fold-1\r\n"
    "CSEQ: 0009\r\n  OPTIONS\r\n"
    "s :\r\n"
    "Organization: one\r\n two\r\n\tthree \r\n"
    "\r\n";

inline constexpr std::string_view invite_replaces =
    "INVITE sips:bob@sbc.example.net SIP/2.0\r\n"
    "Call-ID: new-call\r\n"
    "Replaces: old-call@example.com;to-tag=7743;from-tag=6472\r\n"
    "To: <sips:bob@sbc.example.net>\r\n"
    "From: <sips:carol@example.com>;tag=c1\r\n"
    "Via: SIP/2.0/TLS 203.0.113.9;branch=z9hG4bKrep\r\n"
    "CSeq: 2147483647 INVITE\r\n"
    "Max-Forwards: 0\r\n"
    "\r\n";

// RFC 2543: no branch, no From tag, no Max-Forwards, no Content-Length.
inline constexpr std::string_view old_bye =
    "BYE sip:bob@192.0.2.4 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1\r\n"
    "From: sip:alice@example.com;tag=x\r\n"
    "To: sip:bob@example.net\r\n"
    "Call-ID: 70710@192.0.2.1\r\n"
    "CSeq: 2 BYE\r\n"
    "\r\n"
    "no length, so all of this is body";

// Octets behind the body, which do not belong to the message.
inline constexpr std::string_view register_trailing =
    "REGISTER sip:example.com SIP/2.0\r\n"
    "Via: SIP/2.0/WSS 192.0.2.1;branch=z9hG4bKreg\r\n"
    "From: <sip:a@example.com>;tag=1\r\n"
    "To: <sip:a@example.com>\r\n"
    "Call-ID: reg\r\n"
    "CSeq: 1 REGISTER\r\n"
    "Contact: *\r\n"
    "Expires: 0\r\n"
    "l: 3\r\n"
    "\r\n"
    "abcINVITE sip:x@example.com SIP/2.0\r\n\r\n";

inline constexpr std::string_view sip_messages[] = {
    invite_sdp, response_ringing, folded_options, invite_replaces, old_bye, register_trailing,
};

}  // namespace demarc::support
