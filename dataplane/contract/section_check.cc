#include <algorithm>
#include <bit>

#include "dataplane/contract/checker.h"

namespace demarc::contract {
namespace {

void check_platform(Checker& checker) {
  const auto* section = checker.as<PlatformSection>();
  if (section == nullptr) return;
  const auto value = [&](bool holds) { checker.require(holds, SectionError::bad_value); };
  value(section->workers >= 1 && section->workers <= max_workers);
  value(section->idle <= IdlePolicy::sleep && section->hugepages <= Hugepages::automatic);
  value(section->calls_per_worker >= 1 && section->calls_per_worker <= (1u << 24));
  value(section->transactions_per_worker >= 4 && section->transactions_per_worker <= (1u << 26));
  value(section->datagrams_per_worker >= 4 && section->datagrams_per_worker <= (1u << 26));
  value(section->tone_detectors_per_worker <= max_stream_parts);
  value(section->repacketizers_per_worker <= max_stream_parts);
  value(section->trunk_capacity >= 1 && section->trunk_capacity < 65535);
  value(section->target_capacity >= 1 && section->target_capacity <= (1u << 20));
  value(section->limit_capacity >= 1 && section->limit_capacity <= max_limits);
  value(section->media_addresses >= 1 && section->media_addresses <= 0xffff);
  value(section->stream_threads >= 1 && section->stream_threads <= max_stream_threads);
  value(std::has_single_bit(section->record_ring_capacity) &&
        section->record_ring_capacity <= (1u << 24));
  checker.text(section->cores);
  const auto ports = checker.array(section->ports);
  value(!ports.empty() && ports.size() <= 64);
  for (const NicPortConfig& port : ports) {
    checker.text(port.name);
    checker.text(port.device);
    checker.text(port.twin);
    value(port.queues >= 1 && port.queues <= max_workers && port.mtu >= 576);
  }
}

void check_realms(Checker& checker, const SectionBounds& bounds) {
  const auto* section = checker.as<RealmSection>();
  if (section == nullptr) return;
  for (const RealmConfig& realm : checker.array(section->realms)) {
    checker.text(realm.name);
    if (realm.port == NicPortId::none) continue;
    checker.reference(index_of(realm.port), bounds.ports);
    const auto media = checker.array(realm.media_addresses);
    const auto advertised = checker.array(realm.advertised_media_addresses);
    checker.require(!media.empty() && media.size() == advertised.size() &&
                        realm.address.is_unicast() && realm.advertised_address.is_unicast(),
                    SectionError::bad_value);
    for (const IpAddress& address : media) {
      checker.require(address.is_unicast(), SectionError::bad_value);
    }
    for (const IpAddress& address : advertised) {
      checker.require(address.is_unicast(), SectionError::bad_value);
    }
    checker.require(realm.vlan < 4095 && realm.media_port_low >= 1024 &&
                        realm.media_port_low % 2 == 0 && realm.media_port_high % 2 == 1 &&
                        realm.media_port_low < realm.media_port_high && realm.media_dscp < 64 &&
                        realm.signalling_dscp < 64,
                    SectionError::bad_value);
  }
}

void check_bindings(Checker& checker, const TrunkSection& section, const SectionBounds& bounds) {
  const auto bindings = checker.array(section.bindings);
  for (const BindingConfig& binding : bindings) {
    checker.reference(index_of(binding.target), bounds.target_capacity);
    checker.text(binding.host);
    checker.text(binding.route);
    checker.require(binding.host.length != 0 && binding.port != 0, SectionError::bad_value);
  }
  checker.require(std::is_sorted(bindings.begin(), bindings.end(),
                                 [](const BindingConfig& a, const BindingConfig& b) {
                                   return index_of(a.target) < index_of(b.target);
                                 }),
                  SectionError::out_of_order);
}

bool is_before(Checker& checker, const AccountConfig& one, const AccountConfig& other) {
  if (one.first != other.first) return index_of(one.first) < index_of(other.first);
  return one.by != other.by ? one.by < other.by : checker.text(one.name) < checker.text(other.name);
}

// A trunk is looked for by its own names, so a row has no other.
void check_accounts(Checker& checker, const TrunkSection& section) {
  const auto trunks = checker.array(section.trunks);
  const auto rows = checker.array(section.accounts);
  const AccountConfig* before = nullptr;
  for (const AccountConfig& row : rows) {
    checker.reference(index_of(row.first), trunks.size());
    checker.reference(index_of(row.trunk), trunks.size());
    const std::string_view name = checker.text(row.name);
    if (checker.error() != SectionError::none) return;
    const bool is_by_user = row.by == KnownBy::user;
    const TrunkConfig& trunk = trunks[index_of(row.trunk)];
    // Without a user: of a trunk that gets whatever is nobody else's, with an account or without.
    const bool is_rest = is_by_user && name.empty();
    const Text& own = is_by_user ? trunk.contact_user : trunk.peer_contact;
    checker.require(row.by <= KnownBy::user && (is_rest || checker.text(own) == name) &&
                        (is_by_user || !name.empty()),
                    SectionError::bad_value);
    const bool is_sorted = before == nullptr || !is_before(checker, row, *before);
    checker.require(is_sorted, SectionError::out_of_order);
    before = &row;
  }
}

void check_trunks(Checker& checker, const SectionBounds& bounds) {
  const auto* section = checker.as<TrunkSection>();
  if (section == nullptr) return;
  const auto trunks = checker.array(section->trunks);
  checker.require(trunks.size() <= bounds.trunk_capacity, SectionError::bad_reference);
  for (const TrunkConfig& trunk : trunks) {
    checker.text(trunk.name);
    checker.text(trunk.tenant);
    checker.text(trunk.peer_host);
    checker.text(trunk.contact_user);
    checker.text(trunk.peer_contact);
    checker.text(trunk.preloaded_route);
    for (const Text& name : checker.array(trunk.peer_names)) checker.text(name);
    for (const uint32_t group : checker.array(trunk.groups)) {
      checker.reference(group, section->groups.count);
    }
    if (trunk.realm == RealmId::none) continue;
    checker.reference(index_of(trunk.realm), bounds.realms);
    if (trunk.target_count != 0) {
      checker.reference(uint64_t{index_of(trunk.first_target)} + trunk.target_count - 1,
                        bounds.target_capacity);
    }
    checker.require(trunk.timer_t1_ms >= 1 && trunk.timer_t1_ms <= 60000 &&
                        trunk.timer_t2_ms >= trunk.timer_t1_ms && trunk.timer_t2_ms <= 600000 &&
                        trunk.timer_t4_ms <= 600000 && trunk.local_port != 0 &&
                        trunk.target_count <= max_targets_per_trunk &&
                        trunk.transport <= Transport::tls && trunk.takes_registers <= 1 &&
                        trunk.state <= TrunkState::disabled && trunk.limits.burst >= 1 &&
                        trunk.limits.status_code >= 400 && trunk.limits.status_code <= 699,
                    SectionError::bad_value);
    if (trunk.transport == Transport::tls) {
      checker.reference(index_of(trunk.tls), bounds.tls_profiles);
    }
    check_policy(checker, trunk.policy);
    check_sources(checker, trunk.media.sources);
    check_codecs(checker, trunk.media.codecs, trunks.size());
    check_srtp(checker, trunk.media.srtp);
  }
  const auto sources = checker.array(section->sources);
  for (const SourceConfig& source : sources) {
    checker.reference(index_of(source.trunk), trunks.size());
    if (index_of(source.trunk) < trunks.size()) {
      checker.require(trunks[index_of(source.trunk)].realm != RealmId::none,
                      SectionError::bad_reference);
    }
    checker.require(source.prefix_length <= 128 && source.transport <= Transport::tls &&
                        source.use <= SourceUse::registers,
                    SectionError::bad_value);
  }
  checker.require(std::is_sorted(sources.begin(), sources.end(),
                                 [](const SourceConfig& a, const SourceConfig& b) {
                                   if (a.local != b.local) return a.local < b.local;
                                   if (a.transport != b.transport) {
                                     return a.transport < b.transport;
                                   }
                                   if (a.prefix_length != b.prefix_length) {
                                     return a.prefix_length > b.prefix_length;
                                   }
                                   return a.remote < b.remote;
                                 }),
                  SectionError::out_of_order);
  for (const TrunkGroup& group : checker.array(section->groups)) {
    checker.text(group.name);
    const auto members = checker.array(group.trunks);
    checker.require(members.size() <= max_group_trunks, SectionError::bad_value);
    for (const TrunkId trunk : members) checker.reference(index_of(trunk), trunks.size());
    checker.require(group.burst >= 1, SectionError::bad_value);
    for (const auto& [rate, meter] : {std::pair(group.rate, group.meter),
                                      {group.rate_in, group.meter_in},
                                      {group.rate_out, group.meter_out}}) {
      checker.require((rate == 0) == (meter == LimitId::none), SectionError::bad_value);
      if (rate != 0) checker.reference(index_of(meter), bounds.limit_capacity);
    }
  }
  const auto listeners = checker.array(section->listeners);
  checker.require(std::is_sorted(listeners.begin(), listeners.end()), SectionError::out_of_order);
  const auto streams = checker.array(section->stream_listeners);
  checker.require(std::is_sorted(streams.begin(), streams.end()), SectionError::out_of_order);
  for (const StreamListener& listener : streams) {
    checker.reference(index_of(listener.realm), bounds.realms);
    const bool is_stream =
        listener.transport == Transport::tcp || listener.transport == Transport::tls;
    checker.require(is_stream && listener.local.port != 0, SectionError::bad_value);
  }
  check_bindings(checker, *section, bounds);
  check_accounts(checker, *section);
}

void check_tls_profile(Checker& checker, const TlsProfile& profile) {
  for (const Text& part :
       {profile.name, profile.certificate, profile.key, profile.authorities, profile.revoked,
        profile.ocsp_staple, profile.ciphers, profile.server_name}) {
    checker.text(part);
    checker.require(part.length <= max_pem_octets, SectionError::bad_value);
  }
  const auto names = checker.array(profile.peer_names);
  checker.require(names.size() <= max_peer_names && profile.verify <= TlsVerify::required &&
                      profile.newest <= TlsVersion::tls_1_3 && profile.oldest <= profile.newest,
                  SectionError::bad_value);
  for (const Text& name : names) checker.text(name);
}

void check_secrets(Checker& checker, const SectionBounds& bounds) {
  const auto* section = checker.as<SecretSection>();
  if (section == nullptr) return;
  const auto secrets = checker.array(section->secrets);
  checker.require(std::is_sorted(secrets.begin(), secrets.end(),
                                 [](const SecretConfig& a, const SecretConfig& b) {
                                   return index_of(a.trunk) < index_of(b.trunk);
                                 }),
                  SectionError::out_of_order);
  for (const SecretConfig& secret : secrets) {
    checker.reference(index_of(secret.trunk), bounds.trunks);
    checker.text(secret.user);
    checker.text(secret.password);
  }
  const auto profiles = checker.array(section->tls);
  checker.require(profiles.size() <= max_tls_profiles, SectionError::bad_value);
  for (const TlsProfile& profile : profiles) check_tls_profile(checker, profile);
}

}  // namespace

SectionError check_section(std::span<const std::byte> octets, const SectionBounds& bounds) {
  Checker checker(octets);
  const auto* header = checker.as<SectionHeader>();
  if (header == nullptr) return checker.error();
  if (header->magic != section_magic) return SectionError::bad_magic;
  if (header->layout > layout_version || header->layout < oldest_layout_version) {
    return SectionError::unknown_layout;
  }
  if (header->total_octets != octets.size()) return SectionError::too_short;
  switch (header->kind) {
    case SectionKind::platform:
      check_platform(checker);
      break;
    case SectionKind::realms:
      check_realms(checker, bounds);
      break;
    case SectionKind::trunks:
      check_trunks(checker, bounds);
      break;
    case SectionKind::routes:
      check_routes(checker, bounds);
      break;
    case SectionKind::secrets:
      check_secrets(checker, bounds);
      break;
    default:
      return SectionError::unknown_kind;
  }
  return checker.error();
}

std::string_view spelling(SectionError error) {
  switch (error) {
    case SectionError::none:
      return "none";
    case SectionError::too_short:
      return "too_short";
    case SectionError::bad_magic:
      return "bad_magic";
    case SectionError::unknown_layout:
      return "unknown_layout";
    case SectionError::unknown_kind:
      return "unknown_kind";
    case SectionError::bad_array:
      return "bad_array";
    case SectionError::bad_reference:
      return "bad_reference";
    case SectionError::bad_value:
      return "bad_value";
    case SectionError::out_of_order:
      return "out_of_order";
  }
  return "unknown";
}

}  // namespace demarc::contract
