// Query: what the command line says as a part of a request's target.
#pragma once

#include <string>

#include "controlplane/cli/command_line.h"

namespace demarc::cli {

// What a trunk's name may hold is written as it is, the rest in hex (RFC 3986).
std::string escaped(const std::string& text);

// "from=pbx&called=%2B44&calling=&header=": of the resources called trace-route.
std::string trace_query(const CommandLine& line);

}  // namespace demarc::cli
