// CodecNames of an m-line: which codecs its payload types stand for.
//
// Called by session.cc for the streams of an offer and of its answer; what it gives serves the
// quality figures alone (controlplane/media/emodel.h). A pure function.
#pragma once

#include "dataplane/call/codec_choice.h"
#include "dataplane/media/observed.h"

namespace demarc::call {

// Either peer may number as it likes (RFC 3264 section 5.1); nearly all use the offer's numbers
// both ways, and a number that is not known stays unknown.
media::CodecNames codec_names(const AudioLine& line);

}  // namespace demarc::call
