// The last look at a configuration: whether any dataplane has room for it, and its routing tests,
// [test.NAME]. Their calls go through the routing code of the workers, with every peer within reach
// and every limit open (decision D128). Used by `demarc check` and wherever a configuration is to
// come into force. Any thread.
#pragma once

#include "controlplane/config/load.h"

namespace demarc::whatif {

// Nothing where `loaded` is not good. What can never be published is a mistake at the first list of
// prefixes, a test that fails one at the line of what it expected.
void judge(config::Loaded& loaded, bool asks_tests = true);

}  // namespace demarc::whatif
