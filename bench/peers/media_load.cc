// media_load: RTP of many calls between two ends of a relay, both played here. What it counted is
// one line of JSON.
//
// media_load --calls FILE --streams N --first SEQUENCE --seconds S --cpus 0[,1]
//            --a NAMESPACE,ADDRESS:PORT --b NAMESPACE,ADDRESS:PORT [--key HEX] [--flood]
// A line of FILE is a call: "ADDRESS:PORT ADDRESS:PORT", where A sends to and where B sends to.
// With a key A sends SRTP and hears SRTP. With --flood A alone sends, as fast as it can, and nobody
// reads: what arrived is for the counters of the interfaces to say. With two CPUs each end has one.
#include <arpa/inet.h>
#include <sched.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "bench/peers/media_side.h"

namespace demarc::bench {
namespace {

constexpr uint64_t ms_in_ns = 1'000'000;
constexpr uint64_t nap_ns = 100'000;
// How long packets may be under way after the last one was sent.
constexpr uint64_t grace_ns = 500 * ms_in_ns;

using Words = std::map<std::string, std::string>;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "media_load: %s\n", why.c_str());
  std::exit(2);
}

uint64_t now_ns() {
  timespec time = {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000 * ms_in_ns +
         static_cast<uint64_t>(time.tv_nsec);
}

Words words_of(int count, char** texts) {
  Words words;
  for (int i = 1; i < count; ++i) {
    const std::string name = texts[i];
    if (name == "--flood") {
      words[name] = "yes";
    } else if (name.rfind("--", 0) == 0 && i + 1 < count) {
      words[name] = texts[++i];
    } else {
      fail("what is " + name + "?");
    }
  }
  for (const char* needed :
       {"--calls", "--first", "--streams", "--seconds", "--cpus", "--a", "--b"}) {
    if (words.count(needed) == 0) fail(std::string(needed) + " is missing");
  }
  return words;
}

sockaddr_in address_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  if (colon == std::string::npos ||
      ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    fail("no address: " + text);
  }
  address.sin_port = htons(static_cast<uint16_t>(std::stoul(text.substr(colon + 1))));
  return address;
}

// The two ends as the command line has them.
std::vector<MediaSide::Options> ends_of(const Words& words) {
  std::vector<MediaSide::Options> ends(2);
  for (unsigned i = 0; i < 2; ++i) {
    const std::string& text = words.at(i == 0 ? "--a" : "--b");
    const std::size_t comma = text.find(',');
    if (comma == std::string::npos) fail("no namespace: " + text);
    ends[i].name_space = text.substr(0, comma);
    ends[i].local = address_of(text.substr(comma + 1));
    ends[i].first_ssrc = (i + 1) << 24;
    ends[i].first_sequence = static_cast<uint16_t>(std::stoul(words.at("--first")));
  }
  std::ifstream file(words.at("--calls"));
  const std::size_t wanted = std::stoul(words.at("--streams"));
  std::string a;
  std::string b;
  while (ends[0].targets.size() < wanted && file >> a >> b) {
    ends[0].targets.push_back(address_of(a));
    ends[1].targets.push_back(address_of(b));
  }
  if (ends[0].targets.size() < wanted || wanted == 0) fail("too few calls in the file");
  if (words.count("--key") != 0) {
    ends[0].key = words.at("--key");
    ends[0].reads_delay = false;
  }
  return ends;
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) fail("no such CPU: " + std::to_string(cpu));
}

void receive_until(const std::vector<MediaSide*>& sides, uint64_t time) {
  for (uint64_t now = now_ns(); now < time; now = now_ns()) {
    for (MediaSide* side : sides) side->receive();
    if (time - now <= 2 * nap_ns) continue;
    const timespec nap = {.tv_sec = 0, .tv_nsec = nap_ns};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, nullptr);
  }
}

// The longest that a turn began late, in us: much of it means that the generator is the limit.
uint64_t run_paced(const std::vector<MediaSide*>& sides, uint64_t begin, uint64_t end, int cpu) {
  pin_to(cpu);
  uint64_t latest = 0;
  unsigned slot = 0;
  for (uint64_t turn = begin; turn < end; turn += ms_in_ns) {
    receive_until(sides, turn);
    const uint64_t now = now_ns();
    if (now > turn && now - turn > latest) latest = now - turn;
    for (MediaSide* side : sides) side->send_slot(slot);
    for (MediaSide* side : sides) side->receive();
    slot = (slot + 1) % MediaSide::slots;
  }
  receive_until(sides, std::max(end, now_ns()) + grace_ns);
  return latest / 1000;
}

void run_flood(MediaSide& side, uint64_t end, int cpu) {
  pin_to(cpu);
  while (now_ns() < end) side.send_batch();
}

void print(const MediaSide& a, const MediaSide& b, double seconds, uint64_t late_us) {
  Delays delays;
  delays.add(a.delays());
  delays.add(b.delays());
  std::printf(
      "{\"seconds\": %.3f, \"a_sent\": %lu, \"a_received\": %lu, \"b_sent\": %lu, "
      "\"b_received\": %lu, \"late_us\": %lu, \"p50_us\": %lu, \"p99_us\": %lu, "
      "\"p99_9_us\": %lu}\n",
      seconds, a.sent(), a.received(), b.sent(), b.received(), late_us, delays.percentile(0.5),
      delays.percentile(0.99), delays.percentile(0.999));
}

int run(const Words& words) {
  const std::vector<MediaSide::Options> ends = ends_of(words);
  MediaSide a(ends[0]);
  MediaSide b(ends[1]);
  const std::string& cpus = words.at("--cpus");
  const int first = std::stoi(cpus);
  const std::size_t comma = cpus.find(',');
  const uint64_t begin = now_ns() + 10 * ms_in_ns;
  const uint64_t end = begin + static_cast<uint64_t>(std::stod(words.at("--seconds")) * 1e9);
  uint64_t late_us = 0;
  if (words.count("--flood") != 0) {
    run_flood(a, end, first);
  } else if (comma == std::string::npos) {
    late_us = run_paced({&a, &b}, begin, end, first);
  } else {
    uint64_t its = 0;
    const int second = std::stoi(cpus.substr(comma + 1));
    std::thread other([&] { its = run_paced({&b}, begin, end, second); });
    late_us = run_paced({&a}, begin, end, first);
    other.join();
    late_us = std::max(late_us, its);
  }
  print(a, b, static_cast<double>(end - begin) / 1e9, late_us);
  return 0;
}

}  // namespace
}  // namespace demarc::bench

int main(int count, char** texts) {
  return demarc::bench::run(demarc::bench::words_of(count, texts));
}
