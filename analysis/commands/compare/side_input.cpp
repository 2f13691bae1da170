#include "commands/compare/side_input.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "commands/platform_choice.hpp"
#include "commands/reference/reference_library.hpp"
#include "fit/fit_campaign.hpp"
#include "store/launch_reader.hpp"

namespace hockney::commands {
namespace {

namespace fs = std::filesystem;

bool is_model(const fs::path& path) { return path.extension() == ".json"; }

std::vector<Launch> launches_of(const fs::path& campaign, const std::string& machine) {
  std::vector<Launch> launches = store::read_campaign(std::span(&campaign, 1));
  if (!machine.empty()) {
    std::erase_if(launches, [&](const Launch& launch) { return launch.info.machine != machine; });
  }
  return launches;
}

cost::CostModel read_model(const fs::path& file, const std::string& machine) {
  cost::CostModel model = cost::CostModel::read(file);
  if (!machine.empty()) {
    const auto is_of_another = [&](const auto& each) { return each.machine != machine; };
    std::erase_if(model.curves, is_of_another);
    std::erase_if(model.line_rates, is_of_another);
  }
  return model;
}

}  // namespace

std::string SideInput::flag(const std::string& name) const { return fmt::format("--{}-{}", name, lower_case(letter)); }

void SideInput::add_to(CLI::App& command) {
  const std::string of = fmt::format("{}: ", letter);
  command.add_option(flag("machine"), machine, of + "the curves of this machine, where it has several");
  command.add_option(flag("platform"), platform,
                     of + "what its links can carry, a name of --platforms or a file (*.toml); without it the platform "
                          "that the machine is named after");
}

compare::Side SideInput::side() const {
  const fs::path path = ReferenceLibrary().campaign_given(given);
  compare::Side side = is_model(path) ? compare::side_of(given, read_model(path, machine))
                                      : compare::side_of(given, launches_of(path, machine));
  if (side.curves.empty()) {
    throw InputError(fmt::format("{}{}: nothing to compare: no curve has a usable point", given,
                                 machine.empty() ? "" : fmt::format(" on '{}'", machine)));
  }
  return side;
}

cost::CostModel SideInput::cost_model() const {
  const fs::path file = ReferenceLibrary().cost_model_given(given);
  return is_model(file) ? read_model(file, machine) : fit::fit_campaign(launches_of(file, machine)).model;
}

std::optional<platform::Platform> SideInput::platform_of(const std::string& its_machine) const {
  return chosen_platform(platform, its_machine);
}

}  // namespace hockney::commands
