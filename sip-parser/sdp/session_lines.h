// What a session has of its own, o=, s=, t=, and what it shares with media, c= and b=, with the
// addresses in them: members of Parser, for parse.cc only, which calls each from one place.
#pragma once

#include "sip-parser/base/ascii.h"
#include "sip-parser/sdp/parser.h"

namespace demarc::sdp {

// "IN" SP ("IP4" / "IP6") SP address
//
// Where it only names the session, anything without a blank is one (extn-addr of RFC 8866 section
// 9): SIPp writes an IPv6 address with brackets in o=, and without them in c=.
inline bool Parser::read_address(size_t& position, Connection& connection, Use use) const {
  constexpr uint64_t seven_octets = UINT64_MAX >> 8;
  uint64_t type = reader_.word<uint64_t>(position) & seven_octets;
  if (reader_.at(position + 7) != ' ' && (type == word_of("IN IP4 ") || type == word_of("IN IP6 ")))
      [[likely]] {
    position += 7;
  } else {
    // The same with more blanks, or a mistake.
    if (reader_.between(position, position + 3) != "IN ") return false;
    position = reader_.skip_blanks(position + 3);
    type = (reader_.word<uint64_t>(position) << 24 | word_of("IN ")) & seven_octets;
    if (type != word_of("IN IP4 ") && type != word_of("IN IP6 ")) return false;
    position = reader_.skip_blanks(position + 4);
  }
  const bool is_ip6 = type == word_of("IN IP6 ");
  const size_t end = use == Use::names ? reader_.skip_visible(position)
                                       : reader_.skip(position, is_ip6 ? ip6_text : ip4_text);
  // Not empty and not too long.
  if (end - position - 1 >= max_address_octets) return false;
  connection.type = is_ip6 ? AddressType::ip6 : AddressType::ip4;
  connection.address = span(position, end);
  position = end;
  return true;
}

// A number of up to 2^64 - 1 that is kept as text.
[[gnu::always_inline]] inline bool Parser::read_digits(size_t begin, size_t end, Span& kept) const {
  if (!reader_.are_digits(begin, end)) return false;
  // No number of 19 digits is above 2^64 - 1.
  if (end - begin > 19) [[unlikely]] {
    uint64_t number = 0;
    if (!reader_.number(begin, end, UINT64_MAX, number)) return false;
  }
  kept = span(begin, end);
  return true;
}

// o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>
inline Next Parser::take_origin(size_t position) {
  constexpr Next bad = fail(SdpError::bad_origin);
  Origin& origin = description_.origin;
  if (media_ != nullptr || !origin.user_name.empty()) return bad;
  // Anything but blanks.
  size_t end = reader_.skip_visible(position);
  if (end == position || reader_.at(end) != ' ') return bad;
  origin.user_name = span(position, end);
  Pieces pieces(reader_, end + 1);
  position = end;
  end = pieces.next_word(position);
  if (!read_digits(position, end, origin.session_id) || reader_.at(end) != ' ') return bad;
  position = end;
  end = pieces.next_word(position);
  if (!read_digits(position, end, origin.session_version) || reader_.at(end) != ' ') return bad;
  position = reader_.skip_blanks(end);
  if (!read_address(position, origin.address, Use::names)) return bad;
  return end_line(position, SdpError::bad_origin);
}

inline Next Parser::take_session_name(size_t position) {
  if (has_session_name_ || media_ != nullptr) return fail(SdpError::bad_line);
  has_session_name_ = true;
  return take_text(position, description_.session_name);
}

// c=IN IP4 <address>[/<ttl>][/<number of addresses>]
//
// The session has one c=. A media description may have several, which are the layers of a multicast
// stream (RFC 8866 section 5.7); the first is kept, the count tells.
inline Next Parser::take_connection(size_t position) {
  Connection connection;
  if (!read_address(position, connection)) return fail(SdpError::bad_connection);
  for (int i = 0; i < 2 && reader_.at(position) == '/'; ++i) {
    const size_t end = reader_.skip(position + 1, digits);
    uint64_t number = 0;
    if (!reader_.number(position + 1, end, UINT16_MAX, number)) {
      return fail(SdpError::bad_connection);
    }
    position = end;
  }
  if (media_ == nullptr) {
    if (description_.connection.type != AddressType::none) return fail(SdpError::bad_connection);
    description_.connection = connection;
  } else {
    if (media_->connection_count == max_connections) return fail(SdpError::bad_connection);
    if (media_->connection_count++ == 0) media_->connection = connection;
  }
  return end_line(position, SdpError::bad_connection);
}

// t=<start-time> <stop-time>; the first is kept.
inline Next Parser::take_time(size_t position) {
  size_t start_end = position + 1;
  size_t stop = position + 2;
  size_t end = position + 3;
  // "0 0" is what every call says.
  const bool is_usual = (reader_.word<uint32_t>(position) & 0xffffff) == word_of("0 0") &&
                        !ascii::is_digit(reader_.at(end));
  if (!is_usual) [[unlikely]] {
    Span number;
    start_end = reader_.skip(position, digits);
    stop = reader_.skip_blanks(start_end);
    end = reader_.skip(stop, digits);
    if (stop == start_end || !read_digits(position, start_end, number) ||
        !read_digits(stop, end, number)) {
      return fail(SdpError::bad_time);
    }
  }
  if (description_.start_time.empty()) {
    description_.start_time = span(position, start_end);
    description_.stop_time = span(stop, end);
  }
  return end_line(end, SdpError::bad_time);
}

// b=<bwtype>:<bandwidth>
inline Next Parser::take_bandwidth(size_t position) {
  const size_t end = reader_.skip_text(position);
  std::string_view value = reader_.between(position, end);
  const size_t colon = value.find(':');
  const std::string_view type = value.substr(0, colon);
  value.remove_prefix(colon == value.npos ? value.size() : colon + 1);
  Bandwidths& kept = media_ == nullptr ? description_.bandwidths : media_->bandwidths;
  for (unsigned i = 0; i < static_cast<unsigned>(BandwidthType::count); ++i) {
    const auto known = static_cast<BandwidthType>(i);
    uint64_t number = 0;
    if (type == spelling(known) && !kept.has(known) &&
        ascii::parse_decimal(ascii::trim(value), max_bandwidth, number)) {
      kept.set(known, static_cast<uint32_t>(number));
    }
  }
  return end_line(end, SdpError::bad_line);
}

// RFC 3605 section 2.1: port [ nettype addrtype address ]
inline Next Parser::take_rtcp(size_t position) {
  size_t end = Pieces(reader_, position).next();
  uint64_t port = 0;
  if (!reader_.number(position, end, max_port, port) || port == 0) {
    return fail(SdpError::bad_attribute);
  }
  Connection connection;
  if (reader_.at(end) == ' ') {
    end = reader_.skip_blanks(end);
    // Nothing but blanks may follow, too.
    if (size_t rest = end; !reader_.line_end(rest) && !read_address(end, connection)) {
      return fail(SdpError::bad_attribute);
    }
  }
  if (media_ != nullptr) {
    media_->rtcp_port = static_cast<uint16_t>(port);
    media_->rtcp_connection = connection;
  }
  return end_line(end, SdpError::bad_attribute);
}

}  // namespace demarc::sdp
