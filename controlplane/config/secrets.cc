#include "controlplane/config/secrets.h"

#include <algorithm>
#include <stdexcept>

#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

// Positions of one text as octets, for positions that only grow.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  size_t offset_of(Position at) {
    while (line_ < at.line && line_begin_ < text_.size()) {
      const size_t feed = text_.find('\n', line_begin_);
      line_begin_ = feed == std::string_view::npos ? text_.size() : feed + 1;
      ++line_;
    }
    size_t offset = line_begin_;
    for (uint32_t column = 1; column < at.column && offset < text_.size(); ++column) {
      ++offset;
      while (offset < text_.size() && is_continuation(text_[offset])) ++offset;
    }
    return offset;
  }

 private:
  static bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

  std::string_view text_;
  uint32_t line_ = 1;
  size_t line_begin_ = 0;
};

bool is_string(std::string_view literal) {
  return literal.size() >= 2 && (literal.front() == '"' || literal.front() == '\'') &&
         literal.back() == literal.front();
}

}  // namespace

std::string replace_secrets(const File& file, uint16_t index, const Tree& tree,
                            const Replace& replace) {
  std::vector<const SecretPlace*> places;
  for (const SecretPlace& place : tree.secrets) {
    if (place.begin.file == index) places.push_back(&place);
  }
  std::sort(places.begin(), places.end(),
            [](const SecretPlace* a, const SecretPlace* b) { return a->begin < b->begin; });
  const std::string_view text = file.text;
  Walk walk(text);
  std::string result;
  size_t copied = 0;
  for (const SecretPlace* place : places) {
    const size_t begin = walk.offset_of(place->begin);
    const size_t end = walk.offset_of(place->end);
    if (begin < copied || end <= begin || !is_string(text.substr(begin, end - begin))) {
      throw std::runtime_error("the place of " + place->path + " holds no string");
    }
    result += text.substr(copied, begin - copied);
    result += replace(*place, text.substr(begin, end - begin));
    copied = end;
  }
  return result.append(text.substr(copied));
}

std::vector<File> masked(const std::vector<File>& files, const Tree& tree) {
  std::vector<File> shown;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto hide = [](const SecretPlace&, std::string_view) { return toml_string(mask); };
    shown.push_back(
        {files[i].path, replace_secrets(files[i], static_cast<uint16_t>(i), tree, hide)});
  }
  return shown;
}

std::string toml_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (octet < ' ' || octet == 0x7f) {
      quoted += "\\u00";
      quoted += digits[octet >> 4];
      quoted += digits[octet & 15];
    } else {
      quoted += c;
    }
  }
  quoted += '"';
  return quoted;
}

bool is_bare_key(std::string_view text) {
  for (const char c : text) {
    if (!ascii::is_alphanum(c) && c != '-' && c != '_') return false;
  }
  return !text.empty();
}

}  // namespace demarc::config
