#include "dataplane/wire/mbuf_pool.h"

#include <rte_errno.h>
#include <rte_mempool.h>

#include <new>

namespace demarc::wire {
namespace {

constexpr uint16_t private_octets = RTE_ALIGN(sizeof(Frame), RTE_MBUF_PRIV_ALIGN);

void clear_frame(rte_mempool*, void*, void* object, unsigned) {
  new (rte_mbuf_to_priv(static_cast<rte_mbuf*>(object))) Frame{};
}

}  // namespace

MbufPool MbufPool::create(const MbufPoolOptions& options, Explanation& why) {
  const auto room = static_cast<uint16_t>(RTE_PKTMBUF_HEADROOM + options.room_octets);
  const auto element = static_cast<unsigned>(sizeof(rte_mbuf) + private_octets + room);
  // A cache may be at most two thirds of the pool, or creation fails.
  const unsigned cache =
      options.buffers >= 2u * options.cache ? options.cache : options.buffers / 2;
  rte_mempool* pool = rte_mempool_create_empty(
      options.name, options.buffers, element, cache, sizeof(rte_pktmbuf_pool_private),
      static_cast<int>(SOCKET_ID_ANY), RTE_MEMPOOL_F_NO_IOVA_CONTIG);
  if (pool == nullptr) {
    why.set("no mbuf pool %s of %u buffers: %s; raise dataplane memory", options.name,
            options.buffers, rte_strerror(rte_errno));
    return {};
  }
  rte_pktmbuf_pool_private settings{};
  settings.mbuf_data_room_size = room;
  settings.mbuf_priv_size = private_octets;
  rte_pktmbuf_pool_init(pool, &settings);
  const int populated = rte_mempool_populate_default(pool);
  if (populated < 0) {
    why.set(
        "no memory for mbuf pool %s, %u buffers of %u octets (%lu MB): %s; raise dataplane "
        "memory",
        options.name, options.buffers, element,
        static_cast<unsigned long>(options.buffers) * element >> 20, rte_strerror(-populated));
    rte_mempool_free(pool);
    return {};
  }
  rte_mempool_obj_iter(pool, rte_pktmbuf_init, nullptr);
  rte_mempool_obj_iter(pool, clear_frame, nullptr);
  return MbufPool(pool);
}

Packet MbufPool::allocate() const {
  return Packet(rte_pktmbuf_alloc(pool_));
}

uint16_t MbufPool::room_octets() const {
  return static_cast<uint16_t>(rte_pktmbuf_data_room_size(pool_) - RTE_PKTMBUF_HEADROOM);
}

uint64_t MbufPool::octets_taken() const {
  const uint64_t object = pool_->header_size + pool_->elt_size + pool_->trailer_size;
  return object * pool_->size;
}

uint32_t MbufPool::free_buffers() const {
  return rte_mempool_avail_count(pool_);
}

}  // namespace demarc::wire
