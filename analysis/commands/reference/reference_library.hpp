#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/shipped.hpp"

namespace hockney::commands {

/// The published figures that come with Hockney, imported and fitted when it was built: NAME/*.h5 and NAME.cost.json of
/// every system. A command line names a system as "reference:NAME" wherever a campaign or a cost model is wanted.
class ReferenceLibrary {
 public:
  /// `folder` is share/hockney/reference, found from where the running program lies.
  explicit ReferenceLibrary(std::filesystem::path folder = shipped_folder() / "reference");

  /// Names of the systems, sorted. Throws InputError when there is none: the installation is not complete.
  std::vector<std::string> names() const;

  /// The folder of a system's launch files. Throws InputError for an unknown name, with the nearest known one.
  std::filesystem::path campaign(const std::string& name) const;

  /// The file of a system's cost model, fitted when the library was built. Throws as campaign() does.
  std::filesystem::path cost_model(const std::string& name) const;

  /// What a command was given for a campaign: the folder of "reference:NAME"; anything else as it is.
  std::filesystem::path campaign_given(const std::filesystem::path& argument) const;
  std::vector<std::filesystem::path> campaigns_given(std::vector<std::filesystem::path> arguments) const;

  /// What a command was given for a cost model: the file of "reference:NAME"; anything else as it is.
  std::filesystem::path cost_model_given(const std::string& argument) const;

 private:
  std::filesystem::path folder_;
};

/// How help texts say that "reference:NAME" is taken as well.
inline constexpr std::string_view or_reference = "or reference:NAME (hockney reference list)";

}  // namespace hockney::commands
