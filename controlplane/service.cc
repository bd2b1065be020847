#include "controlplane/service.h"

#include <chrono>
#include <random>

#include "controlplane/media/refused_sources.h"
#include "controlplane/records/record_json.h"
#include "controlplane/rest/router.h"
#include "controlplane/runtime/log.h"
#include "controlplane/runtime/wall_clock.h"
#include "controlplane/trunks/compile.h"
#include "controlplane/trunks/limits.h"
#include "controlplane/whatif/judge.h"

namespace demarc {
namespace {

using runtime::Level;

std::string made(const std::string& directory) {
  runtime::make_directory(directory);
  return directory;
}

// As upkeep has it.
registrar::Times times() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return {static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()),
          runtime::now_unix_ns() / 1'000'000};
}

trunks::Vacated::Moment moment() {
  const registrar::Times now = times();
  return {now.now_ms, now.unix_ms * 1'000'000};
}

// Whether what is not read of them yet can be told.
bool are_records_ours(const std::shared_ptr<link::Attachment>& attachment) {
  return attachment != nullptr && attachment->spool() == link::Attachment::Spool::taken;
}

// Of the nonces that peers get: new at each start, so that none is older than we are.
std::string nonce_secret() {
  std::random_device device;
  std::string secret;
  for (unsigned i = 0; i < 32; ++i) secret += static_cast<char>(device() & 0xff);
  return secret;
}

}  // namespace

Service::Service(ServiceOptions options, config::Loaded loaded)
    : options_(std::move(options)),
      lock_(made(options_.state_directory) + "/lock"),
      config_(std::make_shared<const config::Config>(loaded.config)),
      ids_(options_.state_directory + "/ids.json"),
      trunk_names_(ids_.ids().trunks),
      loaded_unix_ns_(runtime::now_unix_ns()),
      started_unix_ns_(loaded_unix_ns_),
      events_(started_unix_ns_),
      limits_(events_),
      media_(events_),
      sprays_(events_),
      changes_(
          {options_.config_file, options_.state_directory, change::kept_revisions},
          std::move(loaded), [this](const config::Loaded& taken) { take(taken); },
          [this](const config::Config& wanted) { return misfit(wanted); }, whatif::judge),
      dns_([this] { link_.republish(); }, options_.state_directory + "/dns.json"),
      link_(
          {made(options_.run_directory) + "/dataplane.sock", options_.state_directory}, events_,
          [this](const link::DataplaneView& view) { return compile(view); },
          [this](link::Link::Ids ids) { settle(ids); }),
      registrar_(options_.state_directory + "/bindings.db", nonce_secret(), times()),
      upkeep_(
          options_.state_directory, events_, [this] { return link_.attachment(); },
          [this] { link_.republish(); }, &registrar_),
      tally_([this](contract::TrunkId id) { return name_of(id); }),
      records_(journal_options(), link_, events_),
      sources_(sources()),
      server_({options_.run_directory + "/api.sock"},
              [this](const rest::Request& request) { return rest::respond(request, sources_); }) {}

void Service::start() {
  ask_dns();
  dns_.start();
  link_.start();
  upkeep_.start();
  records_.start();
  events_.note(events::Kind::controlplane_started, "runtime", DEMARC_VERSION,
               "control plane " DEMARC_VERSION " is up");
  server_.start();
}

void Service::reload() {
  const change::Outcome outcome = changes_.reload();
  const bool is_good = outcome.verdict == change::Verdict::good;
  std::vector<std::string> texts;
  if (outcome.loaded != nullptr) texts = config::texts_of(*outcome.loaded, options_.config_file);
  if (!outcome.detail.empty()) texts.push_back(outcome.detail);
  for (const std::string& text : texts) {
    runtime::log(is_good ? Level::warning : Level::error, "config", text);
  }
  if (is_good) return;
  runtime::log(Level::error, "config", "the configuration in force stays as it was");
  // Good files that are not taken yet, since a change waits for its confirmation, have no mistake.
  const bool is_unfit = outcome.verdict == change::Verdict::unfit;
  if (outcome.verdict != change::Verdict::invalid && !is_unfit) return;
  {
    const std::lock_guard guard(mutex_);
    last_error_ = texts;
  }
  events_.note(events::Kind::config_refused, "config", options_.config_file,
               texts.empty() ? "the configuration has mistakes" : texts.front());
}

