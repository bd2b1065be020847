// Runs the routing tests of a configuration, [test.NAME], on it: the calls go through the routing
// code of the workers, with every peer within reach and every limit open (decision D128). Used by
// `demarc check` and wherever a configuration is to come into force. Any thread.
#pragma once

#include "controlplane/config/load.h"

namespace demarc::whatif {

// Nothing without tests, or where `loaded` is not good. A test that fails is a mistake at the line
// of what it expected.
void judge(config::Loaded& loaded);

}  // namespace demarc::whatif
