#include "workload/messages.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <tuple>

#include "base/error.hpp"
#include "workload/synthetic_transformer.hpp"

namespace hockney::inline workload {
namespace {

Mapping gpt3_mapping(Recompute recompute = Recompute::full) {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.pipeline = 8;
  mapping.global_batch = 64;
  mapping.recompute = recompute;
  return mapping;
}

const Message* find(const std::vector<Message>& messages, Cause cause, std::string_view purpose) {
  const auto found = std::find_if(messages.begin(), messages.end(), [&](const Message& message) {
    return message.cause == cause && message.purpose == purpose;
  });
  return found == messages.end() ? nullptr : &*found;
}

std::uint64_t count_of(const std::vector<Message>& messages, Cause cause, std::string_view purpose) {
  std::uint64_t sum = 0;
  for (const Message& message : messages) {
    sum += message.cause == cause && message.purpose == purpose ? message.count : 0;
  }
  return sum;
}

std::uint64_t layers_of(const std::vector<Message>& messages, Cause cause) {
  return count_of(messages, cause, "layers forward") + count_of(messages, cause, "layers recomputed") +
         count_of(messages, cause, "layers backward");
}

std::uint64_t transfers(const std::vector<Message>& messages, std::initializer_list<Cause> causes) {
  std::uint64_t sum = 0;
  for (const Message& message : messages) {
    if (is_point_to_point(message.operation) && std::count(causes.begin(), causes.end(), message.cause) > 0) {
      sum += message.count;
    }
  }
  return sum;
}

TEST(Messages, Gpt3WithFullRecompute) {
  const auto messages = step_messages(synthetic::gpt3(), gpt3_mapping());
  const Message* layers = find(messages, Cause::tensor, "layers forward");
  ASSERT_NE(layers, nullptr);
  EXPECT_EQ(layers->operation, Operation::all_reduce);
  EXPECT_EQ(layers->payload, mebibytes(48));  // 2048 * 12288 * 2 B
  EXPECT_EQ(layers->count, 12U * 2 * 64);
  EXPECT_EQ(layers->overlap, Overlap::exposed);
  EXPECT_EQ(find(messages, Cause::tensor, "layers backward")->overlap, Overlap::weight_gradient);
  EXPECT_EQ(layers_of(messages, Cause::tensor), 12U * 6 * 64);
  EXPECT_EQ(layers->placed, tensor_group(gpt3_mapping()));
  EXPECT_EQ(count_of(messages, Cause::tensor, "logits backward"), 64U);
  EXPECT_EQ(count_of(messages, Cause::tensor, "embedding forward"), 0U);
  EXPECT_EQ(count_of(messages, Cause::tensor, "cross entropy"), 3U * 64);
  EXPECT_EQ(find(messages, Cause::tensor, "cross entropy")->payload, Bytes{2048 * 4});
  const Message* transfer = find(messages, Cause::pipeline, "transfer to the next stage");
  ASSERT_NE(transfer, nullptr);
  EXPECT_EQ(transfer->count, 64U + 1);
  EXPECT_EQ(count_of(messages, Cause::pipeline, "transfer to the next stage"), 2U * 64);
  EXPECT_EQ(transfer->payload, mebibytes(48));
  EXPECT_EQ(transfer->placed.nodes, 2U);
  EXPECT_EQ(transfer->placed.group.stride, 8U);
  EXPECT_EQ(layers_of(messages, Cause::bubble), 7U * 12 * 6);
  EXPECT_EQ(count_of(messages, Cause::bubble, "first embedding forward"), 1U);
  EXPECT_EQ(count_of(messages, Cause::bubble, "transfer to the next stage"), 2U * 6);
  EXPECT_EQ(find(messages, Cause::data, "gradients"), nullptr);
  const Message* tied = find(messages, Cause::tied_embedding, "embedding gradients");
  ASSERT_NE(tied, nullptr);
  EXPECT_EQ(tied->count, 1U);
  EXPECT_EQ(tied->payload, Bytes{51200ULL / 8 * 12288 * 4});
}

TEST(Messages, OnlyTheLayersThatRecomputeRepeatTheirForwardPass) {
  Mapping mapping = gpt3_mapping();
  mapping.recompute_layers = 3;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  EXPECT_EQ(count_of(messages, Cause::tensor, "layers recomputed"), 3U * 2 * 64) << "of the 12 of a stage";
  EXPECT_EQ(layers_of(messages, Cause::tensor), (12U * 4 + 3U * 2) * 64);
}

TEST(Messages, WithoutRecomputeFourPerLayer) {
  const auto messages = step_messages(synthetic::gpt3(), gpt3_mapping(Recompute::none));
  EXPECT_EQ(layers_of(messages, Cause::tensor), 12U * 4 * 64);
  EXPECT_EQ(layers_of(messages, Cause::bubble), 7U * 12 * 4);
}

TEST(Messages, ExpertsGatherTheTokensThatWereSentToThem) {
  Transformer model = synthetic::gpt3();
  model.experts = 8;
  model.experts_per_token = 2;
  Mapping mapping = gpt3_mapping(Recompute::full);
  mapping.sequence_parallel = true;
  const auto messages = step_messages(model, mapping);
  EXPECT_EQ(find(messages, Cause::sequence, "layers forward")->payload, mebibytes(48));
  EXPECT_EQ(count_of(messages, Cause::sequence, "layers forward"), 12U * 2 * 64);  // a gather and a scatter
  for (const std::string_view purpose : {"experts forward", "experts recomputed", "experts backward"}) {
    ASSERT_NE(find(messages, Cause::sequence, purpose), nullptr) << purpose;
    EXPECT_EQ(find(messages, Cause::sequence, purpose)->payload, mebibytes(96)) << purpose;
    EXPECT_EQ(count_of(messages, Cause::sequence, purpose), 12U * 2 * 64) << purpose;
  }
  EXPECT_EQ(count_of(messages, Cause::sequence, "inputs gathered again"), 12U * 64);
}

TEST(Messages, SequenceParallelismLeavesNoAllReduceInTheBubble) {
  Mapping mapping = gpt3_mapping();
  mapping.sequence_parallel = true;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  EXPECT_EQ(find(messages, Cause::bubble, "first embedding forward")->operation, Operation::reduce_scatter);
  EXPECT_EQ(find(messages, Cause::bubble, "last embedding backward")->operation, Operation::all_gather);
}

TEST(Messages, SequenceParallelismGathersAndScatters) {
  Mapping mapping = gpt3_mapping(Recompute::selective);
  mapping.sequence_parallel = true;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  std::map<std::pair<Operation, bool>, std::uint64_t> counts;
  for (const Message& message : messages) {
    if (message.cause == Cause::sequence && message.purpose.find("logits") == std::string_view::npos) {
      counts[{message.operation, message.overlap == Overlap::exposed}] += message.count;
    }
  }
  // 2205.05198 section 4.2.2: forward 2 + 2, backward 2 + 2, and two more gathers of what was kept in parts.
  EXPECT_EQ((counts[{Operation::all_gather, true}]), 12U * 4 * 64);
  EXPECT_EQ((counts[{Operation::all_gather, false}]), 12U * 2 * 64);
  EXPECT_EQ((counts[{Operation::reduce_scatter, true}]), 12U * 2 * 64);
  EXPECT_EQ((counts[{Operation::reduce_scatter, false}]), 12U * 2 * 64);
  EXPECT_EQ(layers_of(messages, Cause::tensor), 0U);
  EXPECT_EQ(find(messages, Cause::pipeline, "transfer to the next stage")->payload, mebibytes(6));
  EXPECT_EQ(count_of(messages, Cause::pipeline, "gather after a transfer"), 0U);
}

TEST(Messages, TensorCollectivesMayAllBeExposed) {
  Mapping mapping = gpt3_mapping();
  mapping.overlap_tensor = false;
  for (const Message& message : step_messages(synthetic::gpt3(), mapping)) {
    EXPECT_TRUE(message.overlap == Overlap::exposed || message.overlap == Overlap::other_direction) << message.purpose;
  }
}

TEST(Messages, ExpertsMayBeReachedBesideAnotherMicroBatch) {
  Transformer model = synthetic::gpt3();
  model.experts = 64;
  model.experts_per_token = 2;
  Mapping mapping = gpt3_mapping();
  mapping.data = 8;
  mapping.global_batch *= 8;
  mapping.expert = 8;
  const std::uint64_t exchanges = count_of(step_messages(model, mapping), Cause::expert, "tokens to experts and back");
  mapping.overlap_experts = true;
  std::map<std::pair<Cause, Overlap>, std::uint64_t> counts;
  for (const Message& message : step_messages(model, mapping)) {
    if (message.purpose == "tokens to experts and back") {
      counts[{message.cause, message.overlap}] += message.count;
    }
  }
  const std::uint64_t of_one = exchanges / mapping.micro_batches();
  EXPECT_EQ((counts[{Cause::expert, Overlap::exposed}]), of_one) << "of the first and the last micro-batch";
  EXPECT_EQ((counts[{Cause::expert, Overlap::other_micro_batch}]), exchanges - of_one);
  EXPECT_GT((counts[{Cause::bubble, Overlap::exposed}]), 0U);
  EXPECT_EQ((counts[{Cause::bubble, Overlap::other_micro_batch}]), 0U);
}

TEST(Messages, DistributedOptimizerScattersAndGathers) {
  Mapping mapping = gpt3_mapping();
  mapping.data = 4;
  mapping.distributed_optimizer = true;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  const std::uint64_t parameters = first_stage_parameters(synthetic::gpt3(), mapping);
  EXPECT_EQ(find(messages, Cause::data, "gradients")->operation, Operation::reduce_scatter);
  EXPECT_EQ(find(messages, Cause::data, "parameters")->operation, Operation::all_gather);
  EXPECT_EQ(find(messages, Cause::data, "parameters")->payload, Bytes{parameters * 2});
}

TEST(Messages, ExpertsAreSentTheirTokens) {
  Transformer model = synthetic::gpt3();
  model.experts = 64;
  model.experts_per_token = 2;
  Mapping mapping = gpt3_mapping(Recompute::none);
  mapping.data = 8;
  mapping.expert = 8;
  const Message* tokens = nullptr;
  const auto even = step_messages(model, mapping);
  tokens = find(even, Cause::expert, "tokens to experts and back");
  ASSERT_NE(tokens, nullptr);
  EXPECT_EQ(tokens->operation, Operation::all_to_all);
  EXPECT_EQ(tokens->payload, mebibytes(96));  // top 2 of a 48 MiB activation
  EXPECT_EQ(tokens->count, 12U * 4 * 8);
  EXPECT_EQ(tokens->placed.group.stride, 8U);
  mapping.routing_skew = 1;
  const auto skewed = step_messages(model, mapping);
  EXPECT_GT(find(skewed, Cause::expert, "tokens to experts and back")->payload, mebibytes(96));
}

// Experts of tensor-parallel size 1: every tensor rank sends its own part of the sequence, and nothing is gathered.
TEST(Messages, ExpertsMaySpreadOverTensorRanks) {
  Transformer model = synthetic::gpt3();
  model.experts = 64;
  model.experts_per_token = 2;
  Mapping mapping = gpt3_mapping(Recompute::none);
  mapping.data = 2;
  mapping.sequence_parallel = true;
  mapping.expert = 16;
  const auto messages = step_messages(model, mapping);
  const Message* tokens = find(messages, Cause::expert, "tokens to experts and back");
  ASSERT_NE(tokens, nullptr);
  EXPECT_EQ(tokens->payload, mebibytes(96 / 8));
  EXPECT_EQ(tokens->placed.group.stride, 1U);
  EXPECT_EQ(tokens->placed.group.ranks, 16U);
  EXPECT_EQ(find(messages, Cause::sequence, "experts forward"), nullptr);
  EXPECT_EQ(find(messages, Cause::data, "expert gradients"), nullptr) << "each expert is there once";
  mapping.expert = 8;
  mapping.expert_tensor = 2;
  const auto in_two = step_messages(model, mapping);
  EXPECT_EQ(find(in_two, Cause::sequence, "experts forward")->payload, mebibytes(96 / 4)) << "of two of eight parts";
  EXPECT_EQ(find(in_two, Cause::sequence, "experts forward")->placed.group.ranks, 2U);
}

TEST(Messages, DenseLayersSendNoTokens) {
  Transformer model = synthetic::gpt3();
  model.experts = 8;
  model.dense_layers = 3;
  Mapping mapping;
  mapping.data = 8;
  mapping.expert = 8;
  mapping.global_batch = 8;
  EXPECT_EQ(find(step_messages(model, mapping), Cause::expert, "tokens to experts and back")->count, 93U * 4);
  mapping.tensor = 8;
  mapping.sequence_parallel = true;
  const auto halves = [&] { return count_of(step_messages(model, mapping), Cause::sequence, "layers forward") / 2; };
  EXPECT_EQ(halves(), 3U * 2 + 93);
  model.shared_feed_forward = 2048;
  EXPECT_EQ(halves(), 96U * 2) << "shared experts are an MLP";
  EXPECT_EQ(most_expert_parameters(model, mapping), 93 * model.expert_parameters_per_layer() / 64);
  mapping.pipeline = 48;
  EXPECT_EQ(most_expert_parameters(model, mapping), 2 * model.expert_parameters_per_layer() / 64)
      << "the first stage has none";
}

TEST(Messages, RoutingImbalance) {
  EXPECT_DOUBLE_EQ(routing_imbalance(8, 4, 0), 1);
  // Two experts on two ranks, shares 1 and 1/2: the busiest has 2/3 where 1/2 would be even.
  EXPECT_NEAR(routing_imbalance(2, 2, 1), 4.0 / 3, 1e-12);
}

TEST(Messages, ContextPartsGatherKeysAndValues) {
  Mapping mapping = gpt3_mapping(Recompute::none);
  mapping.context = 2;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  EXPECT_EQ(find(messages, Cause::tensor, "layers forward")->payload, mebibytes(24));
  const Message* gather = find(messages, Cause::context, "keys and values forward");
  ASSERT_NE(gather, nullptr);
  EXPECT_EQ(gather->payload, mebibytes(12));  // both of the whole sequence, one eighth of the heads
  EXPECT_EQ(gather->placed.group.ranks, 2U);
}

TEST(Messages, TheLongestListFits) {
  Transformer model = synthetic::gpt3();
  model.experts = 8;
  model.layers = 98;
  Mapping mapping;
  mapping.tensor = 2;
  mapping.pipeline = 4;
  mapping.context = 2;
  mapping.data = 4;
  mapping.expert = 8;
  mapping.global_batch = 64;
  mapping.recompute = Recompute::full;
  mapping.distributed_optimizer = true;
  mapping.scatter_gather = true;
  for (const bool sequence_parallel : {false, true}) {
    mapping.sequence_parallel = sequence_parallel;
    for (const CriticalStage critical : {CriticalStage::first, CriticalStage::last}) {
      EXPECT_NO_THROW(step_messages(model, mapping, critical));
    }
  }
}

TEST(Messages, UnevenStagesHaveTwoCandidates) {
  Transformer model = synthetic::gpt3();
  model.layers = 10;
  Mapping mapping = gpt3_mapping();  // 8 stages: two of 2 layers, six of 1
  const auto last = step_messages(model, mapping, CriticalStage::last);
  const auto first = step_messages(model, mapping, CriticalStage::first);
  EXPECT_EQ(layers_of(last, Cause::tensor), 1U * 6 * 64);
  EXPECT_EQ(layers_of(first, Cause::tensor), 2U * 6 * 64);
  EXPECT_EQ(layers_of(last, Cause::bubble), 9U * 6);
  EXPECT_EQ(layers_of(first, Cause::bubble), 8U * 6);
  EXPECT_EQ(count_of(first, Cause::tensor, "logits backward"), 0U);
  EXPECT_EQ(count_of(first, Cause::tensor, "embedding forward"), 64U);
}

TEST(Messages, InterleavingSplitsTheBubbleAndMultipliesTransfers) {
  Mapping mapping = gpt3_mapping();
  mapping.virtual_stages = 3;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  EXPECT_EQ(layers_of(messages, Cause::tensor), 12U * 6 * 64);
  EXPECT_EQ(transfers(messages, {Cause::pipeline}), 2U * 64 * 3);
  EXPECT_EQ(layers_of(messages, Cause::bubble), 7U * 4 * 6);
  EXPECT_EQ(transfers(messages, {Cause::bubble}), 2U * 6);
}

TEST(Messages, ScatterGatherSendsAShareAndGathersIt) {
  Mapping mapping = gpt3_mapping();
  mapping.scatter_gather = true;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  EXPECT_EQ(find(messages, Cause::pipeline, "transfer to the next stage")->payload, mebibytes(6));
  const Message* gather = find(messages, Cause::pipeline, "gather after a transfer");
  ASSERT_NE(gather, nullptr);
  EXPECT_EQ(gather->operation, Operation::all_gather);
  EXPECT_EQ(gather->payload, mebibytes(48));
  EXPECT_EQ(count_of(messages, Cause::pipeline, "gather after a transfer"), 128U);
  EXPECT_EQ(count_of(messages, Cause::bubble, "gather after a transfer"), 12U);
}

TEST(Messages, OneStageKeepsBothEnds) {
  Mapping mapping = gpt3_mapping();
  mapping.pipeline = 1;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  EXPECT_EQ(layers_of(messages, Cause::tensor), 96U * 6 * 64);
  EXPECT_EQ(count_of(messages, Cause::tensor, "embedding forward"), 64U);
  EXPECT_EQ(count_of(messages, Cause::tensor, "logits backward"), 64U);
  EXPECT_TRUE(std::all_of(messages.begin(), messages.end(),
                          [](const Message& message) { return message.cause == Cause::tensor; }));
}

TEST(Messages, OneGpuIsSilent) {
  Mapping mapping;
  mapping.global_batch = 8;
  EXPECT_TRUE(step_messages(synthetic::gpt3(), mapping).empty());
}

TEST(Messages, GradientsOfTheFirstStage) {
  Mapping mapping = gpt3_mapping();
  mapping.data = 4;
  const Transformer model = synthetic::gpt3();
  const std::uint64_t h = 12288;
  const std::uint64_t parameters = (12 * (12 * h * h + 13 * h) + 51200 * h) / 8;  // 2104.04473 eq. 2, 12 layers
  EXPECT_EQ(first_stage_parameters(model, mapping), parameters);
  const auto messages = step_messages(model, mapping);
  const Message* gradients = find(messages, Cause::data, "gradients");
  ASSERT_NE(gradients, nullptr);
  EXPECT_EQ(gradients->count, 1U);
  EXPECT_EQ(gradients->payload, Bytes{parameters * 4});
  EXPECT_EQ(gradients->placed, data_group(mapping));
  mapping.gradient_bytes = 2;
  EXPECT_EQ(find(step_messages(model, mapping), Cause::data, "gradients")->payload, Bytes{parameters * 2});
}

TEST(Messages, UntiedEmbeddings) {
  Transformer model = synthetic::gpt3();
  const Mapping pipelined = gpt3_mapping();
  Mapping flat = pipelined;
  flat.pipeline = 1;
  const std::uint64_t tied_flat = first_stage_parameters(model, flat);
  const std::uint64_t tied_pipelined = first_stage_parameters(model, pipelined);
  model.tied_embeddings = false;
  EXPECT_EQ(find(step_messages(model, pipelined), Cause::tied_embedding, "embedding gradients"), nullptr);
  EXPECT_EQ(first_stage_parameters(model, flat), tied_flat + 51200ULL * 12288 / 8);
  EXPECT_EQ(first_stage_parameters(model, pipelined), tied_pipelined);
}

TEST(Messages, LinksInsideAndBetweenNodes) {
  Mapping mapping;
  mapping.tensor = 4;
  mapping.pipeline = 4;
  mapping.global_batch = 16;
  const auto messages = step_messages(synthetic::gpt3(), mapping);
  std::map<std::pair<Cause, std::uint32_t>, std::uint64_t> counts;
  for (const Message& message : messages) {
    if (is_point_to_point(message.operation)) {
      counts[{message.cause, message.placed.nodes}] += message.count;
    }
  }
  // Nodes hold stages 0 1 | 2 3: stages 1 and 2 have one link of either kind; the chain has two inside, one between.
  EXPECT_EQ((counts[{Cause::pipeline, 1}]), 16U);
  EXPECT_EQ((counts[{Cause::pipeline, 2}]), 16U);
  EXPECT_EQ((counts[{Cause::bubble, 1}]), 2U * 2 - 1);
  EXPECT_EQ((counts[{Cause::bubble, 2}]), 2U * 1 - 1);
}

TEST(Messages, TransfersAreTheStepsOfTheChain) {
  for (const std::uint64_t p : {2, 3, 4, 8}) {
    for (const std::uint64_t m : {1, 2, 64}) {
      for (const std::uint64_t gpus_per_node : {1, 2, 3, 8, 64}) {
        Mapping mapping;
        mapping.pipeline = p;
        mapping.global_batch = m;
        mapping.gpus_per_node = gpus_per_node;
        const auto messages = step_messages(synthetic::gpt3(), mapping);
        EXPECT_EQ(transfers(messages, {Cause::pipeline, Cause::bubble}),
                  pipeline_steps(Operation::pipeline_forward_backward, static_cast<std::uint32_t>(p),
                                 static_cast<std::uint32_t>(m)));
      }
    }
  }
}

TEST(Messages, RefusesWhatTheModelCannotRun) {
  Mapping mapping = gpt3_mapping();
  mapping.tensor = 7;
  EXPECT_THROW(step_messages(synthetic::gpt3(), mapping), InputError);
}

/// Megatron-LM's 1F1B schedule (core/pipeline_parallel/schedules.py) played with blocking exchanges. A stage computes
/// for `forward` and `backward`; a message takes `transfer`, and both directions of a link run at once.
class Schedule {
 public:
  Schedule(int stages, int micro_batches, std::vector<double> forward, double backward, double transfer)
      : forward_(std::move(forward)), backward_(backward), transfer_(transfer) {
    for (int stage = 0; stage < stages; ++stage) {
      programs_.push_back(program(stage, stages, micro_batches));
    }
  }

