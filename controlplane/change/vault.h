// Vault: the credentials of kept revisions, in STATE/credentials.json (mode 0600), so that the
// database of revisions holds none. A text that is kept has a token for each, and with the vault it
// is the same text again, octet by octet.
//
// Not thread-safe: Changes owns it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/config/file.h"
#include "controlplane/config/tree.h"

namespace demarc::change {

class Vault {
 public:
  // Reads the file; one that can not be used is set aside and logged.
  explicit Vault(std::string path);

  // The files with a token for each credential. Durable before it returns. Throws
  // runtime::FileError when the credentials can not be kept.
  std::vector<config::File> without_secrets(const std::vector<config::File>& files,
                                            const config::Tree& tree);
  // The reverse. False when a credential is not here any more.
  [[nodiscard]] bool put_back(std::vector<config::File>& files) const;
  // Only what these texts refer to stays.
  void keep_only(const std::vector<std::string>& texts);

 private:
  std::string token_of(std::string_view literal);
  void save();

  const std::string path_;
  std::map<std::string, std::string> literals_;  // by id: as it stood in the file, with quotes
  std::map<std::string, std::string> ids_;       // the reverse
  bool is_saved_ = true;
};

}  // namespace demarc::change
