// KeptChoices: the last addresses of each host, in a file, so that a control plane that starts
// while DNS is silent goes on with them. Not thread-safe: Dns owns it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "controlplane/dns/walk.h"

namespace demarc::dns {

class KeptChoices {
 public:
  // Reads the file; one that can not be used is logged and replaced later. Empty: none is kept.
  explicit KeptChoices(std::string path);

  std::vector<Choice> of(const Host& host) const;
  void note(const Host& host, const std::vector<Choice>& choices);
  // A failure is logged, and the next call tries again.
  void save() const;

 private:
  const std::string path_;
  std::map<std::string, std::vector<Choice>> by_host_;
};

}  // namespace demarc::dns
