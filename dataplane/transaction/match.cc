#include "dataplane/transaction/match.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "sip-parser/base/ascii.h"
#include "sip-parser/name_addr.h"

namespace demarc::transaction {
namespace {

// Hashes a list of texts. Each text is preceded by its length, so that no two lists give the same
// octets. Blocks are chained, so that a long text needs no long buffer.
class Fingerprint {
 public:
  Fingerprint(const SipHashKey& key, char kind) : key_(key) { buffer_[used_++] = kind; }

  void add(std::string_view text) {
    add(static_cast<uint32_t>(text.size()));
    while (!text.empty()) put_some(text);
  }
  void add_without_case(std::string_view text) {
    add(static_cast<uint32_t>(text.size()));
    while (!text.empty()) {
      for (char& c : put_some(text)) c = ascii::to_lower(c);
    }
  }
  void add(uint32_t number) {
    char octets[sizeof number];
    std::memcpy(octets, &number, sizeof number);
    std::string_view text{octets, sizeof octets};
    while (!text.empty()) put_some(text);
  }
  Key finish() const {
    const Hash128 hash = siphash128(key_, {buffer_.data(), used_});
    return {hash.low, hash.high};
  }

 private:
  // Takes from the front of `text` what the block has room for; returns its place there.
  std::span<char> put_some(std::string_view& text) {
    if (used_ == buffer_.size()) {
      const Key so_far = finish();
      std::memcpy(buffer_.data(), &so_far, sizeof so_far);
      used_ = sizeof so_far;
    }
    const std::span<char> place =
        std::span(buffer_).subspan(used_, std::min(text.size(), buffer_.size() - used_));
    std::memcpy(place.data(), text.data(), place.size());
    text.remove_prefix(place.size());
    used_ += place.size();
    return place;
  }

  const SipHashKey& key_;
  std::array<char, 256> buffer_;
  size_t used_ = 0;
};

}  // namespace

SipHashKey derive_match_key(const SipHashKey& secret) {
  return {siphash(secret, uint64_t{0}), siphash(secret, uint64_t{1})};
}

Key client_key(const SipHashKey& key, std::string_view branch, sip::Method method) {
  Fingerprint fingerprint(key, 'c');
  fingerprint.add_without_case(branch);
  fingerprint.add(static_cast<uint32_t>(method));
  return fingerprint.finish();
}

uint64_t identity_hash(const SipHashKey& key, const Identity& identity) {
  Fingerprint fingerprint(key, 'i');
  fingerprint.add(identity.call_id);
  fingerprint.add(identity.from_tag);
  fingerprint.add(identity.to_tag);
  fingerprint.add(identity.cseq);
  return fingerprint.finish().check;
}

Identity identity_of(const sip::Message& message, std::string_view datagram,
                     const sip::Essentials& essentials, bool has_to_tag) {
  return {.call_id = text(message.value(sip::HeaderName::call_id), datagram),
          .from_tag = text(essentials.from_tag, datagram),
          .to_tag = has_to_tag ? text(essentials.to_tag, datagram) : std::string_view{},
          .cseq = essentials.cseq};
}

bool has_cookie(const Received& request) {
  return sip::has_magic_cookie(text(request.essentials.top_via.branch, request.datagram));
}

Key server_key(const SipHashKey& key, const Received& request, std::string_view method) {
  Fingerprint fingerprint(key, 's');
  fingerprint.add(static_cast<uint32_t>(request.trunk));
  fingerprint.add_without_case(text(request.essentials.top_via.branch, request.datagram));
  fingerprint.add_without_case(text(request.essentials.top_via.host, request.datagram));
  fingerprint.add(request.essentials.top_via.port);
  fingerprint.add(method);
  return fingerprint.finish();
}

Key old_server_key(const SipHashKey& key, const Received& request, const OldRequest& old) {
  const sip::Message& message = request.message;
  const std::string_view datagram = request.datagram;
  Fingerprint fingerprint(key, 'o');
  fingerprint.add(static_cast<uint32_t>(request.trunk));
  fingerprint.add(text(message.request_uri, datagram));
  fingerprint.add(text(request.essentials.from_tag, datagram));
  fingerprint.add(text(message.value(sip::HeaderName::call_id), datagram));
  fingerprint.add(request.essentials.cseq);
  fingerprint.add(text(request.essentials.top_via.whole, datagram));
  fingerprint.add(old.method);
  fingerprint.add(old.to_tag);
  return fingerprint.finish();
}

std::string_view to_tag_of(const sip::Message& message, std::string_view datagram) {
  const auto to = sip::parse_name_addr(message.value(sip::HeaderName::to), datagram);
  return to ? text(to->tag, datagram) : std::string_view{};
}

}  // namespace demarc::transaction
