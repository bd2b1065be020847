#include "dataplane/boot/loader.h"

#include <algorithm>

namespace demarc::boot {

using contract::FileDescriptor;
using contract::IpAddress;
using contract::PlatformSection;
using contract::RealmConfig;
using contract::RealmSection;
using contract::SectionBounds;
using contract::SectionError;
using contract::SectionKind;
using contract::TrunkSection;

namespace {

constexpr SectionKind all_kinds[] = {SectionKind::platform, SectionKind::realms,
                                     SectionKind::trunks, SectionKind::routes,
                                     SectionKind::secrets};

const char* name_of(SectionKind kind) {
  switch (kind) {
    case SectionKind::platform:
      return "platform";
    case SectionKind::realms:
      return "realms";
    case SectionKind::trunks:
      return "trunks";
    case SectionKind::routes:
      return "routes";
    case SectionKind::secrets:
      return "secrets";
  }
  return "unknown";
}

}  // namespace

bool Loader::take(const FileDescriptor& fd, const LoadedSection::Claim& claim,
                  wire::Explanation& why) {
  if (std::find(std::begin(all_kinds), std::end(all_kinds), claim.kind) == std::end(all_kinds)) {
    why.set("a section of a kind that this release does not know: upgrade the dataplane");
    has_refused_ = true;
    return false;
  }
  const bool is_platform = claim.kind == SectionKind::platform;
  if (is_platform == (platform() != nullptr)) {
    why.set(is_platform ? "the platform can not change while the dataplane runs: restart it"
                        : "the platform section comes first");
    has_refused_ = true;
    return false;
  }
  auto section = LoadedSection::load(fd, claim, bounds_of(merged()), why);
  if (section == nullptr) {
    has_refused_ = true;
    return false;
  }
  of(claim.kind, is_platform ? current_ : pending_) = std::move(section);
  return true;
}

const PlatformSection* Loader::platform() const {
  const auto& section = current_[static_cast<unsigned>(SectionKind::platform)];
  return section == nullptr ? nullptr : section->as<PlatformSection>();
}

bool Loader::publish(uint64_t generation, wire::Explanation& why) {
  const Sections sections = merged();
  const bool had_refused = has_refused_;
  drop_pending();
  if (had_refused) {
    why.set("a section of this generation was refused");
    return false;
  }
  if (generation <= this->generation()) {
    why.set("generation %llu is not above %llu, which is in force",
            static_cast<unsigned long long>(generation),
            static_cast<unsigned long long>(this->generation()));
    return false;
  }
  if (!check_together(sections, why)) return false;
  const auto patterns = make_patterns(sections, why);
  if (patterns == nullptr) return false;

  const auto get = [&](SectionKind kind) { return sections[static_cast<unsigned>(kind)].get(); };
  auto next = std::make_shared<Published>();
  next->sections = sections;
  next->patterns = patterns;
  next->snapshot.patterns = &patterns->patterns();
  next->snapshot.generation = generation;
  next->snapshot.platform = platform();
  next->snapshot.realms = get(SectionKind::realms)->as<RealmSection>();
  next->snapshot.trunks = get(SectionKind::trunks)->as<TrunkSection>();
  next->snapshot.routes = get(SectionKind::routes)->as<contract::RouteSection>();
  if (get(SectionKind::secrets) != nullptr) {
    next->snapshot.secrets = get(SectionKind::secrets)->as<contract::SecretSection>();
  }
  collect_addresses(*next->snapshot.realms);
  current_ = sections;
  retired_ = std::move(published_);
  published_ = std::move(next);
  cell_.store(&published_->snapshot);
  return true;
}

void Loader::drop_pending() {
  pending_ = Sections();
  has_refused_ = false;
}

Loader::Sections Loader::merged() const {
  Sections sections = pending_;
  for (size_t i = 0; i < sections.size(); ++i) {
    if (sections[i] == nullptr) sections[i] = current_[i];
  }
  return sections;
}

SectionBounds Loader::bounds_of(const Sections& sections) {
  const auto get = [&](SectionKind kind) { return sections[static_cast<unsigned>(kind)].get(); };
  SectionBounds bounds;
  if (const auto* platform = get(SectionKind::platform)) {
    bounds.ports = platform->as<PlatformSection>()->ports.count;
    bounds.trunk_capacity = platform->as<PlatformSection>()->trunk_capacity;
    bounds.target_capacity = platform->as<PlatformSection>()->target_capacity;
    bounds.limit_capacity = platform->as<PlatformSection>()->limit_capacity;
  }
  if (const auto* realms = get(SectionKind::realms)) {
    bounds.realms = realms->as<RealmSection>()->realms.count;
  }
  if (const auto* trunks = get(SectionKind::trunks)) {
    bounds.trunks = trunks->as<TrunkSection>()->trunks.count;
  }
  return bounds;
}

// Each was checked when it came, but against the sections of then: a section that stayed may not
// fit one that changed.
bool Loader::check_together(const Sections& sections, wire::Explanation& why) const {
  SectionBounds bounds = bounds_of(sections);
  const auto& secrets = sections[static_cast<unsigned>(SectionKind::secrets)];
  bounds.tls_profiles = secrets == nullptr ? 0 : secrets->as<contract::SecretSection>()->tls.count;
  for (const SectionKind kind : all_kinds) {
    const auto& section = sections[static_cast<unsigned>(kind)];
    if (section == nullptr) {
      if (kind == SectionKind::secrets) continue;
      why.set("the section '%s' is missing", name_of(kind));
      return false;
    }
    const SectionError error = contract::check_section(section->octets(), bounds);
    if (error != SectionError::none) {
      const std::string_view name = contract::spelling(error);
      why.set("the section '%s' does not fit the others: %.*s", name_of(kind),
              static_cast<int>(name.size()), name.data());
      return false;
    }
  }
  return true;
}

std::shared_ptr<const number::PatternStore> Loader::make_patterns(const Sections& sections,
                                                                  wire::Explanation& why) const {
  const auto& routes = sections[static_cast<unsigned>(SectionKind::routes)];
  const bool is_same = published_ != nullptr &&
                       published_->sections[static_cast<unsigned>(SectionKind::routes)] == routes;
  if (is_same) return published_->patterns;
  auto made =
      number::PatternStore::build(*routes->as<contract::RouteSection>(), platform()->workers,
                                  published_ == nullptr ? nullptr : published_->patterns.get());
  if (made == nullptr) why.set("a pattern of the section 'routes' can not be compiled here");
  return made;
}

void Loader::collect_addresses(const RealmSection& realms) {
  std::vector<wire::SegmentAddress> addresses;
  const auto add = [&](const wire::SegmentAddress& place) {
    const bool is_known = std::any_of(addresses.begin(), addresses.end(), [&](const auto& known) {
      return known.address == place.address;
    });
    if (!is_known && addresses.size() < wire::ConfiguredAddresses::max_addresses) {
      addresses.push_back(place);
    }
  };
  for (const RealmConfig& realm : elements(realms.header, realms.realms)) {
    const wire::Segment segment{realm.port, realm.vlan};
    add({realm.address, segment});
    for (const IpAddress& media : elements(realms.header, realm.media_addresses)) {
      add({media, segment});
    }
  }
  for (const wire::SegmentAddress& before : local_addresses_) add(before);
  local_addresses_ = std::move(addresses);
}

}  // namespace demarc::boot
