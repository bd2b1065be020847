// Every text of a dialog, for whoever copies one into the text of another call. One worker only.
#pragma once

#include "dataplane/dialog/dialog.h"

namespace demarc::call::transfers {

// Calls take(Span&) for each; it may put another Span in its place.
template <class Take>
void each_text(dialog::Dialog& dialog, Take take) {
  for (Span* span : {&dialog.call_id, &dialog.local_tag, &dialog.remote_tag, &dialog.local_identity,
                     &dialog.remote_identity, &dialog.remote_target, &dialog.route_set}) {
    take(*span);
  }
}

}  // namespace demarc::call::transfers
