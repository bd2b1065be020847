// The pool of corpus.h. Every message is a draw of its own: what it is, who talks to whom over
// which hops, which fields it has, in which order and spelling, and its body.
#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>

#include "bench/corpus.h"

namespace demarc::bench {
namespace {

using Text = std::string_view;

// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers with every compiler and library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // low..high, both among them.
  unsigned in(unsigned low, unsigned high) {
    return low + static_cast<unsigned>(next() % (high - low + 1));
  }
  bool percent(unsigned share) { return in(1, 100) <= share; }
  Text pick(std::span<const Text> choices) { return choices[next() % choices.size()]; }

 private:
  uint64_t state_;
};

constexpr Text words[] = {"north",  "harbour", "delta",  "quarry", "lima",  "orchard", "atlas",
                          "meadow", "granite", "sierra", "tango",  "ferry", "cobalt",  "linden"};
constexpr Text domains[] = {"example.com", "example.net", "example.org", "voice.example.com",
                            "trunk.example.net"};
constexpr Text first_names[] = {"Ana",  "Bruno", "Chloe", "Dmitri",
                                "Esra", "Farid", "Grete", "Hugo"};
constexpr Text last_names[] = {"Almeida", "Berg", "Costa", "Dvorak", "Engel", "Fontaine", "Garcia"};
constexpr Text agents[] = {"Example PBX 4.2",     "Harbour-GW/1.12.3", "softphone 7.0 (build 1189)",
                           "Linden SBC R9.4-p2",  "atlas-media/0.88",  "Quarry Voice 2024.1.7",
                           "Example-ATA-3102 5.1"};
constexpr Text option_tags[] = {"100rel",       "timer",    "replaces", "path",     "norefersub",
                                "precondition", "outbound", "gruu",     "histinfo", "from-change"};
constexpr Text methods[] = {"INVITE", "ACK",    "CANCEL",   "BYE",       "OPTIONS",
                            "PRACK",  "UPDATE", "REGISTER", "SUBSCRIBE", "NOTIFY",
                            "INFO",   "REFER",  "MESSAGE"};

// What a message is. A response has a status; its method is that of its CSeq.
struct Kind {
  unsigned weight;
  Text method;
  unsigned status_code;
  Text reason_phrase;
  unsigned sdp_percent;
};
constexpr Kind kinds[] = {
    {240, "INVITE", 0, "", 90},
    {70, "ACK", 0, "", 4},
    {70, "BYE", 0, "", 0},
    {20, "CANCEL", 0, "", 0},
    {50, "OPTIONS", 0, "", 0},
    {50, "REGISTER", 0, "", 0},
    {30, "PRACK", 0, "", 10},
    {30, "UPDATE", 0, "", 50},
    {20, "INFO", 0, "", 0},
    {20, "REFER", 0, "", 0},
    {80, "INVITE", 100, "Trying", 0},
    {60, "INVITE", 180, "Ringing", 10},
    {60, "INVITE", 183, "Session Progress", 95},
    {150, "INVITE", 200, "OK", 100},
    {60, "BYE", 200, "OK", 0},
    {40, "OPTIONS", 200, "OK", 0},
    {20, "REGISTER", 200, "OK", 0},
    {20, "REGISTER", 401, "Unauthorized", 0},
    {20, "INVITE", 407, "Proxy Authentication Required", 0},
    {10, "INVITE", 404, "Not Found", 0},
    {10, "INVITE", 486, "Busy Here", 0},
    {15, "INVITE", 487, "Request Terminated", 0},
    {10, "INVITE", 503, "Service Unavailable", 0},
};

const Kind& draw_kind(Dice& dice) {
  unsigned sum = 0;
  for (const Kind& kind : kinds) sum += kind.weight;
  unsigned at = dice.in(1, sum);
  for (const Kind& kind : kinds) {
    if (at <= kind.weight) return kind;
    at -= kind.weight;
  }
  return kinds[0];
}

// The parts are drawn in the order in which they are written, whatever the compiler.
std::string join(std::initializer_list<Text> parts) {
  std::string text;
  for (const Text part : parts) text += part;
  return text;
}

std::string number(uint64_t value) {
  return std::to_string(value);
}
std::string number(Dice& dice, unsigned low, unsigned high) {
  return std::to_string(dice.in(low, high));
}
std::string characters(Dice& dice, Text alphabet, unsigned low, unsigned high) {
  std::string text(dice.in(low, high), ' ');
  for (char& c : text) c = alphabet[dice.next() % alphabet.size()];
  return text;
}
std::string digits(Dice& dice, unsigned low, unsigned high) {
  return characters(dice, "0123456789", low, high);
}
std::string hex(Dice& dice, unsigned low, unsigned high) {
  return characters(dice, "0123456789abcdef", low, high);
}
std::string token(Dice& dice, unsigned low, unsigned high) {
  return characters(dice, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", low,
                    high);
}

std::string ip4(Dice& dice) {
  constexpr Text networks[] = {"192.0.2.", "198.51.100.", "203.0.113."};
  if (dice.percent(70)) return join({dice.pick(networks), number(dice, 1, 254)});
  return join({"10.", number(dice, 0, 255), ".", number(dice, 0, 255), ".", number(dice, 1, 254)});
}
std::string host(Dice& dice) {
  if (dice.percent(65)) return ip4(dice);
  if (dice.percent(8)) return join({"[2001:db8::", hex(dice, 1, 4), ":", hex(dice, 1, 4), "]"});
  return join({dice.pick(words), number(dice, 1, 40), ".", dice.pick(domains)});
}
std::string host_port(Dice& dice) {
  if (dice.percent(35)) return host(dice);
  return join({host(dice), ":", dice.percent(70) ? "5060" : number(dice, 1024, 65535)});
}

std::string user(Dice& dice) {
  if (dice.percent(60)) return join({"+", number(dice, 1, 9), digits(dice, 8, 12)});
  if (dice.percent(50)) return digits(dice, 3, 10);
  return join({dice.pick(words), ".", hex(dice, 2, 4)});
}
std::string uri(Dice& dice, bool has_port) {
  std::string text = join({dice.percent(3) ? "sips:" : "sip:", user(dice), "@",
                           has_port ? host_port(dice) : host(dice)});
  if (dice.percent(25)) text += ";user=phone";
  if (dice.percent(15)) text += ";transport=udp";
  if (dice.percent(5)) text += join({";", token(dice, 3, 6), "=", token(dice, 2, 8)});
  return text;
}
std::string contact(Dice& dice) {
  return join({"<", uri(dice, true), ">"});
}

std::string display_name(Dice& dice) {
  if (dice.percent(45)) return "";
  if (dice.percent(20)) return join({dice.pick(first_names), " "});
  return join({"\"", dice.pick(first_names), " ", dice.pick(last_names), "\" "});
}
std::string tag(Dice& dice) {
  return join({";tag=", dice.percent(50) ? hex(dice, 8, 16) : token(dice, 8, 32)});
}
std::string call_id(Dice& dice) {
  if (dice.percent(60)) return join({hex(dice, 16, 32), "@", ip4(dice)});
  return join(
      {hex(dice, 8, 8), "-", hex(dice, 4, 4), "-", hex(dice, 4, 4), "-", hex(dice, 12, 12)});
}

std::string via(Dice& dice, bool is_topmost) {
  constexpr Text transports[] = {"UDP", "UDP", "UDP", "TCP", "TLS"};
  std::vector<std::string> params;
  params.push_back(join({";branch=z9hG4bK", token(dice, 8, 36)}));
  if (is_topmost) {
    if (dice.percent(60)) params.emplace_back(";rport");
  } else if (dice.percent(60)) {
    params.push_back(join({";received=", ip4(dice)}));
    if (dice.percent(70)) params.push_back(join({";rport=", number(dice, 1024, 65535)}));
  }
  if (dice.percent(8)) params.emplace_back(";alias");
  if (dice.percent(30)) std::swap(params.front(), params.back());
  std::string text = join({"SIP/2.0/", dice.pick(transports), " ", host_port(dice)});
  for (const std::string& param : params) text += param;
  return text;
}

// Some of the choices, in any order.
std::string list(Dice& dice, std::span<const Text> choices, unsigned least) {
  const Text comma = dice.percent(85) ? ", " : ",";
  std::vector<Text> order(choices.begin(), choices.end());
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[dice.next() % i]);
  order.resize(dice.in(least, static_cast<unsigned>(order.size())));
  std::string text;
  for (const Text item : order) text += join({text.empty() ? "" : comma, item});
  return text;
}

