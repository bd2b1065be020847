#include "tests/fuzz/seeds.h"

#include <cstddef>

#include "sip-parser/message.h"
#include "sip-parser/multipart.h"
#include "sip-parser/params.h"
#include "sip-parser/sdp/sdp.h"
#include "tests/support/sip_messages.h"
#include "tests/torture/corpus.h"

namespace demarc::fuzz {
namespace {

using Seeds = std::vector<std::string>;

constexpr std::string_view small_request =
    "OPTIONS sip:a@b SIP/2.0\r\nv:SIP/2.0/UDP h;branch=z9hG4bK1\r\nf:<sip:a@b>;tag=1\r\n"
    "t:<sip:c@d>\r\ni:1\r\nCSeq:1 OPTIONS\r\n";

std::string repeated(std::string_view text, size_t times) {
  std::string result;
  for (size_t i = 0; i < times; ++i) result += text;
  return result;
}

// Each line of a message ends with another line end once, is folded once, and so on.
void add_spoilt(std::string_view message, Seeds& seeds) {
  const size_t first = message.find("\r\n");
  const size_t second = message.find("\r\n", first + 2);
  for (const std::string_view instead :
       {"\n", "\r", "\r\n ", "\r\n\t\r\n ", "\r\r\n", "\r\n\r\n"}) {
    std::string spoilt(message);
    spoilt.replace(second, 2, instead);
    seeds.push_back(spoilt);
  }
  std::string with_nul(message);
  with_nul[second - 1] = '\0';
  seeds.push_back(with_nul);
}

Seeds message_seeds() {
  Seeds seeds;
  for (const std::string_view message : support::sip_messages) seeds.emplace_back(message);
  for (const std::span<const torture::Case>* group : torture::groups) {
    for (const torture::Case& one : *group) seeds.push_back(torture::expand(one.text));
  }
  add_spoilt(small_request, seeds);
  add_spoilt(support::response_ringing, seeds);
  const std::string request(small_request);
  for (const size_t fields :
       {size_t{sip::max_header_fields} - 5, size_t{sip::max_header_fields} - 4}) {
    seeds.push_back(request + repeated("a:\r\n", fields) + "\r\n");
  }
  for (const std::string_view length : {"0", "3", "03", "4", "4294967299", "18446744073709551619",
                                        "-1", "+3", "0x3", "3 3", "3,3", ""}) {
    seeds.push_back(request + "l:" + std::string(length) + "\r\n\r\nabc");
  }
  seeds.push_back(request + "l:3\r\nContent-Length : 3\r\n\r\nabc");
  seeds.push_back(request + "l:3\r\nContent-Length: 2\r\n\r\nabc");
  seeds.push_back(request + "Replaces: x@y ;to-tag=1;from-tag=2\r\nX: " + repeated("a", 300) +
                  "\r\n\r\n");
  for (const std::string_view start :
       {"SIP/2.0 200 ", "SIP/2.0 99 x", "SIP/2.0 999 x", "sip/2.0 200 OK", "SIP/3.0 200 OK",
        "INVITE sip:a@b SIP/2.1", "INVITE  sip:a@b SIP/2.0", "INVITE sip:a@b SIP/2.0 ",
        "x y sip/2.0"}) {
    seeds.push_back(std::string(start) + "\r\ni:1\r\n\r\n");
  }
  return seeds;
}

// A message, a NUL and steps; see edit_fuzz.cc for what an octet means.
Seeds edit_seeds() {
  Seeds seeds;
  for (const std::string_view message : support::sip_messages) {
    for (const std::string_view steps :
         {"\1\1\1\1\1\1\1\1", "\1\4\1\3\5\1\1\1\6\1\3\1\1\1\1", "\2\2\3\1\3\1\1\3\5\2\7\2\1\6\4\12",
          "\4\4\5\1\1\1\1\1\5\3\3\2\2\7", "\4\4\2\11\1\3\1\1\4\3\11\2\2\3"}) {
      seeds.push_back(std::string(message) + '\0' + std::string(steps));
    }
  }
  seeds.push_back(std::string(support::response_ringing) + '\0' +
                  repeated("\4\2\3\1\1\2", sip::max_params + 1));
  return seeds;
}

// Messages and keep-alives in a row, a NUL, a setting and the lengths of the pieces; see
// framer_fuzz.cc.
Seeds stream_seeds() {
  const std::string request = std::string(small_request) + "l:2\r\n\r\nhi";
  const std::string ringing(support::response_ringing);
  Seeds seeds;
  for (const std::string& stream :
       {request + ringing + std::string(support::invite_sdp),
        "\r\n\r\n" + request + "\r\n" + ringing, "\r\n" + request + "\r\n\r\n\r\n\r\n",
        request + "\r\n\r" + request, request + "x y\r\n", std::string(small_request) + "\r\n",
        std::string(small_request) + "l:2\r\nl:2\r\n\r\nhi",
        std::string(small_request) + "l:70000\r\n\r\n", std::string(small_request) + "l:x\r\n\r\n",
        std::string(small_request) + "l :\r\n\t1\r\n \r\n\r\nab", request + "a b\r\n\r\n",
        std::string(small_request) + "no colon\r\n\r\n",
        std::string(small_request) + "a:b\rc\r\n"}) {
    for (const std::string_view script :
         {"", "\2\4\4\3\5\11\21\41\101", "\1\1\60\1\1\7\7\7\7\7\7\7\7", "\2\1\377\2\376\377\3\3"}) {
      seeds.push_back(stream + '\0' + std::string(script));
    }
  }
  return seeds;
}

Seeds uri_seeds() {
  Seeds seeds;
  for (const std::string_view uri :
       {"sip:alice@example.com",
        "sips:alice:secret@192.0.2.1:5061;transport=tls?Subject=x&To=y",
        "sip:+44-20%2e7946;ext=3@example.com;user=phone",
        "sip:[2001:db8::1]:5060",
        "sip:a_b.example",
        "sip:*21#@example.com;lr",
        "tel:+44(20)7946-0018;phone-context=+44;isub=1",
        "tel:112",
        "2001:db8::1",
        "1:2:3:4:5:6:7:8",
        "::ffff:192.0.2.1",
        "1::8",
        "::",
        "1:2:3:4:5:6:7::",
        "::1::",
        "a_b:c",
        "urn:service:sos.fire",
        "http://example.com/a?b#c",
        "sip:%61@%62",
        "sip:@a",
        "sip:a@",
        "sip:",
        "sip:a@b:0",
        "sip:a@b:65535",
        "sip:a@b:65536",
        "sip:a@b;",
        "sip:a@b;x=",
        "sip:a@b?",
        "SIP:A@B",
        "sip:a;b?c@d;e;f=g;e=%41",
        "sip:a@b;maddr=239.255.255.1;ttl=15;method=INVITE",
        "sip:a@b.c.",
        "sip:a@1.2.3.4.5",
        "sip:a@[::ffff:192.0.2.1];x",
        "+442079460018",
        "00 44",
        "%2B44",
        "*#06#"}) {
    seeds.emplace_back(uri);
  }
  for (const unsigned count : {sip::max_params, sip::max_params + 1}) {
    seeds.push_back("sip:a@b" + repeated(";p=1", count));
  }
  return seeds;
}

// The examples of RFC 3261 section 19.1.4 among them, those that are equal and those that are not.
Seeds uri_pair_seeds() {
  constexpr std::string_view pairs[][2] = {
      {"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"},
      {"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"},
      {"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"},
      {"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
       "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"},
      {"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
       "sip:alice@atlanta.com?priority=urgent&subject=project%20x"},
      {"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
      {"sip:bob@[2001:db8::9:1]", "sip:bob@[2001:DB8:0::9:01]"},
      {"sips:a:p@b;user=phone", "sip:a:p@b;user=ip"},
      {"tel:+44-20-7946", "tel:+44(20)7946"},
      {"tel:7946;phone-context=+44;ext=1", "tel:79-46;ext=1;phone-context=+44"},
      {"urn:service:SOS", "URN:Service:sos"},
      {"http://a/%7e", "http://a/%7E"},
      {"sip:a@b?&=", "sip:a@b?x"},
  };
  Seeds seeds;
  for (const auto& pair : pairs)
    seeds.push_back(std::string(pair[0]) + '\0' + std::string(pair[1]));
  return seeds;
}

// A Content-Type, an empty line and the body.
Seeds multipart_seeds() {
  const std::string mixed = "multipart/mixed;boundary=b\r\n\r\n";
  const std::string sdp_part =
      "--b\r\nContent-Type: application/sdp\r\n\r\n" + std::string(support::sdp_offer) + "\r\n";
  const std::string isup_part =
      std::string("--b\r\nContent-Type: application/ISUP;version=itu-t92+\r\n") +
      "Content-Disposition: signal;handling=optional\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
      std::string("\x01\0\x60\r\n\xff", 6) + "\r\n";
  Seeds seeds;
  seeds.push_back(mixed + sdp_part + isup_part + "--b--\r\n");
  seeds.push_back(mixed + "preamble\r\n" + sdp_part + "--b--epilogue");
  seeds.push_back(
      "multipart/related;boundary=\"b c\";type=\"a/b\"\r\n\r\n--b c \r\n\r\nx\r\n--b c--");
  seeds.push_back(
      mixed +
      "--b\r\nContent-Type: multipart/alternative;boundary=bb\r\n\r\n"
      "--bb\r\n\r\ny\r\n--bb--\r\n--b\r\nContent-ID: <a@b>\r\nX:\r\n y\r\n\r\n\r\n--b--");
  for (const std::string_view body :
       {"", "--b--", "--b\r\n\r\n--b--", "--b\n\nx\n--b--\n", "--b\r\nx\r\n--b--", "--bx\r\n--b--",
        "--b\r\n\r\nx", "--b\r\na b: c\r\n\r\n\r\n--b--", "--b\r\n\r\n\r\n--b--\r",
        "x\r--b\r\n\r\n\r\n--b--", "--b\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\n\r\n--b--",
        "--b\r\nContent-Type: multipart/x\r\n\r\n\r\n--b--"}) {
    seeds.push_back(mixed + std::string(body));
  }
  for (const unsigned count : {sip::max_parts, sip::max_parts + 1}) {
    seeds.push_back(mixed + repeated("--b\r\n\r\nx\r\n", count) + "--b--");
  }
  for (const unsigned count : {sip::max_part_fields, sip::max_part_fields + 1}) {
    seeds.push_back(mixed + "--b\r\n" + repeated("a: b\r\n", count) + "\r\nx\r\n--b--");
  }
  seeds.push_back("multipart/mixed;boundary=" + std::string(sip::max_boundary_octets + 1, 'b') +
                  "\r\n\r\n");
  seeds.push_back("application/sdp\r\n\r\nv=0\r\n");
  return seeds;
}

Seeds value_seeds() {
  Seeds seeds;
  for (const std::string_view value :
       {"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-1;rport=5060;received=192.0.2.9",
        "SIP / 2.0 / TCP  a.example : 5061 ; rport ; alias , SIP/2.0/TLS "
        "[2001:db8::1];branch=z9hG4bK",
        "SIP/2.0/UDP h;branch=\"q\"",
        "SIP/2.0/SCTP h;ttl=16;maddr=224.2.0.1;comp=sigcomp",
        "\"A \\\" B\" <sip:a@b;x=1?h=v>;tag=1;q=\"\\\\\"",
        "Alice Smith <sips:a@b> ; tag = t",
        "sip:a@b;tag=x",
        "<tel:+44;a=b>;expires=0",
        "*",
        "<sip:a@b>,\"x,y\" <sip:c@d>;p=\"a,b\" , ,",
        "\"unterminated",
        "<sip:a@b",
        "<<sip:a@b>>",
        "a\"b\"<sip:c@d>",
        "7 INVITE",
        "007\t\r\n ACK",
        "2147483647 X",
        "2147483648 X",
        "4294967295",
        "4294967296",
        "18446744073709551616",
        "-1",
        "0",
        "00000000000000000000000000000000000000255",
        ";a;b=c;d=\"e;f\";g = h",
        ";a=",
        ";=b",
        ";;",
        ";a\r\n =\r\n\tb",
        "\r\n",
        " ,\t,\r\n ,",
        "token",
        "text/plain;charset=utf-8",
        "Digest realm=\"a\", nonce=\"b\", qop=\"auth,auth-int\", algorithm=SHA-256",
        "Q.850;cause=16;text=\"Normal call clearing\"",
        "1800;refresher=uac",
        "776656 1 INVITE"}) {
    seeds.emplace_back(value);
  }
  for (const unsigned count : {sip::max_params, sip::max_params + 1}) {
    seeds.push_back(repeated(";p=1", count));
    seeds.push_back("<sip:a@b>" + repeated(";p=\"1\"", count));
    seeds.push_back("SIP/2.0/UDP h" + repeated(";p", count));
  }
  return seeds;
}

Seeds digest_seeds() {
  Seeds seeds;
  for (const std::string_view value :
       {R"(Digest realm="a", nonce="b", qop="auth,auth-int", opaque="", stale=TRUE, )"
        R"(algorithm=SHA-256)",
        R"(Digest nonce="b",realm="a\"b\\",domain="sip:a sip:b",charset=UTF-8,userhash=true,x=y)",
        R"(Digest realm="", nonce="", algorithm="MD5-sess", qop="token, auth")",
        R"(Digest username="Alice", realm="a", nonce="b", uri="sip:a@b", )"
        R"(response="0123456789abcdef")",
        R"(Digest username="a\ b",realm="a",nonce="b",uri="sip:a",response="",qop=auth-int,)"
        R"(nc=0000000f,cnonce="c",opaque="o",algorithm=SHA-512-256-sess)",
        R"(Digest username*=UTF-8''J%C3%A4s,realm="a",nonce="b",uri="/",response="r",qop="auth",)"
        R"(cnonce="",nc=FFFFFFFF,userhash=false)",
        R"(nextnonce="n", qop=auth, rspauth="00", cnonce="c", nc=00000001)", R"(rspauth="")",
        R"(Basic QWxhZGRpbg==)", R"(Digest)", R"(Digest ,, realm="a",, nonce="b" ,)",
        R"(Digest realm="a",realm="b",nonce="c")", R"(Digest realm=a,nonce=b)", R"(a\"b\\c\d)"}) {
    seeds.emplace_back(value);
  }
  seeds.emplace_back("Digest realm=\"a\r\n b\",\r\n\tnonce=\"c\"");
  for (const unsigned count : {sip::max_params - 2, sip::max_params - 1}) {
    std::string many = "Digest realm=\"a\",nonce=\"b\"";
    for (unsigned i = 0; i < count; ++i) many += ",p" + std::to_string(i) + "=1";
    seeds.push_back(many);
  }
  return seeds;
}

Seeds sdp_seeds() {
  Seeds seeds{std::string(support::sdp_offer)};
  const std::string session =
      "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
  const std::string audio = "m=audio 4000 RTP/AVP 0 101\r\n";
  seeds.push_back(session + audio +
                  "c=IN IP6 2001:db8::1\nb=AS:64\r\na=rtcp:4001 IN IP4 192.0.2.2\r\na=rtcp-mux\r\n"
                  "a=fmtp:101 0-15\r\na=ptime:20\r\na=maxptime:150\r\na=inactive\r\n"
                  "a=silenceSupp:off - - - -\r\nm=image 4002/1 udptl t38\r\na=T38FaxVersion:0\r\n"
                  "m=video 0 RTP/AVP 99\r\nm=audio 1 RTP/AVP 0\r\nm=audio 1 RTP/AVP 8\r\n"
                  "m=audio 1 RTP/AVP 0\r\n\r\n");
  seeds.push_back(
      session +
      "a=group:BUNDLE a\r\na=sendonly\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^31|1:1\r\n"
      "a=fingerprint:sha-256 00:11\r\na=setup:actpass\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\n"
      "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\na=ssrc:1 cname:a\r\na=mid:a\r\n");
  seeds.push_back("v=0\no=x\ns=\nt=0 0");
  seeds.push_back(session + repeated(audio, sdp::max_media));
  seeds.push_back(session + repeated(audio, sdp::max_media + 1));
  for (const unsigned count : {sdp::max_formats, sdp::max_formats + 1}) {
    seeds.push_back(session + "m=audio 1 RTP/AVP" + repeated(" 0", count) + "\r\n");
  }
  for (const unsigned count : {sdp::max_attributes, sdp::max_attributes + 1}) {
    seeds.push_back(session + audio + repeated("a=x\r\n", count));
  }
  seeds.push_back(session + "m=audio 65536 RTP/AVP 0\r\n");
  seeds.push_back(session + "m=audio 1 RTP/AVP 4294967296\r\n");
  seeds.push_back("v=0\r\r\no=-\r\n");
  return seeds;
}

Seeds sdp_value_seeds() {
  Seeds seeds;
  for (const std::string_view value :
       {"1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
        "2 AEAD_AES_256_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKis= "
        "KDR=0 WSH=64 UNENCRYPTED_SRTCP FEC_ORDER=SRTP_FEC",
        "1 1 UDP 2130706431 192.0.2.1 8998 typ host",
        "f 2 tcp 1 2001:db8::1 9 typ srflx raddr 192.0.2.9 rport 9 tcptype active generation 0",
        "1 192.0.2.1 4000 2 192.0.2.1 4001",
        "sha-256 "
        "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"
        "EE:FF:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
        "SHA-1 00",
        "actpass",
        "holdconn",
        "existing",
        "1/sendonly urn:ietf:params:rtp-hdrext:ssrc-audio-level vad=on",
        "4096 urn:x",
        "* nack pli",
        "101 ccm fir",
        "4294967295 cname:a@b",
        "1 x",
        "BUNDLE a b",
        "FID 1 2",
        "stream track",
        "main,slides",
        "0-15,66,70",
        "0-255",
        "3-1",
        "off - - - -",
        "on 1 2 3 4",
        "8f:3a",
        "ufrag",
        "0123456789abcdefghijkl",
        "rtp+ecn ice2",
        "mode=20;octet-align=1; x",
        "0 1 12 123 1234 12345 1234567 12345678 123456789 1234567890123456 18446744073709551615",
        "192.0.2.1/127/3 224.2.1.1 ff02::1 0.0.0.0 ::"}) {
    seeds.emplace_back(value);
  }
  return seeds;
}

// Answers as dns_fuzz.cc reads them: a host, then per answer a type, a number and records.
Seeds dns_seeds() {
  const std::string name(
      "\x03sip\x07"
      "example\x00",
      13);
  const std::string srv = std::string("\x00\x0a\x00\x05\x13\xc4", 6) + name;
  const std::string naptr =
      std::string("\x00\x32\x00\x32\x01s\x07SIP+D2U\x00", 15) + "\x04_sip" + name;
  const std::string v4("\xc0\x00\x02\x07", 4);
  const std::string v6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01";
  Seeds seeds;
  for (const char service : {'\0', '\1', '\2'}) {
    std::string seed = {service, 0, 1};
    unsigned type = 0;
    for (const std::string& record : {v4, v6, srv, naptr}) {
      seed += std::string{static_cast<char>(type++), 2};
      seed += static_cast<char>(record.size());
      seed += record;
      seed += static_cast<char>(record.size());
      seed += record;
    }
    seeds.push_back(seed);
  }
  return seeds;
}

// Rules of two trunks, routes, numbers: each with a count or a length before it.
Seeds routes_seeds() {
  const auto piece = [](const std::string& text) {
    return std::string(1, static_cast<char>(text.size())) + text;
  };
  const std::string rules = std::string("\x05") + piece("^(1|2)(\\d{3})$ -> +1425$1$2") +
                            piece("prefix 00 -> +") + piece("^12(3|)\\d* -> 4") +
                            piece("^11(?:2|\\+)4? -> 5") + piece("^(?!9)\\d -> 7");
  const std::string none("\0", 1);
  // The octets of a number are indexes of its symbols.
  const std::string short_number = piece(std::string("\x01\x01\x02", 3));
  const std::string long_number = piece(std::string("\x0c\x04\x04\x02\x00\x07\x09", 7));
  Seeds seeds;
  for (const char kind : {'\x01', '\x02', '\x04', '\x05', '\x09', '\x10', '\x28', '\x48', '\x7f'}) {
    std::string seed = rules + none + none + rules + "\x03";
    for (const char priority : {'\0', '\1', '\2'}) {
      seed += kind;
      seed += priority;
      if ((kind & 8) != 0) seed += piece("^\\+44\\d+$");
      if ((kind & 8) == 0) seed += short_number;
      if ((kind & 16) != 0) seed += long_number;
      if ((kind & 32) != 0) seed += piece("(1|2)$");
      if ((kind & 64) != 0) seed += piece("^\\+4420");
    }
    for (unsigned i = 0; i < 4; ++i) seed += short_number + long_number;
    seeds.push_back(seed + long_number + short_number);
  }
  return seeds;
}

// What each is, in one octet, then the text: TOML, JSON, numbers, costs.
Seeds config_seeds() {
  const std::string ports =
      "[port.wan]\ndevice = \"af_packet:veth0\"\n[realm.outside]\nport = \"wan\"\n"
      "vlan = 7\naddress = \"198.51.100.10\"\nmedia_ports = \"20000-29999\"\n";
  const std::string trunks =
      "[trunk.acme]\nrealm = \"outside\"\npeer = [\"198.51.100.20\", \"sip.example.com:5070\"]\n"
      "sources = \"2001:db8::/32\"\nregister = true\nuser = \"u1\"\npassword = 'pw'\n"
      "state = \"draining\"\npeer_contact = \"a.example\"\npasses_location = true\n"
      "called_out = ['^\\+(\\d*)$ -> 00$1', \"prefix + -> 00\"]\nfailover_codes = [408, 503]\n"
      "[trunk.\"a.b\"]\nrealm = \"outside\"\npeer = \"198.51.100.30:5061\"\nport = 5080\n"
      "transport = \"tcp\"\nusages = [\"local\", \"world\"]\nmax_calls = 0x1e\n";
  const std::string routes =
      "[[route]]\nfrom = \"acme\"\nto = \"a.b\"\nprefix = \"+44\"\n[[route]]\n"
      "name = \"w\"\nusages = \"world\"\nto = [\"acme\"]\ncalled = '^\\+\\d+$'\n"
      "hours = \"mon-fri 08:00-18:00\"\ntime_zone = \"UTC\"\n[[header]]\ntrunk = \"acme\"\n"
      "action = \"add\"\nname = \"X-Side\"\nvalue = \"o\"\n"
      "[[prefix_limit]]\ntrunk = \"acme\"\nprefix = \"+1900\"\nmax_calls = 3\n";
  return {
      "t",
      "t" + ports,
      "t" + ports + trunks,
      "t" + ports + trunks + routes,
      "tinclude = [\"x.toml\"]\nport.wan.device = \"a\"\nrealm = { o = { port = \"wan\" } }\n",
      "t[platform]\nworkers = 2\ncores = \"2,3\"\n[[trunk]]\n=\n]",
      R"(j{"port":{"wan":{"device":"a"}},"realm":{"o":{"port":"wan","address":"192.0.2.1"}},)"
      R"("trunk":{"t":{"realm":"o","peer":["192.0.2.2"],"max_calls":3,"trusted":true}},)"
      R"("route":[{"from":"t","to":"t","prefix":"9\u0001"}]})",
      R"(j{"platform":{"workers":-1,"x":null,"y":[[1.5]]}})",
      "nnumber,replacement\r\n2001,+14255550101\r\n\"+4420794600*\",\"+1425555*\"\n# end\n*,0\n",
      "n2001,1\n2001,2\n\"\"\"\",3\n\"open,4\n,5\n",
      "cprefix,cost\n+44,0.012\n\"+4479\",\"0.055\",x\n*,1\n",
      "c+44,4000\n+44,1\n#,2\n1,4000.000001\n1,.5\n",
  };
}

}  // namespace

std::vector<std::string> seeds_of(std::string_view kind) {
  if (kind == "config") return config_seeds();
  if (kind == "digest") return digest_seeds();
  if (kind == "dns") return dns_seeds();
  if (kind == "dtmf") return dtmf_seeds();
  if (kind == "message") return message_seeds();
  if (kind == "edit") return edit_seeds();
  if (kind == "stream") return stream_seeds();
  if (kind == "uri") return uri_seeds();
  if (kind == "value") return value_seeds();
  if (kind == "multipart") return multipart_seeds();
  if (kind == "uri_pair") return uri_pair_seeds();
  if (kind == "sdp_value") return sdp_value_seeds();
  if (kind == "sdp") return sdp_seeds();
  if (kind == "srtp") return srtp_seeds();
  if (kind == "rtp") return rtp_seeds();
  if (kind == "packets") return packets_seeds();
  if (kind == "calls_media") return calls_media_seeds();
  if (kind == "routes") return routes_seeds();
  return {};
}

}  // namespace demarc::fuzz
