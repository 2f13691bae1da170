#include "commands/reference/reference_library.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "base/error.hpp"
#include "base/names.hpp"

namespace hockney::commands {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view prefix = "reference:";
constexpr std::string_view model_ending = ".cost.json";

std::optional<std::string> name_in(const std::string& argument) {
  return argument.starts_with(prefix) ? std::optional(argument.substr(prefix.size())) : std::nullopt;
}

}  // namespace

ReferenceLibrary::ReferenceLibrary(fs::path folder) : folder_(std::move(folder)) {}

std::vector<std::string> ReferenceLibrary::names() const {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder_, missing)) {
    if (entry.is_directory()) {
      names.push_back(entry.path().filename().string());
    }
  }
  if (names.empty()) {
    throw InputError(fmt::format("{}: no reference systems here; is the installation complete?", folder_.string()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path ReferenceLibrary::campaign(const std::string& name) const {
  const std::vector<std::string> known = names();
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    const std::vector<std::string_view> views(known.begin(), known.end());
    throw InputError(unknown_name("reference system", name, views));
  }
  return folder_ / name;
}

fs::path ReferenceLibrary::cost_model(const std::string& name) const { return campaign(name).concat(model_ending); }

fs::path ReferenceLibrary::campaign_given(const fs::path& argument) const {
  const auto name = name_in(argument.string());
  return name ? campaign(*name) : argument;
}

std::vector<fs::path> ReferenceLibrary::campaigns_given(std::vector<fs::path> arguments) const {
  for (fs::path& argument : arguments) {
    argument = campaign_given(argument);
  }
  return arguments;
}

fs::path ReferenceLibrary::cost_model_given(const std::string& argument) const {
  const auto name = name_in(argument);
  return name ? cost_model(*name) : fs::path(argument);
}

}  // namespace hockney::commands