  double length() {
    std::vector<std::size_t> next(programs_.size(), 0);
    std::vector<double> now(programs_.size(), 0);
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t stage = 0; stage < programs_.size(); ++stage) {
        while (next[stage] < programs_[stage].size() && advance(stage, programs_[stage][next[stage]], now[stage])) {
          ++next[stage];
          moved = true;
        }
      }
    }
    for (std::size_t stage = 0; stage < programs_.size(); ++stage) {
      EXPECT_EQ(next[stage], programs_[stage].size()) << "the schedule hangs";
    }
    return *std::max_element(now.begin(), now.end());
  }

 private:
  using Transfer = std::tuple<char, int, int>;  // direction, link, micro-batch
  struct Action {
    double compute = 0;
    std::vector<Transfer> transfers;  // posted together, all awaited
  };

  std::vector<Action> program(int stage, int stages, int micro_batches) const {
    std::vector<Action> actions;
    const auto exchange = [&](std::initializer_list<std::tuple<char, int, int>> wanted) {
      Action action;
      for (const auto& transfer : wanted) {
        const int link = std::get<1>(transfer);
        if (link >= 0 && link < stages - 1 && std::get<2>(transfer) < micro_batches) {
          action.transfers.push_back(transfer);
        }
      }
      actions.push_back(action);
    };
    const auto compute = [&](double time) { actions.push_back({time, {}}); };
    const double forward = forward_[static_cast<std::size_t>(stage)];
    const int warm_up = std::min(stages - 1 - stage, micro_batches);
    int f = 0;
    int b = 0;
    for (; f < warm_up; ++f) {
      exchange({{'f', stage - 1, f}});
      compute(forward);
      exchange({{'f', stage, f}});
    }
    if (f < micro_batches) {
      exchange({{'f', stage - 1, f}});
    }
    for (; f < micro_batches; ++f, ++b) {
      compute(forward);
      exchange({{'f', stage, f}, {'b', stage, b}});
      compute(backward_);
      exchange({{'b', stage - 1, b}, {'f', stage - 1, f + 1}});
    }
    for (; b < micro_batches; ++b) {
      exchange({{'b', stage, b}});
      compute(backward_);
      exchange({{'b', stage - 1, b}});
    }
    return actions;
  }

