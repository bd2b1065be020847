// TemporaryDirectory: a directory of a test's or bench's own, removed with what is in it.
#pragma once

#include <fcntl.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "dataplane/contract/channel.h"
#include "sip-parser/base/check.h"

namespace demarc::support {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string form = std::filesystem::temp_directory_path() / "demarc-XXXXXX";
    DEMARC_CHECK(::mkdtemp(form.data()) != nullptr);
    path_ = form;
    directory_ = contract::FileDescriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY));
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  int fd() const { return directory_.get(); }
  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
  contract::FileDescriptor directory_;
};

}  // namespace demarc::support
