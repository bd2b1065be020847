#include "dataplane/outside/outside.h"

#include <algorithm>

#include "sip-parser/parse.h"
#include "sip-parser/validate.h"
#include "sip-parser/write.h"

namespace demarc::outside {
namespace {

using contract::Duration;
using contract::OutsideEvent;
using contract::OutsideMethod;
using contract::OutsideRequest;
using contract::WorkerCounter;
using memory::DatagramId;
using sip::HeaderName;
using transaction::TimerEvent;

constexpr unsigned requests_per_step = 16;
constexpr size_t max_request_octets = 8192;  // the texts and what is added to them
constexpr size_t readable_behind = 64;       // as sip::parse asks

std::string_view spelling(OutsideMethod method) {
  return method == OutsideMethod::register_ ? "REGISTER" : "OPTIONS";
}

// What the event leaves out: hops that are ours, and what belongs to the body.
bool is_left_out(HeaderName name) {
  return name == HeaderName::via || name == HeaderName::content_length ||
         name == HeaderName::content_type;
}

}  // namespace

Outside::Outside(memory::Arena& arena, const Limits& limits, const Services& services,
                 const contract::NameKeys& names, const SipHashKey& entropy)
    : limits_(limits),
      services_(services),
      pending_(arena, limits.requests),
      mint_(names, limits.worker, limits.workers, entropy),
      scratch_(arena.take<char>(max_request_octets + readable_behind)) {}

size_t Outside::octets_needed(const Limits& limits) {
  return memory::Pool<Pending>::octets_needed(limits.requests) +
         memory::Arena::octets_for<char>(max_request_octets + readable_behind);
}

void Outside::take_requests(contract::Instant now) {
  if (snapshot_ == nullptr) return;
  contract::OutsideRequestRing requests = services_.region.outside_requests(limits_.worker);
  for (unsigned i = 0; i < requests_per_step && requests.pop(request_); ++i) {
    if (send(request_, now)) continue;
    count(WorkerCounter::outside_refused);
    event_ = {};
    event_.request_id = request_.request_id;
    event_.kind = OutsideEvent::Kind::refused;
    report();
  }
}

bool Outside::send(const OutsideRequest& request, contract::Instant now) {
  const bool is_sound = request.is_whole() && snapshot_->has_trunk(request.trunk) &&
                        request.target.port != 0 && request.target.address.is_unicast() &&
                        request.wait_ms >= 1 && request.wait_ms <= contract::max_outside_wait_ms &&
                        request.method <= OutsideMethod::register_;
  if (!is_sound) return false;
  // Calls come first: a quarter of the table is kept for them.
  const transaction::Layer& layer = services_.transactions;
  if (layer.live() >= layer.capacity() - layer.capacity() / 4) return false;
  const call::Mint::Branch branch = mint_.branch();
  const std::string_view message = compose(request, branch.view());
  if (message.empty()) return false;
  const uint32_t index = pending_.acquire();
  if (index == memory::no_index) return false;
  pending_[index] = {};
  if (start(index, request, branch.view(), message, now)) return true;
  pending_.release(index);
  return false;
}

// Empty when the texts do not make one well-formed request.
std::string_view Outside::compose(const OutsideRequest& request, std::string_view branch) {
  const contract::TrunkConfig& trunk = snapshot_->trunk(request.trunk);
  const call::OwnAddress advertised{.address = snapshot_->realm(trunk.realm).advertised_address,
                                    .port = trunk.local_port,
                                    .transport = trunk.transport};
  sip::Writer writer(scratch_.first(max_request_octets));
  writer.request_line(spelling(request.method), request.uri());
  call::write_via(writer, {advertised, branch});
  writer.field(HeaderName::max_forwards, uint64_t{70});
  writer.field(HeaderName::call_id, request.call_id());
  writer.begin(HeaderName::cseq).number(request.cseq).raw(" ");
  writer.raw(spelling(request.method)).end();
  writer.raw(request.fields()).finish(request.body());
  const std::string_view written = writer.written();
  if (written.empty() || !sip::parse(written, message_)) return {};
  if (!sip::validate(message_, written).is_acceptable()) return {};
  // Nothing in the texts may have ended the header before its time.
  return text(message_.body, written) == request.body() ? written : std::string_view{};
}

bool Outside::start(uint32_t index, const OutsideRequest& request, std::string_view branch,
                    std::string_view message, contract::Instant now) {
  const contract::TrunkConfig& trunk = snapshot_->trunk(request.trunk);
  transaction::Path path;
  path.realm = trunk.realm;
  path.local = {snapshot_->realm(trunk.realm).address, trunk.local_port};
  path.remote = request.target;
  path.transport = trunk.transport;
  const DatagramId datagram = services_.datagrams.keep(message);
  if (datagram == DatagramId::none) return false;
  Pending& pending = pending_[index];
  pending.request_id = request.request_id;
  pending.sent = now;
  pending.transaction = services_.transactions.start(
      message_.method, branch,
      transaction::identity_of(message_, message, sip::read_essentials(message_, message), false),
      datagram, path, transaction::timing_of(trunk), request.trunk, now);
  services_.datagrams.release(datagram);
  if (!pending.transaction.is_set()) return false;
  services_.transactions.set_user(pending.transaction, user_mark | index);
  pending.patience =
      services_.timers.start(now + Duration::milliseconds(request.wait_ms),
                             {TimerEvent::Owner::outside, 0, index, pending_.generation(index)});
  return true;
}

void Outside::on_response(const call::Received& response) {
  const transaction::Layer::Response match = services_.transactions.receive_response(
      response.message, response.datagram, response.essentials, response.trunk, response.now);
  using Kind = transaction::Layer::Response::Kind;
  if (match.kind == Kind::stray) return count(WorkerCounter::sip_stray_response);
  if (match.kind == Kind::absorbed) return count(WorkerCounter::sip_absorbed);
  const uint32_t index = match.user & ~user_mark;
  if (!is_ours(match.user) || pending_[index].transaction != match.id) return;
  if (response.message.status_code < 200) return;
  copy_response(response);
  end(index, OutsideEvent::Kind::response, response.now);
}

// As much of the header as fits, field by field.
void Outside::copy_response(const call::Received& response) {
  const sip::Message& message = response.message;
  event_ = {};
  event_.status_code = message.status_code;
  event_.source = response.source;
  constexpr size_t end_octets = sizeof("Content-Length: 0\r\n\r\n");
  sip::Writer writer(std::span(event_.octets));
  const std::string_view phrase = text(message.reason_phrase, response.datagram);
  writer.status_line(message.status_code, phrase.substr(0, 128));
  for (uint16_t i = 0; i < message.field_count; ++i) {
    const sip::HeaderField& field = message.fields[i];
    if (is_left_out(field.id)) continue;
    if (writer.room() < size_t{field.name.length} + field.value.length + 4 + end_octets) {
      event_.is_cut = 1;
      break;
    }
    writer.raw(text(field.name, response.datagram)).raw(": ");
    writer.unfolded(text(field.value, response.datagram)).raw("\r\n");
  }
  writer.finish({});
  event_.length = static_cast<uint16_t>(writer.written().size());
}

void Outside::on_expiry(const transaction::Layer::Expiry& expiry, contract::Instant now) {
  const uint32_t index = expiry.user & ~user_mark;
  // One that no connection brought there gets no response either.
  if (expiry.kind == transaction::Layer::Expiry::Kind::none) return;
  if (pending_[index].transaction != expiry.id) return;
  event_ = {};
  event_.fault = expiry.fault;
  end(index, OutsideEvent::Kind::no_response, now);
}

void Outside::on_timer(const TimerEvent& event, contract::Instant now) {
  if (!pending_.is_live(event.subject, event.generation)) return;
  services_.transactions.abandon(pending_[event.subject].transaction);
  event_ = {};
  end(event.subject, OutsideEvent::Kind::no_response, now);
}

void Outside::end(uint32_t index, OutsideEvent::Kind kind, contract::Instant now) {
  Pending& pending = pending_[index];
  services_.timers.cancel(pending.patience);
  event_.kind = kind;
  event_.request_id = pending.request_id;
  event_.round_trip_ns = static_cast<uint64_t>((now - pending.sent).ns);
  pending = {};
  pending_.release(index);
  report();
}

void Outside::report() {
  contract::OutsideEventRing events = services_.region.outside_events(limits_.worker);
  if (!events.push(event_)) count(WorkerCounter::event_ring_full);
}

void Outside::count(WorkerCounter counter) {
  services_.region.worker(limits_.worker).counters.add(counter);
}

}  // namespace demarc::outside
