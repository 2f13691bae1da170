#pragma once

#include <optional>
#include <string>

#include "platform/platform.hpp"

namespace hockney::commands {

/// The platform that a command line names (a name or a path); where it names none, the one that the machine is named
/// after, if there is one. Throws InputError for an unknown name.
std::optional<platform::Platform> chosen_platform(const std::string& named, const std::string& machine);

}  // namespace hockney::commands
