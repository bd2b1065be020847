// SharedSources: which trunks have a source in common and are told apart by their accounts
// (decision D77), while one set of sections is compiled. Owned by the compiler; one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controlplane/config/model.h"
#include "controlplane/trunks/ids.h"
#include "dataplane/contract/section_builder.h"

namespace demarc::trunks {

// The user part of the Contact that we register for the trunk; empty: we register none.
std::string contact_user_of(const config::Trunk& trunk);

// Whether messages of a source of both may be told apart: a peer that registers with us is known by
// its credentials instead, and a connection can have one TLS profile only.
bool is_shared(const config::Trunk& one, const config::Trunk& other);

class SharedSources {
 public:
  // A source that is `first`'s by its row is `other`'s, too. Those of the configuration must come
  // before what is left of an earlier one. Both outlive this.
  void add(const config::Trunk& first, const config::Trunk& other);
  // The rows as contract::AccountConfig wants them.
  contract::Array<contract::AccountConfig> rows(
      IdSpace& trunks, contract::SectionBuilder<contract::TrunkSection>& builder) const;

 private:
  // By the name of the first; each has itself in front.
  std::map<std::string, std::vector<const config::Trunk*>> by_first_;
};

}  // namespace demarc::trunks
