#include <algorithm>

#include "dataplane/contract/checker.h"
#include "sip-parser/base/ascii.h"

namespace demarc::contract {

void check_codecs(Checker& checker, const CodecPolicy& policy, uint64_t trunks) {
  const auto value = [&](bool holds) { checker.require(holds, SectionError::bad_value); };
  const auto names = checker.array(policy.allowed);
  value(names.size() <= max_codecs);
  for (const Text& name : names) {
    const std::string_view text = checker.text(name);
    value(ascii::is_token(text) && text.size() <= max_codec_name);
  }
  value(policy.added <= (AddedCodecs::pcmu | AddedCodecs::pcma));
  value(policy.dtmf <= Dtmf::inband && policy.way <= MediaWay::bypassed);
  value(policy.rtcp <= RtcpWay::ensured);
  value(policy.event_payload_type == 0 ||
        (policy.event_payload_type >= 96 && policy.event_payload_type <= 127));
  value(policy.dscp <= 63 || policy.dscp == realm_dscp);
  value(policy.ptime_ms <= max_cut_ptime_ms && policy.ptime_ms % 10 == 0);
  checker.boolean(policy.takes_noise);
  checker.boolean(policy.fills_silence);
  const auto with = checker.array(policy.bypass_with);
  for (const TrunkId trunk : with) checker.reference(index_of(trunk), trunks);
  const bool is_sorted = std::is_sorted(
      with.begin(), with.end(), [](TrunkId a, TrunkId b) { return index_of(a) < index_of(b); });
  checker.require(is_sorted, SectionError::out_of_order);
}

}  // namespace demarc::contract
