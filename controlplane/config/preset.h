// Presets: what trunks to well-known peers have in common, as defaults of their fields. A field
// that stands in the file is never touched. Used by bind.cc.
#pragma once

#include "controlplane/config/tree.h"
#include "dataplane/contract/transport.h"

namespace demarc::config {

// Gives fields of a trunk that do not stand in the file the values of its preset.
void apply_preset(Block& trunk);

// The ports of a trunk that names none: ours and the peer's.
struct DefaultPorts {
  uint16_t own = 5060;
  uint16_t peer = 5060;
};
DefaultPorts default_ports(const Block& trunk, contract::Transport transport);

}  // namespace demarc::config
