#include "dataplane/contract/counters.h"

#include "sip-parser/base/check.h"

namespace demarc::contract {
namespace {

#define DEMARC_TEXT(name, help) {#name, help},
constexpr CounterText worker_texts[] = {DEMARC_WORKER_COUNTERS(DEMARC_TEXT)};
constexpr CounterText trunk_texts[] = {DEMARC_TRUNK_COUNTERS(DEMARC_TEXT)};
constexpr CounterText stream_texts[] = {DEMARC_STREAM_COUNTERS(DEMARC_TEXT)};
#undef DEMARC_TEXT

}  // namespace

CounterText text_of(WorkerCounter counter) {
  DEMARC_CHECK(counter < WorkerCounter::count);
  return worker_texts[static_cast<unsigned>(counter)];
}

CounterText text_of(TrunkCounter counter) {
  DEMARC_CHECK(counter < TrunkCounter::count);
  return trunk_texts[static_cast<unsigned>(counter)];
}

CounterText text_of(StreamCounter counter) {
  DEMARC_CHECK(counter < StreamCounter::count);
  return stream_texts[static_cast<unsigned>(counter)];
}

}  // namespace demarc::contract
