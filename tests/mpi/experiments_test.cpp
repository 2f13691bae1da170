#include <gtest/gtest.h>

#include "experiments/experiment.hpp"
#include "experiments/moved_data.hpp"
#include "experiments/turns.hpp"
#include "measure/sampler.hpp"
#include "mpi/communicator.hpp"
#include "plan/synthetic_step.hpp"
#include "transport/host/mpi_transport.hpp"

namespace hockney {
namespace {

// Enough of a placement for the transport: ranks dealt out to `hosts` hosts in turn.
std::vector<Placement> placed_on(int hosts, int ranks) {
  std::vector<Placement> placements;
  for (int rank = 0; rank < ranks; ++rank) {
    Placement placement;
    placement.rank = rank;
    placement.host = "host-" + std::to_string(rank % hosts);
    placement.local_rank = rank / hosts;
    placements.push_back(placement);
  }
  return placements;
}

Case make_case(Operation operation, std::uint32_t ranks, Element element, std::uint64_t elements, bool in_place) {
  Case point;
  point.become(operation);
  point.group = {.ranks = ranks, .ranks_per_node = ranks};
  point.element = element;
  point.payload = size_of(element) * elements;
  point.in_place = in_place;
  if (is_pipeline(operation)) {
    point.set_micro_batches(5);
    point.operations_per_sample = pipeline_steps(operation, ranks, point.micro_batches());
  } else if (operation == Operation::ping_pong || operation == Operation::one_way_stream) {
    point.operations_per_sample = 4;
  }
  return point;
}

std::vector<NamedValue<Operation>> on_curves() {
  std::vector<NamedValue<Operation>> operations;
  for (const auto& named : Names<Operation>::table) {
    if (is_on_curve(named.first)) {
      operations.push_back(named);
    }
  }
  return operations;
}

std::vector<bool> places(Operation operation) {
  return has_in_place(operation) ? std::vector<bool>{false, true} : std::vector<bool>{false};
}

class EveryExperiment : public testing::Test {
 protected:
  EveryExperiment()
      : world_(mpi::Communicator::world()),
        watchdog_(Seconds{0}, "nobody", {}),
        transport_(transport::host::make_mpi_transport(world_, placed_on(1, world_.size()), watchdog_)) {}

  std::uint32_t world_size() const { return static_cast<std::uint32_t>(world_.size()); }

  // Takes a few samples and returns the wrong elements over all ranks that take part.
  std::uint64_t wrong_elements(const Case& point, bool run_it = true) {
    const auto link = transport_->join(point);
    if (!link) {
      return 0;
    }
    const auto trial = bench::experiments::experiment_for(point.operation).make(*link->verbs(), point);
    trial->poison();
    if (run_it) {
      link->take(2, trial.get(), most_operations(point), true);
    } else {
      trial->refill();
    }
    return link->sum(trial->count_wrong());
  }

  std::uint32_t group_size(Operation operation) const {
    const bool pair = operation == Operation::ping_pong || operation == Operation::one_way_stream;
    return pair ? 2 : world_size();
  }