  // A transfer starts when both of its stages have posted it.
  bool advance(std::size_t stage, const Action& action, double& now) {
    for (const Transfer& transfer : action.transfers) {
      posted_[transfer].emplace(stage, now);
    }
    double end = now + action.compute;
    for (const Transfer& transfer : action.transfers) {
      const auto& posts = posted_[transfer];
      if (posts.size() < 2) {
        return false;
      }
      const double start = std::max(posts.begin()->second, posts.rbegin()->second);
      end = std::max(end, start + transfer_);
    }
    now = end;
    return true;
  }

  std::vector<double> forward_;
  double backward_;
  double transfer_;
  std::vector<std::vector<Action>> programs_;
  std::map<Transfer, std::map<std::size_t, double>> posted_;
};

TEST(Messages, CriticalPathIsThatOfThePlayedSchedule) {
  constexpr double forward = 3;
  constexpr double backward = 5;
  constexpr double transfer = 0.5;
  for (const int p : {3, 4, 8}) {
    for (const int m : {1, 2, 8, 32}) {
      Mapping mapping;
      mapping.pipeline = static_cast<std::uint64_t>(p);
      mapping.global_batch = static_cast<std::uint64_t>(m);
      const auto messages = step_messages(synthetic::gpt3(), mapping);
      const double counted = (m + p - 1) * (forward + backward) +
                             transfer * static_cast<double>(transfers(messages, {Cause::pipeline, Cause::bubble}));
      Schedule schedule(p, m, std::vector<double>(static_cast<std::size_t>(p), forward), backward, transfer);
      // With two micro-batches and more, one transfer of the whole step falls into the warm-up.
      EXPECT_NEAR(schedule.length(), m == 1 ? counted : counted - transfer, 1e-9) << "p " << p << ", m " << m;
    }
  }
}

