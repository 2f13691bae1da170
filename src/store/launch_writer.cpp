#include "store/launch_writer.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <system_error>

#include "store/durable_file.hpp"
#include "store/launch_file.hpp"

namespace hockney::store {
namespace fs = std::filesystem;
namespace {

fs::path finished_file(const fs::path& part) { return fs::path(part).replace_extension(); }

/// The folder and its name for a new launch; refuses to touch an old one.
fs::path new_part(const fs::path& folder, const std::string& run_uuid) {
  make_folder(folder);
  const fs::path part = folder / (run_uuid + ".h5.part");
  for (const fs::path& file : {part, finished_file(part)}) {
    if (fs::exists(file)) {
      throw InputError(fmt::format("{}: exists already", file.string()));
    }
  }
  return part;
}

schema::Root root_of(const LaunchInfo& info) {
  schema::Root root;
  root.info = info;
  root.started = to_iso8601(info.started_utc_ns);
  root.ended = info.ended_utc_ns == 0 ? "" : to_iso8601(info.ended_utc_ns);
  return root;
}

LaunchInfo unfinished(LaunchInfo info) {
  info.finalised = false;
  info.ended_utc_ns = 0;
  return info;
}

}  // namespace

struct LaunchWriter::State {
  fs::path part;
  LaunchInfo info;
  AppendOnlyFile journal;
  std::optional<hdf5::File> file;
  std::optional<LaunchGroup> group;
  std::set<VisitKey> finished;
  bool broken = false;

  explicit State(fs::path part_file) : part(std::move(part_file)), journal(journal_of(part)) {}

  /// Makes the .part appear with everything that `fill` has put into it, ready for appending.
  template <class Fill>
  void create(const LaunchInfo& launch, const Provenance& provenance, const std::vector<Placement>& placements,
              const std::vector<Skipped>& skipped, std::string_view raw_text, Fill fill) {
    info = unfinished(launch);
    try {
      Draft draft(part);
      file.emplace(hdf5::File::create(draft.path(), hdf5::Layout::paged));
      schema::Root root = root_of(info);
      root.file_locking = file->locked() ? "on" : "off";
      group.emplace(LaunchGroup::create(file->root(), root, provenance, placements, skipped, raw_text));
      fill(*group);
      file->start_single_writer();
      draft.publish();
    } catch (const hdf5::Error& error) {
      throw InputError(fmt::format("{}: cannot write a launch here: {}", part.parent_path().string(), error.reason()));
    }
  }

  std::string describe(std::string_view reason) const {
    return fmt::format("{}: {} after {} points; they are readable with: hockney repair {}", part.string(), reason,
                       finished.size(), part.string());
  }

  /// Runs a write to HDF5; once one has failed, nothing more may be appended.
  template <class Write>
  void write(Write write_rows) {
    if (broken || !group) {
      throw Failure(fmt::format("{}: nothing can be appended to it any more", part.string()));
    }
    broken = true;
    try {
      write_rows(group);
    } catch (const hdf5::Error& error) {
      throw_write_error(describe(error.reason()), error.system_error());
    } catch (const InputError& error) {
      throw InputError(describe(error.what()));
    } catch (const Failure& error) {
      throw Failure(describe(error.what()));
    }
    broken = false;
  }
};

LaunchWriter::LaunchWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
LaunchWriter::LaunchWriter(LaunchWriter&&) noexcept = default;
LaunchWriter& LaunchWriter::operator=(LaunchWriter&&) noexcept = default;
LaunchWriter::~LaunchWriter() = default;

LaunchWriter::LaunchWriter(const fs::path& folder, const LaunchInfo& info, const Provenance& provenance,
                           const std::vector<Placement>& placements, const std::vector<Skipped>& skipped)
    : state_(std::make_unique<State>(new_part(folder, info.run_uuid))) {
  state_->create(info, provenance, placements, skipped, {}, [](LaunchGroup&) {});
}

LaunchWriter LaunchWriter::resume(const fs::path& part) {
  if (part.extension() != ".part" || fs::exists(finished_file(part))) {
    throw InputError(fmt::format("{}: is no unfinished launch", part.string()));
  }
  if (!fs::exists(part)) {
    throw InputError(fmt::format("{}: no such file", part.string()));
  }
  auto state = std::make_unique<State>(part);
  reading(part, [&] {
    const LaunchFile old(part);
    const LaunchGroup& launch = old.launches().front();
    state->create(launch.root().info, launch.provenance(), launch.placements(), launch.skipped(), launch.raw_text(),
                  [&](LaunchGroup& fresh) { fresh.append(launch); });
    for (const schema::PointRow& row : launch.points()) {
      state->finished.insert({row.name, row.visit.pass});
    }
  });
  return LaunchWriter(std::move(state));
}

void LaunchWriter::append(const Measured& measured) {
  const std::string line = journal_line(measured);
  try {
    state_->write([&](auto& group) { group->append(measured); });
  } catch (const std::runtime_error&) {
    try {
      state_->journal.append_line(line);
    } catch (const std::runtime_error&) {
      // the first failure is the one to report
    }
    throw;
  }
  state_->finished.insert({measured.visit.point.name(), measured.visit.pass});
  state_->journal.append_line(line);
}

void LaunchWriter::append(const Skipped& skipped) {
  state_->write([&](auto& group) { group->append(skipped); });
}

fs::path LaunchWriter::finish() {
  const fs::path finished = finished_file(state_->part);
  LaunchInfo info = state_->info;
  info.ended_utc_ns = now_utc_ns();
  info.finalised = true;
  state_->write([&](std::optional<LaunchGroup>& group) {
    group.reset();
    state_->file->close();
    const LaunchFile part(state_->part);
    const LaunchGroup& launch = part.launches().front();
    schema::Root root = root_of(info);
    root.file_locking = launch.root().file_locking;
    write_file_once(finished, [&](hdf5::Group to) { copy_launch(launch, std::move(to), root); });
  });
  state_->info = info;
  fs::remove(state_->part);
  return finished;
}

const LaunchInfo& LaunchWriter::info() const { return state_->info; }
const fs::path& LaunchWriter::part_file() const { return state_->part; }
const std::set<VisitKey>& LaunchWriter::finished() const { return state_->finished; }

bool LaunchWriter::is_finished(const std::string& case_name, std::uint32_t pass) const {
  return state_->finished.contains({case_name, pass});
}

std::optional<fs::path> unfinished_launch(const fs::path& folder) {
  std::optional<fs::path> latest;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    const fs::path& part = entry.path();
    const bool unfinished =
        part.extension() == ".part" && finished_file(part).extension() == ".h5" && !fs::exists(finished_file(part));
    if (unfinished && (!latest || entry.last_write_time() > fs::last_write_time(*latest))) {
      latest = part;
    }
  }
  return latest;
}

}  // namespace hockney::store
