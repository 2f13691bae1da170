#include <array>

#include "base/error.hpp"
#include "experiments/experiment.hpp"

namespace hockney::bench::experiments {

std::unique_ptr<transport::Trial> make_collective(transport::Verbs& verbs, const Case& point);
std::unique_ptr<transport::Trial> make_all_to_all_v(transport::Verbs& verbs, const Case& point);
std::unique_ptr<transport::Trial> make_ping_pong(transport::Verbs& verbs, const Case& point);
std::unique_ptr<transport::Trial> make_pipeline_send(transport::Verbs& verbs, const Case& point);
std::unique_ptr<transport::Trial> make_matmul(transport::Verbs& verbs, const Case& point);
std::unique_ptr<transport::Trial> make_step_replay(transport::Verbs& verbs, const Case& point);

std::span<const Experiment> all_experiments() {
  static constexpr std::array<Experiment, 13> experiments{{
      {"all_reduce", "every rank gets the reduction over ranks of the whole payload", &make_collective},
      {"all_gather", "every rank gets all ranks' blocks", &make_collective},
      {"reduce_scatter", "every rank gets its block of the reduction", &make_collective},
      {"all_to_all", "every rank sends a different block to every other", &make_collective},
      {"all_to_all_v", "the same with uneven blocks, as the routing of experts makes them", &make_all_to_all_v},
      {"broadcast", "every rank gets rank 0's payload", &make_collective},
      {"reduce", "rank 0 gets the reduction over ranks of the whole payload", &make_collective},
      {"gather", "rank 0 gets all ranks' blocks", &make_collective},
      {"scatter", "every rank gets its block of rank 0's payload", &make_collective},
      {"ping_pong", "half a round trip, and back-to-back messages one way", &make_ping_pong},
      {"pipeline_send", "micro-batches through a chain of stages, forward, and forward with backward (1F1B)",
       &make_pipeline_send},
      {"matmul", "matrix products at the layer shapes of models, on each rank; section [[matmul]]", &make_matmul},
      {"step_replay", "all that one training step communicates, in its order (1F1B); section [[step_replay]]",
       &make_step_replay},
  }};
  return experiments;
}

const Experiment& experiment_for(Operation operation) {
  for (const Experiment& experiment : all_experiments()) {
    if (experiment.name == experiment_of(operation)) {
      return experiment;
    }
  }
  throw Failure("no experiment times operation " + std::string(name_of(operation)));
}

}  // namespace hockney::bench::experiments
