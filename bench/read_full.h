// Everything that a SIP element may want to know of one message, read into one struct: what "full"
// means in every figure of bench/. parse_bench and the peers programs share it, so that both
// measure the same work.
//
// One part is one function, so that each can be measured alone. They read a Message that parse()
// has filled, store all that the typed parsers say, and are false when one of them refuses. One
// thread; spans are valid as long as the datagram. RFC 3261 section 20.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "sip-parser/call_id.h"
#include "sip-parser/challenge.h"
#include "sip-parser/cseq.h"
#include "sip-parser/media_type.h"
#include "sip-parser/message.h"
#include "sip-parser/name_addr.h"
#include "sip-parser/uri.h"
#include "sip-parser/via.h"

namespace demarc::bench {

// More elements of one kind than this are refused: ordinary messages have fewer.
inline constexpr unsigned max_elements = 16;

template <class T>
struct Elements {
  unsigned count = 0;
  std::array<T, max_elements> items;
};

struct Address {
  sip::NameAddr name_addr;
  sip::Uri uri;
};

struct FullMessage {
  sip::Uri request_uri;
  Elements<sip::Via> vias;
  Address from, to;
  Span from_tag, to_tag;
  Elements<Address> contacts, routes, record_routes;
  sip::CSeq cseq;
  uint32_t max_forwards = 0;
  uint32_t content_length = 0;
  sip::MediaType media_type;
  uint32_t allowed = 0;  // bit of each known Method
  Elements<Span> supported, required;
  Elements<sip::Credentials> credentials;
  Elements<sip::Challenge> challenges;
};

bool read_request_uri(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_vias(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_from_to(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_contacts(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_routes(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_cseq_call_id(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_numbers(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_content_type(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_tokens(const sip::Message& message, std::string_view datagram, FullMessage& full);
bool read_credentials(const sip::Message& message, std::string_view datagram, FullMessage& full);

// parse() and all of the above.
bool read_full(std::string_view datagram, sip::Message& message, FullMessage& full);

}  // namespace demarc::bench
