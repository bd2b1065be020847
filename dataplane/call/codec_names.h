// CodecNames of an m-line: which codecs its payload types stand for, and by which clock they run.
//
// Called by session.cc for the streams of an offer and of its answer, by what whoever is to send
// them was told; what it gives serves the quality figures alone (controlplane/media/emodel.h). Pure
// functions.
#pragma once

#include <span>

#include "dataplane/call/codec_choice.h"
#include "dataplane/media/observed.h"

namespace demarc::call {

// As it crosses unchanged.
media::CodecNames codec_names(const AudioLine& line);
// As we print it.
media::CodecNames codec_names(std::span<const sdp::PrintedFormat> formats);

}  // namespace demarc::call
