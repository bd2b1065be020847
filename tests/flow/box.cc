#include "tests/flow/box.h"

#include <algorithm>
#include <memory>

#include "controlplane/numbers/rule_sets.h"
#include "sip-parser/base/check.h"

namespace demarc::flow {
namespace {

using contract::IpAddress;
using contract::SectionBuilder;
using contract::SectionKind;

constexpr contract::NameKeys names{{1, 2}, {3, 4}};

constexpr std::string_view own[] = {"10.20.1.1", "10.20.2.1"};

constexpr std::string_view peers[] = {"10.20.1.2", "10.20.2.2", "10.20.2.3"};

IpAddress address(std::string_view text) {
  return *contract::parse_address(text);
}

// In their order: two of the pbx, then the provider's, the last of which may be another trunk's.
std::vector<contract::SourceConfig> sources_of(contract::TrunkId last) {
  std::vector<contract::SourceConfig> sources(4);
  for (unsigned i = 0; i < sources.size(); ++i) {
    sources[i].local = {address(own[i / 2]), 5060};
    sources[i].trunk = i < 2 ? Box::pbx : Box::itsp;
  }
  sources[3].trunk = last;
  sources[0].remote = address(peers[0]);
  sources[1].remote = address("10.20.1.3");
  sources[2].remote = address(peers[1]);
  sources[3].remote = address(peers[2]);
  return sources;
}

// A realm's own address, and as many further ones as the options say.
std::vector<IpAddress> media_of(std::string_view first, unsigned realm, unsigned count) {
  std::vector<IpAddress> addresses = {address(first)};
  for (unsigned i = 1; i < count; ++i) {
    addresses.push_back(
        IpAddress::v4(10, static_cast<uint8_t>(30 + realm), 0, static_cast<uint8_t>(i)));
  }
  return addresses;
}

std::span<std::byte> aligned(std::vector<std::byte>& memory, size_t octets) {
  memory.assign(octets + 64, std::byte{});
  const size_t skip = (64 - reinterpret_cast<uintptr_t>(memory.data()) % 64) % 64;
  return std::span(memory).subspan(skip, octets);
}

}  // namespace

Box::Box(const BoxOptions& options)
    : options_(options), post_(options.workers), owners_(names, options.workers) {
  const contract::RegionSizes sizes{options.workers,           options.calls,       3,
                                    3u + options.more_targets, options.record_ring, limit_rows};
  region_ = contract::Region::create(
      aligned(region_memory_, contract::Region::octets_needed(sizes)), sizes, 77);
  region_.header().wall_offset_ns.store(1'700'000'000'000'000'000, std::memory_order_relaxed);
  build_snapshot();
  engine::Limits limits;
  limits.calls = options.calls;
  limits.transactions = options.transactions;
  limits.datagrams = options.datagrams;
  limits.srtp_keys = options.srtp_keys;
  limits.media_addresses = 2 + 2 * options.media_addresses;
  limits.workers = options.workers;
  arena_memory_.resize(options.workers);
  for (uint8_t i = 0; i < options.workers; ++i) {
    limits.worker = i;
    memory::Arena arena(aligned(arena_memory_[i], engine::Engine::octets_needed(limits)));
    const engine::Engine::Secrets secrets{names, {5u + i, 6}, {7u + i, 8}};
    engines_.push_back(std::make_unique<engine::Engine>(limits, arena, region_, secrets, now_));
    engines_.back()->connect(post_);
  }
  for (const auto& engine : engines_) engine->adopt(snapshot_, now_);
}

unsigned Box::owner_of(std::string_view datagram) {
  return owners_.of_datagram(datagram, 0);
}

void Box::remove_itsp() {
  has_itsp_ = false;
  publish();
}

void Box::set_registrar(Registrar state) {
  options_.registrar = state;
  publish();
}

void Box::set_state(contract::TrunkId trunk, contract::TrunkState state) {
  options_.state[contract::index_of(trunk)] = state;
  publish();
}

void Box::set_srtp(contract::TrunkId trunk, const contract::SrtpPolicy& policy) {
  options_.srtp[contract::index_of(trunk)] = policy;
  publish();
}

void Box::set_policy(contract::TrunkId trunk, const contract::CallPolicy& policy) {
  options_.policy[contract::index_of(trunk)] = policy;
  publish();
}

void Box::publish() {
  // The old sections must outlive the engine's use of them, which ends with adopt().
  const support::SnapshotSections old = std::move(sections_);
  const auto old_patterns = patterns_;
  build_snapshot();
  for (const auto& engine : engines_) engine->adopt(snapshot_, now_);
}

void Box::build_snapshot() {
  ++generation_;
  build_realms();
  build_trunks();
  build_routes();
  build_secrets();
  const uint32_t trunks = options_.has_third_trunk ? 3 : 2;
  snapshot_ =
      sections_.publish(generation_, {2, 2, trunks, 3, 3u + options_.more_targets, limit_rows});
  patterns_ = number::PatternStore::build(*snapshot_.routes, options_.workers, nullptr);
  snapshot_.patterns = &patterns_->patterns();
}

void Box::build_realms() {
  SectionBuilder<contract::RealmSection> realms(SectionKind::realms, generation_);
  std::vector<contract::RealmConfig> realm_rows(2);
  const std::string_view shown[] = {"10.20.1.1", options_.outside_advertised};
  for (unsigned i = 0; i < 2; ++i) {
    const std::vector<IpAddress> media = media_of(own[i], i, options_.media_addresses);
    const std::vector<IpAddress> advertised = media_of(shown[i], i, options_.media_addresses);
    realm_rows[i].name = realms.text(i == 0 ? "inside" : "outside");
    realm_rows[i].port = contract::NicPortId{static_cast<uint16_t>(i)};
    realm_rows[i].address = media[0];
    realm_rows[i].advertised_address = advertised[0];
    realm_rows[i].media_addresses = realms.array<IpAddress>(media);
    realm_rows[i].advertised_media_addresses = realms.array<IpAddress>(advertised);
    realm_rows[i].media_port_high = static_cast<uint16_t>(16384 + options_.media_ports - 1);
  }
  realms.section().realms = realms.array<contract::RealmConfig>(realm_rows);
  sections_.realms = realms.finish();
}

void Box::build_trunks() {
  SectionBuilder<contract::TrunkSection> trunks(SectionKind::trunks, generation_);
  std::vector<contract::TrunkConfig> rows(options_.has_third_trunk ? 3 : 2);
  std::vector<contract::Endpoint> listeners(2);
  std::vector<contract::StreamListener> streams;
  const std::string_view trunk_names[] = {"pbx", "itsp", "alt"};
  for (uint16_t i = 0; i < rows.size(); ++i) {
    const uint16_t realm = i == 0 ? 0 : 1;
    listeners[realm] = {address(own[realm]), 5060};
    rows[i].name = trunks.text(trunk_names[i]);
    rows[i].realm = contract::RealmId{realm};
    rows[i].peer_host = trunks.text(peers[i]);
    rows[i].first_target = contract::TargetId{i};
    rows[i].target_count = 1;
    rows[i].ring_timeout_ms = options_.ring_timeout_ms;
    rows[i].media_timeout_ms = options_.media_timeout_ms;
    if (i == 1) {
      rows[i].media_timeout_ms = options_.itsp_media_timeout_ms.value_or(options_.media_timeout_ms);
    }
    if (i < 2) rows[i].silent_peer = options_.silent_peer[i];
    rows[i].policy = options_.policy[i];
    rows[i].policy.from_domain = trunks.text(options_.from_domain[i]);
    rows[i].limits = options_.limits[i];
    rows[i].media.srtp = options_.srtp[i];
    rows[i].media.sources = options_.sources[i];
    rows[i].policy.failover_codes = trunks.array<uint16_t>(options_.failover_codes);
    rows[i].policy.cause_rules = trunks.array<contract::CauseRule>(options_.cause_rules);
    std::vector<contract::HeaderRule> rules;
    for (const AddedField& field : options_.added_fields[i]) {
      contract::HeaderRule& rule = rules.emplace_back();
      rule.action = field.action;
      rule.side = contract::HeaderRule::Side::to_peer;
      rule.name = trunks.text(field.name);
      rule.value = trunks.text(field.value);
    }
    rows[i].policy.header_rules = trunks.array<contract::HeaderRule>(rules);
    std::vector<contract::Text> codecs;
    for (const std::string& name : options_.codec_names[i]) codecs.push_back(trunks.text(name));
    rows[i].media.codecs = options_.codecs[i];
    rows[i].media.codecs.allowed = trunks.array<contract::Text>(codecs);
    rows[i].media.codecs.bypass_with = trunks.array<contract::TrunkId>(options_.bypass_with[i]);
    rows[i].no_response_timeout_ms = options_.no_response_timeout_ms;
    rows[i].timer_t1_ms = options_.t1_ms[i];
    rows[i].transport = options_.transport[i];
    rows[i].tls = contract::TlsProfileId{0};
    if (rows[i].transport != contract::Transport::udp) {
      streams.push_back({listeners[realm], rows[i].transport, 0, rows[i].realm});
    }
    if (i != 1 || options_.has_target) {
      region_.target(contract::TargetId{i})
          .store(
              {{address(peers[i]), 5060}, contract::TrunkId{i}, contract::TargetHealth::unknown});
    }
  }
  if (options_.has_second_target) {
    rows[1].target_count = 2;
    region_.target(contract::TargetId{2})
        .store(
            {{address(peers[2]), 5060}, contract::TrunkId{1}, contract::TargetHealth::unknown, 1});
  }
  if (options_.more_targets != 0)
    rows[1].target_count = static_cast<uint16_t>(2 + options_.more_targets);
  for (uint32_t i = 3; i < 3u + options_.more_targets; ++i) {
    region_.target(contract::TargetId{i})
        .store({{address(peers[1]), 5060},
                contract::TrunkId{1},
                contract::TargetHealth::unknown,
                static_cast<uint16_t>(i)});
  }
  rows[0].max_calls = options_.caller_max_calls;
  rows[1].max_calls = options_.max_calls;
  std::vector<contract::SourceConfig> sources = sources_of(options_.has_third_trunk ? alt : itsp);
  for (size_t i = 0; i < sources.size(); ++i) {
    sources[i].transport = options_.transport[contract::index_of(sources[i].trunk)];
  }
  if (options_.policy[1].large_over_tcp) {
    const contract::SourceConfig itsp_source = sources[2];
    sources.push_back(itsp_source);
    sources.back().transport = contract::Transport::tcp;
  }
  rows[1].contact_user = trunks.text(options_.has_account ? "u1" : "");
  rows[1].policy.contact_host = trunks.text(options_.contact_host);
  if (!options_.peer_host.empty()) rows[1].peer_host = trunks.text(options_.peer_host);
  std::vector<contract::Text> peer_names;
  for (const std::string& name : options_.peer_names) peer_names.push_back(trunks.text(name));
  rows[1].peer_names = trunks.array<contract::Text>(peer_names);
  rows[1].preloaded_route = trunks.text(options_.preloaded_route);
  if (options_.registrar != Registrar::none) add_registrar(trunks, rows[1], sources);
  if (options_.has_second_account) add_account(trunks, rows, sources);
  if (options_.alt_port != 0) move_alt(rows, sources, listeners);
  for (uint16_t i = 0; i < rows.size(); ++i) {
    rows[i].state = options_.state[i];
    rows[i].file = i;
  }
  add_groups(trunks, rows);
  if (!has_itsp_) {
    rows[1] = contract::TrunkConfig{};
    sources.resize(2);
  }
  // Those of one address may be of several transports, by which the table is sorted first.
  std::stable_sort(sources.begin(), sources.end(), [](const auto& a, const auto& b) {
    return a.local != b.local ? a.local < b.local : a.transport < b.transport;
  });
  std::sort(streams.begin(), streams.end());
  trunks.section().trunks = trunks.array<contract::TrunkConfig>(rows);
  trunks.section().sources = trunks.array<contract::SourceConfig>(sources);
  trunks.section().listeners = trunks.array<contract::Endpoint>(listeners);
  trunks.section().stream_listeners = trunks.array<contract::StreamListener>(streams);
  sections_.trunks = trunks.finish();
}

void Box::add_groups(SectionBuilder<contract::TrunkSection>& trunks,
                     std::vector<contract::TrunkConfig>& rows) {
  std::vector<contract::TrunkGroup> groups;
  std::vector<std::vector<uint32_t>> of_trunk(rows.size());
  uint32_t meters = limit_rows;
  for (const LimitedGroup& limited : options_.groups) {
    contract::TrunkGroup group = limited.limits;
    std::vector<contract::TrunkId> members = limited.trunks;
    if (members.empty()) {
      for (uint16_t i = 0; i < rows.size(); ++i) members.push_back(contract::TrunkId{i});
    }
    for (const contract::TrunkId member : members) {
      of_trunk[index_of(member)].push_back(static_cast<uint32_t>(groups.size()));
    }
    group.trunks = trunks.array<contract::TrunkId>(members);
    if (group.rate != 0) group.meter = contract::LimitId{--meters};
    if (group.rate_in != 0) group.meter_in = contract::LimitId{--meters};
    if (group.rate_out != 0) group.meter_out = contract::LimitId{--meters};
    groups.push_back(group);
  }
  trunks.section().groups = trunks.array<contract::TrunkGroup>(groups);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].groups = trunks.array<uint32_t>(of_trunk[i]);
}

