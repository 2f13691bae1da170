#include "commands/reference/build_reference.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "fit/fit_campaign.hpp"
#include "import/published/reference_csv.hpp"
#include "record/software.hpp"
#include "store/launch_reader.hpp"
#include "store/write_launch.hpp"

namespace hockney::commands {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(folder)) {
    entries.push_back(entry.path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::vector<fs::path> csv_files(const fs::path& system) {
  std::vector<fs::path> files = sorted_entries(system);
  std::erase_if(files, [](const fs::path& file) { return file.extension() != ".csv"; });
  if (files.empty()) {
    throw InputError(fmt::format("{}: no CSV files; expected the published figures of a system", system.string()));
  }
  return files;
}

void require_origin(const fs::path& file, const Launch& launch) {
  for (const char* key : {"url", "caveats"}) {
    if (!launch.provenance.contains(fmt::format("reference.{}", key))) {
      throw InputError(fmt::format("{}: key '{}' is missing; published figures need one here", file.string(), key));
    }
  }
}

class System {
 public:
  System(const fs::path& source, fs::path out, std::string importer)
      : source_(source), name_(source.filename().string()), out_(std::move(out)) {
    options_.importer = std::move(importer);
    options_.campaign = name_;
    options_.machine = name_;
  }

  void build(BuiltReference& built) {
    for (const fs::path& file : csv_files(source_)) {
      built.points += import(file);
      ++built.files;
    }
    // as `hockney fit` reads them, so that its model is this one
    const fit::CampaignFit fit = fit::fit_campaign(store::read_campaign(std::vector{out_ / name_}), {.name = name_});
    fit.model.write(out_ / (name_ + ".cost.json"));
    ++built.systems;
    built.curves += fit.model.curves.size();
    built.line_rates += fit.model.line_rates.size();
  }

 private:
  /// Returns the points of the file.
  std::size_t import(const fs::path& file) {
    const std::string text = read_text_file(file);
    const Launch launch = import::read_reference_csv(text, file, options_);
    require_origin(file, launch);
    const std::string software = software_of(launch.provenance);
    for (const Measurement& visit : launch.measurements) {
      const auto [first, fresh] = file_of_curve_.try_emplace({software, visit.point.curve_name()}, file);
      if (first->second != file) {
        throw InputError(fmt::format("{}: holds {}, which {} holds too; one source per curve", file.string(),
                                     visit.point.curve_name(), first->second.filename().string()));
      }
    }
    store::write_launch(out_ / name_ / file.filename().replace_extension(".h5"), launch, text);
    return launch.measurements.size();
  }

  fs::path source_;
  std::string name_;
  fs::path out_;
  import::ImportOptions options_;
  std::map<std::pair<std::string, std::string>, fs::path> file_of_curve_;  // of software and curve
};

}  // namespace

BuiltReference build_reference(const fs::path& source, const fs::path& out, const std::string& importer) {
  if (!fs::is_directory(source)) {
    throw InputError(fmt::format("{}: no such folder; expected one folder of CSV files per system", source.string()));
  }
  if (fs::exists(out) && !fs::is_empty(out)) {
    throw InputError(fmt::format("{}: is not empty; name a new folder", out.string()));
  }
  BuiltReference built;
  for (const fs::path& system : sorted_entries(source)) {
    if (fs::is_directory(system)) {
      fs::create_directories(out / system.filename());
      System(system, out, importer).build(built);
    }
  }
  if (built.systems == 0) {
    throw InputError(fmt::format("{}: no systems; expected one folder of CSV files for each", source.string()));
  }
  return built;
}

}  // namespace hockney::commands
