// Attachment: one dataplane as long as its socket is open: its region and its record spool.
//
// Made and ended by the link's thread. REST and the record reader hold a shared_ptr; the mapping
// stays until the last of them lets go, so a reader never faults. Only the record reader may touch
// the rings, and only under reading(), see there.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "dataplane/contract/channel.h"
#include "dataplane/contract/region.h"

namespace demarc::link {

class Attachment {
 public:
  Attachment(contract::Mapping mapping, const contract::HandshakeMessage& offer);

  // False when the other side's layout is not one of ours.
  bool is_valid() const { return region_.is_valid(); }
  const contract::Region& region() const { return region_; }
  uint64_t boot_id() const { return boot_id_; }
  const std::string& driver() const { return driver_; }
  bool has_hugepages() const { return has_hugepages_; }
  bool is_open() const { return is_open_.load(std::memory_order_acquire); }

  // The spool that the dataplane kept while nobody read; offered once per attachment. Before it was
  // offered and taken the dataplane's spool thread may still be the rings' reader.
  enum class Spool : uint8_t { not_offered, offered, taken };
  Spool spool() const { return spool_.load(std::memory_order_acquire); }
  const contract::FileDescriptor& spool_file() const { return spool_file_; }
  uint64_t spool_octets() const { return spool_octets_; }

  // Held while rings or spool are read and consumed. The link takes it before it closes the socket,
  // since the dataplane's spool thread becomes the reader then. Check is_open() after locking.
  std::mutex& reading() const { return reading_; }
  // Held while rows of the target table are written: the link writes addresses, upkeep health.
  std::mutex& targets() const { return targets_; }

 private:
  friend class Link;

  contract::Mapping mapping_;
  contract::Region region_;
  const uint64_t boot_id_;
  const std::string driver_;
  const bool has_hugepages_;
  std::atomic<bool> is_open_{true};
  std::atomic<Spool> spool_{Spool::not_offered};
  contract::FileDescriptor spool_file_;
  uint64_t spool_octets_ = 0;
  mutable std::mutex reading_;
  mutable std::mutex targets_;
};

}  // namespace demarc::link
