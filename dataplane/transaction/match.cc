#include "dataplane/transaction/match.h"

#include <cstring>

#include "sip-parser/base/ascii.h"
#include "sip-parser/cseq.h"
#include "sip-parser/name_addr.h"

namespace demarc::transaction {
namespace {

// Hashes a list of texts under both keys. Each text is preceded by its length, so that no two lists
// give the same octets. Blocks are chained, so that a long text needs no long buffer.
class Fingerprint {
 public:
  Fingerprint(const MatchKeys& keys, char kind) : keys_(keys) { put(kind); }

  void add(std::string_view text) {
    add_length(text);
    for (const char c : text) put(c);
  }
  void add_without_case(std::string_view text) {
    add_length(text);
    for (const char c : text) put(ascii::to_lower(c));
  }
  void add(uint32_t number) {
    for (unsigned shift = 0; shift < 32; shift += 8) put(static_cast<char>(number >> shift & 0xff));
  }
  Key finish() const {
    const std::string_view octets{buffer_.data(), used_};
    return {siphash(keys_.value, octets), siphash(keys_.check, octets)};
  }

 private:
  void add_length(std::string_view text) { add(static_cast<uint32_t>(text.size())); }
  void put(char c) {
    if (used_ == buffer_.size()) {
      const Key so_far = finish();
      std::memcpy(buffer_.data(), &so_far, sizeof so_far);
      used_ = sizeof so_far;
    }
    buffer_[used_++] = c;
  }

  const MatchKeys& keys_;
  std::array<char, 256> buffer_;
  size_t used_ = 0;
};

std::string_view tag_in(Span value, std::string_view datagram) {
  const auto name_addr = sip::parse_name_addr(value, datagram);
  if (!name_addr) return {};
  return text(name_addr->tag, datagram);
}

}  // namespace

MatchKeys derive_match_keys(const SipHashKey& secret) {
  return {{siphash(secret, uint64_t{0}), siphash(secret, uint64_t{1})},
          {siphash(secret, uint64_t{2}), siphash(secret, uint64_t{3})}};
}

Key client_key(const MatchKeys& keys, std::string_view branch, sip::Method method) {
  Fingerprint fingerprint(keys, 'c');
  fingerprint.add_without_case(branch);
  fingerprint.add(static_cast<uint32_t>(method));
  return fingerprint.finish();
}

uint64_t identity_hash(const MatchKeys& keys, const Identity& identity) {
  Fingerprint fingerprint(keys, 'i');
  fingerprint.add(identity.call_id);
  fingerprint.add(identity.from_tag);
  fingerprint.add(identity.to_tag);
  fingerprint.add(identity.cseq);
  return fingerprint.finish().check;
}

Identity identity_of(const sip::Message& response, std::string_view datagram, bool has_to_tag) {
  const auto cseq = sip::parse_cseq(response.value(sip::HeaderName::cseq), datagram);
  return {.call_id = text(response.value(sip::HeaderName::call_id), datagram),
          .from_tag = tag_in(response.value(sip::HeaderName::from), datagram),
          .to_tag = has_to_tag ? to_tag_of(response, datagram) : std::string_view{},
          .cseq = cseq ? cseq->number : 0};
}

bool has_cookie(const Received& request) {
  return sip::has_magic_cookie(text(request.top_via.branch, request.datagram));
}

Key server_key(const MatchKeys& keys, const Received& request, std::string_view method) {
  Fingerprint fingerprint(keys, 's');
  fingerprint.add(static_cast<uint32_t>(request.trunk));
  fingerprint.add_without_case(text(request.top_via.branch, request.datagram));
  fingerprint.add_without_case(text(request.top_via.host, request.datagram));
  fingerprint.add(request.top_via.port);
  fingerprint.add(method);
  return fingerprint.finish();
}

Key old_server_key(const MatchKeys& keys, const Received& request, const OldRequest& old) {
  const sip::Message& message = request.message;
  const std::string_view datagram = request.datagram;
  const auto cseq = sip::parse_cseq(message.value(sip::HeaderName::cseq), datagram);
  Fingerprint fingerprint(keys, 'o');
  fingerprint.add(static_cast<uint32_t>(request.trunk));
  fingerprint.add(text(message.request_uri, datagram));
  fingerprint.add(tag_in(message.value(sip::HeaderName::from), datagram));
  fingerprint.add(text(message.value(sip::HeaderName::call_id), datagram));
  fingerprint.add(cseq ? cseq->number : 0);
  fingerprint.add(text(request.top_via.whole, datagram));
  fingerprint.add(old.method);
  fingerprint.add(old.to_tag);
  return fingerprint.finish();
}

std::string_view to_tag_of(const sip::Message& message, std::string_view datagram) {
  return tag_in(message.value(sip::HeaderName::to), datagram);
}

}  // namespace demarc::transaction
