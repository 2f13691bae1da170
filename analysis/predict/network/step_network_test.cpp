#include "predict/network/step_network.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "predict/step/synthetic_model.hpp"

namespace hockney::predict {
namespace {

constexpr double alpha_s = 10e-6;
constexpr double beta_s_per_byte = 1 / 100e9;
constexpr Bytes payload = mebibytes(64);

Message inside_node(Operation operation, std::uint32_t ranks = 8) {
  Message message;
  message.operation = operation;
  message.placed.group = {ranks, ranks, 1, 1};
  message.placed.nodes = 1;
  message.payload = payload;
  return message;
}

double measured_s() { return alpha_s + beta_s_per_byte * static_cast<double>(payload.count); }

cost::CostModel only(Operation operation) {
  return synthetic::model_of({synthetic::line(operation, Fabric::nvswitch, 8, 8, alpha_s, beta_s_per_byte)});
}

StepNetwork network_of(const cost::CostModel& model, bool strict = false) {
  return {model, StepConstants{}, {{}, {}, strict, {}}};
}

TEST(StepNetwork, ReadsACollectivesOwnCurve) {
  const cost::CostModel model = only(Operation::all_gather);
  EXPECT_NEAR(network_of(model).time(inside_node(Operation::all_gather)), measured_s(), 1e-9);
  EXPECT_TRUE(network_of(model).answer(inside_node(Operation::all_gather)).remarks.empty());
}

TEST(StepNetwork, ReadsAMissingCollectiveOffItsRelativeByTheBytesOnTheWire) {
  const cost::CostModel scatter = only(Operation::reduce_scatter);
  EXPECT_NEAR(network_of(scatter).time(inside_node(Operation::all_gather)), measured_s(), 1e-9);
  EXPECT_NEAR(network_of(scatter).time(inside_node(Operation::all_reduce)), 2 * measured_s(), 1e-9);
  const cost::CostModel reduce = only(Operation::all_reduce);
  EXPECT_NEAR(network_of(reduce).time(inside_node(Operation::all_to_all)), measured_s() / 2, 1e-9);
}

TEST(StepNetwork, SaysThatItReadARelative) {
  const cost::CostModel model = only(Operation::reduce_scatter);
  const auto remarks = network_of(model).answer(inside_node(Operation::all_gather)).remarks;
  EXPECT_EQ(
      std::count(remarks.begin(), remarks.end(), "read off reduce_scatter: no all_gather was measured inside a node"),
      1);
}

TEST(StepNetwork, StrictRefusesRelatives) {
  const cost::CostModel model = only(Operation::reduce_scatter);
  EXPECT_THROW(network_of(model, true).time(inside_node(Operation::all_gather)), InputError);
}

TEST(StepNetwork, StatedNicsAnswerBetweenNodesWhateverTheModelHolds) {
  const cost::CostModel model = synthetic::cluster();
  const StepConstants constants;
  StepNetwork network(model, constants, {NicRate{25e9, Seconds{5e-6}}, {}, false, {}});
  Message transfer = inside_node(Operation::pipeline_forward_backward, 2);
  transfer.placed.group.ranks_per_node = 1;
  transfer.placed.nodes = 2;
  const double expected = 5e-6 + constants.transfer_wait_s + static_cast<double>(payload.count) / 25e9;
  EXPECT_NEAR(network.time(transfer), expected, 1e-9);
}

// local_time() bends between measured sizes; the flat curve must follow.
TEST(StepNetwork, TimeIsTheAnswersAtMeasuredSizesAndBetween) {
  cost::CostModel model = only(Operation::all_gather);
  double wobble = 1;
  for (Bytes size = kibibytes(1); size <= gibibytes(1); size = size * 2) {
    model.curves[0].points.push_back({size, wobble * model.curves[0].segments[0].at(size).count(), 0.01});
    wobble = wobble == 1 ? 1.1 : 1;
  }
  for (const std::uint32_t ranks : {8U, 4U}) {
    StepNetwork network = network_of(model);
    Message message = inside_node(Operation::all_gather, ranks);
    for (const std::uint64_t kibi : {1, 3, 48 * 1024, 64 * 1024, 100 * 1024}) {
      message.payload = kibibytes(kibi);
      EXPECT_NEAR(network.time(message) / network.answer(message).estimate.value_s, 1, 0.01) << ranks << " " << kibi;
    }
  }
}

TEST(StepNetwork, FewerRanksNeverTakeLonger) {
  const cost::CostModel model = only(Operation::all_reduce);
  StepNetwork network = network_of(model);
  EXPECT_LT(network.time(inside_node(Operation::all_reduce, 2)), network.time(inside_node(Operation::all_reduce, 4)));
  EXPECT_LT(network.time(inside_node(Operation::all_reduce, 4)), network.time(inside_node(Operation::all_reduce, 8)));
}

TEST(StepNetwork, WhatSharesItsNodeIsAnotherGroup) {
  cost::CostModel model = only(Operation::all_reduce);
  cost::CostCurve loaded = model.curves[0];
  loaded.shape.group.concurrent = 2;
  loaded.segments[0].beta_s_per_byte *= 2;
  model.curves.push_back(loaded);
  Message alone = inside_node(Operation::all_reduce);
  Message shared = alone;
  shared.placed.at_once = 2;
  StepNetwork network = network_of(model);
  const double first = network.time(alone);
  EXPECT_GT(network.time(shared), 1.5 * first);
  EXPECT_EQ(network.time(alone), first);
}

TEST(StepNetwork, EveryTransferWaitsForTheHost) {
  cost::CostModel model = synthetic::cluster();
  model.curves.push_back(synthetic::line(Operation::pipeline_forward, Fabric::nvswitch, 2, 2, 5e-6, 1 / 200e9));
  const double inside = network_of(model).time(inside_node(Operation::pipeline_forward_backward, 2));
  EXPECT_NEAR(inside, 5e-6 + static_cast<double>(payload.count) / 200e9 + StepConstants{}.transfer_wait_s, 1e-9);
}

TEST(NetworkOptions, ARingOfAllGpusOfItsNodesHasNoLimit) {
  NetworkOptions options{.ring_limit_bytes_per_s = 10e9};
  EXPECT_DOUBLE_EQ(options.ring_rate(16e9, 1, 8), 10e9);
  EXPECT_NEAR(options.ring_rate(16e9, 2, 8), 10e9 * std::pow(1.6, 1.0 / 3), 1);
  EXPECT_EQ(options.ring_rate(16e9, 8, 8), 16e9);
  EXPECT_EQ(options.ring_rate(8e9, 1, 8), 8e9) << "slower than the limit";
  EXPECT_EQ(options.ring_rate(16e9, 1, 1), 16e9) << "no other ring uses the node's NICs";
  options.without = {Addition::ring_limit};
  EXPECT_EQ(options.ring_rate(16e9, 1, 8), 16e9);
}

TEST(StepNetwork, OnAMeshATransferDependsOnItsStride) {
  cost::CostModel model = synthetic::cluster();
  model.curves.push_back(synthetic::line(Operation::pipeline_forward, Fabric::nvswitch, 2, 2, 5e-6, 1 / 200e9));
  Message near = inside_node(Operation::pipeline_forward_backward, 2);
  Message far = near;
  far.placed.group.stride = 4;
  StepNetwork behind = network_of(model);
  EXPECT_EQ(behind.time(near), behind.time(far));
  StepNetwork on_mesh(model, StepConstants{}, {.mesh = Mesh({8})});
  const double wire_s = static_cast<double>(payload.count) / 200e9;
  EXPECT_NEAR(on_mesh.time(near) - behind.time(near), wire_s, 1e-3 * wire_s);
  EXPECT_NEAR(on_mesh.time(far) - behind.time(far), 3 * wire_s, 1e-3 * wire_s);
}

Message across_nodes(Operation operation, std::uint32_t ranks, std::uint32_t per_node) {
  Message message = inside_node(operation, ranks);
  message.placed.group.ranks_per_node = per_node;
  message.placed.nodes = ranks / per_node;
  return message;
}

TEST(StepNetwork, AllToAllIsNoRing) {
  const cost::CostModel model = only(Operation::all_reduce);
  StepNetwork network(model, {}, {NicRate{20e9, Seconds{0}, 8}, {}, false, {}, 1e9});
  EXPECT_NEAR(network.time(across_nodes(Operation::all_to_all, 16, 8)),
              8.0 / 16 * static_cast<double>(payload.count) / 20e9, 1e-9);
}

TEST(StepNetwork, WhatStaysInsideANodeIsNoFasterThanItsCurves) {
  cost::CostModel model = only(Operation::all_to_all);
  model.curves.push_back(only(Operation::all_gather).curves[0]);
  StepNetwork network(model, {}, {NicRate{1e15, Seconds{0}}, {}, false, {}});
  EXPECT_NEAR(network.time(across_nodes(Operation::all_to_all, 16, 8)), measured_s() / 2, 1e-9);
  EXPECT_NEAR(network.time(across_nodes(Operation::all_reduce, 16, 8)), measured_s() * 2 * (15.0 / 16) / (7.0 / 8),
              1e-9)
      << "read off a relative";
}

TEST(StepNetwork, CurvesBetweenNodesSayNothingOfTheInside) {
  const cost::CostModel model = synthetic::model_of(
      {synthetic::line(Operation::all_reduce, Fabric::infiniband, 16, 8, alpha_s, beta_s_per_byte)});
  StepNetwork network(model, StepConstants{}, {NicRate{1e15, Seconds{0}}, {}, true, {}});
  EXPECT_LT(network.time(across_nodes(Operation::all_reduce, 16, 8)), 1e-6);
}

// 2 ranks were measured from 1 GiB on, 8 from 1 KiB on: below 256 MiB the second answers.
TEST(StepNetwork, TimeIsTheAnswersWhereTheCurveChanges) {
  cost::CostModel model = only(Operation::all_reduce);
  cost::CostCurve large = synthetic::line(Operation::all_reduce, Fabric::nvswitch, 2, 2, 0, 1 / 30e9);
  large.segments[0].from = gibibytes(1);
  large.source = "another";
  model.curves.push_back(large);
  StepNetwork network = network_of(model);
  Message message = inside_node(Operation::all_reduce, 2);
  for (const std::int64_t off : {-4000000, -2, -1, 0, 1, 2, 4000000}) {
    message.payload = Bytes{static_cast<std::uint64_t>(268435456 + off)};
    EXPECT_NEAR(network.time(message) / network.answer(message).estimate.value_s, 1, 1e-3) << off;
  }
}

TEST(StepNetwork, DrawZeroIsTheValueItself) {
  const cost::CostModel model = only(Operation::all_gather);
  StepNetwork network = network_of(model);
  const double value = network.time(inside_node(Operation::all_gather));
  network.draw(7);
  network.draw(0);
  EXPECT_EQ(network.time(inside_node(Operation::all_gather)), value);
}

TEST(StepNetwork, RemembersWhatItWasAsked) {
  const cost::CostModel model = synthetic::model_of(
      {synthetic::with_launches(
           synthetic::line(Operation::all_gather, Fabric::nvswitch, 8, 8, alpha_s, beta_s_per_byte), {0.5, 1.0, 2.0}),
       synthetic::line(Operation::all_reduce, Fabric::nvswitch, 8, 8, alpha_s, beta_s_per_byte)});
  StepNetwork network = network_of(model);
  const Message gather = inside_node(Operation::all_gather);
  const Message reduce = inside_node(Operation::all_reduce);
  const double value =
      network.remember([&] { return network.time(gather) + network.time(reduce) + network.time(gather); });
  EXPECT_NEAR(value, 3 * measured_s(), 1e-9);
  ASSERT_EQ(network.unsure_curves().size(), 1U) << "the other has no error";
  network.shift(network.unsure_curves().front(), 1);
  EXPECT_GT(network.time(gather), 1.1 * measured_s());
  EXPECT_NEAR(network.time(reduce), measured_s(), 1e-9);
  network.shift(network.unsure_curves().front(), 0);
  EXPECT_NEAR(network.time(gather), measured_s(), 1e-9);
}

// The same warnings as those made from the answers, below, at and beyond the measured sizes.
TEST(StepNetwork, WarnsOfWhatAnswered) {
  cost::CostModel model = only(Operation::all_gather);
  model.curves.front().flags.set(Flag::simulated);
  StepNetwork network = network_of(model);
  for (const std::uint64_t size : {16ULL, 1024ULL, 1025ULL, 1ULL << 34, (1ULL << 34) + 1, 1ULL << 36}) {
    Message message = inside_node(Operation::all_gather);
    message.payload = Bytes{size};
    network.remember([&] { return network.time(message); });
    EXPECT_EQ(*network.warnings(), warnings_of(doubts_about(message, network.answer(message)))) << size;
  }
}

TEST(FlatCurve, ErrorsAreThoseOfTheirOwnSide) {
  FlatCurve::Node node;
  node.time_s = 2;
  node.log_error_up = 0.5;
  node.log_error_down = 0.1;
  const FlatCurve curve({node});
  EXPECT_DOUBLE_EQ(curve.at(8, 1), 2 * std::exp(0.5));
  EXPECT_DOUBLE_EQ(curve.at(8, -1), 2 * std::exp(-0.1));
}

TEST(Deviates, AreStandardNormalAndDependOnBothNumbers) {
  constexpr int count = 10000;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t draw = 1; draw <= count; ++draw) {
    sum += deviate_of(42, draw);
    squares += deviate_of(42, draw) * deviate_of(42, draw);
  }
  EXPECT_NEAR(sum / count, 0, 0.05);
  EXPECT_NEAR(squares / count, 1, 0.05);
  EXPECT_EQ(deviate_of(1, 2), deviate_of(1, 2));
  EXPECT_NE(deviate_of(1, 2), deviate_of(2, 2));
  EXPECT_NE(deviate_of(1, 2), deviate_of(1, 3));
}

}  // namespace
}  // namespace hockney::predict
