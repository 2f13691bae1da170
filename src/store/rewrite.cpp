#include "store/rewrite.hpp"

#include <fmt/format.h>
#include <set>

#include "store/durable_file.hpp"
#include "store/journal.hpp"
#include "store/launch_file.hpp"

namespace hockney::store {
namespace fs = std::filesystem;
namespace {

void refuse_existing(const fs::path& out) {
  if (fs::exists(out)) {
    throw InputError(fmt::format("{}: exists already", out.string()));
  }
}

std::vector<std::string> missing_from(const LaunchGroup& launch, const std::vector<VisitKey>& journal) {
  std::set<VisitKey> stored;
  for (const schema::PointRow& row : launch.points()) {
    stored.insert({row.name, row.visit.pass});
  }
  std::vector<std::string> missing;
  for (const VisitKey& visit : journal) {
    if (!stored.contains(visit)) {
      missing.push_back(fmt::format("{}, pass {}", visit.name, visit.pass));
    }
  }
  return missing;
}

}  // namespace

Recovery repair_launch(const fs::path& part, const std::optional<fs::path>& out) {
  if (part.extension() != ".part") {
    throw InputError(fmt::format("{}: is no .h5.part; a finished launch needs no repair", part.string()));
  }
  Recovery recovery;
  recovery.file = out.value_or(fs::path(part).replace_extension());
  refuse_existing(recovery.file);
  if (is_held_by_writer(journal_of(part))) {
    throw InputError(fmt::format("{}: is still being written", part.string()));
  }
  reading(part, [&] {
    const LaunchFile opened(part);
    const LaunchGroup& launch = opened.launches().front();
    const JournalContents journal = read_journal(journal_of(part));
    recovery.points = launch.points().size();
    recovery.samples = launch.samples();
    recovery.uncommitted_samples = launch.uncommitted_samples();
    recovery.only_in_journal = missing_from(launch, journal.visits);
    recovery.torn_journal_lines = journal.torn_lines;
    schema::Root root = launch.root();
    root.repaired = true;
    write_file_once(recovery.file, [&](hdf5::Group to) { copy_launch(launch, std::move(to), root); });
  });
  return recovery;
}

MergeResult merge_launches(std::span<const fs::path> files_or_folders, const fs::path& out) {
  refuse_existing(out);
  MergeResult result;
  write_file_once(out, [&](hdf5::Group root) {
    root.attributes().write_text("schema_name", schema::campaign_name);
    root.attributes().write_text("schema_version", schema::version);
    const auto all = hdf5::Group::create(root.id(), std::string(schema::launches_path));
    for_each_launch(files_or_folders, [&](const LaunchGroup& launch) {
      copy_launch(launch, hdf5::Group::create(all.id(), launch.root().info.run_uuid), launch.root());
      ++result.launches;
      result.points += launch.points().size();
    });
  });
  return result;
}

}  // namespace hockney::store
