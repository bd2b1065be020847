// The handshake of the two planes: fixed messages over a Unix SOCK_SEQPACKET socket on which the
// dataplane listens; memfds travel beside them (SCM_RIGHTS).
//
//   control plane                        dataplane
//   Hello ------------------------------>
//   <------------------------------------ Welcome   (refused: says which side to upgrade)
//   Section(platform) + memfd ---------->           only when Welcome.state is `starting`
//   <------------------------------------ SectionResult   (ports opened, or why not)
//   <------------------------------------ RegionOffer + memfd   (sent as soon as there is a region)
//   Section(realms | trunks | routes | secrets) + memfd ->   any time, each with its generation
//   <------------------------------------ SectionResult   per section
//   Publish(generation) ---------------->           the sections sent since make one snapshot
//   <------------------------------------ Published  when every worker runs with it
//   <------------------------------------ SpoolOffer + fd   after RegionOffer: the record spool, if
//                                         it holds records; the control plane reads, then:
//   RecordsTaken ----------------------->           the spool was made durable: it is emptied, and
//   the
//                                         control plane is the rings' reader from here on
//
// Order at attach: RegionOffer, SpoolOffer; the spool thread has stopped before SpoolOffer is sent.
// When the socket closes, the spool thread becomes the reader again.
#pragma once

#include <cstdint>

#include "dataplane/contract/fixed_text.h"
#include "dataplane/contract/region.h"
#include "dataplane/contract/section.h"

namespace demarc::contract {

inline constexpr uint32_t handshake_magic = 0x48534844;  // "DHSH"

enum class MessageKind : uint32_t {
  hello = 1,
  welcome,
  section,
  section_result,
  region_offer,
  publish,
  published,
  spool_offer,
  records_taken,
};

struct HandshakeMessage {
  uint32_t magic = handshake_magic;
  MessageKind kind = MessageKind::hello;
  uint16_t layout = layout_version;  // hello, welcome: the sender's newest
  uint16_t oldest_layout = oldest_layout_version;
  DataplaneState state = DataplaneState::starting;  // welcome
  uint64_t boot_id = 0;                             // welcome, region_offer
  SectionKind section = SectionKind::platform;      // section, section_result
  bool is_refused = false;                          // welcome, section_result, published
  uint64_t generation = 0;                          // section, section_result, publish, published
  uint64_t octets = 0;                              // of the fd that comes beside: section,
                        // region_offer, spool_offer (0: nothing spooled)
  FixedText<246> reason;       // why it was refused, for people
  FixedText<62> driver;        // region_offer: the ports' driver, "net_af_xdp"
  bool has_hugepages = false;  // region_offer
};

}  // namespace demarc::contract