// Why the dataplane that runs can not take it, with what calls in progress still need; why none
// could, where none runs: one that is to start takes its platform with it.
std::string Service::misfit(const config::Config& wanted) {
  const std::optional<link::DataplaneView> view = link_.view();
  const std::shared_ptr<link::Attachment> attachment = link_.attachment();
  const std::lock_guard guard(mutex_);
  if (!view) return trunks::misfit(wanted, {}, ids_.ids());
  trunks::Departed departed = departed_;
  departed.note(*config_, wanted);
  // As compile() will: what is refused here is never compiled, so nothing else gives them back.
  trunks::IdMap ids = ids_.ids();
  if (are_records_ours(attachment)) {
    ids = vacated_.with_given_back(std::move(ids), attachment->region(), moment());
  }
  return trunks::misfit(departed.with(wanted), *view, std::move(ids));
}

// On the thread that made the change.
void Service::take(const config::Loaded& loaded) {
  // While their trunks can still send.
  upkeep_.leave(loaded.config);
  const std::lock_guard guard(mutex_);
  departed_.note(*config_, loaded.config);
  config_ = std::make_shared<const config::Config>(loaded.config);
  last_error_.clear();
  loaded_unix_ns_ = runtime::now_unix_ns();
  events_.note(events::Kind::config_loaded, "config", options_.config_file,
               "loaded " + options_.config_file);
  ask_dns();
  link_.republish();
}

void Service::tick() {
  const bool is_taken_back = changes_.tick(runtime::now_unix_ns());
  if (is_taken_back) {
    events_.note(events::Kind::config_taken_back, "config", options_.config_file,
                 "the last change was not confirmed in time and is taken back");
  }
  correct_revision();
  forget_departed();
  watch_room();
  watch_media();
}

// A change is taken before its revision is the one in force, so a compile may have been too early.
void Service::correct_revision() {
  const std::lock_guard guard(mutex_);
  const uint64_t revision = changes_.running().revision;
  if (!compiled_revision_ || *compiled_revision_ == revision) return;
  compiled_revision_ = revision;
  link_.republish();
}

void Service::forget_departed() {
  const std::shared_ptr<link::Attachment> attachment = link_.attachment();
  const std::lock_guard guard(mutex_);
  if (attachment == nullptr) return;
  const contract::Region& region = attachment->region();
  const auto has_calls = [&](const std::string& trunk) {
    const auto id = ids_.ids().trunks.all().find(trunk);
    if (id == ids_.ids().trunks.all().end()) return false;
    if (id->second >= region.sizes().trunk_capacity) return false;
    const contract::TrunkId number{static_cast<uint16_t>(id->second)};
    return region.trunk_live(number).load(std::memory_order_relaxed) != 0;
  };
  registrar_.forget(has_calls, times());
  if (!departed_.is_empty() && departed_.forget(has_calls)) link_.republish();
}

