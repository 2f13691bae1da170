#include <gtest/gtest.h>

#include "experiments/experiment.hpp"
#include "measure/sampler.hpp"
#include "mpi/communicator.hpp"
#include "transport/mpi_transport.hpp"

namespace hockney {
namespace {

// Enough of a placement for the transport: all ranks on one host.
std::vector<Placement> one_host(int ranks) {
  std::vector<Placement> placements;
  for (int rank = 0; rank < ranks; ++rank) {
    Placement placement;
    placement.rank = rank;
    placement.host = "here";
    placement.local_rank = rank;
    placements.push_back(placement);
  }
  return placements;
}

Case make_case(Operation operation, std::uint32_t ranks, Element element, std::uint64_t elements, bool in_place) {
  Case point;
  point.operation = operation;
  point.group = {.ranks = ranks, .ranks_per_node = ranks};
  point.element = element;
  point.payload = size_of(element) * elements;
  point.in_place = in_place;
  if (is_pipeline(operation)) {
    point.micro_batches = 5;
    point.operations_per_sample = pipeline_steps(operation, ranks, point.micro_batches);
  } else if (operation == Operation::ping_pong || operation == Operation::one_way_stream) {
    point.operations_per_sample = 4;
  }
  return point;
}

class EveryExperiment : public testing::Test {
 protected:
  EveryExperiment()
      : world_(mpi::Communicator::world()), transport_(make_mpi_transport(world_, one_host(world_.size()))) {}

  // Runs the operation twice and returns the wrong elements over all ranks of the group.
  std::uint64_t wrong_elements(const Case& point, bool run_it = true) {
    const auto link = transport_->join(point);
    if (!link) {
      return 0;
    }
    const auto trial = experiment_for(point.operation).make(*link->verbs(), point);
    trial->poison();
    if (run_it) {
      link->take(2, trial.get());
    } else {
      trial->refill();
    }
    return link->sum(trial->count_wrong());
  }

  std::uint32_t group_size(Operation operation) const {
    const bool pair = operation == Operation::ping_pong || operation == Operation::one_way_stream;
    return pair ? 2 : static_cast<std::uint32_t>(world_.size());
  }

  mpi::Communicator world_;
  std::unique_ptr<Transport> transport_;
};

TEST_F(EveryExperiment, GivesTheExactAnswer) {
  for (const auto& [operation, name] : Names<Operation>::table) {
    const std::uint32_t ranks = group_size(operation);
    for (const Element element : {Element::int8, Element::float32, Element::float64}) {
      for (const bool in_place : {false, true}) {
        if (in_place && is_point_to_point(operation)) {
          continue;
        }
        for (const std::uint64_t blocks : {7, 20000}) {
          const Case point = make_case(operation, ranks, element, blocks * ranks, in_place);
          EXPECT_EQ(wrong_elements(point), 0U) << point.name();
        }
      }
    }
  }
}

TEST_F(EveryExperiment, NoticesWhenNothingWasTransferred) {
  for (const auto& [operation, name] : Names<Operation>::table) {
    const Case point = make_case(operation, 2, Element::float32, 64, false);
    if (world_.rank() < 2) {
      EXPECT_GT(wrong_elements(point, false), 0U) << point.name();
    } else {
      wrong_elements(point, false);
    }
  }
}

TEST_F(EveryExperiment, TakesEverySampleOfEveryRank) {
  Sampling sampling;
  sampling.min_samples = 10;
  sampling.max_samples = 40;
  sampling.max_seconds = Seconds{0.1};
  sampling.max_discarded = 5;
  for (const auto& [operation, name] : Names<Operation>::table) {
    const Case point = make_case(operation, 2, Element::float32, 1024, false);
    const auto link = transport_->join(point);
    world_.barrier();
    if (!link) {
      continue;
    }
    const auto trial = experiment_for(operation).make(*link->verbs(), point);
    const Measurement measurement = sample_point(*link, trial.get(), point, sampling);
    EXPECT_EQ(measurement.verification, Verification::passed) << name;
    EXPECT_EQ(measurement.observed, Fabric::host_memory);
    if (!link->is_root()) {
      continue;
    }
    EXPECT_GT(measurement.samples(), 0U);
    EXPECT_LE(measurement.samples(), 40U);
    EXPECT_EQ(measurement.elapsed.size(), measurement.samples() * 2);
    const auto slowest = measurement.completion_times();
    const auto fastest = measurement.fastest_times();
    for (std::size_t i = 0; i < slowest.size(); ++i) {
      EXPECT_GT(fastest[i], 0) << name;
      EXPECT_LE(fastest[i], slowest[i]) << name;
    }
  }
}

TEST_F(EveryExperiment, RefusesWhatMpiCannotDo) {
  EXPECT_TRUE(transport_->refusal(make_case(Operation::all_reduce, 2, Element::bfloat16, 8, false)));
  EXPECT_FALSE(transport_->refusal(make_case(Operation::all_gather, 2, Element::bfloat16, 8, false)));
  Case nvswitch = make_case(Operation::all_reduce, 2, Element::float32, 8, false);
  nvswitch.fabric = Fabric::nvswitch;
  EXPECT_TRUE(transport_->refusal(nvswitch));
  EXPECT_TRUE(transport_->refusal(make_case(Operation::ping_pong, 2, Element::int8, 1ULL << 31U, false)));
}

}  // namespace
}  // namespace hockney
