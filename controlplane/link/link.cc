#include "controlplane/link/link.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "controlplane/link/platform_file.h"
#include "controlplane/link/targets.h"
#include "controlplane/runtime/files.h"
#include "controlplane/runtime/log.h"

namespace demarc::link {

using contract::DataplaneState;
using contract::HandshakeMessage;
using contract::MessageKind;
using contract::Received;
using contract::SectionError;
using contract::SectionKind;
using runtime::Level;

namespace {

void say(Level level, std::string_view message) {
  runtime::log(level, "link", message);
}

std::string_view spelling(SectionKind kind) {
  constexpr std::array<std::string_view, contract::section_kind_count> names = {
      "", "platform", "realms", "trunks", "routes", "secrets"};
  return names[static_cast<size_t>(kind)];
}

HandshakeMessage message_of(MessageKind kind) {
  HandshakeMessage message;
  message.kind = kind;
  return message;
}

// Secrets stay writable, so that the dataplane can zero them; everything else is sealed.
contract::FileDescriptor memfd_of(SectionKind kind, const Blob& blob) {
  if (kind != SectionKind::secrets) {
    return contract::make_memfd("demarc-section", std::span<const std::byte>(blob));
  }
  contract::FileDescriptor fd = contract::make_memfd("demarc-secrets", blob.size());
  const contract::Mapping mapping(fd, blob.size(), true);
  if (!mapping.is_mapped()) return contract::FileDescriptor();
  std::memcpy(mapping.octets().data(), blob.data(), blob.size());
  return fd;
}

}  // namespace

Link::Link(Options options, events::Events& events, Source source, Settle settle)
    : options_(std::move(options)),
      events_(events),
      source_(std::move(source)),
      settle_(std::move(settle)) {}

Link::~Link() {
  stop();
}

void Link::start() {
  thread_ = std::thread([this] { run(); });
}

void Link::stop() {
  is_stopping_.store(true, std::memory_order_release);
  wakeup_.wake();
  if (thread_.joinable()) thread_.join();
}

void Link::republish() {
  is_dirty_.store(true, std::memory_order_release);
  wakeup_.wake();
}

void Link::records_taken(const std::shared_ptr<Attachment>& attachment) {
  attachment->spool_.store(Attachment::Spool::taken, std::memory_order_release);
  wakeup_.wake();
}

void Link::stand_back() {
  is_standing_back_.store(true, std::memory_order_release);
  wakeup_.wake();
}

void Link::come_back() {
  is_standing_back_.store(false, std::memory_order_release);
  wakeup_.wake();
}

std::shared_ptr<Attachment> Link::attachment() const {
  const std::lock_guard guard(mutex_);
  return attachment_;
}

Status Link::status() const {
  const std::lock_guard guard(mutex_);
  return status_;
}

std::optional<DataplaneView> Link::view() const {
  const std::lock_guard guard(mutex_);
  return shown_view_;
}

void Link::run() {
  while (!is_stopping_.load(std::memory_order_acquire)) {
    channel_ = contract::connect_to(options_.socket_path.c_str());
    const int error = errno;
    is_gone_.store(!channel_.is_open() && (error == ECONNREFUSED || error == ENOENT),
                   std::memory_order_release);
    if (channel_.is_open()) {
      serve();
      detach();
    } else {
      fail("no dataplane at " + options_.socket_path + ": " + std::strerror(error));
    }
    if (is_stopping_.load(std::memory_order_acquire)) return;
    runtime::wait_for(-1, wakeup_, options_.retry_ms);
    wakeup_.clear();
    if (is_stopping_.load(std::memory_order_acquire)) return;
    if (!is_standing_back_.load(std::memory_order_acquire)) continue;
    fail("detached from the dataplane, since call records can not be written");
    // Whoever wakes us wants us back.
    runtime::wait_for(-1, wakeup_, options_.stand_back_ms);
    wakeup_.clear();
    is_standing_back_.store(false, std::memory_order_release);
  }
}

// One connection, until it closes or we stop.
void Link::serve() {
  publication_ = Publication();
  has_answer_ = false;
  is_records_taken_sent_ = false;
  is_dirty_.store(true, std::memory_order_release);
  if (!greet() || !start_platform()) return;
  while (take_messages()) {
    if (attachment_ != nullptr) {
      // Again as long as it changes: the wake-up of a change that came in the middle is spent.
      while (is_dirty_.exchange(false, std::memory_order_acq_rel)) {
        if (!publish_changes()) return;
      }
      if (!send_records_taken()) return;
    }
    if (!wait()) return;
  }
}

bool Link::greet() {
  if (!contract::send_message(channel_, message_of(MessageKind::hello))) return false;
  const Result result = await(MessageKind::welcome);
  if (result == Result::closed) {
    fail("the dataplane closed the connection instead of a welcome");
    return false;
  }
  if (result == Result::refused) {
    fail("the dataplane refused us: " + std::string(answer_.reason.view()));
    return false;
  }
  boot_id_ = answer_.boot_id;
  view_ = DataplaneView();
  view_.is_fresh = answer_.state == DataplaneState::starting;
  if (view_.is_fresh) return true;
  try {
    view_.platform = load_platform(options_.state_directory, boot_id_);
  } catch (const runtime::FileError& error) {
    say(Level::warning, error.what());
  }
  return true;
}

// A dataplane that waits gets its platform; one that has refused it gets the next configuration's.
bool Link::start_platform() {
  while (view_.is_fresh) {
    is_dirty_.store(false, std::memory_order_release);
    const SectionSet set = source_(view_);
    const Blob& platform = set.blob(SectionKind::platform);
    const Result result = send_section(SectionKind::platform, platform, generation_ + 1);
    // A connection that closed says nothing: the ids may be in use.
    settle_(result != Result::refused);
    if (result == Result::closed) return false;
    if (result == Result::done) {
      say(Level::info, "the dataplane has started with our platform");
      view_.is_fresh = false;
      view_.platform = platform;
      is_dirty_.store(true, std::memory_order_release);
      try {
        save_platform(options_.state_directory, boot_id_, platform);
      } catch (const runtime::FileError& error) {
        say(Level::warning, error.what());
      }
      return true;
    }
    fail("the dataplane can not start: " + std::string(answer_.reason.view()));
    while (!is_dirty_.load(std::memory_order_acquire)) {
      if (!wait() || !take_messages()) return false;
    }
  }
  return true;
}

// False when the connection is gone; a refusal only stands in the status.
bool Link::publish_changes() {
  view_.trunk_capacity = attachment_->region().sizes().trunk_capacity;
  view_.target_capacity = attachment_->region().sizes().target_capacity;
  view_.limit_capacity = attachment_->region().sizes().limit_capacity;
  {
    const std::lock_guard guard(mutex_);
    shown_view_ = view_;
  }
  const SectionSet set = source_(view_);
  {
    const std::lock_guard guard(mutex_);
    status_.needs_restart = set.needs_restart;
  }
  for (const std::string& field : set.needs_restart) {
    say(Level::warning, field + " changed: needs a restart of the dataplane");
  }
  const Result result = is_fit(set) ? publish_set(set) : Result::refused;
  settle_(result != Result::refused);
  return result != Result::closed;
}

bool Link::is_fit(const SectionSet& set) {
  if (!set.refusal.empty()) {
    fail(set.refusal);
    return false;
  }
  const SectionError error = check_set(set);
  if (error == SectionError::none) return true;
  fail("the configuration does not fit the running dataplane (" +
       std::string(contract::spelling(error)) + "); it needs a restart");
  return false;
}

SectionError Link::check_set(const SectionSet& set) const {
  const Blob& platform = view_.platform.empty() ? set.blob(SectionKind::platform) : view_.platform;
  const contract::RegionSizes& sizes = attachment_->region().sizes();
  contract::SectionBounds bounds;
  bounds.ports = reinterpret_cast<const contract::PlatformSection*>(platform.data())->ports.count;
  bounds.realms = set.realms;
  bounds.trunks = set.trunks;
  bounds.trunk_capacity = sizes.trunk_capacity;
  bounds.target_capacity = sizes.target_capacity;
  bounds.limit_capacity = sizes.limit_capacity;
  for (const SectionKind kind :
       {SectionKind::realms, SectionKind::trunks, SectionKind::routes, SectionKind::secrets}) {
    const SectionError error = contract::check_section(set.blob(kind), bounds);
    if (error != SectionError::none) return error;
  }
  return SectionError::none;
}

Link::Result Link::publish_set(const SectionSet& set) {
  const contract::Region& region = attachment_->region();
  // A new trunk's target must be there before the trunk is; what calls use changes only after.
  std::vector<contract::TargetId> added;
  {
    const std::lock_guard writing(attachment_->targets());
    added = add_targets(region, set.targets);
  }
  Result result = send_set(set);
  // Once more with a higher generation: the dataplane may have put one in force that its workers
  // did not show yet when we attached, or have kept a refusal from before.
  if (result == Result::refused && is_publish_refused_) result = send_set(set);
  const std::lock_guard writing(attachment_->targets());
  if (result == Result::refused) remove_targets(region, added);
  if (result != Result::done) return result;
  write_targets(region, set.targets);
  retire_targets(region, set.targets);
  succeed();
  return Result::done;
}

// After a refusal the dataplane has dropped what it took, so that all is sent again then.
Link::Result Link::send_set(const SectionSet& set) {
  is_publish_refused_ = false;
  note_generations();
  const uint64_t generation = generation_ + 1;
  for (const SectionKind kind : publication_.changed(set)) {
    const Result result = send_section(kind, set.blob(kind), generation);
    if (result == Result::refused) {
      fail("the dataplane refused the section " + std::string(spelling(kind)) + ": " +
           std::string(answer_.reason.view()));
      publication_ = Publication();
      // The dataplane refuses this, too, and is ready for another set then.
      return send_publish(generation) == Result::closed ? Result::closed : Result::refused;
    }
    if (result != Result::done) return result;
    publication_.accepted(kind, set.blob(kind));
  }
  if (!publication_.is_pending()) return Result::done;
  const Result result = send_publish(generation);
  if (result == Result::refused) {
    fail("the dataplane refused generation " + std::to_string(generation) + ": " +
         std::string(answer_.reason.view()));
    publication_ = Publication();
    is_publish_refused_ = true;
  }
  if (result != Result::done) return result;
  publication_.published();
  say(Level::info, "generation " + std::to_string(generation) + " is in force");
  return Result::done;
}

Link::Result Link::send_publish(uint64_t generation) {
  generation_ = generation;
  HandshakeMessage publish = message_of(MessageKind::publish);
  publish.generation = generation;
  has_answer_ = false;
  if (!contract::send_message(channel_, publish)) return Result::closed;
  return await(MessageKind::published);
}

// The highest that a worker runs with: ours must be above it.
void Link::note_generations() {
  const contract::Region& region = attachment_->region();
  for (unsigned worker = 0; worker < region.workers(); ++worker) {
    const auto index = static_cast<contract::WorkerIndex>(worker);
    generation_ =
        std::max(generation_, region.worker(index).generation.load(std::memory_order_relaxed));
  }
}

Link::Result Link::send_section(SectionKind kind, const Blob& blob, uint64_t generation) {
  const Blob numbered = with_generation(blob, generation);
  const contract::FileDescriptor fd = memfd_of(kind, numbered);
  if (!fd.is_open()) {
    fail(std::string("no memory file: ") + std::strerror(errno));
    return Result::closed;  // the dataplane drops what it took; we try again
  }
  HandshakeMessage message = message_of(MessageKind::section);
  message.section = kind;
  message.generation = generation;
  message.octets = numbered.size();
  has_answer_ = false;
  if (!contract::send_message(channel_, message, fd.get())) return Result::closed;
  return await(MessageKind::section_result);
}

Link::Result Link::await(MessageKind kind) {
  for (;;) {
    if (!take_messages()) return Result::closed;
    if (has_answer_ && answer_.kind == kind) {
      has_answer_ = false;
      return answer_.is_refused ? Result::refused : Result::done;
    }
    if (!wait()) return Result::closed;
  }
}

// Everything that has arrived. False when the connection is closed or of no use.
bool Link::take_messages() {
  for (;;) {
    Received received = contract::receive_message(channel_, false);
    if (received.kind == Received::Kind::nothing) return true;
    if (received.kind == Received::Kind::closed) return false;
    if (!take_message(std::move(received))) return false;
  }
}

bool Link::take_message(Received received) {
  switch (received.message.kind) {
    case MessageKind::welcome:
    case MessageKind::section_result:
    case MessageKind::published:
      answer_ = received.message;
      has_answer_ = true;
      return true;
    case MessageKind::region_offer:
      return take_region(received);
    case MessageKind::spool_offer:
      if (attachment_ != nullptr && attachment_->spool() == Attachment::Spool::not_offered) {
        attachment_->spool_file_ = std::move(received.fd);
        attachment_->spool_octets_ = received.message.octets;
        attachment_->spool_.store(Attachment::Spool::offered, std::memory_order_release);
      }
      return true;
    default:
      return true;  // of a newer release; what we need of it we asked for
  }
}

bool Link::take_region(const Received& received) {
  auto attachment = std::make_shared<Attachment>(
      contract::Mapping(received.fd, received.message.octets, true), received.message);
  if (!attachment->is_valid()) {
    fail(
        "the dataplane's region is of a layout that this release can not read: upgrade the "
        "older side");
    return false;
  }
  const std::lock_guard guard(mutex_);
  attachment_ = std::move(attachment);
  status_.is_attached = true;
  // As the offer says it: it may have come with the welcome, which greet() has not looked at then.
  status_.boot_id = attachment_->boot_id();
  const bool is_another = last_boot_id_ != 0 && last_boot_id_ != status_.boot_id;
  last_boot_id_ = status_.boot_id;
  if (is_another) {
    ++status_.restarts;
    events_.note(events::Kind::dataplane_restarted, "link", "dataplane",
                 "attached to another dataplane: the one before has ended, and its calls");
  } else {
    events_.note(events::Kind::dataplane_attached, "link", "dataplane",
                 "attached to the dataplane");
  }
  return true;
}

bool Link::send_records_taken() {
  if (is_records_taken_sent_ || attachment_->spool() != Attachment::Spool::taken) return true;
  is_records_taken_sent_ = true;
  return contract::send_message(channel_, message_of(MessageKind::records_taken));
}

// Until a message or a wake-up. False when we stop or stand back.
bool Link::wait() {
  const runtime::Ready ready = runtime::wait_for(channel_.get(), wakeup_, -1);
  if (ready.is_woken) wakeup_.clear();
  return !is_stopping_.load(std::memory_order_acquire) &&
         !is_standing_back_.load(std::memory_order_acquire);
}

void Link::detach() {
  const std::shared_ptr<Attachment> ended = attachment();
  if (ended != nullptr) {
    // When the socket closes the dataplane reads its rings itself: let a batch end before.
    const std::lock_guard reading(ended->reading());
    ended->is_open_.store(false, std::memory_order_release);
    channel_.reset();
  } else {
    channel_.reset();
  }
  const std::lock_guard guard(mutex_);
  attachment_.reset();
  shown_view_.reset();
  status_ = {false,
             0,
             0,
             {},
             ended != nullptr ? "the dataplane closed the connection" : status_.last_error,
             status_.restarts};
  if (ended == nullptr) return;
  events_.note(events::Kind::dataplane_detached, "link", "dataplane",
               "detached from the dataplane");
}

// Told once, not at each retry.
void Link::fail(const std::string& error) {
  const std::lock_guard guard(mutex_);
  if (status_.last_error != error) say(Level::warning, error);
  status_.last_error = error;
}

void Link::succeed() {
  const std::lock_guard guard(mutex_);
  status_.last_error.clear();
  status_.published_generation = generation_;
}

}  // namespace demarc::link
