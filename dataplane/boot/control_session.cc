#include "dataplane/boot/control_session.h"

#include <sys/socket.h>

#include "dataplane/boot/log.h"

namespace demarc::boot {

using contract::FileDescriptor;
using contract::HandshakeMessage;
using contract::Instant;
using contract::MessageKind;
using contract::Received;
using contract::SectionKind;

bool ControlSession::accepts(const HandshakeMessage& hello, wire::Explanation& why) {
  if (hello.kind != MessageKind::hello) {
    why.set("the first message must be a hello");
    return false;
  }
  const bool is_too_old = hello.layout < contract::oldest_layout_version;
  const bool is_too_new = hello.oldest_layout > contract::layout_version;
  if (!is_too_old && !is_too_new) return true;
  why.set("the control plane speaks layouts %u to %u, the dataplane %u to %u: upgrade the %s",
          hello.oldest_layout, hello.layout, contract::oldest_layout_version,
          contract::layout_version, is_too_old ? "control plane" : "dataplane");
  return false;
}

void ControlSession::refuse(const FileDescriptor& channel, Services& services,
                            const wire::Explanation& why) {
  HandshakeMessage welcome;
  welcome.kind = MessageKind::welcome;
  welcome.state = services.state();
  welcome.boot_id = services.boot_id;
  welcome.is_refused = true;
  welcome.reason.assign(why.view());
  log("a control plane was refused: %s", why.c_str());
  (void)contract::send_message(channel, welcome, -1, false);
}

ControlSession::ControlSession(FileDescriptor channel, Services& services)
    : channel_(std::move(channel)), services_(services) {
  log("the control plane has attached");
  HandshakeMessage welcome;
  welcome.kind = MessageKind::welcome;
  welcome.state = services_.state();
  welcome.boot_id = services_.boot_id;
  send(welcome);
  if (!services_.platform.is_running()) return;
  services_.spooler->pause();
  offer_region();
  offer_spool();
}

ControlSession::~ControlSession() {
  services_.loader.drop_pending();
  if (services_.spooler) services_.spooler->resume();
  log("the control plane has gone; calls go on by generation %llu",
      static_cast<unsigned long long>(services_.loader.generation()));
}

void ControlSession::receive(Instant now) {
  const Received received = contract::receive_message(channel_, false);
  if (received.kind == Received::Kind::closed) is_closed_ = true;
  if (received.kind != Received::Kind::message || is_ended_) return;
  handle(received.message, received.fd, now);
}

void ControlSession::handle(const HandshakeMessage& message, const FileDescriptor& fd,
                            Instant now) {
  switch (message.kind) {
    case MessageKind::section:
      return on_section(message, fd);
    case MessageKind::publish:
      return on_publish(message, now);
    case MessageKind::records_taken:
      return on_records_taken();
    default:
      log("the control plane broke the protocol: message %u was not expected",
          static_cast<unsigned>(message.kind));
      end();
  }
}

void ControlSession::on_section(const HandshakeMessage& message, const FileDescriptor& fd) {
  HandshakeMessage answer;
  answer.kind = MessageKind::section_result;
  answer.section = message.section;
  answer.generation = message.generation;
  wire::Explanation why;
  answer.is_refused = !services_.loader.take(
      fd, {.kind = message.section, .generation = message.generation, .octets = message.octets},
      why);
  const bool is_platform = message.section == SectionKind::platform;
  if (is_platform && !answer.is_refused) on_platform(why, answer);
  if (answer.is_refused) log("section refused: %s", why.c_str());
  answer.reason.assign(why.view());
  send(answer);
  if (!is_platform || answer.is_refused) return;
  services_.spool.set_limit(services_.loader.platform()->spool_octets);
  services_.spooler.emplace(services_.spool, services_.platform.region());
  services_.spooler->start();
  services_.spooler->pause();
  offer_region();
  offer_spool();
}

void ControlSession::on_platform(wire::Explanation& why, HandshakeMessage& answer) {
  if (services_.platform.start(*services_.loader.platform(), services_.boot_id, why)) return;
  answer.is_refused = true;
  services_.loader.forget_platform();
  has_platform_failed_ = true;
}

void ControlSession::on_publish(const HandshakeMessage& message, Instant now) {
  wire::Explanation why;
  if (services_.loader.publish(message.generation, why)) {
    // Before the workers adopt, so that no datagram to a new address goes to the kernel for long.
    if (!services_.platform.wiring().set_local_addresses(services_.loader.local_addresses())) {
      log("too many local addresses: some are not served");
    }
    services_.platform.serve_streams(services_.loader.snapshot());
    awaited_ = message.generation;
    return services_.publication.begin(message.generation, now);
  }
  log("generation %llu refused: %s", static_cast<unsigned long long>(message.generation),
      why.c_str());
  HandshakeMessage answer;
  answer.kind = MessageKind::published;
  answer.generation = message.generation;
  answer.is_refused = true;
  answer.reason.assign(why.view());
  send(answer);
}

void ControlSession::on_published(uint64_t generation) {
  if (generation != awaited_) return;  // asked for by a session before this one
  awaited_ = 0;
  HandshakeMessage answer;
  answer.kind = MessageKind::published;
  answer.generation = generation;
  send(answer);
}

void ControlSession::on_records_taken() {
  if (!services_.spool.clear()) log("the record spool can not be emptied; it is offered again");
}

void ControlSession::offer_region() {
  HandshakeMessage offer;
  offer.kind = MessageKind::region_offer;
  offer.state = services_.state();
  offer.boot_id = services_.boot_id;
  offer.octets = services_.platform.region_octets();
  offer.driver = services_.platform.driver();
  offer.has_hugepages = services_.platform.has_hugepages();
  send(offer, services_.platform.region_fd().get());
}

void ControlSession::offer_spool() {
  HandshakeMessage offer;
  offer.kind = MessageKind::spool_offer;
  offer.octets = services_.spool.octets();
  const FileDescriptor reader = services_.spool.make_reader();
  if (!reader.is_open()) offer.octets = 0;
  send(offer, reader.get());
}

void ControlSession::send(const HandshakeMessage& message, int fd) {
  if (!is_ended_ && !contract::send_message(channel_, message, fd, false)) end();
}

// The peer sees that we are done; until it closes as well it may be between making records durable
// and giving them up, and the spooler stays paused.
void ControlSession::end() {
  is_ended_ = true;
  (void)::shutdown(channel_.get(), SHUT_WR);
}

}  // namespace demarc::boot
