#include "plan/replay.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"
#include "workload/schedule.hpp"

namespace hockney::inline plan {
namespace {

template <class Visit>
void for_each_stage(const Case& point, Visit visit) {
  const Step& step = point.step();
  for (std::uint64_t stage = 0; stage < step.mapping.pipeline; ++stage) {
    visit(schedule_of(step.model, step.mapping, {0, 0, stage}));
  }
}

}  // namespace

std::optional<std::string> why_not_replayed(const Case& point) {
  if (point.operation != Operation::step_replay) {
    return std::nullopt;
  }
  const Step& step = point.step();
  try {
    check(step.mapping, step.model);
  } catch (const InputError& error) {
    return error.what();
  }
  if (step.model.layers % step.mapping.pipeline != 0) {
    return fmt::format("{} layers on {} stages: only equal stages are replayed", step.model.layers,
                       step.mapping.pipeline);
  }
  if (step.mapping.gpus() < 2) {
    return "a step on one rank communicates nothing";
  }
  return std::nullopt;
}

Seconds compute_of(const Case& point) {
  const Step& step = point.step();
  return Seconds{step.compute_s * critical_forward_units(step.model, step.mapping)};
}

std::uint64_t queued_actions(const Case& point) {
  std::size_t most = 0;
  for_each_stage(point, [&](const std::vector<Action>& actions) { most = std::max(most, actions.size()); });
  return most;
}

Bytes longest_message(const Case& point) {
  Bytes longest;
  for_each_stage(point, [&](const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      longest = std::max(longest, action.payload);
    }
  });
  return longest;
}

}  // namespace hockney::inline plan
