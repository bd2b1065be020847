#include "controlplane/link/attachment.h"

namespace demarc::link {

Attachment::Attachment(contract::Mapping mapping, const contract::HandshakeMessage& offer)
    : mapping_(std::move(mapping)),
      boot_id_(offer.boot_id),
      driver_(offer.driver.view()),
      has_hugepages_(offer.has_hugepages) {
  if (mapping_.is_mapped()) region_ = contract::Region::attach(mapping_.octets());
  // Two numbers of one thing: a region of another start of the dataplane is not this one's.
  if (region_.is_valid() && region_.header().boot_id != boot_id_) region_ = contract::Region();
}

}  // namespace demarc::link
