#include "dataplane/steer/owner.h"

#include "sip-parser/base/check.h"
#include "sip-parser/base/siphash.h"
#include "sip-parser/dialog_id.h"

namespace demarc::steer {

using contract::Bucket;
using contract::NameError;
using contract::WorkerIndex;

Owners::Owners(const contract::NameKeys& keys, unsigned workers) : keys_(keys), table_{} {
  DEMARC_CHECK(workers >= 1 && workers <= contract::max_workers);
  for (unsigned bucket = 0; bucket < contract::bucket_count; ++bucket) {
    table_[bucket] = static_cast<WorkerIndex>(bucket % workers);
  }
}

WorkerIndex Owners::of_datagram(std::string_view datagram, WorkerIndex receiver) {
  const Result<sip::Peek, sip::ParseError> peek = sip::peek(datagram);
  if (!peek) return receiver;
  return peek->is_request ? of_request(*peek, datagram) : of_response(*peek, datagram, receiver);
}

WorkerIndex Owners::of_response(const sip::Peek& peek, std::string_view datagram,
                                WorkerIndex receiver) const {
  std::string_view branch = text(peek.top_via_branch, datagram);
  if (!branch.starts_with(magic_cookie)) return receiver;
  branch.remove_prefix(magic_cookie.size());
  const Result<Bucket, NameError> bucket = contract::bucket_of_name(keys_, branch);
  return bucket ? of_bucket(*bucket) : receiver;
}

WorkerIndex Owners::of_request(const sip::Peek& peek, std::string_view datagram) {
  const Result<Bucket, NameError> by_tag =
      contract::bucket_of_name(keys_, text(peek.to_tag, datagram));
  if (by_tag) return of_bucket(*by_tag);
  const std::string_view call_id = text(peek.call_id, datagram);
  const WorkerIndex by_hash = of_bucket(contract::bucket_of_call_id(keys_, call_id));
  if (peek.method != sip::Method::invite && peek.method != sip::Method::cancel) return by_hash;
  const uint64_t hash = siphash(keys_.call_id, call_id);
  if (peek.method == sip::Method::cancel) return detours_.find(hash, by_hash);
  const WorkerIndex owner = of_replaced(peek, datagram, by_hash);
  if (owner == by_hash) {
    detours_.forget(hash);
  } else {
    detours_.put(hash, owner);
  }
  return owner;
}

// By our tag of the dialog, whoever began it; the Call-ID is ours as well where we did. What names
// neither is no dialog of ours.
WorkerIndex Owners::of_replaced(const sip::Peek& peek, std::string_view datagram,
                                WorkerIndex otherwise) const {
  if (peek.replaces.empty()) return otherwise;
  const auto dialog = sip::parse_replaces(peek.replaces, datagram);
  if (dialog) {
    const Result<Bucket, NameError> by_tag =
        contract::bucket_of_name(keys_, text(dialog->to_tag, datagram));
    if (by_tag) return of_bucket(*by_tag);
  }
  const Result<Bucket, NameError> by_call_id =
      contract::bucket_of_name(keys_, text(peek.replaces_call_id, datagram));
  return by_call_id ? of_bucket(*by_call_id) : otherwise;
}

}  // namespace demarc::steer