// The source is itsp's by its row, and both are there.
void Box::add_account(SectionBuilder<contract::TrunkSection>& trunks,
                      std::vector<contract::TrunkConfig>& rows,
                      std::vector<contract::SourceConfig>& sources) {
  rows[2].contact_user = trunks.text("u2");
  rows[2].peer_host = rows[1].peer_host;
  sources.resize(3);
  region_.target(rows[2].first_target)
      .store({{address(peers[1]), 5060}, alt, contract::TargetHealth::unknown});
  const auto account = [](contract::TrunkId trunk, contract::KnownBy by, contract::Text name) {
    return contract::AccountConfig{.first = itsp, .trunk = trunk, .by = by, .name = name};
  };
  std::vector<contract::AccountConfig> accounts = {
      account(itsp, contract::KnownBy::user, rows[1].contact_user),
      account(alt, contract::KnownBy::user, rows[2].contact_user)};
  if (options_.has_peer_contacts) {
    rows[1].peer_contact = trunks.text("one.peers.example");
    rows[2].peer_contact = trunks.text("two.peers.example");
    accounts = {account(itsp, contract::KnownBy::contact, rows[1].peer_contact),
                account(alt, contract::KnownBy::contact, rows[2].peer_contact)};
  }
  trunks.section().accounts = trunks.array<contract::AccountConfig>(accounts);
}

