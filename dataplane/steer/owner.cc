#include "dataplane/steer/owner.h"

#include "sip-parser/base/check.h"

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

WorkerIndex Owners::of_datagram(std::string_view datagram, WorkerIndex receiver) const {
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

WorkerIndex Owners::of_request(const sip::Peek& peek, std::string_view datagram) const {
  const Result<Bucket, NameError> by_tag =
      contract::bucket_of_name(keys_, text(peek.to_tag, datagram));
  if (by_tag) return of_bucket(*by_tag);
  const Result<Bucket, NameError> by_replaces =
      contract::bucket_of_name(keys_, text(peek.replaces_call_id, datagram));
  if (by_replaces) return of_bucket(*by_replaces);
  return of_bucket(contract::bucket_of_call_id(keys_, text(peek.call_id, datagram)));
}

}  // namespace demarc::steer
