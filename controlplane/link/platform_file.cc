#include "controlplane/link/platform_file.h"

#include <cstring>
#include <optional>

#include "controlplane/runtime/files.h"

namespace demarc::link {
namespace {

constexpr size_t longest_file = 1u << 20;

std::string path_in(const std::string& directory) {
  return directory + "/platform.section";
}

}  // namespace

Blob load_platform(const std::string& directory, uint64_t boot_id) {
  const std::optional<std::string> content = runtime::read_file(path_in(directory), longest_file);
  uint64_t kept_boot_id = 0;
  if (!content || content->size() < sizeof kept_boot_id) return {};
  std::memcpy(&kept_boot_id, content->data(), sizeof kept_boot_id);
  if (kept_boot_id != boot_id) return {};
  Blob blob(content->size() - sizeof kept_boot_id);
  std::memcpy(blob.data(), content->data() + sizeof kept_boot_id, blob.size());
  const bool is_sound = contract::check_section(blob, {}) == contract::SectionError::none &&
                        reinterpret_cast<const contract::SectionHeader*>(blob.data())->kind ==
                            contract::SectionKind::platform;
  return is_sound ? blob : Blob();
}

void save_platform(const std::string& directory, uint64_t boot_id, const Blob& blob) {
  std::string content(sizeof boot_id + blob.size(), '\0');
  std::memcpy(content.data(), &boot_id, sizeof boot_id);
  std::memcpy(content.data() + sizeof boot_id, blob.data(), blob.size());
  runtime::replace_file(path_in(directory), content);
}

}  // namespace demarc::link
