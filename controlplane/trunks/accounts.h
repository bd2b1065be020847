// SharedSources: which trunks have a source in common and are told apart by their accounts
// (decision D77) or by what their peers show in Contact, while one set of sections is
// compiled. Owned by the compiler; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
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

// A trunk at a listener: of the configuration, there before it moved elsewhere, or of an earlier
// configuration. The latter two are heard within their calls and have no say about new ones.
enum class Standing : uint8_t { live, moved, left };

class SharedSources {
 public:
  // `first` has a row more, or one less, since it is another's now. All trunks outlive this.
  void note_own(const config::Trunk& first, Standing standing);
  void note_lost(const config::Trunk& first);
  // A source by the number of its row, which is `first`'s, is `other`'s, too. Trunks share all
  // sources of `first` or none: a host that may speak for `first` alone shall not speak for
  // `other`. One that left has no routes that such a host could use, and is heard in any case.
  void add(const config::Trunk& first, const config::Trunk& other, size_t row, Standing standing);
  // The rows as contract::AccountConfig wants them.
  contract::Array<contract::AccountConfig> rows(
      IdSpace& trunks, contract::SectionBuilder<contract::TrunkSection>& builder) const;

 private:
  struct Member {
    const config::Trunk* trunk = nullptr;
    Standing standing = Standing::live;
    std::set<size_t> rows;  // of the first that are its, too
  };
  struct Shared {
    Member first;
    size_t own_rows = 0;
    std::vector<Member> others;
  };
  static std::vector<Member> members_of(const Shared& shared);

  std::map<std::string, Shared> by_first_;  // by its name
};

}  // namespace demarc::trunks
