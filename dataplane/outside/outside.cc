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
constexpr std::string_view retry_later = "Retry-After: 10\r\n";

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
    if (request_.method == OutsideMethod::answer) {
      take_answer(request_, now);
      continue;
    }
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

void Outside::copy_response(const call::Received& response) {
  const sip::Message& message = response.message;
  event_ = {};
  event_.status_code = message.status_code;
  event_.source = response.source;
  sip::Writer writer(std::span(event_.octets));
  const std::string_view phrase = text(message.reason_phrase, response.datagram);
  writer.status_line(message.status_code, phrase.substr(0, 128));
  copy_fields(response, writer);
}

// As much of the header as fits, field by field.
void Outside::copy_fields(const call::Received& received, sip::Writer& writer) {
  const sip::Message& message = received.message;
  constexpr size_t end_octets = sizeof("Content-Length: 0\r\n\r\n");
  for (uint16_t i = 0; i < message.field_count; ++i) {
    const sip::HeaderField& field = message.fields[i];
    if (is_left_out(field.id)) continue;
    if (writer.room() < size_t{field.name.length} + field.value.length + 4 + end_octets) {
      event_.is_cut = 1;
      break;
    }
    writer.raw(text(field.name, received.datagram)).raw(": ");
    writer.unfolded(text(field.value, received.datagram)).raw("\r\n");
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
  if (pending_[event.subject].head != DatagramId::none) {
    count(WorkerCounter::registers_unanswered);
    return answer(event.subject, 503, retry_later, now);
  }
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

bool Outside::report() {
  contract::OutsideEventRing events = services_.region.outside_events(limits_.worker);
  if (events.push(event_)) return true;
  count(WorkerCounter::event_ring_full);
  return false;
}

// --- REGISTERs of peers ---

void Outside::on_register(const call::Received& request) {
  using Kind = transaction::Layer::Request::Kind;
  transaction::Layer& layer = services_.transactions;
  const transaction::Layer::Request match = layer.receive_request(
      request.message, request.datagram, request.essentials, request.path,
      transaction::timing_of(snapshot_->trunk(request.trunk)), request.trunk, request.now);
  if (match.kind == Kind::absorbed) return count(WorkerCounter::sip_absorbed);
  if (match.kind != Kind::fresh) return count(WorkerCounter::transaction_table_full);
  // Calls come first, as above.
  const bool has_room = layer.live() < layer.capacity() - layer.capacity() / 4;
  const DatagramId head = has_room ? keep_head(request) : DatagramId::none;
  const uint32_t index = head == DatagramId::none ? memory::no_index : pending_.acquire();
  if (index == memory::no_index) {
    services_.datagrams.release(head);
    layer.abandon(match.id);
    return count(WorkerCounter::registers_unanswered);
  }
  Pending& pending = pending_[index];
  pending = {};
  pending.transaction = match.id;
  pending.head = head;
  pending.sent = request.now;
  layer.set_user(match.id, user_mark | index);
  pending.patience =
      services_.timers.start(request.now + register_patience,
                             {TimerEvent::Owner::outside, 0, index, pending_.generation(index)});
  count(WorkerCounter::registers_in);
  if (hand_over(index, request)) return;
  count(WorkerCounter::registers_unanswered);
  // A header that is longer than an event is longer than any that makes sense here.
  answer(index, event_.is_cut != 0 ? 513 : 503, event_.is_cut != 0 ? "" : retry_later, request.now);
}

DatagramId Outside::keep_head(const call::Received& request) {
  const contract::MintedName tag = mint_.name();
  sip::Writer head(scratch_.first(max_request_octets));
  call::write_response_head(head, request.message, request.datagram, request.essentials,
                            request.source);
  call::write_response_to(head, request.message, request.datagram, request.essentials, tag.view());
  return head.failed() ? DatagramId::none : services_.datagrams.keep(head.written());
}

bool Outside::hand_over(uint32_t index, const call::Received& request) {
  event_ = {};
  event_.kind = OutsideEvent::Kind::request;
  event_.request_id = uint64_t{pending_.generation(index)} << 32 | index;
  event_.source = request.source;
  event_.trunk = request.trunk;
  event_.worker = limits_.worker;
  sip::Writer writer(std::span(event_.octets));
  const std::string_view uri = text(request.message.request_uri, request.datagram);
  // Room for the method and the version beside it.
  if (uri.size() + 64 > max_request_octets / 4) {
    event_.is_cut = 1;
    return false;
  }
  writer.request_line("REGISTER", uri);
  copy_fields(request, writer);
  return event_.is_cut == 0 && report();
}

void Outside::take_answer(const OutsideRequest& request, contract::Instant now) {
  const auto index = static_cast<uint32_t>(request.request_id);
  const auto generation = static_cast<uint32_t>(request.request_id >> 32);
  // One that waited too long has its 503 already.
  if (!pending_.is_live(index, generation) || pending_[index].head == DatagramId::none) return;
  const uint16_t status = request.status_code;
  const bool is_sound = request.is_whole() && (status == 0 || (status >= 200 && status <= 699));
  if (is_sound) return answer(index, status, request.fields(), now);
  count(WorkerCounter::outside_refused);
  answer(index, 500, {}, now);
}

void Outside::answer(uint32_t index, uint16_t status_code, std::string_view fields,
                     contract::Instant now) {
  Pending pending = pending_[index];
  services_.timers.cancel(pending.patience);
  pending_[index] = {};
  pending_.release(index);
  if (status_code == 0) {
    services_.transactions.abandon(pending.transaction);
  } else {
    sip::Writer writer(scratch_.first(max_request_octets));
    call::write_response(writer, {.status_code = status_code,
                                  .head = services_.datagrams.octets(pending.head),
                                  .extra = fields});
    const DatagramId response =
        writer.failed() ? DatagramId::none : services_.datagrams.keep(writer.written());
    services_.transactions.respond(pending.transaction, status_code, response, now);
    services_.datagrams.release(response);
  }
  services_.datagrams.release(pending.head);
}

void Outside::count(WorkerCounter counter) {
  services_.region.worker(limits_.worker).counters.add(counter);
}

}  // namespace demarc::outside
