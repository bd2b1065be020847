#include "dataplane/engine/engine.h"

#include <algorithm>
#include <array>

#include "dataplane/dialog/dialog.h"
#include "dataplane/route/account.h"
#include "dataplane/route/route.h"
#include "sip-parser/uri.h"
#include "sip-parser/validate.h"
#include "sip-parser/via.h"

namespace demarc::engine {
namespace {

using contract::TrunkCounter;
using contract::TrunkId;
using contract::WorkerCounter;
using contract::WorkerIndex;
using sip::HeaderName;

constexpr unsigned commands_per_step = 16;
constexpr unsigned timers_per_step = 32;
call::Calls::Limits call_limits(const Limits& limits) {
  return {limits.worker, limits.workers, limits.calls};
}

// Every trunk may have a probe and a registration under way; the table is for calls first.
outside::Outside::Limits outside_limits(const Limits& limits) {
  return {limits.worker, limits.workers, std::min(limits.transactions / 4, 4096u)};
}

// Names of both users of transactions come from one secret, and never the same ones.
SipHashKey entropy_of_outside(const SipHashKey& entropy) {
  return {siphash(entropy, "outside"), ~entropy.k1};
}

uint32_t timer_count(const Limits& limits) {
  return limits.transactions * transaction::Layer::timers_per_transaction +
         call_limits(limits).timers() + outside_limits(limits).requests;
}

// SRTP on both sides of one m-line of every call: two keys a side, 2.1 KiB each.
constexpr uint32_t srtp_keys_per_call = 4;

media::Table::Limits media_limits(const Limits& limits) {
  media::Table::Limits media;
  // RTP and RTCP, of both sides, of the streams that calls usually have.
  media.slots = limits.calls * call::usual_streams * 4;
  // One worked stream a call, both ways; what is listened to or cut anew is rarer, and larger.
  const auto parts = [&](uint32_t wanted) { return wanted == 0 ? (limits.calls + 3) / 4 : wanted; };
  media.works = {limits.calls * 2, parts(limits.tone_detectors), parts(limits.repacketizers)};
  media.address_capacity = limits.media_addresses;
  media.worker = limits.worker;
  media.workers = limits.workers;
  media.keys = limits.srtp_keys;
  return media;
}

// Where the response to a request goes: RFC 3261 section 18.2.2 and RFC 3581 section 4. Over TCP
// and TLS that is its connection, and a new one to the port of the Via when it is gone; rport is
// for UDP. The address is that of the packet, whatever the Via says.
transaction::Path response_path(const transaction::Path& path, const sip::Via& via) {
  transaction::Path back = path;
  if (!via.has_rport || path.is_reliable()) {
    back.remote.port = via.port == 0 ? default_port(path.transport) : via.port;
  }
  return back;
}

// Whether enough came before the mistake to answer the request at all.
bool can_be_answered(const sip::Message& message) {
  return message.is_request && message.has(HeaderName::via) && message.has(HeaderName::from) &&
         message.has(HeaderName::to) && message.has(HeaderName::call_id) &&
         message.has(HeaderName::cseq);
}

}  // namespace

Limits limits_of(const contract::PlatformSection& platform, contract::WorkerIndex worker) {
  Limits limits;
  limits.worker = worker;
  limits.workers = platform.workers;
  limits.calls = platform.calls_per_worker;
  limits.transactions = platform.transactions_per_worker;
  limits.datagrams = platform.datagrams_per_worker;
  limits.srtp_keys = platform.calls_per_worker * srtp_keys_per_call;
  limits.media_addresses = platform.media_addresses;
  limits.tone_detectors = platform.tone_detectors_per_worker;
  limits.repacketizers = platform.repacketizers_per_worker;
  return limits;
}

Engine::Engine(const Limits& limits, memory::Arena& arena, contract::Region& region,
               const Secrets& secrets, contract::Instant now)
    : limits_(limits),
      region_(region),
      datagrams_(arena, limits.datagrams),
      timers_(arena, timer_count(limits), now),
      outbox_(datagrams_),
      transactions_(arena, limits.transactions, datagrams_, timers_, outbox_, secrets.tables),
      media_(arena, media_limits(limits), region, secrets.media),
      calls_(arena, call_limits(limits),
             {region, datagrams_, timers_, outbox_, transactions_, media_}, secrets.names,
             secrets.entropy, secrets.tables),
      outside_(arena, outside_limits(limits), {region, datagrams_, timers_, outbox_, transactions_},
               secrets.names, entropy_of_outside(secrets.entropy)) {}

size_t Engine::octets_needed(const Limits& limits) {
  return memory::DatagramPool::octets_needed(limits.datagrams) +
         transaction::TimerWheel::octets_needed(timer_count(limits)) +
         transaction::Layer::octets_needed(limits.transactions) +
         media::Table::octets_needed(media_limits(limits)) +
         call::Calls::octets_needed(call_limits(limits)) +
         outside::Outside::octets_needed(outside_limits(limits));
}

void Engine::adopt(const contract::Snapshot& snapshot, contract::Instant now) {
  static_cast<void>(now);
  snapshot_ = &snapshot;
  media_.adopt(snapshot);
  calls_.adopt(snapshot);
  outside_.adopt(snapshot);
}

void Engine::on_datagram(std::string_view datagram, const transaction::Path& path,
                         contract::Instant now) {
  count(WorkerCounter::sip_in);
  if (snapshot_ == nullptr) return count(WorkerCounter::sip_unknown_source);
  route::Source source = route::find_source(*snapshot_, path.local, path.remote, path.transport);
  if (source.trunk == TrunkId::none) return count(WorkerCounter::sip_unknown_source);
  const auto consumed = sip::parse(datagram, message_);
  const TrunkId meant = consumed ? meant_trunk(datagram, source.trunk) : source.trunk;
  if (meant != TrunkId::none) source.trunk = meant;
  const TrunkId trunk = source.trunk;
  region_.trunk_counters(limits_.worker, trunk).add(TrunkCounter::sip_in);
  if (trace_ != nullptr) {
    trace_->set_now(now);
    trace_->message(trace::Kind::received, datagram, contract::index_of(trunk));
  }
  if (!consumed && source.use == contract::SourceUse::calls) {
    return refuse_unparsable(datagram, path, trunk, consumed.error(), now);
  }
  if (!consumed || !is_taken(datagram, source)) return count(WorkerCounter::unregistered_source);
  on_message(datagram, path, source, meant != TrunkId::none, now);
}

// A response is of the trunk whose request it answers, a request within a dialog of the trunk whose
// leg that is, a new one of the trunk whose account it is for. None of them is believed further
// than the source reaches.
TrunkId Engine::meant_trunk(std::string_view datagram, TrunkId found) {
  if (!route::has_accounts(*snapshot_, found)) return found;
  const sip::Essentials essentials = sip::read_essentials(message_, datagram);
  if (!message_.is_request) {
    const TrunkId owner =
        transactions_.trunk_of(message_.method, text(essentials.top_via.branch, datagram));
    return route::speaks_for(*snapshot_, found, owner) ? owner : found;
  }
  const TrunkId owner = calls_.trunk_of(text(essentials.to_tag, datagram));
  if (route::speaks_for(*snapshot_, found, owner)) return owner;
  // A CANCEL and the ACK of a refusal are of their INVITE, whatever they show.
  if (message_.method == sip::Method::cancel || message_.method == sip::Method::ack) {
    for (const contract::AccountConfig& row : route::accounts_at(*snapshot_, found)) {
      const auto invite = transactions_.find_cancelled(message_, datagram, essentials, row.trunk);
      if (invite.is_set()) return row.trunk;
    }
  }
  const auto uri = sip::parse_uri(message_.request_uri, datagram);
  const auto contact = sip::parse_uri(dialog::contact_uri(message_, datagram), datagram);
  route::Claim claim;
  if (uri) claim.user = text(uri->user, datagram);
  if (contact) claim.contact_host = text(contact->host, datagram);
  const TrunkId account = route::account_of(*snapshot_, found, claim);
  // What is about the peer and us alone may go to any of them, and what is within a dialog that
  // nobody knows is told so there.
  const bool is_new_call =
      message_.method == sip::Method::invite && text(essentials.to_tag, datagram).empty();
  if (account == TrunkId::none && !is_new_call) return found;
  return account;
}

// Where somebody may register, anybody may send: who has not gets no answer to anything else.
bool Engine::is_taken(std::string_view datagram, const route::Source& source) const {
  if (source.use == contract::SourceUse::calls) return true;
  if (message_.is_request && message_.method == sip::Method::register_) return true;
  if (source.use == contract::SourceUse::registers) return false;
  return !message_.is_request || !sip::read_essentials(message_, datagram).to_tag.empty();
}

void Engine::refuse_unparsable(std::string_view datagram, const transaction::Path& path,
                               TrunkId trunk, sip::ParseError error, contract::Instant now) {
  if (error == sip::ParseError::empty) return count(WorkerCounter::sip_keepalive);
  count(WorkerCounter::sip_unparsable);
  const sip::Verdict verdict = sip::verdict_of(sip::defect_of(error), message_);
  if (verdict.status_code == 0 || !can_be_answered(message_)) return;
  const sip::Essentials essentials = sip::read_essentials(message_, datagram);
  if (!essentials.has_via) return;
  calls_.answer_statelessly({message_, datagram, essentials, path.remote,
                             response_path(path, essentials.top_via), trunk, now},
                            verdict.status_code, verdict.reason);
}

void Engine::on_message(std::string_view datagram, const transaction::Path& path,
                        const route::Source& source, bool is_meant, contract::Instant now) {
  const TrunkId trunk = source.trunk;
  sip::Essentials essentials;
  const sip::Verdict verdict = sip::validate(message_, datagram, essentials);
  if (!message_.is_request) {
    if (!verdict.is_acceptable()) return count(WorkerCounter::sip_malformed_response);
    const call::Received response{message_, datagram, essentials, path.remote, path, trunk, now};
    if (outside::Outside::is_ours(message_.method)) return outside_.on_response(response);
    return calls_.on_response(response);
  }
  const call::Received request{
      message_, datagram, essentials, path.remote, response_path(path, essentials.top_via),
      trunk,    now};
  if (verdict.is_acceptable() && !is_meant) {
    count(WorkerCounter::unknown_account);
    return calls_.answer_statelessly(request, 404, {});
  }
  if (verdict.is_acceptable()) {
    const bool is_registering =
        message_.method == sip::Method::register_ && snapshot_->trunk(trunk).takes_registers != 0;
    return is_registering ? outside_.on_register(request) : calls_.on_request(request);
  }
  count(WorkerCounter::sip_malformed_request);
  // What is malformed has proved nothing.
  if (source.use == contract::SourceUse::registers) return;
  if (!essentials.has_via || verdict.status_code == 0 || !can_be_answered(message_)) return;
  calls_.answer_statelessly(request, verdict.status_code, verdict.reason);
}

void Engine::on_broken(std::string_view octets, uint16_t status_code, const transaction::Path& path,
                       contract::Instant now) {
  count(WorkerCounter::sip_in);
  count(WorkerCounter::sip_unparsable);
  if (snapshot_ == nullptr) return;
  const TrunkId trunk = route::identify(*snapshot_, path.local, path.remote, path.transport);
  if (trunk == TrunkId::none) return count(WorkerCounter::sip_unknown_source);
  // It is cut short, so it need not parse to its end.
  static_cast<void>(sip::parse(octets, message_));
  if (!can_be_answered(message_)) return;
  const sip::Essentials essentials = sip::read_essentials(message_, octets);
  if (!essentials.has_via) return;
  calls_.answer_statelessly({message_, octets, essentials, path.remote,
                             response_path(path, essentials.top_via), trunk, now},
                            status_code, {});
}

void Engine::on_undelivered(sip::Method method, std::string_view branch, contract::Instant now,
                            contract::StreamFault fault) {
  count(WorkerCounter::sip_undelivered);
  const transaction::Layer::Expiry expiry = transactions_.fail(method, branch, fault);
  if (outside::Outside::is_ours(expiry.user)) return outside_.on_expiry(expiry, now);
  calls_.on_expiry(expiry, now);
}

void Engine::on_media(std::span<media::Frame> frames, contract::Instant now) {
  media_.relay(frames, now);
}

void Engine::connect(post::Post& post) {
  post_ = &post;
  calls_.connect(&post);
}

// The others in turn, so that a busy one leaves the rest their share.
bool Engine::take_post(contract::Instant now) {
  const unsigned workers = post_ == nullptr ? 0 : post_->workers();
  for (unsigned i = 0; i < workers; ++i) {
    const WorkerIndex from = post_from_;
    post_from_ = static_cast<WorkerIndex>((post_from_ + 1u) % workers);
    if (from != limits_.worker && take_post_of(from, now)) return true;
  }
  return false;
}

bool Engine::take_post_of(WorkerIndex from, contract::Instant now) {
  const post::Post::Way way{from, limits_.worker};
  post::Note note;
  if (post_->notes(way).pop(note)) {
    if (trace_ != nullptr) trace_->set_now(now);
    calls_.on_note(note, now);
    return true;
  }
  post::LetterRing& letters = post_->letters(way);
  const post::LetterRing::Message letter = letters.front();
  if (letter.head == nullptr) return false;
  if (letter.head->kind == post::Letter::Kind::message) {
    calls_.set_hops(letter.head->hops);
    on_datagram(letter.octets, letter.head->path, now);
    calls_.set_hops(0);
  } else {
    if (trace_ != nullptr) trace_->set_now(now);
    calls_.on_leg(*letter.head, letter.octets, now);
  }
  letters.pop();
  return true;
}

bool Engine::on_timers(contract::Instant now, unsigned budget) {
  if (trace_ != nullptr) trace_->set_now(now);
  media_.on_timers(now);
  calls_.on_digits(now);
  calls_.write_waiting_records();
  std::array<transaction::TimerEvent, timers_per_step> due;
  for (unsigned done = 0; done < budget;) {
    const uint32_t fired = timers_.expire(now, due);
    for (uint32_t i = 0; i < fired; ++i) {
      on_timer(due[i], now);
    }
    if (fired < due.size()) return false;
    done += fired;
  }
  return true;
}

void Engine::on_timer(const transaction::TimerEvent& event, contract::Instant now) {
  using Owner = transaction::TimerEvent::Owner;
  if (event.owner == Owner::call) return calls_.on_timer(event, now);
  if (event.owner == Owner::outside) return outside_.on_timer(event, now);
  const transaction::Layer::Expiry expiry = transactions_.on_timer(event, now);
  if (outside::Outside::is_ours(expiry.user)) return outside_.on_expiry(expiry, now);
  calls_.on_expiry(expiry, now);
}

void Engine::on_commands(contract::Instant now) {
  if (trace_ != nullptr) trace_->set_now(now);
  outside_.take_requests(now);
  contract::CommandRing commands = region_.commands(limits_.worker);
  contract::EventRing events = region_.events(limits_.worker);
  contract::Command command;
  for (unsigned i = 0; i < commands_per_step && commands.pop(command); ++i) {
    bool is_done = true;
    switch (command.kind) {
      case contract::Command::Kind::drain:
        calls_.drain();
        break;
      case contract::Command::Kind::undrain:
        calls_.undrain();
        break;
      case contract::Command::Kind::hang_up:
        is_done = calls_.hang_up(command.slot, command.serial, now);
        break;
      case contract::Command::Kind::drop_call:
        is_done = calls_.drop(command.slot, command.serial, now);
        break;
      default:
        count(WorkerCounter::command_unknown);
        is_done = false;
    }
    const contract::Event event{
        is_done ? contract::Event::Kind::command_done : contract::Event::Kind::command_refused,
        limits_.worker, command.request_id};
    if (!events.push(event)) count(WorkerCounter::event_ring_full);
  }
}

void Engine::clear_outbox() {
  for (const transaction::Send& send : outbox_.sends()) {
    count(WorkerCounter::sip_out);
    if (send.is_again) count(WorkerCounter::sip_retransmitted);
    region_.trunk_counters(limits_.worker, send.trunk).add(TrunkCounter::sip_out);
    if (trace_ != nullptr) {
      trace_->message(trace::Kind::sent, datagrams_.octets(send.datagram),
                      contract::index_of(send.trunk), send.is_again);
    }
  }
  outbox_.clear();
}

void Engine::trace_to(trace::Ring* ring) {
  trace_ = ring;
  transactions_.trace_to(ring);
  calls_.trace_to(ring);
}

void Engine::drain() {
  calls_.drain();
}

uint32_t Engine::live_calls() const {
  return calls_.live();
}

void Engine::count(WorkerCounter counter) {
  region_.worker(limits_.worker).counters.add(counter);
}

}  // namespace demarc::engine
