// SecretText: text that is wiped when it goes, such as a private key. Moved and never copied but by
// who writes copy().
#pragma once

#include <string.h>

#include <string>
#include <utility>

namespace demarc::config {

struct SecretText {
  std::string octets;

  SecretText() = default;
  SecretText(SecretText&& other) noexcept : octets(std::move(other.octets)) { other.wipe(); }
  SecretText& operator=(SecretText&& other) noexcept {
    wipe();
    octets = std::move(other.octets);
    other.wipe();
    return *this;
  }
  SecretText(const SecretText& other) = default;
  SecretText& operator=(const SecretText& other) {
    if (this == &other) return *this;
    wipe();
    octets = other.octets;
    return *this;
  }
  ~SecretText() { wipe(); }

  void wipe() {
    // The whole capacity, since a short text lives in the object itself.
    ::explicit_bzero(octets.data(), octets.size());
    octets.clear();
  }
};

}  // namespace demarc::config