// The row of 10.20.2.2 says what its binding is, and the prefix behind it who may register.
void Box::add_registrar(SectionBuilder<contract::TrunkSection>& trunks,
                        contract::TrunkConfig& trunk,
                        std::vector<contract::SourceConfig>& sources) {
  trunk.takes_registers = 1;
  contract::SourceConfig row = sources[2];
  sources.resize(2);
  if (options_.registrar != Registrar::waiting) {
    row.remote_port = 5060;
    row.use = options_.registrar == Registrar::bound ? contract::SourceUse::calls
                                                     : contract::SourceUse::dialogs;
    sources.push_back(row);
  }
  row.remote = address("10.20.2.0");
  row.prefix_length = 120;
  row.remote_port = 0;
  row.use = contract::SourceUse::registers;
  sources.push_back(row);
  if (options_.registrar != Registrar::bound) return;
  std::vector<contract::BindingConfig> bindings(1);
  bindings[0].target = trunk.first_target;
  bindings[0].host = trunks.text("192.0.2.77");
  bindings[0].port = 5070;
  bindings[0].route = trunks.text(options_.binding_route);
  trunks.section().bindings = trunks.array<contract::BindingConfig>(bindings);
}

void Box::build_secrets() {
  SectionBuilder<contract::SecretSection> secrets(SectionKind::secrets, generation_);
  std::vector<contract::SecretConfig> rows;
  if (options_.has_account) {
    contract::SecretConfig row;
    row.trunk = itsp;
    row.allows_md5 = options_.allows_md5 ? 1 : 0;
    row.user = secrets.text("u1");
    row.password = secrets.text("pw1");
    rows.push_back(row);
    if (options_.has_second_account) {
      row.trunk = alt;
      row.user = secrets.text("u2");
      row.password = secrets.text("pw2");
      rows.push_back(row);
    }
  }
  secrets.section().secrets = secrets.array<contract::SecretConfig>(rows);
  sections_.secrets = secrets.finish();
}

