// How fast messages are read and written again: every stage of stages.h on the INVITE of corpus.h
// and on its pool. A benchmark is named as its figure: parse.invite.full, parse.pool.peek.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/corpus.h"
#include "bench/stages.h"

namespace demarc::bench {
namespace {

class Input {
 public:
  explicit Input(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) buffers_.emplace_back(text);
    for (PaddedMessage& buffer : buffers_) {
      messages_.push_back(
          {buffer.data(), buffer.view().size(), static_cast<unsigned>(messages_.size())});
      octets_ += buffer.view().size();
    }
  }
  const std::vector<Octets>& messages() const { return messages_; }
  double mean_octets() const {
    return static_cast<double>(octets_) / static_cast<double>(messages_.size());
  }

 private:
  std::vector<PaddedMessage> buffers_;
  std::vector<Octets> messages_;
  size_t octets_ = 0;
};

void measure(benchmark::State& state, const Stage& stage, const Input& input) {
  const std::vector<Octets>& messages = input.messages();
  prepare_stages(messages);
  bool is_accepted = true;
  size_t at = 0;
  for (auto _ : state) {
    Octets message = messages[at];
    benchmark::DoNotOptimize(message);
    is_accepted &= stage.read(message);
    benchmark::ClobberMemory();
    if (++at == messages.size()) at = 0;
  }
  if (!is_accepted) state.SkipWithError("a message is refused");
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(
      static_cast<int64_t>(input.mean_octets() * static_cast<double>(state.iterations())));
}

void register_all(const char* name, const Input& input) {
  for (const Stage& stage : our_stages()) {
    const std::string figure = std::string("parse.") + name + "." + std::string(stage.name);
    benchmark::RegisterBenchmark(figure.c_str(), [&stage, &input](benchmark::State& state) {
      measure(state, stage, input);
    });
  }
}

}  // namespace
}  // namespace demarc::bench

int main(int count, char** arguments) {
  using namespace demarc::bench;
  const Input invite_input({std::string(invite())});
  const Input pool_input(message_pool(pool_seed, pool_size));
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::AddCustomContext("pool_seed", std::to_string(pool_seed));
  register_all("invite", invite_input);
  register_all("pool", pool_input);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
