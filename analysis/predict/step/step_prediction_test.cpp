#include "predict/step/step_prediction.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "predict/step/small_step.hpp"
#include "predict/step/step_warnings.hpp"

namespace hockney::predict {
namespace {

Mapping gpt3_mapping() {
  Mapping mapping;
  mapping.tensor = 8;
  mapping.pipeline = 8;
  mapping.global_batch = 64;
  mapping.recompute = Recompute::full;
  return mapping;
}

StepPrediction communication(const cost::CostModel& model, const Mapping& mapping, NetworkOptions options = {}) {
  StepNetwork network(model, StepConstants{}, std::move(options));
  return predict_communication(workload::synthetic::gpt3(), mapping, CriticalStage::last, network);
}

bool warns(const StepPrediction& prediction, std::string_view part) {
  return std::any_of(prediction.warnings.begin(), prediction.warnings.end(),
                     [&](const std::string& warning) { return warning.find(part) != std::string::npos; });
}

TEST(Communication, OfGpt3ByHand) {
  const StepTime time = communication(synthetic::cluster(), gpt3_mapping(), {{}, {}, true, {Addition::host_wait}}).time;
  const double big = 10e-6 + 50331648 / 200e9;  // 48 MiB all-reduce inside a node
  const double small = 10e-6 + 8192 / 200e9;    // 2048 fp32 values
  const double send = 5e-6 + 50331648 / 25e9;   // 48 MiB between nodes
  EXPECT_NEAR(time.exposed(Cause::tensor), (12 * 6 * 64 + 64) * big + 192 * small, 1e-7);
  EXPECT_NEAR(time.exposed(Cause::pipeline), 128 * send, 1e-7);
  EXPECT_NEAR(time.exposed(Cause::bubble), (7 * 12 * 6 + 1) * big + 12 * send, 1e-7);
  EXPECT_NEAR(time.exposed(Cause::tied_embedding), 20e-6 + 51200.0 / 8 * 12288 * 4 / 20e9, 1e-7);
  EXPECT_EQ(time.exposed(Cause::data), 0);
  EXPECT_EQ(time.compute_s, 0);
  EXPECT_NEAR(time.total_s, time.communication_s(), 1e-12);
}

TEST(Communication, EveryTransferWaitsForTheHostUnlessThatIsLeftOut) {
  const double with = communication(synthetic::cluster(), gpt3_mapping()).time.total_s;
  const double without =
      communication(synthetic::cluster(), gpt3_mapping(), {{}, {}, false, {Addition::host_wait}}).time.total_s;
  EXPECT_NEAR(with - without, (128 + 12) * StepConstants{}.transfer_wait_s, 1e-7);
}

TEST(Communication, HasTheMessagesOfTheStepEachWithTheSameSeconds) {
  synthetic::SmallStep small;
  Mapping mapping;
  mapping.tensor = 8;
  mapping.pipeline = 2;
  mapping.data = 2;
  mapping.global_batch = 8;
  const StepPrediction step = predict_step(small.step, small.model, mapping, small.network);
  const StepPrediction alone = predict_communication(small.model, mapping, step.time.critical, small.network);
  ASSERT_EQ(step.lines.size(), alone.lines.size());
  for (std::size_t i = 0; i < step.lines.size(); ++i) {
    EXPECT_EQ(step.lines[i].answer.estimate.value_s, alone.lines[i].answer.estimate.value_s);
    EXPECT_NEAR(step.lines[i].once.exposed_s + step.lines[i].once.hidden_s, alone.lines[i].once.exposed_s, 1e-12);
    EXPECT_EQ(alone.lines[i].hidden_s(), 0);
  }
  EXPECT_GT(alone.time.total_s, step.time.communication_s()) << "of the step some is hidden";
}

TEST(Communication, IntervalsAreThoseOfTheCurvesAlone) {
  const StepPrediction sure = communication(synthetic::cluster(), gpt3_mapping());
  const Interval none = sure.draws.interval(step_parts().back(), sure.time.total_s);
  EXPECT_NEAR(none.low, none.high, 1e-9) << "these curves have no spread";
  cost::CostModel model = synthetic::cluster();
  model.curves[0] = synthetic::with_launches(model.curves[0], {0.9, 1.0, 1.15});
  const StepPrediction unsure = communication(model, gpt3_mapping());
  const Interval some = unsure.draws.interval(step_parts().back(), unsure.time.total_s);
  EXPECT_GT(some.high, 1.02 * unsure.time.total_s);
}

TEST(Warnings, TellOfLineRatesFlagsAndExtrapolation) {
  cost::CostModel model =
      synthetic::model_of({synthetic::line(Operation::all_reduce, Fabric::nvswitch, 4, 4, 1e-5, 1e-11)});
  for (const Flag flag : {Flag::simulated, Flag::oversubscribed, Flag::drifting}) {
    model.curves[0].flags.set(flag);
  }
  const StepPrediction prediction = communication(model, gpt3_mapping(), {{}, NicRate{25e9}, true, {}});
  for (const char* kind : {"SIMULATED", "OVERSUBSCRIBED", "estimated, not measured, from line rate 25 GB/s, 5 us",
                           "EXTRAPOLATED", "FLAGS: curves that answer carry drifting"}) {
    EXPECT_TRUE(warns(prediction, kind)) << kind;
  }
  EXPECT_FALSE(warns(prediction, "SUBSTITUTED"));
}

TEST(Warnings, TellOfLoopbackWhereNothingElseCrossesNodes) {
  const auto all_reduce = [](std::uint32_t ranks, std::uint32_t ranks_per_node) {
    return synthetic::line(Operation::all_reduce, Fabric::infiniband, ranks, ranks_per_node, 1e-5, 1e-11);
  };
  const cost::CostCurve pairs = synthetic::line(Operation::ping_pong, Fabric::infiniband, 2, 1, 1e-6, 1e-11);
  EXPECT_TRUE(warns(communication(synthetic::model_of({all_reduce(8, 8), pairs}), gpt3_mapping()), "LOOPBACK"));
  EXPECT_FALSE(warns(communication(synthetic::model_of({all_reduce(8, 8), all_reduce(16, 8), pairs}), gpt3_mapping()),
                     "LOOPBACK"));
}

TEST(Warnings, TellOfASubstitutionOnceAndStrictRefusesIt) {
  const cost::CostModel model =
      synthetic::model_of({synthetic::line(Operation::all_reduce, Fabric::host_memory, 8, 8, 1e-5, 1e-11),
                           synthetic::line(Operation::ping_pong, Fabric::host_memory, 2, 2, 1e-6, 1e-11)});
  EXPECT_THROW(communication(model, gpt3_mapping(), {{}, {}, true, {}}), InputError);
  const StepPrediction prediction = communication(model, gpt3_mapping());
  EXPECT_EQ(std::count_if(prediction.warnings.begin(), prediction.warnings.end(), is_substitution), 2)
      << "transfers of both causes give one warning, the tied embedding another";
  EXPECT_TRUE(warns(prediction, "SUBSTITUTED: pipeline_forward_backward"));
}

// Eight GPUs that share the experts: latent attention, shared experts, dense layers, windows.
TEST(StepPrediction, IsThereForEveryShippedModel) {
  synthetic::SmallStep small;
  for (const Transformer& model : read_transformers(shipped_folder() / "models")) {
    Mapping mapping;
    mapping.data = 8;
    mapping.expert = model.experts > 0 ? 8 : 1;
    mapping.global_batch = 8;
    mapping.flash_attention = true;
    mapping.recompute = Recompute::full;
    const StepPrediction prediction = predict_step(small.step, model, mapping, small.network);
    EXPECT_LT(prediction.model_flops_utilisation(), 0.9 * 3 / 4) << model.name << ": a quarter is done again";
    EXPECT_GT(prediction.model_flops_utilisation(), 0.1) << model.name;
    EXPECT_EQ(prediction.time.exposed(Cause::expert) > 0, model.experts > 0) << model.name;
    EXPECT_GT(prediction.memory.state(), 2 * 8 * static_cast<double>(model.active_parameters()) / 8) << model.name;
  }
}

TEST(StepPrediction, ExpertsReachedBesideAnotherMicroBatchCostLess) {
  synthetic::SmallStep small;
  const std::vector<Transformer> models = read_transformers(shipped_folder() / "models");
  const auto with_experts =
      std::find_if(models.begin(), models.end(), [](const Transformer& model) { return model.experts > 0; });
  Mapping mapping;
  mapping.data = mapping.expert = 8;
  mapping.global_batch = 64;
  const StepTime alone = predict_step(small.step, *with_experts, mapping, small.network).time;
  mapping.overlap_experts = true;
  const StepTime beside = predict_step(small.step, *with_experts, mapping, small.network).time;
  EXPECT_LT(beside.total_s, alone.total_s);
  EXPECT_NEAR(beside.exposed(Cause::expert) + beside.hidden(Cause::expert), alone.exposed(Cause::expert),
              1e-9 * alone.total_s);
  mapping.global_batch = 8;
  const StepTime one = predict_step(small.step, *with_experts, mapping, small.network).time;
  EXPECT_EQ(one.hidden(Cause::expert), 0) << "of one micro-batch";
}

}  // namespace
}  // namespace hockney::predict
