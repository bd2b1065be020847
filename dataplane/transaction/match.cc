#include "dataplane/transaction/match.h"

#include <cstring>

#include "sip-parser/name_addr.h"

namespace demarc::transaction {
namespace {

// The lengths of up to four texts of one message, which no datagram makes longer than 16 bits.
template <class... Texts>
uint64_t lengths_of(const Texts&... texts) {
  static_assert(sizeof...(texts) <= 4);
  uint64_t word = 0;
  ((word = word << 16 | (texts.size() & 0xffff)), ...);
  return word;
}

// Lower case of the ASCII letters among eight octets.
uint64_t lower_word(uint64_t word) {
  constexpr uint64_t each = 0x0101010101010101u;
  const uint64_t low_bits = word & 0x7f * each;
  const uint64_t from_a = low_bits + (0x80 - 'A') * each;
  const uint64_t above_z = low_bits + (0x7f - 'Z') * each;
  const uint64_t is_upper = from_a & ~above_z & ~word & 0x80 * each;
  return word | is_upper >> 2;
}

// Hashes numbers and texts, word by word. The lengths of the texts come before them (lengths_of),
// so that no two lists give the same words.
template <class Hash>
class Fingerprint {
 public:
  Fingerprint(const SipHashKey& key, char kind, uint32_t number) : hash_(key) {
    hash_.add(uint64_t{number} << 8 | static_cast<uint8_t>(kind));
  }
  void add(uint64_t word) { hash_.add(word); }
  void add(std::string_view text) {
    each_word(text, [this](uint64_t word) { hash_.add(word); });
  }
  void add_without_case(std::string_view text) {
    each_word(text, [this](uint64_t word) { hash_.add(lower_word(word)); });
  }
  auto finish() { return hash_.finish(); }

 private:
  // The last word has zeros behind the text.
  template <class Take>
  static void each_word(std::string_view text, Take take) {
    const char* data = text.data();
    size_t left = text.size();
    uint64_t word = 0;
    for (; left >= sizeof word; data += sizeof word, left -= sizeof word) {
      std::memcpy(&word, data, sizeof word);
      take(word);
    }
    if (left == 0) return;
    if (text.size() >= sizeof word) {
      // Octets that were taken already are shifted out.
      std::memcpy(&word, text.data() + text.size() - sizeof word, sizeof word);
      return take(word >> 8 * (sizeof word - left));
    }
    word = 0;
    std::memcpy(&word, data, left);
    take(word);
  }

  Hash hash_;
};

Key key_of(const Hash128& hash) {
  return {hash.low, hash.high};
}

}  // namespace

SipHashKey derive_match_key(const SipHashKey& secret) {
  return {siphash(secret, uint64_t{0}), siphash(secret, uint64_t{1})};
}

Key client_key(const SipHashKey& key, std::string_view branch, sip::Method method) {
  Fingerprint<WordHash128> fingerprint(key, 'c', static_cast<uint32_t>(method));
  fingerprint.add(lengths_of(branch));
  fingerprint.add_without_case(branch);
  return key_of(fingerprint.finish());
}

uint64_t identity_hash(const SipHashKey& key, const Identity& identity) {
  Fingerprint<WordHash> fingerprint(key, 'i', identity.cseq);
  fingerprint.add(lengths_of(identity.call_id, identity.from_tag, identity.to_tag));
  fingerprint.add(identity.call_id);
  fingerprint.add(identity.from_tag);
  fingerprint.add(identity.to_tag);
  return fingerprint.finish();
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
  const sip::Via& via = request.essentials.top_via;
  const std::string_view branch = text(via.branch, request.datagram);
  const std::string_view host = text(via.host, request.datagram);
  Fingerprint<WordHash128> fingerprint(key, 's', static_cast<uint32_t>(request.trunk));
  fingerprint.add(uint64_t{via.port} << 48 | lengths_of(branch, host, method));
  fingerprint.add_without_case(branch);
  fingerprint.add_without_case(host);
  fingerprint.add(method);
  return key_of(fingerprint.finish());
}

Key old_server_key(const SipHashKey& key, const Received& request, const OldRequest& old) {
  const sip::Message& message = request.message;
  const std::string_view datagram = request.datagram;
  const std::string_view uri = text(message.request_uri, datagram);
  const std::string_view from_tag = text(request.essentials.from_tag, datagram);
  const std::string_view call_id = text(message.value(sip::HeaderName::call_id), datagram);
  const std::string_view via = text(request.essentials.top_via.whole, datagram);
  Fingerprint<WordHash128> fingerprint(key, 'o', static_cast<uint32_t>(request.trunk));
  fingerprint.add(lengths_of(uri, from_tag, call_id, via));
  fingerprint.add(uint64_t{request.essentials.cseq} << 32 | lengths_of(old.method, old.to_tag));
  for (const std::string_view one : {uri, from_tag, call_id, via, old.method, old.to_tag}) {
    fingerprint.add(one);
  }
  return key_of(fingerprint.finish());
}

std::string_view to_tag_of(const sip::Message& message, std::string_view datagram) {
  const auto to = sip::parse_name_addr(message.value(sip::HeaderName::to), datagram);
  return to ? text(to->tag, datagram) : std::string_view{};
}

}  // namespace demarc::transaction