struct Codec {
  Text format, rtpmap, fmtp;
};
constexpr Codec codecs[] = {{"0", "PCMU/8000", ""},
                            {"8", "PCMA/8000", ""},
                            {"9", "G722/8000", ""},
                            {"18", "G729/8000", "annexb=no"},
                            {"96", "opus/48000/2", "useinbandfec=1"},
                            {"97", "AMR-WB/16000", "octet-align=1"}};

std::string media_description(Dice& dice) {
  std::string media = join({"m=audio ", number(dice.in(8192, 32767) * 2), " RTP/AVP"});
  std::string attributes;
  for (const Codec& codec : codecs) {
    if (!dice.percent(45)) continue;
    media += join({" ", codec.format});
    attributes += join({"a=rtpmap:", codec.format, " ", codec.rtpmap, "\r\n"});
    if (codec.fmtp.empty() || dice.percent(30)) continue;
    attributes += join({"a=fmtp:", codec.format, " ", codec.fmtp, "\r\n"});
  }
  attributes += "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";
  if (dice.percent(60)) attributes += "a=ptime:20\r\n";
  if (dice.percent(70)) attributes += dice.percent(90) ? "a=sendrecv\r\n" : "a=sendonly\r\n";
  if (dice.percent(15)) attributes += join({"a=rtcp:", number(dice, 8192, 65535), "\r\n"});
  return join({media, " 101\r\n", attributes});
}
std::string description(Dice& dice) {
  const std::string address = ip4(dice);
  const std::string id = number(dice.next() % 10'000'000'000);
  std::string text =
      join({"v=0\r\no=", dice.percent(60) ? "-" : dice.pick(words), " ", id, " ", id, " IN IP4 ",
            address, "\r\ns=", dice.percent(60) ? "-" : "call", "\r\nc=IN IP4 ", address, "\r\n"});
  if (dice.percent(10)) text += join({"b=AS:", number(dice, 64, 128), "\r\n"});
  return join({text, "t=0 0\r\n", media_description(dice)});
}

std::string credentials(Dice& dice, Text request_uri) {
  std::string text = join({"Digest username=\"", user(dice), "\", realm=\"", dice.pick(domains),
                           "\", nonce=\"", hex(dice, 24, 48), "\", uri=\"", request_uri,
                           "\", response=\"", hex(dice, 32, 32), "\", algorithm=MD5"});
  if (dice.percent(70))
    text += join({", cnonce=\"", hex(dice, 8, 16), "\", qop=auth, nc=00000001"});
  return text;
}
std::string challenge(Dice& dice) {
  return join({"Digest realm=\"", dice.pick(domains), "\", nonce=\"", hex(dice, 24, 48),
               "\", algorithm=MD5", dice.percent(70) ? ", qop=\"auth\"" : "",
               dice.percent(20) ? ", stale=FALSE" : ""});
}

// Collects the fields of one message and puts them into an order.
class Draft {
 public:
  explicit Draft(Dice& dice)
      : dice_(dice), is_compact_(dice.percent(12)), is_lower_(dice.percent(8)) {}

  void add(Text name, Text value) { fields_.push_back(line(name, value)); }
  void add_top(Text name, Text value) { top_.push_back(line(name, value)); }
  void maybe(unsigned share, Text name, Text value) {
    if (dice_.percent(share)) add(name, value);
  }
  // Stacks write their fields in an order of their own; the Vias are on top nearly everywhere.
  std::string finish(Text start_line, Text body) {
    if (!body.empty() || dice_.percent(92)) add("Content-Length", number(body.size()));
    for (size_t i = fields_.size(); i > 1; --i) {
      if (dice_.percent(60)) std::swap(fields_[i - 1], fields_[dice_.next() % i]);
    }
    const size_t at = dice_.percent(90) ? 0 : dice_.next() % (fields_.size() + 1);
    fields_.insert(fields_.begin() + static_cast<std::ptrdiff_t>(at), top_.begin(), top_.end());
    std::string text(start_line);
    text += "\r\n";
    for (const std::string& field : fields_) text += field;
    return text.append("\r\n").append(body);
  }

 private:
  std::string line(Text name, Text value) {
    std::string text(is_compact_ && dice_.percent(80) ? compact(name) : name);
    if (is_lower_) {
      for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return text.append(dice_.percent(96) ? ": " : ":").append(value).append("\r\n");
  }
  static Text compact(Text name) {
    constexpr std::pair<Text, Text> forms[] = {
        {"Via", "v"},          {"From", "f"},      {"To", "t"},
        {"Call-ID", "i"},      {"Contact", "m"},   {"Content-Length", "l"},
        {"Content-Type", "c"}, {"Supported", "k"}, {"Refer-To", "r"}};
    for (const auto& [full, form] : forms) {
      if (full == name) return form;
    }
    return name;
  }

  Dice& dice_;
  bool is_compact_;
  bool is_lower_;
  std::vector<std::string> top_, fields_;
};

void add_hops(Dice& dice, const Kind& kind, Draft& draft) {
  const unsigned count = dice.percent(30) ? 1 : dice.in(2, 4);
  const bool is_one_field = count > 1 && dice.percent(10);
  std::string all;
  for (unsigned i = 0; i < count; ++i) {
    const std::string one = via(dice, i == 0);
    if (is_one_field) {
      all += join({all.empty() ? "" : ", ", one});
    } else {
      draft.add_top("Via", one);
    }
  }
  if (is_one_field) draft.add_top("Via", all);
  const bool is_recorded = kind.method == "INVITE" && kind.status_code != 100;
  if (is_recorded && dice.percent(50)) {
    const unsigned routes = dice.in(1, 2);
    for (unsigned i = 0; i < routes; ++i) {
      draft.add("Record-Route", join({"<sip:", host_port(dice), ";lr>"}));
    }
  }
  if (kind.status_code == 0 && kind.method != "INVITE" && dice.percent(35)) {
    draft.add("Route", join({"<sip:", host_port(dice), ";lr>"}));
  }
}

// To has no tag yet.
bool is_before_dialog(const Kind& kind) {
  if (kind.status_code != 0) return kind.status_code == 100;
  constexpr Text beginning[] = {"INVITE", "OPTIONS", "REGISTER", "CANCEL"};
  return std::find(std::begin(beginning), std::end(beginning), kind.method) != std::end(beginning);
}

void add_parties(Dice& dice, const Kind& kind, Draft& draft) {
  draft.add("From", join({display_name(dice), "<", uri(dice, false), ">", tag(dice)}));
  draft.add("To", join({display_name(dice), "<", uri(dice, false), ">",
                        is_before_dialog(kind) ? "" : tag(dice)}));
  draft.add("Call-ID", call_id(dice));
  draft.maybe(12, "Date", "Thu, 29 Feb 2024 09:41:07 GMT");
  draft.maybe(12, "X-Correlation", join({hex(dice, 8, 8), "/", token(dice, 10, 24)}));
  const unsigned cseq = dice.percent(70) ? dice.in(1, 300) : dice.in(1000, 99'999'999);
  draft.add("CSeq", join({number(cseq), " ", kind.method}));
}

void add_of_invite(Dice& dice, Text request_uri, Draft& draft) {
  draft.maybe(20, "Proxy-Authorization", credentials(dice, request_uri));
  draft.maybe(55, "P-Asserted-Identity", contact(dice));
  draft.maybe(10, "Privacy", "none");
  draft.maybe(40, "Session-Expires", join({number(dice, 90, 3600), ";refresher=uac"}));
  draft.maybe(30, "Min-SE", "90");
  draft.maybe(15, "X-Trunk-Account", token(dice, 6, 14));
  draft.maybe(25, "Session-ID", join({hex(dice, 32, 32), ";remote=", std::string(32, '0')}));
  draft.maybe(20, "P-Charging-Vector", join({"icid-value=", hex(dice, 20, 40)}));
  draft.maybe(15, "Allow-Events", "talk, hold, refer");
  draft.maybe(10, "Require", "100rel");
  draft.maybe(8, "Diversion", join({contact(dice), ";reason=unconditional"}));
}

void add_of_request(Dice& dice, const Kind& kind, Text request_uri, Draft& draft) {
  draft.maybe(97, "Max-Forwards", number(dice, 60, 70));
  draft.maybe(70, "User-Agent", dice.pick(agents));
  if (kind.method == "REGISTER") {
    draft.add("Contact", join({contact(dice), ";expires=", number(dice, 60, 3600)}));
    draft.maybe(60, "Authorization", credentials(dice, request_uri));
    draft.maybe(50, "Expires", number(dice, 60, 3600));
  }
  constexpr Text with_contact[] = {"INVITE", "UPDATE", "OPTIONS", "REFER"};
  if (std::find(std::begin(with_contact), std::end(with_contact), kind.method) !=
      std::end(with_contact)) {
    draft.add("Contact", contact(dice));
    draft.maybe(60, "Allow", list(dice, methods, 6));
    draft.maybe(70, "Supported", list(dice, option_tags, 1));
  }
  if (kind.method == "INVITE") add_of_invite(dice, request_uri, draft);
  if (kind.method == "PRACK") draft.add("RAck", join({number(dice, 1, 9000), " 1 INVITE"}));
  if (kind.method == "REFER") draft.add("Refer-To", contact(dice));
  if (kind.method == "OPTIONS") draft.maybe(60, "Accept", "application/sdp");
  if (kind.method == "BYE") draft.maybe(40, "Reason", "Q.850;cause=16;text=\"normal clearing\"");
}

void add_of_response(Dice& dice, const Kind& kind, Draft& draft) {
  draft.maybe(65, "Server", dice.pick(agents));
  if (kind.status_code == 401) draft.add("WWW-Authenticate", challenge(dice));
  if (kind.status_code == 407) draft.add("Proxy-Authenticate", challenge(dice));
  if (kind.status_code == 503) draft.maybe(50, "Retry-After", number(dice, 1, 120));
  const bool is_call = kind.method == "INVITE" && kind.status_code > 100 && kind.status_code < 300;
  if (is_call || kind.method == "REGISTER") draft.add("Contact", contact(dice));
  if (is_call || kind.method == "OPTIONS") {
    draft.maybe(60, "Allow", list(dice, methods, 6));
    draft.maybe(60, "Supported", list(dice, option_tags, 1));
  }
  if (!is_call) return;
  if (kind.status_code < 200 && dice.percent(25)) {
    draft.add("Require", "100rel");
    draft.add("RSeq", number(dice, 1, 9000));
  }
  if (kind.status_code == 200 && dice.percent(40)) {
    draft.add("Require", "timer");
    draft.add("Session-Expires", join({number(dice, 90, 3600), ";refresher=uas"}));
  }
  draft.maybe(30, "P-Asserted-Identity", contact(dice));
}

std::string draw_body(Dice& dice, const Kind& kind, Draft& draft) {
  if (dice.percent(kind.sdp_percent)) {
    draft.add("Content-Type", "application/sdp");
    return description(dice);
  }
  if (kind.method != "INFO") return "";
  draft.add("Content-Type", "application/dtmf-relay");
  return join({"Signal=", number(dice, 0, 9), "\r\nDuration=160\r\n"});
}

std::string draw_message(Dice& dice) {
  const Kind& kind = draw_kind(dice);
  Draft draft(dice);
  const std::string request_uri =
      kind.method == "REGISTER" ? join({"sip:", dice.pick(domains)}) : uri(dice, true);
  add_hops(dice, kind, draft);
  add_parties(dice, kind, draft);
  if (kind.status_code == 0) {
    add_of_request(dice, kind, request_uri, draft);
  } else {
    add_of_response(dice, kind, draft);
  }
  const std::string body = draw_body(dice, kind, draft);
  if (kind.status_code == 0) {
    return draft.finish(join({kind.method, " ", request_uri, " SIP/2.0"}), body);
  }
  return draft.finish(join({"SIP/2.0 ", number(kind.status_code), " ", kind.reason_phrase}), body);
}

}  // namespace

std::vector<std::string> message_pool(uint64_t seed, unsigned count) {
  Dice dice(seed);
  std::vector<std::string> messages;
  messages.reserve(count);
  for (unsigned i = 0; i < count; ++i) messages.push_back(draw_message(dice));
  return messages;
}

}  // namespace demarc::bench
