// The messages that bench/ measures with: five fixed ones of a trunk's ordinary traffic, and a pool
// of random ordinary messages, since a message that is read over and over trains the branch
// predictor. Made at start, deterministic. RFC 3261, RFC 8866; addresses of RFC 5737.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sip-parser/parse.h"

namespace demarc::bench {

// With a session description of 238 octets: 1,212 octets, three Vias, a Record-Route.
std::string_view invite();
std::string_view invite_description();

struct NamedMessage {
  std::string_view name;  // "invite"
  std::string_view text;
};
// invite, ok200, bye, options, register.
std::vector<NamedMessage> fixed_messages();

inline constexpr uint64_t pool_seed = 20240229;
inline constexpr unsigned pool_size = 500;
// Requests and responses of a trunk, 800 octets on average: random hosts, numbers, tags and order
// of fields, some fields left out, some names in compact form or other case, descriptions in some.
std::vector<std::string> message_pool(uint64_t seed, unsigned count);

// A message with the readable octets behind it that parse() asks for.
class PaddedMessage {
 public:
  explicit PaddedMessage(std::string_view text) : octets_(text), size_(text.size()) {
    octets_.resize(size_ + sip::padding_octets);
  }
  std::string_view view() const { return {octets_.data(), size_}; }
  char* data() { return octets_.data(); }

 private:
  std::string octets_;
  size_t size_;
};

}  // namespace demarc::bench