void Box::build_routes() {
  // pbx to itsp: anything; itsp to pbx: +44 only. Both to alt: +49, where that is a trunk.
  SectionBuilder<contract::RouteSection> routes(SectionKind::routes, generation_);
  std::vector<contract::RouteConfig> route_rows(options_.has_third_trunk ? 4 : 2);
  for (uint16_t i = 0; i < route_rows.size(); ++i) {
    const uint16_t from = i % 2;
    route_rows[i].from = contract::TrunkId{from};
    route_rows[i].to = i < 2 ? contract::TrunkId{static_cast<uint16_t>(1 - from)} : alt;
    route_rows[i].line = static_cast<uint16_t>(11 + i);
    route_rows[i].file = static_cast<uint16_t>(21 + i);
  }
  const std::vector<contract::TrunkId> next = {contract::TrunkId{options_.next_trunk}};
  if (options_.next_trunk != 0) route_rows[0].then = routes.array<contract::TrunkId>(next);
  route_rows[0].hunt = options_.hunt;
  route_rows[0].weights = routes.array<uint16_t>(options_.weights);
  route_rows[0].caller_id = routes.text(options_.caller_id);
  route_rows[0].hides_caller = options_.caller_id.empty() ? 0 : 1;
  route_rows[0].is_emergency = options_.is_emergency ? 1 : 0;
  if (options_.has_backup) {
    route_rows[0].backup = 2;
    route_rows[2].add = routes.text("00");
    route_rows[2].name = routes.text("backup");
  }
  route_rows[0].condition = condition_of(routes);
  route_rows[0].strip = options_.route_strip;
  route_rows[0].add = routes.text(options_.route_add);
  build_numbers(routes);
  routes.section().routes = routes.array<contract::RouteConfig>(route_rows);
  sections_.routes = routes.finish();
}

