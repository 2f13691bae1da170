#include "predict/step/step_interval.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "predict/step/small_step.hpp"

namespace hockney::predict {
namespace {

class StepIntervals : public testing::Test {
 protected:
  StepIntervals() {
    mapping_.tensor = 8;
    mapping_.pipeline = 2;
    mapping_.data = 2;
    mapping_.global_batch = 8;
  }

  double total(const Mapping& mapping) { return small_.step.predict(small_.model, mapping, small_.network).total_s; }

  StepDraws draw(const Mapping& mapping, std::uint64_t draws = default_draws) {
    return draw_steps(small_.step, small_.model, mapping, small_.network, draws);
  }

  synthetic::SmallStep small_;
  Mapping mapping_;
};

TEST_F(StepIntervals, HoldTheValueAndLeaveTheNetworkAsItWas) {
  const double value = total(mapping_);
  const Interval interval = draw(mapping_).interval(step_parts().back(), value);
  EXPECT_LT(interval.low, value);
  EXPECT_GT(interval.high, value);
  EXPECT_EQ(total(mapping_), value);
}

// Curves without spread leave the two errors of the model.
TEST_F(StepIntervals, AreAsWideAsTheModelsErrors) {
  constexpr std::uint64_t many = 4000;
  const double value = total(mapping_);
  const Interval interval = draw(mapping_, many).interval(step_parts().back(), value);
  const double sigma = std::hypot(small_.constants.model_error, small_.constants.mapping_error);
  EXPECT_NEAR(std::log(interval.high / interval.low) / (2 * 1.96 * sigma), 1, 0.06);
}

TEST_F(StepIntervals, WidenWithTheCurvesErrors) {
  synthetic::SmallStep wide;
  for (cost::CostCurve& curve : wide.cost.curves) {
    curve = synthetic::with_launches(curve, {0.3, 1.0, 3.0});
  }
  StepNetwork network(wide.cost, wide.constants, {NicRate{25e9, Seconds{5e-6}}, {}, false, {}});
  const double value = total(mapping_);
  const Interval sure = draw(mapping_).interval(step_parts().back(), value);
  const Interval unsure = draw_steps(wide.step, wide.model, mapping_, network).interval(step_parts().back(), value);
  EXPECT_GT(unsure.high - unsure.low, 1.1 * (sure.high - sure.low));
}

// What rows are told without draws.
TEST_F(StepIntervals, ArePropagatedAsManyDrawsTell) {
  constexpr std::uint64_t many = 20000;
  for (const double factor : {1.0, 1.1, 2.0}) {
    synthetic::SmallStep small;
    for (cost::CostCurve& curve : small.cost.curves) {
      curve = synthetic::with_launches(curve, {1 / factor, 1.0, factor});
    }
    StepNetwork network(small.cost, small.constants, {NicRate{25e9, Seconds{5e-6}}, {}, false, {}});
    const StepTime time = network.remember([&] { return small.step.predict(small.model, mapping_, network); });
    const Interval propagated = propagated_interval(small.step, small.model, mapping_, network, time);
    const Interval drawn =
        draw_steps(small.step, small.model, mapping_, network, many).interval(step_parts().back(), time.total_s);
    const double width = drawn.high - drawn.low;
    EXPECT_NEAR(propagated.low, drawn.low, 0.03 * width) << factor;
    EXPECT_NEAR(propagated.high, drawn.high, 0.03 * width) << factor;
    EXPECT_EQ(small.step.predict(small.model, mapping_, network).total_s, time.total_s) << "nothing stays shifted";
  }
}

TEST_F(StepIntervals, AreTheSameEveryTime) {
  const StepDraws a = draw(mapping_);
  const StepDraws b = draw(mapping_);
  for (std::size_t i = 0; i < a.draws.size(); ++i) {
    EXPECT_EQ(a.draws[i].total_s, b.draws[i].total_s);
  }
}

TEST_F(StepIntervals, MappingsShareTheModelsErrorButNotTheirOwn) {
  const StepDraws a = draw(mapping_);
  Mapping alike = mapping_;
  alike.overlap_transfers = true;  // without interleaving it changes nothing
  ASSERT_EQ(total(alike), total(mapping_));
  EXPECT_NEAR(share_faster(a, draw(alike)), 0.5, 0.15) << "two mappings that are alike are a toss-up";
  Mapping slower = mapping_;
  slower.recompute = Recompute::full;
  ASSERT_GT(total(slower), 1.15 * total(mapping_));
  EXPECT_GT(share_faster(a, draw(slower)), 0.99);
}

TEST_F(StepIntervals, ANetworkAloneIsToldApartByItsOwnErrors) {
  StepNetwork faster(small_.cost, small_.constants, {NicRate{26e9, Seconds{5e-6}}, {}, false, {}});
  const StepDraws a = draw(mapping_);
  const StepDraws b = draw_steps(small_.step, small_.model, mapping_, faster);
  EXPECT_EQ(share_faster(b, a), 1);
}

TEST_F(StepIntervals, TwoGpusDoNotErrTogether) {
  Gpu gpu = synthetic::round_gpu();
  gpu.name = "another";
  const StepModel other(gpu, small_.constants, 0.9);
  const double share = share_faster(draw(mapping_), draw_steps(other, small_.model, mapping_, small_.network));
  EXPECT_NEAR(share, 0.5, 0.15);
}

TEST_F(StepIntervals, RefusesToCompareOtherDraws) {
  EXPECT_THROW(share_faster(draw(mapping_, 10), draw(mapping_, 20)), Failure);
  EXPECT_THROW(share_faster({}, {}), Failure);
}

TEST_F(StepIntervals, PartsAddUpToTheStep) {
  const StepTime time = small_.step.predict(small_.model, mapping_, small_.network);
  double sum = 0;
  for (const StepPart& part : step_parts().first(step_parts().size() - 1)) {
    sum += part.seconds(time);
  }
  EXPECT_NEAR(sum / step_parts().back().seconds(time), 1, 1e-12);
}

TEST(CommonError, GrowsWithTheDistanceOfTheEfficiency) {
  const synthetic::SmallStep small;
  const auto error_at = [&](Footing footing, std::uint64_t experts) {
    Transformer model = small.model;
    model.experts = experts;
    return StepModel(small.step.gpu(), small.constants, 0.9, {}, footing).common_error(model);
  };
  EXPECT_EQ(error_at(Footing::tuned, 0), small.constants.model_error);
  EXPECT_LT(error_at(Footing::tuned, 0), error_at(Footing::own, 0));
  EXPECT_LT(error_at(Footing::own, 0), error_at(Footing::program, 0));
  EXPECT_LT(error_at(Footing::program, 0), error_at(Footing::stand_in, 0));
  EXPECT_LT(error_at(Footing::stand_in, 0), error_at(Footing::other, 0));
  EXPECT_LT(error_at(Footing::own, 0), error_at(Footing::own, 8));
  EXPECT_EQ(error_at(Footing::tuned, 8), error_at(Footing::own, 8)) << "no experts were tuned on";
}

}  // namespace
}  // namespace hockney::predict
