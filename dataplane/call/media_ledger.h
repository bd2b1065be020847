// MediaLedger: what the media of a call did, for its row of the directory and for its record.
//
// The row has the first m-line of audio that is in use; what the other m-lines did is written to
// rows beside it, which the calls of a worker share and which a call keeps until it is given back
// (decision D132). Used by Calls. One worker only.
#pragma once

#include <array>

#include "dataplane/call/call.h"
#include "dataplane/call/limits.h"
#include "dataplane/contract/region.h"
#include "dataplane/memory/pool.h"

namespace demarc::call {

class MediaLedger {
 public:
  // Borrows both for its lifetime.
  MediaLedger(memory::Arena& arena, const Limits& limits, contract::Region& region,
              const media::Table& media)
      : worker_(limits.worker),
        region_(region),
        media_(media),
        places_(arena, contract::stream_rows(limits.calls)) {}
  static size_t octets_needed(const Limits& limits) {
    return memory::Pool<Place>::octets_needed(contract::stream_rows(limits.calls));
  }

  // What of `row` is about media; the rows of its other m-lines as well.
  void write(Call& call, contract::DirectoryRow& row);
  // What of the record is about media.
  void fill(const Call& call, contract::CallRecord& record) const;
  // The same of a call whose media is closed, from what write() left.
  void fill(const contract::DirectoryRow& row, contract::CallRecord& record) const;
  // The call is over and has its record.
  void release(Call& call);

  // Rows of further m-lines that are in use.
  uint32_t live() const { return places_.live(); }

 private:
  // What is taken is its number: the rows are in the region.
  struct Place {};
  using Media = contract::MediaSummary[2];  // [Side]
  // Of the m-lines that are open; the one that the row has is the first. Room for others is not
  // cleared.
  struct Streams {
    Streams() {}  // NOLINT(modernize-use-equals-default)
    union {
      std::array<Media, max_streams> media;
    };
    unsigned count = 0;
  };
  void read(const Call& call, Streams& streams) const;
  static void show_first(const Call& call, const Streams& streams,
                         contract::MediaSummary (&shown)[2]);

  contract::WorkerIndex worker_;
  contract::Region& region_;
  const media::Table& media_;
  memory::Pool<Place> places_;
};

}  // namespace demarc::call
