#include "store/launch_reader.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "store/launch_file.hpp"

namespace hockney::store {
namespace fs = std::filesystem;

namespace {

const LaunchGroup& only_launch(const LaunchFile& opened) {
  if (opened.is_campaign()) {
    throw InputError(fmt::format("is a campaign of {} launches, not one launch", opened.launches().size()));
  }
  return opened.launches().front();
}

}  // namespace

Launch read_launch(const fs::path& file) {
  return reading(file, [&] { return only_launch(LaunchFile(file)).read(); });
}

std::string read_raw_text(const fs::path& file) {
  return reading(file, [&] { return only_launch(LaunchFile(file)).raw_text(); });
}

std::vector<LaunchOutline> read_outlines(const fs::path& file) {
  std::vector<LaunchOutline> outlines;
  reading(file, [&] {
    const LaunchFile opened(file);
    for (const LaunchGroup& launch : opened.launches()) {
      outlines.push_back({launch.root().info, launch.provenance(), launch.points()});
    }
  });
  return outlines;
}

std::vector<fs::path> launch_files(const fs::path& file_or_folder) {
  if (!fs::exists(file_or_folder)) {
    throw InputError(fmt::format("{}: no such file or folder", file_or_folder.string()));
  }
  if (!fs::is_directory(file_or_folder)) {
    return {file_or_folder};
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(file_or_folder)) {
    fs::path finished = entry.path();
    const bool is_part = finished.extension() == ".part";
    if (is_part) {
      finished.replace_extension();
    }
    if (finished.extension() == ".h5" && !(is_part && fs::exists(finished))) {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    throw InputError(fmt::format("{}: holds no launch (*.h5 or *.h5.part)", file_or_folder.string()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Launch> read_campaign(std::span<const fs::path> files_or_folders) {
  std::vector<Launch> launches;
  for_each_launch(files_or_folders, [&](const LaunchGroup& launch) { launches.push_back(launch.read()); });
  std::stable_sort(launches.begin(), launches.end(),
                   [](const Launch& a, const Launch& b) { return a.info.started_utc_ns < b.info.started_utc_ns; });
  return launches;
}

}  // namespace hockney::store
