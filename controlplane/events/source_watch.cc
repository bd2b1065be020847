#include "controlplane/events/source_watch.h"

#include <utility>

namespace demarc::events {

bool SourceWatch::is_due(uint64_t foreign, uint64_t now_ns) {
  const bool is_more = foreign > foreign_;
  foreign_ = foreign;
  // What is told is looked after until it is over.
  if (!is_more && told_.empty() && others_ns_ == 0) return false;
  if (now_ns < due_ns_) {
    // Not forgotten: the next look is due for it, too.
    if (is_more) foreign_ = 0;
    return false;
  }
  due_ns_ = now_ns + spray_look_ns;
  return true;
}

void SourceWatch::looked(const std::vector<RefusedStream>& streams, uint64_t now_ns) {
  struct Source {
    size_t streams = 0;
    uint64_t packets = 0;
  };
  std::map<std::string, Source> sources;
  std::map<std::string, uint64_t> seen;
  // What was before we came, or long ago, did not come now.
  const bool is_news = looked_ns_ != 0 && now_ns - looked_ns_ <= spray_quiet_ns;
  for (const RefusedStream& one : streams) {
    seen[one.stream] = one.packets;
    const auto before = seen_.find(one.stream);
    const uint64_t old = before == seen_.end() ? 0 : before->second;
    if (!is_news || one.packets <= old) continue;
    Source& source = sources[one.address];
    ++source.streams;
    source.packets += one.packets - old;
  }
  seen_ = std::move(seen);
  looked_ns_ = now_ns;
  for (const auto& [address, source] : sources) {
    if (source.streams >= spray_streams || told_.contains(address)) {
      tell(address, source.streams, source.packets, now_ns);
    }
  }
  end_quiet(now_ns);
}

void SourceWatch::tell(const std::string& address, size_t streams, uint64_t packets,
                       uint64_t now_ns) {
  if (const auto told = told_.find(address); told != told_.end()) {
    told->second = now_ns;
    return;
  }
  if (told_.size() < told_sources) {
    told_[address] = now_ns;
    events_.note(Kind::media_spray, "media", address,
                 std::to_string(packets) + " packets from " + address + " came to " +
                     std::to_string(streams) +
                     " streams of calls that did not signal it, and were refused");
    return;
  }
  if (others_ns_ == 0) {
    events_.note(Kind::media_spray, "media", "others",
                 "further addresses send packets to calls that did not signal them; they are not "
                 "told one by one");
  }
  others_ns_ = now_ns;
}

void SourceWatch::end_quiet(uint64_t now_ns) {
  std::erase_if(told_, [&](const auto& row) {
    if (now_ns < row.second + spray_quiet_ns) return false;
    events_.note(Kind::media_spray_over, "media", row.first,
                 "no packet of " + row.first + " was refused at a call for a minute");
    return true;
  });
  if (others_ns_ != 0 && now_ns >= others_ns_ + spray_quiet_ns) {
    others_ns_ = 0;
    events_.note(Kind::media_spray_over, "media", "others",
                 "no packet of further addresses was refused at several calls for a minute");
  }
}

}  // namespace demarc::events
