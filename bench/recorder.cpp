#include "recorder.hpp"

#include <fmt/format.h>

namespace hockney::bench {

Recorder::Recorder(const mpi::Communicator& world, std::optional<LaunchFiles> files, std::FILE* rows,
                   const Goal& toward)
    : world_(world), files_(std::move(files)), rows_(rows), toward_(toward), console_(rows, toward) {
  if (world_.is_root()) {
    console_.print_heading();
  }
}

void Recorder::keep(const Measured& measured) {
  world_.on_root([&] {
    files_->append(measured);
    console_.print(measured);
    ++kept_;
    wrong_ += measured.visit.verification == Verification::failed ? 1 : 0;
  });
}

void Recorder::skip(const Case& point, const std::string& reason) {
  world_.on_root([&] {
    files_->append(Skipped{point, reason});
    console_.print_skipped(point, reason);
  });
  ++skipped_;
}

void Recorder::leave_out(const std::vector<Skipped>& points) {
  world_.on_root([&] {
    for (const Skipped& point : points) {
      files_->append(point);
      console_.print_skipped(point.point, point.reason);
    }
  });
}

ExitCode Recorder::leave_unfinished(const std::filesystem::path& folder) {
  if (world_.is_root()) {
    const std::string of_all = toward_.time.count() > 0 ? "" : fmt::format(" of {}", toward_.visits);
    fmt::print(rows_, "stopped by a signal: {}{} visits are kept in {}; go on with the same command and --resume\n",
               kept_, of_all, folder.string());
  }
  return ExitCode::stopped;
}

ExitCode Recorder::finish(const std::filesystem::path& folder, bool has_curves_and_steps) {
  world_.on_root([&] {
    for (const auto& file : files_->finish()) {
      fmt::print(rows_, "wrote {}\n", file.string());
    }
    fmt::print(rows_, "next: hockney fit {} --out {}.cost.json\n", folder.string(), folder.filename().string());
    if (has_curves_and_steps) {
      fmt::print(rows_, "      hockney predict --against {}\n", folder.string());
    }
  });
  const std::uint64_t wrong = world_.broadcast(wrong_);
  if (wrong != 0 && world_.is_root()) {
    fmt::print(stderr, "hockney-bench: {} points gave wrong results; they are marked and no fit uses them\n", wrong);
  }
  if (skipped_ != 0 && world_.broadcast(kept_) == 0) {
    throw mpi::AgreedError(ExitCode::failure, "no point could be measured; the reasons stand above and in the file");
  }
  return wrong == 0 ? ExitCode::success : ExitCode::failure;
}

}  // namespace hockney::bench
