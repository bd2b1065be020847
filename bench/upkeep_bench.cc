// What many trunks cost the control plane: registrations and probes as processor time of the thread
// of Upkeep, with a worker that answers everything at once; and one scrape of their metrics.
//
// upkeep_bench [TRUNKS [SECONDS]]
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <thread>

#include "controlplane/config/load.h"
#include "controlplane/metrics/scrape.h"
#include "controlplane/trunks/compile.h"
#include "controlplane/upkeep/upkeep.h"
#include "tests/support/temporary_directory.h"

namespace demarc::upkeep {
namespace {

using contract::OutsideEvent;
using contract::OutsideMethod;
using contract::OutsideRequest;

constexpr unsigned usual_trunks = 10'000;
constexpr unsigned usual_seconds = 20;
constexpr unsigned probe_interval_s = 30;
constexpr unsigned expires_s = 600;

double cpu_seconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Of all threads but this one.
double others_cpu_seconds() {
  return cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
}

std::string configuration(unsigned trunks) {
  std::string text =
      "[platform]\ntrunk_capacity = 65534\ntarget_capacity = 65536\n[port.wan]\ndevice = \"a\"\n"
      "[realm.outside]\nport = \"wan\"\naddress = \"198.51.100.10\"\n";
  for (unsigned i = 0; i < trunks; ++i) {
    const std::string number = std::to_string(i);
    text += "[trunk.t" + number + "]\nrealm = \"outside\"\npeer = \"10." +
            std::to_string(i >> 16 & 255) + "." + std::to_string(i >> 8 & 255) + "." +
            std::to_string(i & 255) + "\"\nregister = true\nuser = \"u" + number +
            "\"\npassword = \"secret\"\nexpires_s = " + std::to_string(expires_s) +
            "\nprobe_interval_s = " + std::to_string(probe_interval_s) + "\n";
  }
  return text;
}

// A worker that answers 200 to all.
class Worker {
 public:
  explicit Worker(const contract::Region& region)
      : requests_(region.outside_requests(0)), events_(region.outside_events(0)) {}

  void serve_for(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
      OutsideRequest request;
      if (!requests_.pop(request)) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        continue;
      }
      ++answered;
      OutsideEvent event;
      event.request_id = request.request_id;
      event.kind = OutsideEvent::Kind::response;
      event.status_code = 200;
      const std::string text = "SIP/2.0 200 OK\r\nContact: " + contact_of(request) +
                               ";expires=" + std::to_string(expires_s) +
                               "\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n";
      event.length = static_cast<uint16_t>(text.copy(event.octets, sizeof event.octets));
      while (!events_.push(event)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  uint64_t answered = 0;

 private:
  static std::string contact_of(const OutsideRequest& request) {
    const std::string_view all(request.octets, sizeof request.octets);
    const size_t begin = all.find("Contact: ");
    if (begin == std::string_view::npos) return "<sip:nobody@198.51.100.10>";
    const size_t end = std::min(all.find('>', begin), all.size() - 1);
    return std::string(all.substr(begin + 9, end - begin - 8));
  }

  contract::OutsideRequestRing requests_;
  contract::OutsideEventRing events_;
};

// The median of some. Every trunk has had calls, so no series is cheap.
void measure_scrapes(const config::Config& config, const trunks::IdMap& ids,
                     const link::Attachment& attachment, const Upkeep& upkeep) {
  metrics::CallTally tally([](contract::TrunkId) { return std::string(); });
  std::set<std::string> names;
  for (const config::Trunk& trunk : config.trunks) {
    names.insert(trunk.name);
    contract::CallRecord record;
    record.from_name.assign(trunk.name);
    record.to_name.assign(trunk.name);
    record.started_unix_ns = 1;
    record.answered_unix_ns = record.ended_unix_ns = 2'000'000'000;
    tally.add(record);
  }
  constexpr unsigned scrapes = 5;
  std::vector<double> times_ms;
  size_t octets = 0;
  for (unsigned i = 0; i < scrapes; ++i) {
    const double begin = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    const std::string text = metrics::text_of({.version = "bench",
                                               .config = config,
                                               .ids = ids,
                                               .attachment = &attachment,
                                               .link = {},
                                               .records = {},
                                               .upkeep = upkeep.state(),
                                               .bindings = {},
                                               .calls = tally.of(names)});
    times_ms.push_back((cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - begin) * 1e3);
    octets = text.size();
  }
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("upkeep.metrics %.1f ms of processor time for %.1f MB\n", times_ms[scrapes / 2],
              static_cast<double>(octets) / 1e6);
}

unsigned registered_of(const Upkeep& upkeep) {
  unsigned count = 0;
  for (const RegistrationState& row : upkeep.state().registrations) {
    count += row.view.is_registered ? 1 : 0;
  }
  return count;
}

int run(unsigned trunks, unsigned seconds, const std::string& directory) {
  const contract::RegionSizes sizes = {1, 4, 65'534, 65'536, 64};
  const size_t octets = contract::Region::octets_needed(sizes);
  contract::Mapping mapping(contract::make_memfd("region", octets), octets, true);
  contract::Region::create(mapping.octets(), sizes, 7);
  contract::HandshakeMessage offer;
  offer.boot_id = 7;
  const auto attachment = std::make_shared<link::Attachment>(std::move(mapping), offer);
  const config::Loaded loaded = config::load_text(configuration(trunks));
  if (!loaded.is_good) return 1;
  trunks::IdMap ids;
  const link::SectionSet set = trunks::compile(loaded.config, {}, ids, {});
  events::Events events(0);
  Upkeep upkeep(
      directory, events, [&] { return attachment; }, [] {});
  upkeep.adopt(make_plan(loaded.config, ids, set));
  Worker worker(attachment->region());
  const double begin = others_cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  upkeep.start();
  while (registered_of(upkeep) < trunks) worker.serve_for(std::chrono::milliseconds(250));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%u trunks registered in %.1f s, %.2f s of processor time\n", trunks, took.count(),
              others_cpu_seconds() - begin);
  const uint64_t before = worker.answered;
  const double idle = others_cpu_seconds();
  worker.serve_for(std::chrono::seconds(seconds));
  const double used = others_cpu_seconds() - idle;
  std::printf("upkeep.core %.2f percent of a core at %.1f requests a second\n",
              100.0 * used / seconds, static_cast<double>(worker.answered - before) / seconds);
  measure_scrapes(loaded.config, ids, *attachment, upkeep);
  upkeep.stop();
  return 0;
}

}  // namespace
}  // namespace demarc::upkeep

int main(int argc, char** argv) {
  const unsigned trunks = argc > 1 ? static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10))
                                   : demarc::upkeep::usual_trunks;
  const unsigned seconds = argc > 2 ? static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10))
                                    : demarc::upkeep::usual_seconds;
  const demarc::support::TemporaryDirectory directory;
  return demarc::upkeep::run(trunks, seconds, directory.path());
}
