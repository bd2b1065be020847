#include "controlplane/config/preset.h"

namespace demarc::config {
namespace {

struct Row {
  std::string_view preset;
  std::string_view field;
  std::string_view text;  // as a default stands in contract::fields()
};

// teams: Microsoft Teams Direct Routing, which wants an OPTIONS every 60 to 180 seconds. lync2013:
// the Mediation Server of Lync Server 2013 and Skype for Business Server, with the defaults of its
// trunk configuration.
constexpr Row rows[] = {
    {"teams", "transport", "tls"},
    {"teams", "user_phone", "true"},
    {"teams", "failover_ms", "10000"},
    {"teams", "failover_codes", "408, 503, 504"},
    {"teams", "progress", "session"},
    {"teams", "reliable_provisionals", "supported"},
    {"teams", "session_timer", "false"},
    {"teams", "max_early_dialogs", "20"},
    {"teams", "transfer", "passed"},
    {"teams", "replaces", "true"},
    {"teams", "delayed_offer", "made"},
    {"teams", "srtp", "required"},
    {"teams", "srtp_suites", "AES_CM_128_HMAC_SHA1_80"},
    {"teams", "close_on_503", "true"},
    {"teams", "probe_interval_s", "90"},
    {"teams", "probe_always", "true"},
    {"teams", "peer_probe_interval_s", "60"},
    {"teams", "call_history", "none"},
    {"teams", "sips", "refused"},
    {"lync2013", "transport", "tls"},
    {"lync2013", "failover_ms", "10000"},
    {"lync2013", "failover_codes", "408, 503, 504"},
    {"lync2013", "progress", "session"},
    {"lync2013", "reliable_provisionals", "supported"},
    {"lync2013", "session_timer", "false"},
    {"lync2013", "max_early_dialogs", "20"},
    {"lync2013", "media_timeout_ms", "30000"},
    {"lync2013", "rtcp", "ensured"},
    {"lync2013", "transfer", "passed"},
    {"lync2013", "call_history", "none"},
    {"lync2013", "keeps_identity", "false"},
    {"lync2013", "srtp", "required"},
    {"lync2013", "srtp_suites", "AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32"},
};

}  // namespace

void apply_preset(Block& trunk) {
  const std::string preset = trunk.get<std::string>("preset");
  for (const Row& row : rows) {
    if (row.preset != preset || trunk.is_written(row.field)) continue;
    // A Mediation Server encrypts media over TLS only, whatever its SRTPMode says.
    if (row.field.starts_with("srtp") && trunk.get<std::string>("transport") != "tls") continue;
    const contract::Field* known = contract::find_field("trunk", row.field);
    DEMARC_CHECK(known != nullptr);
    contract::Field field = *known;
    field.default_text = row.text;
    trunk.values[known->name] = default_value(field);
  }
}

// A Mediation Server listens at 5067 for TLS and 5068 for TCP, and its gateways at 5067 and 5066.
DefaultPorts default_ports(const Block& trunk, contract::Transport transport) {
  const uint16_t usual = contract::default_port(transport);
  if (trunk.get<std::string>("preset") != "lync2013") return {usual, usual};
  switch (transport) {
    case contract::Transport::tls:
      return {5067, 5067};
    case contract::Transport::tcp:
      return {5066, 5068};
    default:
      return {usual, usual};
  }
}

}  // namespace demarc::config