  mpi::Communicator world_;
  watchdog::Watchdog watchdog_;
  std::unique_ptr<transport::Transport> transport_;
};

TEST_F(EveryExperiment, GivesTheExactAnswer) {
  for (const auto& [operation, name] : on_curves()) {
    const std::uint32_t ranks = group_size(operation);
    for (const bool in_place : places(operation)) {
      for (const auto& [element, blocks] :
           {std::pair{Element::int8, 7U}, {Element::float64, 1U}, {Element::float32, 20000U}}) {
        const Case point = make_case(operation, ranks, element, std::uint64_t{blocks} * ranks, in_place);
        EXPECT_EQ(wrong_elements(point), 0U) << point.name();
      }
    }
  }
}

// Not here: min and max of unsigned numbers, which MPICH 4.0.2 compares as if they had a sign (pmodels/mpich#6083).
TEST_F(EveryExperiment, GivesTheExactAnswerOfEveryReduction) {
  for (const auto& [element, reduction] : {std::pair{Element::int8, Reduction::min},
                                           {Element::int32, Reduction::max},
                                           {Element::int64, Reduction::min},
                                           {Element::float32, Reduction::max},
                                           {Element::float64, Reduction::min},
                                           {Element::uint8, Reduction::prod},
                                           {Element::uint32, Reduction::sum},
                                           {Element::uint64, Reduction::prod},
                                           {Element::float64, Reduction::prod}}) {
    for (const Operation operation : {Operation::all_reduce, Operation::reduce_scatter, Operation::reduce}) {
      Case point = make_case(operation, world_size(), element, 150 * world_size(), false);
      point.own = reduction;
      EXPECT_EQ(wrong_elements(point), 0U) << point.name();
    }
  }
}

TEST_F(EveryExperiment, MovesElementsThatMpiCannotReduce) {
  for (const Operation operation : {Operation::all_gather, Operation::all_to_all_v, Operation::scatter}) {
    const Case point = make_case(operation, world_size(), Element::bfloat16, 100 * world_size(), false);
    EXPECT_EQ(wrong_elements(point), 0U) << point.name();
  }
}

TEST_F(EveryExperiment, GivesTheExactAnswerBackToBackOnBuffersInTurn) {
  for (const auto& [operation, name] : on_curves()) {
    const std::uint32_t ranks = group_size(operation);
    for (const bool in_place : places(operation)) {
      Case point = make_case(operation, ranks, Element::float32, 100 * ranks, in_place);
      point.mode = Mode::stream;
      point.cache = in_place ? Cache::hot : Cache::rotate;
      EXPECT_EQ(wrong_elements(point), 0U) << point.name();
    }
  }
}

TEST_F(EveryExperiment, DealsElementsOutUnevenly) {
  Case point = make_case(Operation::all_to_all_v, world_size(), Element::int32, 1000, false);
  Routing routing{1.5, {}, {}};
  point.own = routing;
  EXPECT_EQ(wrong_elements(point), 0U);
  routing.matrix = "next rank only, and a little to oneself";
  for (std::uint32_t i = 0; i < world_size() * world_size(); ++i) {
    const std::uint32_t sender = i / world_size();
    const std::uint32_t receiver = i % world_size();
    routing.weights.push_back(receiver == (sender + 1) % world_size() ? 5 : receiver == sender ? 1 : 0);
  }
  point.own = routing;
  EXPECT_EQ(wrong_elements(point), 0U);
  std::fill(routing.weights.begin() + world_size(), routing.weights.end(), 0);
  point.own = routing;
  EXPECT_EQ(wrong_elements(point), 0U) << "only rank 0 sends";
}

TEST_F(EveryExperiment, RunsInConcurrentGroups) {
  const std::uint32_t pairs = world_size() / 2;
  for (const std::uint32_t stride : {1U, pairs}) {
    for (const auto& [operation, name] : on_curves()) {
      Case point = make_case(operation, 2, Element::int32, 128, false);
      point.group = {.ranks = 2, .ranks_per_node = 2, .stride = stride, .concurrent = pairs};
      EXPECT_EQ(wrong_elements(point), 0U) << point.name();
    }
  }
}

TEST_F(EveryExperiment, KnowsItsPlaceAmongConcurrentGroups) {
  const std::uint32_t pairs = world_size() / 2;
  Case point = make_case(Operation::all_reduce, 2, Element::int32, 8, false);
  point.group = {.ranks = 2, .ranks_per_node = 2, .stride = pairs, .concurrent = pairs};
  const auto link = transport_->join(point);
  const auto rank = static_cast<std::uint32_t>(world_.rank());
  ASSERT_EQ(link != nullptr, rank < 2 * pairs);
  if (link) {
    EXPECT_EQ(link->columns(), 2 * pairs);
    EXPECT_EQ(link->verbs()->ranks(), 2U);
    EXPECT_EQ(link->verbs()->group(), rank % pairs);
    EXPECT_EQ(link->verbs()->rank(), rank / pairs);
    EXPECT_EQ(bench::experiments::moved_data(*link->verbs(), Element::int32, rank / pairs).rank,
              2 * (rank % pairs) + rank / pairs)
        << "ranks of other groups must have other data";
    EXPECT_EQ(link->is_root(), rank == 0);
  }
}

TEST_F(EveryExperiment, RunsOnARankAlone) {
  for (const auto& [operation, name] : on_curves()) {
    for (const bool in_place : places(operation)) {
      if (!is_point_to_point(operation)) {
        const Case point = make_case(operation, 1, Element::float32, 50, in_place);
        EXPECT_EQ(wrong_elements(point), 0U) << point.name();
      }
    }
  }
}

TEST_F(EveryExperiment, NoticesWhenNothingWasTransferred) {
  for (const auto& [operation, name] : on_curves()) {
    for (const bool in_place : places(operation)) {
      const Case point = make_case(operation, 2, Element::float32, 64, in_place);
      const std::uint64_t wrong = wrong_elements(point, false);
      EXPECT_EQ(wrong > 0, world_.rank() < 2) << point.name();
    }
  }
}

TEST_F(EveryExperiment, TakesEverySampleOfEveryRank) {
  Sampling sampling;
  sampling.min_samples = 10;
  sampling.max_samples = 40;
  sampling.max_seconds = Seconds{0.1};
  sampling.max_discarded = 5;
  for (const auto& [operation, name] : on_curves()) {
    Case point = make_case(operation, 2, Element::float32, 1024, false);
    point.mode = Mode::stream;
    if (!is_point_to_point(operation)) {
      point.operations_per_sample = 20;
    }
    const auto link = transport_->join(point);
    world_.barrier();
    if (!link) {
      continue;
    }
    const auto trial = bench::experiments::experiment_for(operation).make(*link->verbs(), point);
    const Measurement measurement = measure::sample_point(*link, trial.get(), point, sampling).visit;
    EXPECT_EQ(measurement.verification, Verification::passed) << name;
    EXPECT_EQ(measurement.observed, Fabric::host_memory);
    if (!link->is_root()) {
      continue;
    }
    EXPECT_GE(measurement.point.operations_per_sample, point.operations_per_sample);
    EXPECT_LE(measurement.point.operations_per_sample, most_operations(point));
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
  const auto refused = [&](Operation operation, auto&& change) {
    Case point = make_case(operation, 2, Element::float32, 8, false);
    change(point);
    return transport_->refusal(point).has_value();
  };
  const auto all_reduce = Operation::all_reduce;
  EXPECT_FALSE(refused(all_reduce, [](Case&) {}));
  EXPECT_FALSE(refused(all_reduce, [](Case& point) { point.mode = Mode::stream; }));
  EXPECT_FALSE(refused(Operation::all_gather, [](Case& point) { point.element = Element::bfloat16; }));
  EXPECT_TRUE(refused(all_reduce, [](Case& point) { point.element = Element::bfloat16; }));
  EXPECT_TRUE(refused(Operation::all_gather, [](Case& point) { point.element = Element::float8e4m3; }));
  EXPECT_TRUE(refused(all_reduce, [](Case& point) { point.own = Reduction::avg; }));
  EXPECT_TRUE(refused(all_reduce, [](Case& point) { point.fabric = Fabric::nvswitch; }));
  EXPECT_TRUE(refused(all_reduce, [](Case& point) { point.mode = Mode::graph; }));
  EXPECT_TRUE(refused(all_reduce, [](Case& point) { point.mode = Mode::isolated; }));
  EXPECT_TRUE(refused(all_reduce, [](Case& point) { point.buffers = Buffers::registered; }));
  EXPECT_TRUE(refused(all_reduce, [](Case& point) { point.algorithm = "ring"; }));
  EXPECT_TRUE(refused(Operation::ping_pong, [](Case& point) { point.payload = Bytes{1ULL << 31U}; }));
}

TEST_F(EveryExperiment, FindsItsGroupHoweverTheLauncherDealsRanksOut) {
  constexpr std::uint32_t hosts = 2;
  const auto two_hosts = transport::host::make_mpi_transport(world_, placed_on(hosts, world_.size()), watchdog_);
  EXPECT_EQ(two_hosts->world().uniform, world_size() % hosts == 0);
  Case between = make_case(Operation::all_reduce, 2, Element::float32, 8, false);
  between.group = {.ranks = 2, .ranks_per_node = 1, .stride = (world_size() + 1) / hosts};
  const auto link = two_hosts->join(between);
  EXPECT_EQ(link != nullptr, world_.rank() < 2) << "ranks 0 and 1 are the first of their hosts";
  if (link) {
    EXPECT_EQ(link->observed_fabric(), Fabric::unknown);
  }
  if (world_size() < 4) {
    return;
  }
  const auto within = two_hosts->join(make_case(Operation::all_reduce, 2, Element::float32, 8, false));
  EXPECT_EQ(within != nullptr, world_.rank() % 2 == 0 && world_.rank() < 4) << "ranks 0 and 2 share a host";
  if (within) {
    EXPECT_EQ(within->observed_fabric(), Fabric::host_memory);
  }
}

Case make_step(std::uint64_t t, std::uint64_t p, std::uint64_t d) {
  return synthetic::step_point(synthetic::tiny_model(12, 24, 12, 8, 24), t, p, d, 5);
}

std::vector<Case> steps_of(std::uint32_t ranks) {
  std::vector<Case> steps;
  for (std::uint64_t t = 1; t <= ranks; ++t) {
    for (std::uint64_t p = 1; t * p <= ranks; ++p) {
      if (ranks % (t * p) == 0) {
        steps.push_back(make_step(t, p, ranks / (t * p)));
      }
    }
  }
  return steps;
}

TEST_F(EveryExperiment, ReplaysStepsExactly) {
  for (Case point : steps_of(world_size())) {
    EXPECT_FALSE(transport_->refusal(point).has_value()) << point.name();
    EXPECT_EQ(wrong_elements(point), 0U) << point.name();
    Step& step = synthetic::step_in(point);
    step.mapping.recompute = Recompute::full;
    step.mapping.scatter_gather = true;
    step.model.tied_embeddings = false;
    step.compute_s = 1e-6;
    point.set_micro_batches(1);
    EXPECT_EQ(wrong_elements(point), 0U) << point.name();
  }
}

TEST_F(EveryExperiment, NoticesThatAStepWasNotReplayed) {
  for (const Case& point : steps_of(world_size())) {
    EXPECT_GT(wrong_elements(point, false), 0U) << point.name();
  }
}

TEST_F(EveryExperiment, RefusesStepsThatCannotBe) {
  Case point = make_step(2, 1, 1);
  EXPECT_FALSE(transport_->refusal(point).has_value());
  synthetic::step_in(point).model.heads = 3;
  EXPECT_NE(transport_->refusal(point).value_or("").find("expected a multiple of --tp = 2"), std::string::npos);
  point = make_step(2, 1, 1);
  synthetic::step_in(point).mapping.gradient_bytes = 2;
  EXPECT_NE(transport_->refusal(point).value_or("").find("bfloat16"), std::string::npos);
  EXPECT_TRUE(transport_->refusal(make_step(1, 1, 1)).has_value()) << "it communicates nothing";
}

TEST_F(EveryExperiment, MultipliesExactlyOnEveryRank) {
  Case point;
  point.become(Operation::matmul);
  point.own = Matmul{24, 40, 96, MatmulPass::weight_gradient, "tiny"};
  point.payload = size_of(point.element) * point.matmul().elements();
  point.group = {.ranks = 1, .ranks_per_node = 1, .stride = 1, .concurrent = world_size()};
  if (const auto reason = transport_->refusal(point)) {
    GTEST_SKIP() << *reason;
  }
  for (const Cache cache : {Cache::hot, Cache::rotate}) {
    point.cache = cache;
    EXPECT_EQ(wrong_elements(point), 0U);
    EXPECT_EQ(wrong_elements(point, false), 24U * 40 * world_size()) << "nothing was multiplied";
  }
  EXPECT_NE(transport_->join(point)->observe(nullptr).algorithm.find("1 thread"), std::string::npos);
  point.element = Element::bfloat16;
  EXPECT_TRUE(transport_->refusal(point).has_value());
}

TEST_F(EveryExperiment, BusyTimeIsInTheStep) {
  Case point = make_step(world_size(), 1, 1);
  Step& step = synthetic::step_in(point);
  step.model.heads = step.model.key_value_heads = world_size();
  step.compute_s = 2e-4;
  const auto link = transport_->join(point);
  const auto trial = bench::experiments::experiment_for(point.operation).make(*link->verbs(), point);
  const transport::Batch batch = link->take(1, trial.get(), 1, true);
  for (const double elapsed : batch.elapsed) {
    EXPECT_GE(elapsed, 3 * 12 * 5 * step.compute_s) << "layers, micro-batches, forward and twice backward";
  }
}

using Sets = std::vector<std::size_t>;

TEST(Turns, GoOnFromRunToRun) {
  bench::experiments::Turns turns(3, Mode::stream);
  EXPECT_EQ(turns.written(), (Sets{0, 1, 2})) << "nothing is known of fresh memory";
  turns.reset();
  EXPECT_EQ(turns.used(), Sets{0}) << "nothing ran: the next set holds no result";
  turns.begin_run();
  EXPECT_EQ(turns.next(), 0U);
  EXPECT_EQ(turns.next(), 1U);
  turns.begin_run();
  EXPECT_EQ(turns.next(), 2U);
  EXPECT_EQ(turns.next(), 0U);
  EXPECT_EQ(turns.used(), (Sets{0, 1, 2}));
  turns.reset();
  EXPECT_TRUE(turns.written().empty());
  turns.begin_run();
  turns.next();
  EXPECT_EQ(turns.used(), Sets{1});
  EXPECT_EQ(turns.written(), Sets{1});
}

TEST(Turns, OfAReplayedRunAreAlwaysTheSame) {
  bench::experiments::Turns turns(3, Mode::graph);
  for (int capture = 0; capture < 2; ++capture) {
    turns.begin_run();
    EXPECT_EQ(turns.next(), 0U);
    EXPECT_EQ(turns.next(), 1U);
    turns.reset();
    EXPECT_EQ(turns.used(), (Sets{0, 1})) << "a replay writes them again";
    EXPECT_EQ(turns.written(), (Sets{0, 1}));
  }
}

}  // namespace
}  // namespace hockney
