// Seeds of the media fuzzers: packets, and scripts of them.
#include <cstddef>

#include "tests/fuzz/seeds.h"

namespace demarc::fuzz {

// Plain packets for each suite, as RTP and RTCP: whole, cut, with CSRCs and extensions that end
// inside, at and beyond the end.
std::vector<std::string> srtp_seeds() {
  std::vector<std::string> seeds;
  std::string rtp("\x80\x08\x12\x34\x00\x00\x00\xa0\xca\xfe\xba\xbe", 12);
  const std::string rtcp("\x81\xc8\x00\x06\xca\xfe\xba\xbe", 8);
  for (unsigned suite = 0; suite < 6; ++suite) {
    const std::string first(1, static_cast<char>(suite));
    for (const unsigned body : {0u, 1u, 15u, 16u, 160u, 1400u}) {
      seeds.push_back(first + rtp + std::string(body, 'x'));
      seeds.push_back(std::string(1, static_cast<char>(0x80 | suite)) + rtcp +
                      std::string(body, 'y'));
    }
    for (const char kind : {'\x81', '\x8f', '\x90', '\x9f', '\x40', '\x00'}) {
      std::string other = rtp + std::string(40, '\0');
      other[0] = kind;
      seeds.push_back(first + other);
      other[14] = '\xff';
      seeds.push_back(first + other);
    }
    for (size_t length = 0; length < rtp.size(); ++length) {
      seeds.push_back(first + rtp.substr(0, length));
    }
  }
  return seeds;
}

// A plan, packets and RTCP, as work_fuzz.cc reads them.
std::vector<std::string> rtp_seeds() {
  std::vector<std::string> seeds;
  // A sender report with a block, a NACK, and an extended report that lists losses beside a DLRR.
  const std::string reports = std::string("\x81\xc8\0\x0c\0\0\0\7", 8) + std::string(20, '\1') +
                              std::string("\0\0\0\7\0\0\0\1\0\0\0\5", 12) + std::string(12, '\1') +
                              std::string("\x81\xcd\0\3\0\0\0\7\0\0\0\7\0\5\0\0", 16) +
                              std::string("\x80\xcf\0\7\0\0\0\7\1\0\0\1\0\0\0\7", 16) +
                              std::string("\5\0\0\3\0\0\0\7", 8) + std::string(8, '\1');
  for (unsigned bits = 0; bits < 128; bits += 21) {
    // PCMA to PCMU, telephone-event under another number, CN into noise.
    std::string seed = {3, 8, 0, '\x82', 101, 100, 3, 13, 0, 4, static_cast<char>(bits)};
    for (unsigned i = 0; i < 8; ++i) {
      const bool is_event = i % 4 == 2;
      std::string packet = {'\x80',
                            static_cast<char>(is_event     ? 101
                                              : i % 4 == 3 ? 13
                                                           : 8),
                            0,
                            static_cast<char>(i),
                            0,
                            0,
                            static_cast<char>(i / 2),
                            0,
                            0,
                            0,
                            0,
                            7};
      packet += is_event ? std::string("\x05\x8a\x03\x20", 4) : std::string(40, '\x55');
      seed += std::string{20, static_cast<char>(packet.size())} + packet;
      if (i % 4 == 3) seed += std::string{'\x80', static_cast<char>(reports.size())} + reports;
    }
    seeds.push_back(seed);
  }
  return seeds;
}

// Bodies of INFO as gateways write digits, and as nobody should.
std::vector<std::string> dtmf_seeds() {
  return {"Signal=5\r\nDuration=160\r\n",
          "Signal= *\r\nDuration= 250",
          "duration=99999\nsignal=#\n",
          "Duration=0\r\nSignal=A\r\n",
          "Signal=11\r\n",
          "Signal=16\r\nDuration=4294967296\r\n",
          "Signal=5=6\r\nSignal=\r\n=7\r\n",
          "9",
          " d \r\n",
          "\r\n\r\n10",
          "55",
          "=",
          "application/dtmf-relay; charset=x"};
}

// Packets as relay_fuzz.cc reads them, each with an octet that says how it comes: audio that loses,
// repeats and overtakes, both kinds of RTCP, and what is neither at either port.
std::vector<std::string> packets_seeds() {
  const auto piece = [](unsigned how, const std::string& packet) {
    return std::string{static_cast<char>(how), static_cast<char>(packet.size())} + packet;
  };
  const auto audio = [](unsigned sequence) {
    return std::string{'\x80', 8, 0, static_cast<char>(sequence)} +
           std::string{0, 0, static_cast<char>(sequence), '\xa0', 0, 0, 0, 7} +
           std::string(20, 'x');
  };
  const std::string sender_report =
      std::string("\x81\xc8\x00\x0c\x00\x00\x00\x07", 8) + std::string(44, '\x01');
  const std::string goodbye("\x81\xcb\x00\x01\x00\x00\x00\x07", 8);
  const std::string binding =
      std::string("\x00\x01\x00\x00\x21\x12\xa4\x42", 8) + std::string(12, 's');
  std::string stream;
  std::vector<std::string> seeds;
  for (const unsigned sequence : {1u, 2u, 4u, 3u, 4u, 9u, 255u, 0u, 1u}) {
    stream += piece(sequence % 2 == 0 ? 0x10 : 0x12, audio(sequence));
  }
  seeds.push_back(stream);
  for (const unsigned port : {0u, 1u}) {
    for (const std::string& packet : {sender_report, goodbye, binding, std::string(), audio(3)}) {
      seeds.push_back(piece(port, packet) + piece(port | 0x82, packet) + stream);
      for (size_t cut = 1; cut < packet.size(); cut += 3) {
        seeds.push_back(piece(port, packet.substr(0, cut)));
      }
    }
  }
  return seeds;
}

// Calls as table_fuzz.cc reads them: of each kind of stream, with packets both ways, time between
// them, digits, and later offers that change plan, keys, stream and ports.
std::vector<std::string> calls_media_seeds() {
  const auto octet = [](unsigned value) { return std::string(1, static_cast<char>(value)); };
  const auto audio = [&](unsigned how, unsigned type, unsigned sequence) {
    return octet(how) + octet(52) + std::string("\x80", 1) + octet(type) + octet(0) +
           octet(sequence) + std::string(2, '\0') + octet(sequence) + octet(0xa0) +
           std::string("\0\0\0\7", 4) + std::string(40, 'x');
  };
  const std::string report = std::string("\x80\xc8\0\6\0\0\0\7", 8) + std::string(20, '\1');
  std::vector<std::string> seeds;
  for (unsigned kind = 0; kind < 256; kind += 11) {
    std::string seed = octet(kind);
    for (unsigned i = 0; i < 12; ++i) {
      const unsigned how = 3 | (i & 1) << 3 | 64 | (i % 5 == 4 ? 128u : 0u);
      seed += audio(how, i % 4 == 3 ? 13 : 8, i);
      if (i % 4 == 0) seed += octet(3 | 16 | 64 | (i & 8)) + octet(28) + report;
      if (i % 3 == 2) seed += octet(4 << 3);
    }
    for (unsigned change = 0; change < 8; ++change) {
      seed += octet(1 | change << 3) + octet(kind ^ change * 37) + octet(change);
      seed += audio(3 | 64, 8, 20 + change) + octet(2 | 5 << 4) + octet(16 << 3);
    }
    seeds.push_back(seed);
  }
  return seeds;
}

}  // namespace demarc::fuzz
