#include "commands/platform_choice.hpp"

#include "base/shipped.hpp"

namespace hockney::commands {

std::optional<platform::Platform> chosen_platform(const std::string& named, const std::string& machine) {
  const std::filesystem::path folder = shipped_folder() / "platforms";
  return named.empty() ? platform::platform_of_machine(machine, folder)
                       : std::optional(platform::find_platform(named, folder));
}

}  // namespace hockney::commands
