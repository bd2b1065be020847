#include "controlplane/trunks/kept_ids.h"

#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"

namespace demarc::trunks {

KeptIds::KeptIds(std::string path) : path_(std::move(path)) {
  std::string complaint;
  in_use_ = IdMap::load(path_, complaint);
  if (!complaint.empty()) runtime::log(runtime::Level::error, "trunks", complaint);
  tried_ = in_use_;
  saved_ = in_use_;
}

void KeptIds::save() {
  if (tried_ == saved_) return;
  try {
    tried_.save(path_);
    saved_ = tried_;
  } catch (const runtime::FileError& error) {
    runtime::log(runtime::Level::error, "trunks", error.what());
  }
}

void KeptIds::settle(bool is_in_use) {
  if (is_in_use) {
    in_use_ = tried_;
    return;
  }
  tried_ = in_use_;
  save();
}

}  // namespace demarc::trunks
