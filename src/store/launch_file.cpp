#include "store/launch_file.hpp"

#include <cerrno>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <optional>

#include "store/durable_file.hpp"
#include "store/launch_reader.hpp"

namespace hockney::store {
namespace {

hdf5::File open_file(const std::filesystem::path& path) {
  return hdf5::File::open(path, path.extension() == ".part" ? hdf5::Access::read_while_open : hdf5::Access::read);
}

int minor_version(std::string_view version) {
  int minor = 0;
  const auto dot = version.find('.');
  if (dot != std::string_view::npos) {
    std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  }
  return minor;
}

bool says_campaign(const hdf5::Group& root) {
  return root.attributes().has("schema_name") && root.attributes().read_text("schema_name") == schema::campaign_name;
}

}  // namespace

LaunchFile::LaunchFile(const std::filesystem::path& path) : file_(open_file(path)) {
  hdf5::Group root = file_.root();
  is_campaign_ = says_campaign(root);
  if (!is_campaign_) {
    launches_.push_back(LaunchGroup::open(std::move(root)));
    return;
  }
  const auto all = hdf5::Group::open(root.id(), std::string(schema::launches_path));
  for (const std::string& name : all.members()) {
    launches_.push_back(LaunchGroup::open(hdf5::Group::open(all.id(), name)));
  }
}

void for_each_launch(std::span<const std::filesystem::path> files_or_folders,
                     const std::function<void(const LaunchGroup&)>& visit) {
  std::map<std::string, std::filesystem::path> origin;
  const auto visit_once = [&](const std::filesystem::path& file, const LaunchGroup& launch) {
    const std::string& run_uuid = launch.root().info.run_uuid;
    const auto [first, is_new] = origin.emplace(run_uuid, file);
    if (!is_new) {
      throw InputError(fmt::format("holds launch {}, which is also in {}", run_uuid, first->second.string()));
    }
    visit(launch);
  };
  for (const auto& path : files_or_folders) {
    for (const auto& file : launch_files(path)) {
      reading(file, [&] {
        const LaunchFile opened(file);
        for (const LaunchGroup& launch : opened.launches()) {
          visit_once(file, launch);
        }
      });
    }
  }
}

void copy_launch(const LaunchGroup& from, hdf5::Group to, schema::Root root) {
  if (minor_version(root.schema_version) > minor_version(schema::version)) {
    throw InputError(fmt::format("has schema version {}, newer than this program's {}: copying it would lose columns",
                                 root.schema_version, schema::version));
  }
  LaunchGroup::create(std::move(to), std::move(root), from.provenance(), from.placements(), from.skipped(),
                      from.raw_text(), from.points())
      .append(from);
}

void write_file_once(const std::filesystem::path& path, const std::function<void(hdf5::Group root)>& fill) {
  Draft draft(path);
  std::optional<hdf5::File> file;
  try {
    file.emplace(hdf5::File::create(draft.path()));
  } catch (const hdf5::Error& error) {
    throw InputError(fmt::format("{}: {}", path.string(), error.reason()));
  }
  try {
    fill(file->root());
    file->close();
  } catch (const hdf5::Error& error) {
    if (!is_full_disk(error.system_error())) {
      throw;  // of the file that is read
    }
    throw_write_error(fmt::format("{}: {}", path.string(), error.reason()), error.system_error());
  }
  file.reset();
  draft.publish();
}

}  // namespace hockney::store
