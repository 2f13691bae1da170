#include "visit_runner.hpp"

#include "base/stop_request.hpp"
#include "schedule.hpp"

namespace hockney::bench {

VisitRunner::Visited VisitRunner::run(const Case& point, std::uint64_t point_id, std::uint32_t pass,
                                      const Sampling& sampling) {
  is_stopped_ = is_stopped_ || machine_.world().largest(stop_requested() ? 1 : 0) != 0;
  if (is_stopped_) {
    return {{}, "left for --resume: stopped by a signal"};
  }
  const bool is_step = point.operation == Operation::step_replay;
  if (is_step != measures_steps_) {
    measures_steps_ = is_step;
    machine_.disconnect();  // two launches share no communicator
  }
  machine_.watchdog().begin(name_of_visit(point, pass));
  Visited visited;
  try {
    visited.measured = points_.measure(point, point_id, pass, sampling);
    recorder_.keep(visited.measured);
  } catch (const CannotRun& error) {
    recorder_.skip(point, error.what());
    visited.not_measured = error.what();
  }
  machine_.watchdog().end();
  return visited;
}

}  // namespace hockney::bench
