// Identities: Call-ID, CSeq and tag of each registration, in STATE/registrations.json, so that they
// survive a restart (RFC 3261 section 10.2.4). CSeq numbers are reserved ahead, so that the file is
// not written with each request. Not thread-safe: Upkeep owns it.
#pragma once

#include <map>
#include <string>

#include "controlplane/registration/agent.h"

namespace demarc::upkeep {

class Identities {
 public:
  // Reads the file; one that can not be used is logged, and identities are new then.
  explicit Identities(std::string path);

  // Of a trunk's account; an empty one when there is none yet.
  registration::Identity of(const std::string& trunk, const std::string& aor) const;
  // Before a request with this CSeq goes out. A failure to write is logged and tried again.
  void note(const std::string& trunk, const std::string& aor,
            const registration::Identity& identity);
  // The same for many at once; flush() must follow before a request of one of them. So it must
  // after forget().
  void reserve(const std::string& trunk, const std::string& aor,
               const registration::Identity& identity);
  void flush();
  // Trunks that left take theirs along.
  void forget(const std::string& trunk);
  uint64_t writes() const { return writes_; }  // of the file

 private:
  struct Row {
    std::string aor;
    registration::Identity identity;  // with the highest CSeq that may be used without writing
    uint32_t used = 0;                // the last one that was

    bool is(const std::string& other_aor, const registration::Identity& other) const {
      return aor == other_aor && identity.call_id == other.call_id && identity.tag == other.tag;
    }
  };
  void extend();
  void save();

  const std::string path_;
  std::map<std::string, Row> rows_;
  bool is_saved_ = true;
  uint64_t writes_ = 0;
};

}  // namespace demarc::upkeep