TEST(Messages, EndStagesAreCountedOnTheSafeSide) {
  constexpr double forward = 3;
  constexpr double backward = 5;
  constexpr double transfer = 0.5;
  constexpr double embedding = 0.25;
  constexpr double logits = 0.75;
  for (const int p : {2, 3, 8}) {
    for (const int m : {1, 8, 32}) {
      Mapping mapping;
      mapping.pipeline = static_cast<std::uint64_t>(p);
      mapping.global_batch = static_cast<std::uint64_t>(m);
      const auto messages = step_messages(synthetic::gpt3(), mapping);
      const double counted = (m + p - 1) * (forward + backward) + m * logits + embedding +
                             transfer * static_cast<double>(transfers(messages, {Cause::pipeline, Cause::bubble}));
      std::vector<double> stages(static_cast<std::size_t>(p), forward);
      stages.front() += embedding;
      stages.back() += logits;
      const double played = Schedule(p, m, stages, backward, transfer).length();
      EXPECT_LE(played, counted + 1e-9) << "p " << p << ", m " << m;
      EXPECT_GE(played, counted - m * transfer - 1e-9) << "p " << p << ", m " << m;
    }
  }
}

/// Narayanan et al., SC'21 (arXiv 2104.04473), Table 1, with micro-batches and virtual stages of Megatron-LM's
/// examples/academic_paper_scripts/sc21/run_table_1.sh. Derived volumes per GPU and step, GB = 1e9 B: tensor parallel
/// 12 b s h (t-1)/t 2 B (l/p) m with full recompute; pipeline 2 m v b s h 2 B / t with scatter/gather; gradients
/// 2 (d-1)/d 2 B P/(t p).
struct Published {
  double billions;
  std::uint64_t heads, hidden, layers, tensor, pipeline, gpus, batch, micro_batch, virtual_stages;
  double tensor_gb, data_gb, pipeline_gb;
};

