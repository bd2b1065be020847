#include "bench/peers/loop.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace demarc::bench {
namespace {

constexpr size_t zeros_behind = 128;

struct Options {
  std::string stages;  // "a,b"; empty: all
  unsigned rounds = 15;
  unsigned ms = 8;
  uint64_t count = 0;
  std::vector<std::string> inputs;
};

class Input {
 public:
  explicit Input(const std::filesystem::path& path) : name_(path.stem().string()) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(path)) {
      for (const auto& entry : std::filesystem::directory_iterator(path)) {
        files.push_back(entry.path());
      }
      std::sort(files.begin(), files.end());
    } else {
      files.push_back(path);
    }
    for (const auto& file : files) load(file);
    if (messages_.empty()) fail(path);
  }
  const std::string& name() const { return name_; }
  const std::vector<Octets>& messages() const { return messages_; }
  size_t octets() const { return octets_; }

 private:
  [[noreturn]] static void fail(const std::filesystem::path& path) {
    std::fprintf(stderr, "%s: can not be read\n", path.c_str());
    std::exit(1);
  }
  void load(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (text.empty()) fail(path);
    buffers_.push_back(std::make_unique<char[]>(text.size() + zeros_behind));
    std::copy(text.begin(), text.end(), buffers_.back().get());
    messages_.push_back(
        {buffers_.back().get(), text.size(), static_cast<unsigned>(messages_.size())});
    octets_ += text.size();
  }

  std::string name_;
  std::vector<std::unique_ptr<char[]>> buffers_;
  std::vector<Octets> messages_;
  size_t octets_ = 0;
};

double now_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Keeps what was read from being thrown away.
volatile bool is_all_accepted;

inline void read_messages(const Stage& stage, std::span<const Octets> messages, uint64_t count) {
  bool accepted = true;
  size_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    accepted &= stage.read(messages[at]);
    if (++at == messages.size()) at = 0;
  }
  is_all_accepted = accepted;
}

unsigned refused(const Stage& stage, std::span<const Octets> messages) {
  unsigned count = 0;
  for (const Octets& message : messages) count += stage.read(message) ? 0 : 1;
  return count;
}

double timed(const Stage& stage, const Input& input, uint64_t count) {
  const double before = now_ns();
  read_messages(stage, input.messages(), count);
  return now_ns() - before;
}

void measure(const Stage& stage, const Input& input, const Options& options) {
  const unsigned refused_count = refused(stage, input.messages());
  const double wanted_ns = options.ms * 1e6;
  uint64_t count = input.messages().size();
  double spent = timed(stage, input, count);
  while (spent < wanted_ns / 4) {
    count *= 2;
    spent = timed(stage, input, count);
  }
  // Whole turns through a pool.
  const uint64_t size = input.messages().size();
  count = static_cast<uint64_t>(static_cast<double>(count) * wanted_ns / spent);
  count = std::max(size, (count + size - 1) / size * size);
  std::vector<double> rounds;
  for (unsigned i = 0; i < options.rounds; ++i) {
    rounds.push_back(timed(stage, input, count) / static_cast<double>(count));
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("%.*s\t%s\t%zu\t%zu\t%u\t%.2f\t%.2f\n", static_cast<int>(stage.name.size()),
              stage.name.data(), input.name().c_str(), input.messages().size(),
              input.octets() / input.messages().size(), refused_count, rounds[rounds.size() / 2],
              rounds[0]);
  std::fflush(stdout);
}

Options options_of(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = arguments[i];
    const char* value = i + 1 < count ? arguments[i + 1] : "";
    if (name.substr(0, 2) != "--") {
      options.inputs.emplace_back(name);
      continue;
    }
    ++i;
    if (name == "--stages") {
      options.stages = value;
    } else if (name == "--rounds") {
      options.rounds = std::max(1U, static_cast<unsigned>(std::atoi(value)));
    } else if (name == "--ms") {
      options.ms = std::max(1U, static_cast<unsigned>(std::atoi(value)));
    } else if (name == "--count") {
      options.count = std::strtoull(value, nullptr, 10);
    } else {
      std::fprintf(stderr, "%s: unknown\n", arguments[i - 1]);
      std::exit(2);
    }
  }
  return options;
}

bool is_wanted(const Stage& stage, const Options& options) {
  const std::string name(stage.name);
  return options.stages.empty() ||
         ("," + options.stages + ",").find("," + name + ",") != std::string::npos;
}

}  // namespace

// Not in the anonymous namespace, and of C linkage: callgrind is told its name.
extern "C" __attribute__((noinline)) void demarc_bench_counted(const Stage* stage,
                                                               const Octets* messages,
                                                               size_t message_count,
                                                               uint64_t count) {
  read_messages(*stage, {messages, message_count}, count);
}

int run(const Program& program, int argument_count, char** arguments) {
  if (argument_count > 1 && std::string_view(arguments[1]) == "--name") {
    std::printf("%.*s\n", static_cast<int>(program.name.size()), program.name.data());
    return 0;
  }
  if (argument_count > 1 && std::string_view(arguments[1]) == "--list") {
    for (const Stage& stage : program.stages) {
      std::printf("%.*s\n", static_cast<int>(stage.name.size()), stage.name.data());
    }
    return 0;
  }
  const Options options = options_of(argument_count, arguments);
  for (const std::string& path : options.inputs) {
    const Input input(path);
    if (program.prepare != nullptr) program.prepare(input.messages());
    for (const Stage& stage : program.stages) {
      if (!is_wanted(stage, options)) continue;
      if (options.count == 0) {
        measure(stage, input, options);
        continue;
      }
      // What happens on the first reading only (binding, first pages) is not counted.
      static_cast<void>(refused(stage, input.messages()));
      std::printf("%.*s\t%s\n", static_cast<int>(stage.name.size()), stage.name.data(),
                  input.name().c_str());
      demarc_bench_counted(&stage, input.messages().data(), input.messages().size(), options.count);
    }
  }
  return 0;
}

}  // namespace demarc::bench
