// ControlSession: one attached control plane, by the protocol of contract/handshake.h.
//
// Made when a Hello has been accepted; driven by the main thread, which polls its descriptor. It
// never waits: while a publication is in progress (publication.h), of this session or of one before
// it, no message is taken. A control plane that breaks the protocol is told by the end of our
// messages; the session lasts until the peer has closed too, since it may be reading records until
// then.
#pragma once

#include "dataplane/boot/services.h"
#include "dataplane/contract/channel.h"
#include "dataplane/contract/time.h"

namespace demarc::boot {

class ControlSession {
 public:
  // Why `hello` can not be served; false when it can not.
  [[nodiscard]] static bool accepts(const contract::HandshakeMessage& hello,
                                    wire::Explanation& why);
  // Sends a refusing Welcome.
  static void refuse(const contract::FileDescriptor& channel, Services& services,
                     const wire::Explanation& why);

  // Sends Welcome, and RegionOffer and SpoolOffer when there is a region.
  ControlSession(contract::FileDescriptor channel, Services& services);
  ~ControlSession();
  ControlSession(const ControlSession&) = delete;
  ControlSession& operator=(const ControlSession&) = delete;

  int descriptor() const { return channel_.get(); }
  // Takes at most one message. Called when the descriptor is readable.
  void receive(contract::Instant now);
  // The publication in progress is through.
  void on_published(uint64_t generation);
  bool is_closed() const { return is_closed_; }
  // The platform could not be started; the process must end.
  bool has_platform_failed() const { return has_platform_failed_; }

 private:
  void handle(const contract::HandshakeMessage& message, const contract::FileDescriptor& fd,
              contract::Instant now);
  void on_section(const contract::HandshakeMessage& message, const contract::FileDescriptor& fd);
  void on_platform(wire::Explanation& why, contract::HandshakeMessage& answer);
  void on_publish(const contract::HandshakeMessage& message, contract::Instant now);
  void on_records_taken();
  void offer_region();
  void offer_spool();
  void send(const contract::HandshakeMessage& message, int fd = -1);
  void end();

  contract::FileDescriptor channel_;
  Services& services_;
  uint64_t awaited_ = 0;   // the generation whose Published it waits for; 0: none
  bool is_ended_ = false;  // by us: nothing is sent, nothing is heeded
  bool is_closed_ = false;
  bool has_platform_failed_ = false;
};

}  // namespace demarc::boot
