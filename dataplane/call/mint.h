// Mint: the names of this worker. Each Call-ID, tag and branch that we make carries a bucket of the
// worker that made it, so what comes back finds its way by arithmetic (decision D5).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "dataplane/contract/entropy.h"
#include "dataplane/contract/ids.h"
#include "dataplane/contract/minted_name.h"
#include "sip-parser/via.h"

namespace demarc::call {

class Mint {
 public:
  Mint(const contract::NameKeys& keys, contract::WorkerIndex worker, unsigned workers,
       const SipHashKey& seed)
      : keys_(keys), worker_(worker), workers_(workers), entropy_(seed) {}

  contract::MintedName name() { return name(entropy_); }
  // A branch of ours: the magic cookie of RFC 3261 section 8.1.1.7, then a name.
  struct Branch {
    std::array<char, sip::magic_cookie.size() + contract::MintedName::length> text;
    std::string_view view() const { return {text.data(), text.size()}; }
  };
  Branch branch() { return branch_with(name()); }
  // Always the same one for the same two keyed hashes.
  Branch branch_of(const SipHashKey& hashes) const {
    contract::Entropy derived(hashes);
    return branch_with(name(derived));
  }
  // Whether a worker of this box has minted it.
  bool is_minted(std::string_view name) const {
    return contract::bucket_of_name(keys_, name).has_value();
  }
  // Which one; this one of what nobody has.
  contract::WorkerIndex owner_of(std::string_view name) const {
    const auto bucket = contract::bucket_of_name(keys_, name);
    return bucket ? static_cast<contract::WorkerIndex>(*bucket % workers_) : worker_;
  }
  uint64_t random() { return entropy_.next(); }

 private:
  contract::MintedName name(contract::Entropy& entropy) const {
    const uint64_t unique = entropy.next();
    // Any of ours: it is sealed, so that it may be told by what stands beside it.
    const unsigned own = (contract::bucket_count - 1 - worker_) / workers_ + 1;
    const unsigned bucket = static_cast<unsigned>(unique % own) * workers_ + worker_;
    return contract::mint_name(keys_, static_cast<contract::Bucket>(bucket), unique);
  }
  static Branch branch_with(const contract::MintedName& unique) {
    Branch branch;
    std::copy(sip::magic_cookie.begin(), sip::magic_cookie.end(), branch.text.begin());
    std::copy(unique.text.begin(), unique.text.end(),
              branch.text.begin() + sip::magic_cookie.size());
    return branch;
  }

  contract::NameKeys keys_;
  contract::WorkerIndex worker_;
  unsigned workers_;
  contract::Entropy entropy_;
};

}  // namespace demarc::call
