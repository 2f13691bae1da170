#pragma once

#include "record/launch.hpp"

namespace hockney::bench {

/// What can be told about this program, its libraries and this host: build, versions, CPU, allowed environment.
/// Never the whole environment (is_allowed_environment()).
Provenance collect_provenance();

}  // namespace hockney::bench