constexpr Published sc21_table_1[] = {
    {1.7, 24, 2304, 24, 1, 1, 32, 512, 16, 1, 0.0, 6.59, 0.00},
    {3.6, 32, 3072, 30, 2, 1, 64, 512, 16, 1, 36.2, 6.98, 0.00},
    {7.5, 32, 4096, 36, 4, 1, 128, 512, 16, 1, 87.0, 7.27, 0.00},
    {18.4, 48, 6144, 40, 8, 1, 256, 1024, 8, 1, 338.2, 8.91, 0.00},
    {39.1, 64, 8192, 48, 8, 2, 512, 1536, 4, 1, 405.9, 9.47, 0.40},
    {76.1, 80, 10240, 60, 8, 4, 1024, 1792, 2, 3, 369.9, 9.22, 1.76},
    {145.6, 96, 12288, 80, 8, 8, 1536, 2304, 2, 2, 507.3, 8.72, 2.42},
    {310.1, 128, 16384, 96, 8, 16, 1920, 2160, 1, 2, 608.8, 9.04, 4.83},
    {529.6, 128, 20480, 105, 8, 35, 2520, 2520, 1, 3, 739.9, 6.73, 17.62},
    {1008.0, 160, 25600, 128, 8, 64, 3072, 3072, 1, 1, 1127.4, 6.56, 13.42},
};

