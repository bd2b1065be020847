// sim: runs the simulator.
//
//   sim --seed N [--verbose]     replays one seed; a broken rule is shown with its ladder
//   sim --seeds FROM COUNT       runs many, with a line per hundred
//   sim --list FILE              replays the seeds of a regression list

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/sim/world.h"

namespace demarc::sim {
namespace {

struct Outcome {
  Failure failure;
  uint64_t hash = 0;
  uint64_t messages = 0;
  uint64_t records = 0;
  uint32_t answered = 0;
  Tally tally;
};

Outcome run(const Options& options) {
  World world(options);
  const Failure& failure = world.run();
  return {failure,         world.trace().hash(), world.trace().messages(),
          world.records(), world.answered(),     world.tally()};
}

// Once more, for the ladder of the call that broke; the same seed plays the same way.
void explain(const Options& options, const Failure& failure, bool is_verbose) {
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(options.seed),
              failure.rule.c_str());
  if (!failure.detail.empty()) std::printf("%s\n", failure.detail.c_str());
  if (failure.call == nobody) return;
  World world(options);
  world.trace().follow(failure.call, is_verbose);
  static_cast<void>(world.run());
  std::printf("call %u\n%s", failure.call, world.trace().ladder().c_str());
}

void print(const Tally& tally) {
  for (unsigned i = 0; i < played_count; ++i) {
    const auto played = static_cast<Played>(i);
    std::printf("%s %llu\n", spelling(played).data(),
                static_cast<unsigned long long>(tally.of(played)));
  }
}

// A seed passes when no rule was broken, the same way twice.
bool replay(uint64_t seed, bool is_verbose) {
  const Options options(seed);
  if (is_verbose) std::printf("%s", options.print().c_str());
  const Outcome first = run(options);
  const Outcome second = run(options);
  if (first.hash != second.hash) {
    std::printf("seed %llu: two runs differ: %016llx, %016llx\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(first.hash),
                static_cast<unsigned long long>(second.hash));
    return false;
  }
  if (is_verbose) {
    print(first.tally);
    std::printf("messages %llu\nrecords %llu\nanswered %u\nhash %016llx\n",
                static_cast<unsigned long long>(first.messages),
                static_cast<unsigned long long>(first.records), first.answered,
                static_cast<unsigned long long>(first.hash));
  }
  if (!first.failure.is_set()) return true;
  explain(options, first.failure, is_verbose);
  return false;
}

// How often a run is repeated for its hash when there are many.
constexpr uint64_t seeds_per_second_run = 20;

// So many seeds play everything; where they do not, the simulator has stopped to look at it.
constexpr uint64_t seeds_that_play_all = 500;

bool has_all(const Tally& tally) {
  for (unsigned i = 0; i < played_count; ++i) {
    if (tally.of(static_cast<Played>(i)) == 0) return false;
  }
  return true;
}

int run_many(uint64_t from, uint64_t count) {
  uint64_t failed = 0, messages = 0, records = 0, answered = 0;
  Tally tally;
  for (uint64_t i = 0; i < count; ++i) {
    const Options options(from + i);
    const Outcome outcome = run(options);
    messages += outcome.messages;
    records += outcome.records;
    answered += outcome.answered;
    tally.add(outcome.tally);
    bool is_good = !outcome.failure.is_set();
    if (!is_good) explain(options, outcome.failure, false);
    if (i % seeds_per_second_run == 0 && run(options).hash != outcome.hash) {
      std::printf("seed %llu: two runs differ\n", static_cast<unsigned long long>(options.seed));
      is_good = false;
    }
    failed += is_good ? 0 : 1;
    if ((i + 1) % 100 != 0 && i + 1 != count) continue;
    std::printf("%llu seeds: %llu failed, %llu messages, %llu calls, %llu answered\n",
                static_cast<unsigned long long>(i + 1), static_cast<unsigned long long>(failed),
                static_cast<unsigned long long>(messages), static_cast<unsigned long long>(records),
                static_cast<unsigned long long>(answered));
    std::fflush(stdout);
  }
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(count - failed),
              static_cast<unsigned long long>(failed));
  print(tally);
  if (count >= seeds_that_play_all && !has_all(tally)) {
    std::printf("something was never played\n");
    return 1;
  }
  return failed == 0 ? 0 : 1;
}

// Lines of a seed and what it found; "#" begins a comment.
int replay_list(const char* path) {
  std::ifstream file(path);
  if (!file) {
    std::printf("%s can not be read\n", path);
    return 1;
  }
  unsigned failed = 0, passed = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    uint64_t seed = 0;
    if (!(words >> seed)) continue;
    ++(replay(seed, false) ? passed : failed);
  }
  std::printf("%u passed, %u failed\n", passed, failed);
  return failed == 0 && passed != 0 ? 0 : 1;
}

int usage() {
  std::printf("usage: sim --seed N [--verbose] | --seeds FROM COUNT | --list FILE\n");
  return 2;
}

uint64_t seed_of(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

int main_of(int argc, char** argv) {
  if (argc < 3) return usage();
  const std::string command = argv[1];
  if (command == "--seed") {
    const bool is_verbose = argc > 3 && std::strcmp(argv[3], "--verbose") == 0;
    const bool is_good = replay(seed_of(argv[2]), is_verbose);
    std::printf("%s\n", is_good ? "1 passed, 0 failed" : "0 passed, 1 failed");
    return is_good ? 0 : 1;
  }
  if (command == "--seeds" && argc > 3) return run_many(seed_of(argv[2]), seed_of(argv[3]));
  if (command == "--list") return replay_list(argv[2]);
  return usage();
}

}  // namespace
}  // namespace demarc::sim

int main(int argc, char** argv) {
  return demarc::sim::main_of(argc, argv);
}