void Service::watch_certificates() {
  const std::lock_guard guard(mutex_);
  const auto now = static_cast<int64_t>(runtime::now_unix_ns() / 1'000'000'000);
  for (const config::ExpiryWatch::Notice& notice : expiries_.due(*config_, now)) {
    events_.note(events::Kind::certificate_ends, "tls", notice.profile, notice.text);
  }
}

void Service::stop() {
  server_.stop();
  // Before the link: the dataplane becomes the records' reader when the socket closes.
  records_.stop();
  upkeep_.stop();
  dns_.stop();
  link_.stop();
}

link::SectionSet Service::compile(const link::DataplaneView& view) {
  const std::shared_ptr<link::Attachment> attachment = link_.attachment();
  const std::lock_guard guard(mutex_);
  if (view.is_fresh) {
    vacated_.clear();
  } else if (are_records_ours(attachment)) {
    vacated_.give_back(ids_.tried(), attachment->region(), moment());
  }
  trunks::Facts facts;
  facts.revision = changes_.running().revision;
  compiled_revision_ = facts.revision;
  facts.choices = [this](const dns::Host& host) { return dns_.choices(host); };
  facts.health = [this](const std::string& trunk, const contract::Endpoint& endpoint) {
    return upkeep_.health_of(trunk, endpoint);
  };
  facts.service_route = [this](const std::string& trunk) { return upkeep_.service_route(trunk); };
  facts.registered_at = [this](const std::string& trunk) { return upkeep_.registered_at(trunk); };
  // What changes from here on is published once more.
  compiled_bindings_ = registrar_.version();
  facts.bound = [this](const std::string& trunk) { return registrar_.bound(trunk); };
  facts.rows = &rows_;
  facts.former = &departed_.listeners();
  facts.left = departed_.names();
  // A dataplane that starts has no calls.
  const bool is_plain = view.is_fresh || departed_.is_empty();
  const std::shared_ptr<const config::Config> whole =
      is_plain ? config_ : std::make_shared<const config::Config>(departed_.with(*config_));
  facts.databases = &databases_;
  link::SectionSet set = trunks::compile(*whole, view, ids_.tried(), facts);
  databases_.forget_unused();
  compiled_config_ = whole;
  compiled_plan_ = upkeep::make_plan(*config_, ids_.tried(), set);
  compiled_registrar_plan_ = registrar::make_plan(*config_, ids_.tried());
  // Before the dataplane may use them: a crash must not give them to others.
  if (set.refusal.empty()) ids_.save();
  return set;
}

void Service::settle(link::Link::Ids ids) {
  const std::shared_ptr<link::Attachment> attachment = link_.attachment();
  const std::lock_guard guard(mutex_);
  ids_.settle(ids != link::Link::Ids::refused);
  if (ids == link::Link::Ids::refused) return;
  if (ids == link::Link::Ids::in_force && attachment != nullptr) {
    vacated_.note(*compiled_config_, ids_.ids(), attachment->region(), moment());
  }
  {
    const std::lock_guard names_guard(names_mutex_);
    trunk_names_ = ids_.ids().trunks;
  }
  upkeep_.adopt(compiled_plan_);
  registrar_.adopt(compiled_registrar_plan_, times());
  registrar_.in_force(compiled_bindings_, times());
}

// Every peer that is a name.
void Service::ask_dns() {
  std::vector<dns::Host> hosts;
  for (const config::Trunk& trunk : config_->trunks) {
    const config::Realm* realm = config::find_block(config_->realms, trunk.realm);
    for (const config::Peer& peer : trunk.peers) {
      if (peer.is_name()) hosts.push_back(trunks::host_of(trunk, peer, realm->address.is_v4()));
    }
  }
  std::vector<std::string> servers;
  for (const contract::IpAddress& server : config_->platform.dns_servers) {
    servers.emplace_back(contract::print(server).view());
  }
  dns_.configure(std::move(hosts), std::move(servers));
}

std::string Service::name_of(contract::TrunkId id) const {
  if (id == contract::TrunkId::none) return {};
  const std::lock_guard guard(names_mutex_);
  return std::string(trunk_names_.name_of(contract::index_of(id)));
}

records::JournalOptions Service::journal_options() {
  records::JournalOptions options;
  options.directory = options_.state_directory + "/records";
  options.file_name = [this](uint64_t revision, uint16_t file) {
    return changes_.file_name(revision, file);
  };
  options.written = [this](const contract::CallRecord& record) { take_record(record); };
  return options;
}

// On the record reader's thread. Records of the spool are of a time that is over.
void Service::take_record(const contract::CallRecord& record) {
  tally_.add(record);
  const uint64_t now = runtime::now_unix_ns();
  if (record.limits_met == 0 || record.started_unix_ns + events::limit_quiet_ns < now) return;
  for (unsigned bit = 0; bit < metrics::limit_count; ++bit) {
    if ((record.limits_met & 1u << bit) == 0) continue;
    limits_.met(metrics::name_in(record.from_name),
                std::string(records::spelling(static_cast<contract::LimitMet>(1u << bit))), now);
  }
}

// Whether the dataplane refuses calls since their records have no room.
void Service::watch_room() {
  const uint64_t now = runtime::now_unix_ns();
  if (const std::shared_ptr<link::Attachment> attachment = link_.attachment()) {
    const contract::Region& region = attachment->region();
    uint64_t refused = 0;
    for (unsigned i = 0; i < region.workers(); ++i) {
      const contract::WorkerRow& row = region.worker(static_cast<contract::WorkerIndex>(i));
      refused += row.counters.get(contract::WorkerCounter::record_ring_full);
    }
    limits_.refused(refused, now);
    watch_limits(region, now);
  }
  limits_.tick(now);
}

// What comes near a limit is said before calls are refused.
void Service::watch_limits(const contract::Region& region, uint64_t now_unix_ns) {
  std::shared_ptr<const config::Config> config;
  {
    const std::lock_guard guard(mutex_);
    config = config_;
  }
  const std::lock_guard names_guard(names_mutex_);
  for (const trunks::NearLimit& one : trunks::near_limits(*config, trunk_names_, region)) {
    limits_.near(one.subject, std::string(one.limit),
                 std::to_string(one.live) + " of " + std::to_string(one.most), now_unix_ns);
  }
}

// Media that is refused at the calls of a trunk, and who sends such to several calls.
void Service::watch_media() {
  const std::shared_ptr<link::Attachment> attachment = link_.attachment();
  if (attachment == nullptr) return;
  const contract::Region& region = attachment->region();
  const uint64_t now = runtime::now_unix_ns();
  if (!sprays_.is_due(count_media(region, now), now)) return;
  std::vector<events::RefusedStream> refused;
  for (media_report::RefusedSource& one : media_report::refused_sources(region)) {
    refused.push_back({std::move(one.stream), std::move(one.address), one.packets});
  }
  sprays_.looked(refused, now);
}

// Returns how many packets of strangers all trunks had.
uint64_t Service::count_media(const contract::Region& region, uint64_t now_unix_ns) {
  uint64_t foreign = 0;
  const std::lock_guard guard(names_mutex_);
  for (const auto& [name, id] : trunk_names_.all()) {
    // Of a larger platform; the set in force has none.
    if (id >= region.sizes().trunk_capacity) continue;
    events::MediaWatch::Counts counts;
    for (unsigned i = 0; i < region.workers(); ++i) {
      const contract::TrunkCounters& row = region.trunk_counters(
          static_cast<contract::WorkerIndex>(i), static_cast<contract::TrunkId>(id));
      counts.foreign += row.get(contract::TrunkCounter::rtp_drop_wrong_source);
      counts.unauthenticated += row.get(contract::TrunkCounter::rtp_drop_unauthenticated);
    }
    media_.counted(name, counts, now_unix_ns);
    foreign += counts.foreign;
  }
  return foreign;
}

rest::ConfigState Service::config_state() const {
  const uint64_t revision = changes_.running().revision;
  const std::lock_guard guard(mutex_);
  return {config_, revision, options_.config_file, loaded_unix_ns_, last_error_, ids_.ids()};
}

rest::Sources Service::sources() {
  return {DEMARC_VERSION,
          [this] { return config_state(); },
          [this] { return link_.status(); },
          [this] { return link_.attachment(); },
          [this] { return records_.status(); },
          [this] { return dns_.state(); },
          [this] { return upkeep_.state(); },
          [this] { return registrar_.view(times()); },
          [this] { return registrar_.counts(); },
          [this](const std::string& trunk) { return upkeep_.refresh(trunk); },
          &changes_,
          &what_if_,
          options_.state_directory + "/records",
          &tally_,
          &events_,
          started_unix_ns_};
}

}  // namespace demarc
