#include "controlplane/config/time_zone.h"

#include <array>
#include <optional>

#include "controlplane/config/value.h"
#include "controlplane/runtime/files.h"
#include "sip-parser/base/ascii.h"

namespace demarc::config {
namespace {

using contract::ZoneStep;

constexpr const char* zone_folder = "/usr/share/zoneinfo/";
constexpr const char* box_zone = "/etc/localtime";
constexpr size_t longest_zone_file = 1u << 20;
constexpr int64_t first_used_s = 1577836800;   // 2020-01-01
constexpr int64_t last_needed_s = 2051222400;  // 2035-01-01: a zone with rules has steps until then

// Big-endian numbers of a file that may end anywhere.
class ZoneReader {
 public:
  explicit ZoneReader(std::string_view octets) : rest_(octets) {}

  std::string_view take(size_t count) {
    if (count > rest_.size()) throw ValueError("the file ends too early");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  uint64_t number(unsigned octets) {
    uint64_t value = 0;
    for (const char octet : take(octets)) value = value << 8 | static_cast<unsigned char>(octet);
    return value;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// RFC 8536 section 3.1.
struct Counts {
  uint64_t ut, standard, leaps, times, types, names;
  // Octets of the data block whose times have that size.
  uint64_t octets(unsigned time_size) const {
    return times * time_size + times + types * 6 + names + leaps * (time_size + 4) + standard + ut;
  }
};

Counts read_header(ZoneReader& reader) {
  if (reader.take(4) != "TZif") throw ValueError("it is no file of tzdata");
  if (reader.take(1).front() < '2') throw ValueError("it is a file of tzdata of version 1");
  reader.take(15);
  Counts counts{};
  for (uint64_t* count :
       {&counts.ut, &counts.standard, &counts.leaps, &counts.times, &counts.types, &counts.names}) {
    *count = reader.number(4);
  }
  if (counts.types == 0 || counts.types > 256) throw ValueError("it has no types");
  return counts;
}

}  // namespace

std::vector<ZoneStep> parse_zone(std::string_view octets) {
  ZoneReader reader(octets);
  const Counts old = read_header(reader);
  reader.take(old.octets(4));
  const Counts counts = read_header(reader);
  ZoneReader times(reader.take(counts.times * 8));
  ZoneReader kinds(reader.take(counts.times));
  std::array<int32_t, 256> offsets = {};
  for (uint64_t type = 0; type < counts.types; ++type) {
    offsets[type] = static_cast<int32_t>(reader.number(4));
    if (offsets[type] <= -86400 || offsets[type] >= 86400) throw ValueError("an offset of a day");
    reader.take(2);
  }
  reader.take(counts.names + counts.leaps * 12 + counts.standard + counts.ut);
  std::vector<ZoneStep> steps = {{0, offsets[0], 0}};
  for (uint64_t i = 0; i < counts.times; ++i) {
    const auto time = static_cast<int64_t>(times.number(8));
    const auto type = static_cast<size_t>(kinds.number(1));
    if (type >= counts.types) throw ValueError("a type that is not there");
    if (time <= first_used_s) {
      steps.front().offset_s = offsets[type];
    } else if (time <= steps.back().from_unix_s) {
      throw ValueError("times that are out of order");
    } else {
      steps.push_back({time, offsets[type], 0});
    }
  }
  if (steps.size() > contract::max_zone_steps) throw ValueError("too many steps");
  // A footer with a comma is a rule for summer time.
  const bool has_rule = reader.rest().find(',') != std::string_view::npos;
  if (has_rule && steps.back().from_unix_s < last_needed_s) {
    throw ValueError("it leaves the years to come to a rule (zic -b fat writes them out)");
  }
  return steps;
}

namespace {

bool is_zone_name(std::string_view name) {
  const bool is_path = name.starts_with('/') || name.find("..") != std::string_view::npos;
  return !is_path && name.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") ==
                         std::string_view::npos;
}

std::vector<ZoneStep> read_zone(const std::string& name) {
  if (!is_zone_name(name)) throw ValueError("is not a zone such as Europe/Berlin");
  const std::string path = name.empty() ? box_zone : zone_folder + name;
  std::optional<std::string> octets;
  try {
    octets = runtime::read_file(path, longest_zone_file);
  } catch (const runtime::FileError& error) {
    throw ValueError(error.what());
  }
  // A box that says nothing is at UTC.
  if (!octets && name.empty()) return {{0, 0, 0}};
  if (!octets) throw ValueError("there is no " + path);
  return parse_zone(*octets);
}

}  // namespace

void read_zones(Config& config, Problems& problems) {
  for (const Route& route : config.routes) {
    if (route.hours.empty() || config.zones.contains(route.time_zone)) continue;
    try {
      config.zones[route.time_zone] = read_zone(route.time_zone);
    } catch (const ValueError& mistake) {
      problems.error(route.origin.of("time_zone"),
                     "time_zone: \"" + route.time_zone + "\": " + mistake.what());
    }
  }
}

}  // namespace demarc::config
