// Packet: the one owner of a frame's buffer (an mbuf). Move-only; the destructor frees.
//
// What Wire::receive found out about the frame travels in the mbuf's private area, so a Packet that
// goes through a ring to another worker needs no second look. A relay rewrites the IP packet in
// place by l3() and set_l3(); the Ethernet header is put before it when it is sent. Owned by one
// worker at a time; pointers into it are valid until it is moved away, sent or freed.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "dataplane/wire/frame.h"
#include "sip-parser/base/check.h"

namespace demarc::wire {

// Readable octets after every UDP payload: the SIP parser's SIMD reads past the end.
inline constexpr unsigned payload_padding_octets = 64;

class Packet {
 public:
  Packet() = default;
  explicit Packet(rte_mbuf* mbuf) : mbuf_(mbuf) {}
  Packet(Packet&& other) noexcept : mbuf_(std::exchange(other.mbuf_, nullptr)) {}
  Packet& operator=(Packet&& other) noexcept {
    if (this != &other) {
      reset();
      mbuf_ = std::exchange(other.mbuf_, nullptr);
    }
    return *this;
  }
  ~Packet() { reset(); }
  // An assignment to one that is empty, as the places of a burst are.
  void fill(Packet&& other) {
    DEMARC_DCHECK(mbuf_ == nullptr && this != &other);
    mbuf_ = std::exchange(other.mbuf_, nullptr);
  }

  explicit operator bool() const { return mbuf_ != nullptr; }
  void reset() {
    if (mbuf_ != nullptr) rte_pktmbuf_free(std::exchange(mbuf_, nullptr));
  }
  // Gives the buffer up to a ring or a port.
  [[nodiscard]] rte_mbuf* release() { return std::exchange(mbuf_, nullptr); }

  Frame& frame() const { return *static_cast<Frame*>(rte_mbuf_to_priv(mbuf_)); }
  uint8_t* octets() const { return rte_pktmbuf_mtod(mbuf_, uint8_t*); }
  uint16_t length() const { return mbuf_->data_len; }
  std::span<const uint8_t> bytes() const { return {octets(), length()}; }
  // What the port verified when it received the frame.
  bool ip_checksum_is_good() const {
    return (mbuf_->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD;
  }
  bool udp_checksum_is_good() const {
    return (mbuf_->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD;
  }
  // Octets free after the data.
  uint16_t tailroom() const { return rte_pktmbuf_tailroom(mbuf_); }

  // The UDP payload of a frame of kind udp, with payload_padding_octets readable after it.
  std::string_view payload() const {
    return {reinterpret_cast<const char*>(octets()) + frame().payload_offset,
            frame().payload_length};
  }

  // The IP packet, and the octets free before it: both headers may grow into them, as long as
  // l2_reserve_octets stay for the Ethernet header.
  static constexpr unsigned l2_reserve_octets = ethernet_octets + vlan_octets;
  uint8_t* l3() const { return octets() + frame().l3_offset; }
  uint16_t l3_length() const { return frame().l3_length; }
  uint16_t l3_headroom() const {
    const unsigned before = rte_pktmbuf_headroom(mbuf_) + frame().l3_offset;
    return static_cast<uint16_t>(before < l2_reserve_octets ? 0 : before - l2_reserve_octets);
  }
  // Octets of the buffer behind the IP packet, which may grow into them.
  uint16_t l3_tailroom() const {
    const unsigned end = unsigned{mbuf_->data_off} + frame().l3_offset + frame().l3_length;
    return static_cast<uint16_t>(end > mbuf_->buf_len ? 0 : mbuf_->buf_len - end);
  }
  // The frame now begins at `begin`, inside the same buffer: an Ethernet header was put before l3.
  void set_begin(uint8_t* begin) {
    const auto grown = static_cast<uint16_t>(octets() - begin);
    mbuf_->data_off = static_cast<uint16_t>(mbuf_->data_off - grown);
    mbuf_->data_len = static_cast<uint16_t>(mbuf_->data_len + grown);
    mbuf_->pkt_len = mbuf_->data_len;
    frame().l3_offset = static_cast<uint16_t>(frame().l3_offset + grown);
  }
  // The packet now is the `length` octets at `begin`, inside the same buffer. What was before them
  // is forgotten; offsets other than l3's are no longer true.
  void set_l3(uint8_t* begin, uint16_t length) {
    auto* buffer = static_cast<uint8_t*>(mbuf_->buf_addr);
    DEMARC_DCHECK(begin >= buffer && begin + length <= buffer + mbuf_->buf_len);
    mbuf_->data_off = static_cast<uint16_t>(begin - buffer);
    mbuf_->data_len = length;
    mbuf_->pkt_len = length;
    frame().l3_offset = 0;
    frame().l3_length = length;
  }

  // The frame now is the `length` octets at `begin`, inside the same buffer, and is only to be
  // sent: what frame() says is no longer true.
  void set_whole(uint8_t* begin, uint16_t length) {
    auto* buffer = static_cast<uint8_t*>(mbuf_->buf_addr);
    DEMARC_DCHECK(begin >= buffer && begin + length <= buffer + mbuf_->buf_len);
    mbuf_->data_off = static_cast<uint16_t>(begin - buffer);
    mbuf_->data_len = length;
    mbuf_->pkt_len = length;
  }

 private:
  rte_mbuf* mbuf_ = nullptr;
};
static_assert(sizeof(Packet) == sizeof(void*));

}  // namespace demarc::wire
