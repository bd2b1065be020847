// Secrecy where libsrtp2 was not there at build time: none.
#include "tests/system/probe/secrecy.h"

namespace demarc::probe {

struct Secrecy::State {};

Secrecy::Secrecy(const SecrecyOptions& options) : options_(options) {}
Secrecy::~Secrecy() = default;

bool Secrecy::is_possible(const SecrecyOptions& options) {
  return options.use == SrtpUse::off;
}

bool Secrecy::begin(const std::string&) {
  return false;
}

std::vector<uint8_t> Secrecy::protect(std::span<const uint8_t> datagram, bool) {
  return {datagram.begin(), datagram.end()};
}

std::vector<uint8_t> Secrecy::unprotect(std::span<const uint8_t> datagram, bool) {
  return {datagram.begin(), datagram.end()};
}

}  // namespace demarc::probe
