#include "plan/replay.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"
#include "workload/schedule.hpp"

namespace hockney::inline plan {
namespace {

template <class Visit>
void for_each_stage(const Case& point, Visit visit) {
  const Mapping mapping = mapping_of(point);
  const Transformer model = transformer_of(point.step);
  for (std::uint64_t stage = 0; stage < mapping.pipeline; ++stage) {
    visit(schedule_of(model, mapping, {0, 0, stage}));
  }
}

}  // namespace

Mapping mapping_of(const Case& point) {
  const ReplayedStep& step = point.step;
  Mapping mapping;
  mapping.tensor = step.tensor;
  mapping.pipeline = step.pipeline;
  mapping.data = step.data;
  mapping.micro_batch = step.micro_batch;
  mapping.global_batch = step.micro_batch * step.data * point.micro_batches;
  mapping.gpus_per_node = point.group.ranks_per_node;
  mapping.recompute = step.full_recompute ? Recompute::full : Recompute::none;
  mapping.scatter_gather = step.scatter_gather;
  mapping.bytes_per_element = size_of(point.element).count;
  mapping.gradient_bytes = step.gradient_bytes;
  return mapping;
}

std::optional<std::string> why_not_replayed(const Case& point) {
  if (point.operation != Operation::step_replay) {
    return std::nullopt;
  }
  try {
    check(mapping_of(point), transformer_of(point.step));
  } catch (const InputError& error) {
    return error.what();
  }
  if (const Mapping mapping = mapping_of(point); transformer_of(point.step).layers % mapping.pipeline != 0) {
    return fmt::format("{} layers on {} stages: only equal stages are replayed", transformer_of(point.step).layers,
                       mapping.pipeline);
  }
  if (point.step.ranks() < 2) {
    return "a step on one rank communicates nothing";
  }
  return std::nullopt;
}

Seconds compute_of(const Case& point) {
  return Seconds{point.step.compute_s * critical_forward_units(transformer_of(point.step), mapping_of(point))};
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
