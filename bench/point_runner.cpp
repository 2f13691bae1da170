#include "point_runner.hpp"

#include <fmt/format.h>
#include <memory>

#include "experiments/experiment.hpp"
#include "measure/sampler.hpp"
#include "visit_bytes.hpp"

namespace hockney::bench {

Measured PointRunner::measure(const Case& point, std::uint64_t point_id, std::uint32_t pass, const Sampling& sampling) {
  try {
    Measured measured = join_and_sample(point, sampling);
    measured.visit.point_id = point_id;
    measured.visit.pass = pass;
    measured.visit.flags.bits |= transport_.flags().bits;
    return measured;
  } catch (const CannotRun&) {
    transport_.forget(point);
    throw;
  } catch (const mpi::AgreedError& error) {
    throw mpi::AgreedError(error.code(), fmt::format("{}: {}", point.name(), error.what()));
  }
}

Measured PointRunner::join_and_sample(const Case& point, const Sampling& sampling) {
  std::unique_ptr<transport::Link> link;
  std::unique_ptr<transport::Trial> trial;
  world_.everywhere([&] { link = transport_.join(point); });
  watchdog_.waits_for(link ? "its own work" : "the ranks that measure: it takes no part");
  world_.everywhere([&] {
    if (link && link->verbs() != nullptr) {
      trial = experiments::experiment_for(point.operation).make(*link->verbs(), point);
    }
  });
  Measured measured;
  std::string refusal;
  try {
    if (link) {
      measured = sample(*link, trial.get(), point, sampling);
    }
  } catch (const CannotRun& error) {
    refusal = error.what();
  }
  world_.everywhere([&] {
    if (!refusal.empty()) {
      throw CannotRun(refusal);
    }
  });
  return on_world_root(std::move(measured), link != nullptr && link->is_root(), point);
}

// A group that world rank 0 is not in has another root.
Measured PointRunner::on_world_root(Measured measured, bool is_root_of_group, const Case& point) const {
  const auto size = static_cast<std::uint64_t>(world_.size());
  const auto rank = static_cast<std::uint64_t>(world_.rank());
  const std::uint64_t root = world_.smallest(is_root_of_group ? rank : size);
  if (root == 0 || root == size) {
    return measured;
  }
  const std::string bytes = world_.to_root(static_cast<int>(root), rank == root ? to_bytes(measured.visit) : "");
  return world_.is_root() ? Measured(from_bytes(bytes, point)) : std::move(measured);
}

Measured PointRunner::sample(transport::Link& link, transport::Trial* trial, const Case& point,
                             const Sampling& sampling) {
  try {
    return measure::sample_point(link, trial, point, sampling);
  } catch (const CannotRun&) {
    throw;
  } catch (const std::exception& error) {
    transport_.abort();  // before the trial's buffers go: freeing them waits for the work that uses them
    throw Failure(fmt::format("{}: {}: {}", host_, point.name(), error.what()));
  }
}

}  // namespace hockney::bench
