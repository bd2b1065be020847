// ExpiryWatch: tells of certificates that end soon, at 30, 14, 7 and 1 days before, once each.
// Asked by the control plane's main thread now and then.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controlplane/config/model.h"

namespace demarc::config {

class ExpiryWatch {
 public:
  struct Notice {
    std::string profile;
    std::string text;
  };
  // What is to be told now. A certificate that was replaced begins anew.
  std::vector<Notice> due(const Config& config, int64_t now_unix_s);

 private:
  struct Told {
    int64_t not_after_unix_s = 0;
    unsigned days = 0;  // the least that was told of; 0: nothing yet
  };
  std::map<std::string, Told> told_;  // by the profile's name
};

}  // namespace demarc::config
