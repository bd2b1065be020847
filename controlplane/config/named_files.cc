#include "controlplane/config/named_files.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <set>

#include "controlplane/config/file.h"

namespace demarc::config {

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

void place_named_files(Config& config, const std::vector<File>& files) {
  const auto place = [&files](std::string& path, const Origin& origin, std::string_view field) {
    const size_t file = origin.of(field).file;
    if (!path.empty() && file < files.size()) path = path_beside(files[file].path, path);
  };
  for (Tls& tls : config.tls) {
    place(tls.certificate, tls.origin, "certificate");
    place(tls.key, tls.origin, "key");
    place(tls.ca, tls.origin, "ca");
    place(tls.crl, tls.origin, "crl");
    place(tls.ocsp_staple, tls.origin, "ocsp_staple");
  }
  for (NumberTable& table : config.tables) place(table.file, table.origin, "file");
  for (Costs& costs : config.costs) place(costs.file, costs.origin, "file");
  for (PrefixList& list : config.prefix_lists) place(list.file, list.origin, "file");
}

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
  const auto add_read = [&files](const std::string& path, const std::string& digest) {
    if (!digest.empty()) files.insert({path, digest});
  };
  for (const NumberTable& table : config.tables) add_read(table.file, table.digest);
  for (const Costs& costs : config.costs) add_read(costs.file, costs.digest);
  for (const PrefixList& list : config.prefix_lists) add_read(list.file, list.digest);
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