double gigabytes(const Message& message) {
  return wire_factor(message.operation, message.placed.group.ranks) * static_cast<double>(message.payload.count) *
         static_cast<double>(message.count) / 1e9;
}

class Sc21 : public testing::TestWithParam<Published> {};

TEST_P(Sc21, VolumesAreThePublishedOnes) {
  const Published& row = GetParam();
  Transformer model = synthetic::gpt3();
  model.layers = row.layers;
  model.hidden = row.hidden;
  model.heads = model.key_value_heads = row.heads;
  model.feed_forward = 4 * row.hidden;
  Mapping mapping;
  mapping.tensor = row.tensor;
  mapping.pipeline = row.pipeline;
  mapping.data = row.gpus / (row.tensor * row.pipeline);
  mapping.micro_batch = row.micro_batch;
  mapping.global_batch = row.batch;
  mapping.virtual_stages = row.virtual_stages;
  mapping.recompute = Recompute::full;
  mapping.scatter_gather = true;
  mapping.gradient_bytes = 2;
  const auto messages = step_messages(model, mapping);

  double layers_gb = 0;
  double transfers_gb = 0;
  for (const Message& message : messages) {
    layers_gb += message.cause == Cause::tensor && message.purpose.starts_with("layers") ? gigabytes(message) : 0;
    transfers_gb += message.cause == Cause::pipeline && is_point_to_point(message.operation) ? gigabytes(message) : 0;
  }
  EXPECT_NEAR(layers_gb, row.tensor_gb, 0.051);
  EXPECT_NEAR(transfers_gb, row.pipeline_gb, 0.0051);
  // P counts learned positions, s h, too, and is published to 0.1 billion. The first stage holds the whole embedding
  // over t, where P/(t p) spreads it over the stages.
  const double d = static_cast<double>(mapping.data);
  const auto ring_gb = [d](std::uint64_t parameters) {
    return 2 * (d - 1) / d * 2 * static_cast<double>(parameters) / 1e9;
  };
  const double gradients = gigabytes(*find(messages, Cause::data, "gradients"));
  const double rounding = 0.01 + row.data_gb * 0.05 / row.billions;
  const double positions = ring_gb(model.sequence * model.hidden / (row.tensor * row.pipeline));
  const double embedding = row.pipeline == 1 ? 0 : ring_gb(model.embedding_parameters() / row.tensor);
  EXPECT_GE(gradients, row.data_gb - positions - rounding);
  EXPECT_LE(gradients, row.data_gb - positions + rounding + embedding);
}

INSTANTIATE_TEST_SUITE_P(Table1, Sc21, testing::ValuesIn(sc21_table_1));

}  // namespace
}  // namespace hockney::inline workload