void Box::build_numbers(SectionBuilder<contract::RouteSection>& routes) {
  numbers::RuleSets sets(routes, databases_);
  const auto add = [&sets](const std::vector<std::string>& texts) {
    std::vector<numbers::Rule> rules;
    for (const std::string& text : texts) rules.push_back(numbers::parse_rule(text));
    return sets.add(rules);
  };
  sets.add_table("names", {{"+44", "London", true}, {"+4915112345", "Anna \"A\"", false}});
  const auto add_names = [&sets](const std::vector<std::string>& texts) {
    std::vector<numbers::Rule> rules;
    for (const std::string& text : texts) rules.push_back(numbers::parse_name_rule(text));
    return sets.add(rules);
  };
  const bool has_alt = options_.has_third_trunk;
  const auto item = [](const char* prefix, uint32_t route) {
    contract::DigitEntry entry;
    entry.rank = route;
    entry.longest = static_cast<uint8_t>(contract::max_number_length);
    return numbers::DigitTries::Item{prefix, entry};
  };
  std::vector<numbers::DigitTries::Item> pbx_items = {item("", 0)};
  std::vector<numbers::DigitTries::Item> itsp_items = {item("+44", 1)};
  if (has_alt) pbx_items.push_back(item(options_.has_backup ? "" : "+49", 2));
  if (has_alt) itsp_items.push_back(item("+49", 3));
  std::vector<contract::TrunkRoutes> by_trunk(has_alt ? 3 : 2);
  std::vector<contract::TrunkRouteRules> rules(by_trunk.size());
  rules[0].is_used = options_.has_backup || options_.only_for.has_any() ? 1 : 0;
  const std::string& pattern = options_.only_for.pattern;
  if (!pattern.empty()) rules[0].condition_patterns = sets.add_single_patterns({{pattern, 0}});
  if (has_itsp_) by_trunk[0].root = rules[0].root = sets.tries().add(pbx_items);
  routes.section().rules = routes.array<contract::TrunkRouteRules>(rules);
  if (has_itsp_) by_trunk[1].root = sets.tries().add(itsp_items);
  // Calls of the second account may be for anybody.
  if (options_.has_second_account) by_trunk[2].root = sets.tries().add({item("", 1)});
  add_prefix_limits(routes, sets, by_trunk);
  routes.section().by_trunk = routes.array<contract::TrunkRoutes>(by_trunk);
  std::vector<contract::TrunkNumbers> rows(options_.has_third_trunk ? 3 : 2);
  for (size_t i = 0; i < rows.size(); ++i) {
    const NumberRules& numbers = options_.numbers[i];
    rows[i].called_in = add(numbers.called_in);
    rows[i].calling_in = add(numbers.calling_in);
    rows[i].called_out = add(numbers.called_out);
    rows[i].calling_out = add(numbers.calling_out);
    rows[i].caller_names = add_names(numbers.caller_names);
    rows[i].called_names = add_names(numbers.called_names);
    rows[i].keeps_extension = numbers.keeps_extension ? 1 : 0;
  }
  sets.finish(routes.section().numbers);
  routes.section().numbers.trunks = routes.array<contract::TrunkNumbers>(rows);
}

