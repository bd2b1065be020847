// What is wrong with a configuration, and where. Collected, never thrown: a user sees all at once.
#pragma once

#include <string>
#include <vector>

#include "controlplane/config/model.h"

namespace demarc::config {

struct Problem {
  Position at;
  bool is_warning = false;  // the configuration is taken all the same
  std::string message;
  std::string path = {};  // "/trunk/acme/peer/1" as a JSON pointer; empty: of the file as a whole
};

// What could not be read for wrong syntax; nothing is said about what may be missing for that.
struct Gaps {
  bool has_lost_fields = false;
  bool has_lost_blocks = false;
};

class Problems {
 public:
  void error(Position at, std::string message, std::string path = {}) {
    all_.push_back({at, false, std::move(message), std::move(path)});
  }
  void warn(Position at, std::string message) { all_.push_back({at, true, std::move(message)}); }
  bool has_errors() const;
  // In the order of the file.
  std::vector<Problem> sorted() const;

 private:
  std::vector<Problem> all_;
};

// "FILE:line:column: message", or "FILE: message" for the file as a whole.
std::string text_of(const Problem& problem, std::string_view file);

}  // namespace demarc::config
