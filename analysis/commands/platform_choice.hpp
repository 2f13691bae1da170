#pragma once

#include <optional>
#include <string>

#include "platform/platform.hpp"

namespace hockney::commands {

/// The platform that a command line names (a name or a path); where it names none, the one that the machine is named
/// after, if there is one. Throws InputError for an unknown name.
std::optional<platform::Platform> chosen_platform(const std::string& named, const std::string& machine);

/// A GPU by the name of its file, and what must stand where it is used: "GPU ASSUMED: ..."; empty where it is known.
struct ChosenGpu {
  std::string name;
  std::string mark;
};

/// The GPU that a command line names; where it names none, the platform's; else that of `hockney predict`, assumed.
ChosenGpu chosen_gpu(const std::string& named, const std::optional<platform::Platform>& platform,
                     const std::string& machine);

}  // namespace hockney::commands
