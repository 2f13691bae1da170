#include "commands/platform_choice.hpp"

#include <fmt/format.h>

#include "base/shipped.hpp"
#include "commands/predict/step_flags.hpp"

namespace hockney::commands {

std::optional<platform::Platform> chosen_platform(const std::string& named, const std::string& machine) {
  const std::filesystem::path folder = shipped_folder() / "platforms";
  return named.empty() ? platform::platform_of_machine(machine, folder)
                       : std::optional(platform::find_platform(named, folder));
}

ChosenGpu chosen_gpu(const std::string& named, const std::optional<platform::Platform>& platform,
                     const std::string& machine) {
  const std::string told = named.empty() && platform ? platform->gpu : named;
  if (!told.empty()) {
    return {told, {}};
  }
  const std::string usual = StepFlags{}.gpu;
  return {usual, fmt::format("GPU ASSUMED: {}; which GPU '{}' has is not known; --gpu tells it", usual, machine)};
}

}  // namespace hockney::commands
