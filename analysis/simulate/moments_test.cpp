#include "simulate/moments.hpp"

#include <gtest/gtest.h>
#include <map>
#include <tuple>

#include "workload/messages.hpp"
#include "workload/synthetic_transformer.hpp"

namespace hockney::simulate {
namespace {

Transformer with_experts() {
  Transformer model = synthetic::gpt3();
  model.experts = 16;
  model.experts_per_token = 2;
  return model;
}

// 2 stages of 48 layers on 64 GPUs, 8 micro-batches.
Mapping mapping() {
  Mapping mapping;
  mapping.tensor = 2;
  mapping.pipeline = 2;
  mapping.data = 16;
  mapping.expert = 8;
  mapping.global_batch = 128;
  return mapping;
}

std::vector<Phase> phases_of(const Transformer& model, const Mapping& mapping) {
  std::vector<Phase> phases;
  for (const Message& message : step_messages(model, mapping)) {
    phases.push_back({message, 1e-3, 1e-5});
  }
  return phases;
}

std::vector<Moment> moments_of(const Transformer& model, const Mapping& mapping) {
  return simulate::moments_of(
      phases_of(model, mapping),
      {.mapping = mapping, .layers = 48, .forward_s = 1e-3, .backward_s = 2e-3, .gradient_bucket = mebibytes(160)});
}

const Moment* find(const std::vector<Moment>& moments, std::string_view name) {
  for (const Moment& moment : moments) {
    if (moment.name == name) {
      return &moment;
    }
  }
  return nullptr;
}

std::uint64_t count_of(const Chain& chain, std::string_view purpose) {
  std::uint64_t count = 0;
  for (const Phase& phase : chain.phases) {
    count += phase.message.purpose == purpose ? phase.message.count : 0;
  }
  return count;
}

void expect_every_operation_in_one_moment(const Transformer& model, const Mapping& mapping) {
  std::map<std::tuple<Cause, std::string_view, Operation, std::uint32_t, Overlap>, double> left;
  const auto of = [&](const Message& message) -> double& {
    return left[{message.cause, message.purpose, message.operation, message.placed.nodes, message.overlap}];
  };
  for (const Message& message : step_messages(model, mapping)) {
    of(message) += static_cast<double>(message.count);
  }
  for (const Moment& moment : moments_of(model, mapping)) {
    for (const Chain& chain : moment.chains) {
      for (const Phase& phase : chain.phases) {
        of(phase.message) -= static_cast<double>(phase.message.count) * moment.per_step;
      }
    }
  }
  for (const auto& [key, count] : left) {
    EXPECT_EQ(count, 0) << std::get<std::string_view>(key);
  }
}

TEST(Moments, HaveEveryOperationOfTheStepOnce) {
  for (const bool overlap : {false, true}) {
    for (const std::uint64_t virtual_stages : {1U, 3U}) {
      for (const Recompute recompute : {Recompute::none, Recompute::full}) {
        Mapping each = mapping();
        each.virtual_stages = virtual_stages;
        each.overlap_transfers = overlap && virtual_stages > 1;
        each.overlap_gradients = overlap;
        each.distributed_optimizer = overlap;
        each.recompute = recompute;
        each.recompute_layers = recompute == Recompute::full ? 5 : 0;
        expect_every_operation_in_one_moment(with_experts(), each);
      }
    }
  }
}

TEST(Moments, GradientsFollowTheLastBackwardPass) {
  Mapping overlapped = mapping();
  overlapped.overlap_gradients = true;
  overlapped.recompute = Recompute::full;
  const std::vector<Moment> moments = moments_of(with_experts(), overlapped);
  const Moment* pass = find(moments, "last backward pass");
  ASSERT_NE(pass, nullptr);
  ASSERT_EQ(pass->chains.size(), 3U);  // dense gradients, and those of experts
  const Chain& layers = pass->chains[0];
  EXPECT_EQ(layers.rounds, 48U);
  EXPECT_EQ(layers.compute_s, 2e-3);
  EXPECT_EQ(count_of(layers, "tokens to experts and back"), 4U * 48);  // 2 again, recomputed
  EXPECT_EQ(count_of(layers, "layers backward"), 2U * 48);
  EXPECT_EQ(count_of(layers, "layers forward"), 0U);
  const Phase& gradients = pass->chains[1].phases.at(0);
  EXPECT_EQ(pass->chains[1].pace, Flow::Pace::first);
  EXPECT_EQ(gradients.parts, divided_up(gradients.message.payload.count, mebibytes(160).count));
  EXPECT_GT(gradients.parts, 10U);
  EXPECT_EQ(find(moments, "chunk"), nullptr);
}

TEST(Moments, WithoutOverlapEachMessageIsByItself) {
  for (const Moment& moment : moments_of(with_experts(), mapping())) {
    EXPECT_EQ(moment.name, by_itself);
    EXPECT_EQ(moment.chains.size(), 1U);
  }
}

TEST(Moments, TransfersGoBesideTheirChunk) {
  Mapping interleaved = mapping();
  interleaved.virtual_stages = 3;
  interleaved.overlap_transfers = true;
  const std::vector<Moment> moments = moments_of(with_experts(), interleaved);
  const Moment* chunk = find(moments, "chunk");
  ASSERT_NE(chunk, nullptr);
  EXPECT_EQ(chunk->per_step, 8 * 3);
  EXPECT_EQ(chunk->chains.at(0).rounds, 16U);
  EXPECT_EQ(chunk->chains.at(0).compute_s, 3e-3);
  EXPECT_EQ(count_of(chunk->chains.at(0), "tokens to experts and back"), 4U * 16);
  EXPECT_EQ(count_of(chunk->chains.at(1), "transfer to the next stage"), 2U);
}

TEST(Moments, AnotherJobIsInAllOfThem) {
  const std::vector<Phase> phases = phases_of(with_experts(), mapping());
  const std::vector<Chain> others{{{phases.front()}, 1, 0, Flow::Pace::endless}};
  for (const Moment& moment : simulate::moments_of(phases, {.mapping = mapping(), .layers = 48, .others = others})) {
    EXPECT_EQ(moment.chains.size(), 2U);
    EXPECT_LE(moment.chains.front().phases.at(0).message.count, 64U);
  }
}

}  // namespace
}  // namespace hockney::simulate
