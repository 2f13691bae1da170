#include "commands/compare/side_input.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
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

const std::string& machine_of(const Launch& launch) { return launch.info.machine; }
const std::string& machine_of(const cost::CostCurve& curve) { return curve.machine; }

// Leaves what is of the machine that --machine-a names, if it names one.
template <class Entry>
void keep_machine(std::vector<Entry>& entries, const SideInput& side) {
  if (side.machine.empty()) {
    return;
  }
  std::set<std::string> known;
  for (const Entry& each : entries) {
    known.insert(machine_of(each));
  }
  if (!known.contains(side.machine)) {
    throw InputError(fmt::format("{} '{}': not in {}; expected one of: {}", side.flag("machine"), side.machine,
                                 side.given, fmt::join(known, "; ")));
  }
  std::erase_if(entries, [&](const Entry& each) { return machine_of(each) != side.machine; });
}

std::vector<Launch> launches_of(const fs::path& campaign, const SideInput& side) {
  std::vector<Launch> launches = store::read_campaign(std::span(&campaign, 1));
  keep_machine(launches, side);
  return launches;
}

cost::CostModel read_model(const fs::path& file, const SideInput& side) {
  cost::CostModel model = cost::CostModel::read(file);
  keep_machine(model.curves, side);
  std::erase_if(model.line_rates,
                [&](const StatedLineRate& rate) { return !side.machine.empty() && rate.machine != side.machine; });
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
  compare::Side side = is_model(path) ? compare::side_of(given, read_model(path, *this))
                                      : compare::side_of(given, launches_of(path, *this));
  if (side.curves.empty()) {
    throw InputError(fmt::format("{0}{1}: nothing to compare: no curve has a usable point; hockney fit {0} says why",
                                 given, machine.empty() ? "" : fmt::format(" on '{}'", machine)));
  }
  return side;
}

cost::CostModel SideInput::cost_model() const {
  const fs::path file = ReferenceLibrary().cost_model_given(given);
  return is_model(file) ? read_model(file, *this) : fit::fit_campaign(launches_of(file, *this)).model;
}

std::optional<platform::Platform> SideInput::platform_of(const std::string& its_machine) const {
  return chosen_platform(platform, its_machine);
}

}  // namespace hockney::commands
