#include "controlplane/config/tls_expiry.h"

#include "controlplane/config/tls_files.h"

namespace demarc::config {

std::vector<ExpiryWatch::Notice> ExpiryWatch::due(const Config& config, int64_t now_unix_s) {
  std::vector<Notice> notices;
  std::map<std::string, Told> told;
  for (const Tls& tls : config.tls) {
    const auto before = told_.find(tls.name);
    Told row{tls.files.not_after_unix_s, 0};
    if (before != told_.end() && before->second.not_after_unix_s == row.not_after_unix_s) {
      row = before->second;
    }
    const int64_t left = days_left(row.not_after_unix_s, now_unix_s);
    const unsigned step = warning_days(left);
    if (step != 0 && (row.days == 0 || step < row.days)) {
      row.days = step;
      notices.push_back(
          {tls.name, "tls." + tls.name + ": " + tls.certificate +
                         (left < 0 ? std::string(" has expired")
                                   : " expires in " + std::to_string(left) + " days")});
    }
    told.emplace(tls.name, row);
  }
  told_ = std::move(told);
  return notices;
}

}  // namespace demarc::config
