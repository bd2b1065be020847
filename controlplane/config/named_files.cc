#include "controlplane/config/named_files.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "controlplane/config/number_rules.h"
#include "controlplane/runtime/files.h"

namespace demarc::config {
namespace {

std::string digest_of(const std::string& octets) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256(reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), digest.data());
  std::string hex;
  for (const unsigned char octet : digest) {
    hex += "0123456789abcdef"[octet >> 4];
    hex += "0123456789abcdef"[octet & 15];
  }
  return hex;
}

}  // namespace

std::vector<NamedFile> named_files(const Config& config) {
  std::set<NamedFile> files;  // several blocks may name one
  const auto add = [&files](const std::string& path, const std::string& octets) {
    if (!path.empty()) files.insert({path, digest_of(octets)});
  };
  for (const Tls& tls : config.tls) {
    add(tls.certificate, tls.files.certificate);
    add(tls.key, tls.files.key.octets);
    add(tls.ca, tls.files.authorities);
    add(tls.crl, tls.files.revoked);
    add(tls.ocsp_staple, tls.files.ocsp_staple);
  }
  const auto add_read = [&add](const std::string& path) {
    try {
      const std::optional<std::string> text = runtime::read_file(path, longest_table_file);
      if (text) add(path, *text);
    } catch (const runtime::FileError&) {
      return;
    }
  };
  for (const NumberTable& table : config.tables) add_read(table.file);
  for (const Costs& costs : config.costs) add_read(costs.file);
  return {files.begin(), files.end()};
}

std::vector<std::string> changed_files(const std::vector<NamedFile>& before,
                                       const std::vector<NamedFile>& after) {
  std::vector<std::string> paths;
  for (const NamedFile& file : after) {
    const auto same_path = [&file](const NamedFile& one) { return one.path == file.path; };
    const auto known = std::find_if(before.begin(), before.end(), same_path);
    if (known != before.end() && known->digest != file.digest) paths.push_back(file.path);
  }
  return paths;
}

}  // namespace demarc::config
