// Stages: the longer way of a packet that is not only rewritten: SRTP, payload work, learnt
// sources.
//
// Called by Table::relay for the candidates of one burst, each stage over all of them, in the order
// in which they stand here. A stage looks at candidates whose verdict is `go` and may change it;
// the order of candidates is that of their frames and never changes. One file per stage; one worker
// only.
#pragma once

#include "dataplane/media/burst.h"

namespace demarc::media {

class Works;

// Counts the packet in, tells RTCP from RTP and looks who sent it.
void admit(Burst& burst);
// SRTP and SRTCP of slots with a key for what comes become RTP and RTCP; a packet that is not
// authentic changes nothing, and goes no further.
void unprotect(Burst& burst);
// Looks at the header of what is plain now, observes the stream and decides whether it may go on:
// here a source is learnt, and here the packet counts as heard.
void inspect(Burst& burst);
// What the slot wants done with the payload (work.h): changed, absorbed, or followed by packets of
// our own making. RTCP says of each side's packets what that side counts.
void rework(Burst& burst, Works& works);
// RTP and RTCP of slots with a key for what leaves become SRTP and SRTCP, those of our own making
// among them.
void protect(Burst& burst);
// IP and UDP header before each packet that goes on; its frame is finished. What does not is
// counted by its verdict.
void finish(Burst& burst);

}  // namespace demarc::media
