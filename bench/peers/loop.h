// The loop that every parser is measured in. One program holds one parser; each links this file and
// says what its stages are, so that all read the same octets in the same way.
//
//   PROGRAM --name                          of the parser
//   PROGRAM --list                          its stages
//   PROGRAM [--stages A,B] [--rounds N] [--ms N] FILE|FOLDER...
//   PROGRAM [--stages A,B] --count N FILE|FOLDER...
//
// A file is one message that is read over and over; a folder is a pool whose messages are read in
// turn, which the branch predictor can not learn. The first form prints a line per stage and input:
// stage, input, messages, mean octets, refused messages, median and least ns per message of all
// rounds. The second is for callgrind: it reads N messages of each in demarc_bench_counted(),
// which is never called otherwise. Thread CPU time; one thread.
#pragma once

#include <span>
#include <string_view>

#include "bench/stages.h"

namespace demarc::bench {

struct Program {
  std::string_view name;
  std::span<const Stage> stages;
  // Called once per input, before its stages run.
  void (*prepare)(std::span<const Octets> messages);
};

int run(const Program& program, int argument_count, char** arguments);

}  // namespace demarc::bench
