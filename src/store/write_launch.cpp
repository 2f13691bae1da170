#include "store/write_launch.hpp"

#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "store/durable_file.hpp"
#include "store/launch_file.hpp"

namespace hockney::store {
namespace {

schema::Root root_of(const Launch& launch) {
  schema::Root root;
  root.info = launch.info;
  root.info.finalised = true;
  root.started = to_iso8601(launch.info.started_utc_ns);
  root.ended = to_iso8601(launch.info.ended_utc_ns);
  root.file_locking = "on";
  return root;
}

}  // namespace

void write_launch(const std::filesystem::path& file, const Launch& launch, std::string_view raw_text) {
  if (std::filesystem::exists(file)) {
    throw InputError(fmt::format("{}: exists already", file.string()));
  }
  if (file.has_parent_path()) {
    make_folder(file.parent_path());
  }
  const std::vector<schema::PointRow> rows = rows_of(launch.measurements);
  write_file_once(file, [&](hdf5::Group root) {
    LaunchGroup::create(std::move(root), root_of(launch), launch.provenance, launch.placements, launch.skipped,
                        raw_text, rows, Columns::used)
        .append(launch.measurements, rows, false);
  });
}

}  // namespace hockney::store
