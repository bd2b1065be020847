// The paths of the API. One function, called by server.cc for each request; never throws for what a
// client sends.
#pragma once

#include "controlplane/rest/request.h"
#include "controlplane/rest/sources.h"

namespace demarc::rest {

Response respond(const Request& request, const Sources& sources);

}  // namespace demarc::rest
