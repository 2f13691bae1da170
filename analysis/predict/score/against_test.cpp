#include "predict/score/against.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "plan/synthetic_step.hpp"
#include "predict/step/synthetic_model.hpp"

namespace hockney::predict {
namespace {

constexpr double reduction_alpha_s = 10e-6;
constexpr double transfer_alpha_s = 3e-6;

cost::CostCurve curve(Operation operation, Mode mode, double alpha_s, std::uint32_t micro_batches = 0) {
  cost::CostCurve made = synthetic::line(operation, Fabric::host_memory, 2, 2, alpha_s, 0, mode);
  made.shape.transport = TransportKind::mpi;
  made.shape.set_micro_batches(micro_batches);
  made.segments.front().from = {1};
  return made;
}

cost::CostModel host() {
  return synthetic::model_of({curve(Operation::all_reduce, Mode::stream, reduction_alpha_s),
                              curve(Operation::all_reduce, Mode::host, 3 * reduction_alpha_s),
                              curve(Operation::pipeline_forward_backward, Mode::stream, 5 * transfer_alpha_s, 1),
                              curve(Operation::pipeline_forward_backward, Mode::stream, transfer_alpha_s, 8)});
}

Measurement visit_of(std::uint64_t t, std::uint64_t p, double time_s) {
  Measurement visit;
  visit.point = plan::synthetic::step_point(plan::synthetic::tiny_model(4, 32, 4, 16, 64), t, p, 1, 6);
  plan::synthetic::step_in(visit.point).model.tied_embeddings = false;
  visit.rank_columns = 2;
  for (int i = 0; i < 20; ++i) {
    visit.elapsed.insert(visit.elapsed.end(), {time_s, time_s / 2});
  }
  return visit;
}

StepComparison compared(const cost::CostModel& model, const Measurement& visit) {
  const Measurement* const only = &visit;
  return compare_step(model, {&only, 1});
}

// embedding, 4 layers of 4, logits and 3 of the cross entropy, 6 times
constexpr double tensor_s = 6 * (1 + 4 * 4 + 1 + 3) * reduction_alpha_s;

TEST(CompareStep, ReadsBackToBackCurvesForAStepWithoutCompute) {
  const StepComparison step = compared(host(), visit_of(2, 1, 2 * tensor_s));
  EXPECT_NEAR(step.predicted.total_s, tensor_s, 1e-12);
  EXPECT_DOUBLE_EQ(step.communication_s, 2 * tensor_s) << "the slower rank's";
  EXPECT_NEAR(step.ratio(), 0.5, 1e-9);
  EXPECT_FALSE(step.extrapolated);
}

TEST(CompareStep, ReadsBlockingCurvesAndTakesTheComputeOffWhereThereIsSome) {
  Measurement visit = visit_of(2, 1, 0.01);
  plan::synthetic::step_in(visit.point).compute_s = 1e-5;
  const StepComparison step = compared(host(), visit);
  EXPECT_NEAR(step.predicted.total_s, 3 * tensor_s, 1e-12);
  EXPECT_NEAR(step.compute_s, 6 * 4 * 3 * 1e-5, 1e-12);
  EXPECT_NEAR(step.communication_s, 0.01 - 6 * 4 * 3 * 1e-5, 1e-12);
  plan::synthetic::step_in(visit.point).compute_s = 1;
  EXPECT_THROW(compared(host(), visit), InputError) << "no time is left for communication";
}

TEST(CompareStep, ReadsThePipelineOfTheNearestLength) {
  const StepComparison step = compared(host(), visit_of(1, 2, 1e-3));
  EXPECT_NEAR(step.predicted.total_s, 2 * 6 * transfer_alpha_s, 1e-12);
  EXPECT_EQ(step.predicted.exposed(Cause::pipeline), step.predicted.total_s) << "without the wait of the host";
}

TEST(CompareStep, LeavesCurvesOfOtherTransportsAlone) {
  cost::CostModel model = host();
  for (cost::CostCurve& each : model.curves) {
    each.shape.transport = TransportKind::nccl;
  }
  EXPECT_THROW(compared(model, visit_of(2, 1, 1e-3)), InputError);
}

TEST(RatioErrors, AreThoseOfAllComparisons) {
  const std::vector<StepComparison> steps{compared(host(), visit_of(2, 1, tensor_s / 1.1)),
                                          compared(host(), visit_of(2, 1, tensor_s / 0.8)),
                                          compared(host(), visit_of(2, 1, tensor_s))};
  const cost::ErrorQuantiles errors = ratio_errors(steps);
  EXPECT_NEAR(errors.median, 0.1, 1e-9);
  EXPECT_NEAR(errors.p95, 0.19, 1e-9);
  EXPECT_EQ(intervals_that_meet(steps), 1U) << "samples without spread and a curve without spread";
}

}  // namespace
}  // namespace hockney::predict