void Box::add_prefix_limits(SectionBuilder<contract::RouteSection>& routes, numbers::RuleSets& sets,
                            std::vector<contract::TrunkRoutes>& by_trunk) {
  std::vector<contract::PrefixLimit> rows;
  for (size_t i = 0; i < by_trunk.size(); ++i) {
    std::vector<numbers::DigitTries::Item> items;
    for (const LimitedPrefix& limit : options_.prefix_limits[i]) {
      contract::DigitEntry entry;
      entry.rank = static_cast<uint32_t>(rows.size());
      entry.longest = static_cast<uint8_t>(contract::max_number_length);
      items.push_back({limit.prefix, entry});
      rows.push_back({routes.text(limit.prefix), limit.calls, limit.rate, 1, 0});
    }
    if (!items.empty()) by_trunk[i].limited = sets.tries().add(items);
  }
  routes.section().prefix_limits = routes.array<contract::PrefixLimit>(rows);
}

uint64_t Box::worker_counter(contract::WorkerCounter counter) const {
  uint64_t sum = 0;
  for (uint8_t i = 0; i < options_.workers; ++i) sum += region_.worker(i).counters.get(counter);
  return sum;
}

uint64_t Box::trunk_counter(contract::TrunkId trunk, contract::TrunkCounter counter) const {
  uint64_t sum = 0;
  for (uint8_t i = 0; i < options_.workers; ++i) {
    sum += region_.trunk_counters(i, trunk).get(counter);
  }
  return sum;
}

std::vector<contract::CallRecord> Box::take_records() {
  std::vector<contract::CallRecord> records;
  for (uint8_t i = 0; i < options_.workers; ++i) {
    contract::RecordRing ring = region_.records(i);
    for (contract::CallRecord record; ring.pop(record);) records.push_back(record);
  }
  return records;
}

std::vector<contract::DirectoryRow> Box::directory() const {
  std::vector<contract::DirectoryRow> rows;
  for (uint32_t i = 0; i < options_.calls * options_.workers; ++i) {
    contract::DirectoryRow row;
    const auto worker = static_cast<contract::WorkerIndex>(i / options_.calls);
    const contract::CallSlot slot{i % options_.calls};
    const bool is_whole = region_.directory(worker, slot).load(row);
    DEMARC_CHECK(is_whole);
    if (row.phase != contract::CallPhase::none) rows.push_back(row);
  }
  return rows;
}

}  // namespace demarc::flow
