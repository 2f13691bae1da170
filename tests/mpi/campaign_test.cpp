#include <gtest/gtest.h>

#include "laid_out_plan.hpp"
#include "point_runner.hpp"
#include "transport/scripted/scripted_transport.hpp"

namespace hockney::bench {
namespace {

/// Simulates on every rank by itself, and breaks where the test says.
class FakeTransport final : public transport::Transport {
 public:
  World world() const override { return scripted_->world(); }
  std::optional<std::string> refusal(const Case&) const override { return std::nullopt; }
  std::unique_ptr<transport::Link> join(const Case& point) override {
    if (on_join) {
      on_join();
    }
    return takes_part ? scripted_->join(point) : nullptr;
  }
  void abort() noexcept override { aborted = true; }

  std::function<void()> on_join;
  bool takes_part = true;
  bool aborted = false;

 private:
  std::unique_ptr<transport::Transport> scripted_ =
      transport::make_scripted_transport(transport::ScriptedMachine{.noise = 0}, 1);
};

class PointRunnerOnSomeRanks : public testing::Test {
 protected:
  bool is_last() const { return world_.rank() + 1 == world_.size(); }
  Measured measure() { return runner_.measure(point_, 0, 0, sampling_); }

  mpi::Communicator world_ = mpi::Communicator::world();
  FakeTransport transport_;
  watchdog::Watchdog watchdog_{Seconds{0}, "nobody", {}};
  Sampling sampling_{.min_samples = 6, .max_samples = 10};
  Case point_;
  PointRunner runner_{world_, transport_, watchdog_, "node-" + std::to_string(world_.rank())};
};

TEST_F(PointRunnerOnSomeRanks, MeasuresOnThoseThatTakePart) {
  transport_.takes_part = world_.is_root();
  const Measured measured = measure();
  EXPECT_EQ(measured.visit.samples() > 0, world_.is_root());
  EXPECT_EQ(measured.summary.samples, measured.visit.samples());
}

TEST_F(PointRunnerOnSomeRanks, RankZeroGetsWhatAGroupWithoutItMeasured) {
  transport_.takes_part = is_last();
  const Measured measured = measure();
  EXPECT_EQ(measured.visit.samples() > 0, world_.is_root() || is_last());
  EXPECT_EQ(measured.summary.samples, measured.visit.samples());
  EXPECT_EQ(measured.visit.point, point_);
}

TEST_F(PointRunnerOnSomeRanks, ARefusalOfOneRankSkipsThePointOnAll) {
  transport_.on_join = [this] {
    if (is_last()) {
      throw CannotRun("no such algorithm");
    }
  };
  try {
    measure();
    FAIL() << "every rank must throw";
  } catch (const CannotRun& refusal) {
    EXPECT_STREQ(refusal.what(), "no such algorithm");
  }
  transport_.on_join = nullptr;
  EXPECT_NO_THROW(measure()) << "the launch goes on";
}

TEST_F(PointRunnerOnSomeRanks, WhatFailsBeforeSamplingEndsAllRanksWithTheNameOfThePoint) {
  transport_.on_join = [this] {
    if (is_last()) {
      throw InputError("too little memory");
    }
  };
  try {
    measure();
    FAIL() << "every rank must throw";
  } catch (const mpi::AgreedError& error) {
    EXPECT_EQ(error.what(), point_.name() + ": too little memory");
    EXPECT_EQ(error.code(), ExitCode::bad_input);
  }
  EXPECT_FALSE(transport_.aborted);
}

TEST(LaidOutPlan, MustHaveTheSameCasesOnEveryRank) {
  const auto world = mpi::Communicator::world();
  std::vector<Placement> placements(static_cast<std::size_t>(world.size()));
  for (std::size_t rank = 0; rank < placements.size(); ++rank) {
    placements[rank].host = "node-" + std::to_string(rank);
  }
  std::vector<Case> cases(2);
  cases[1].payload = Bytes{16};
  EXPECT_NO_THROW(require_same_cases(cases, world, placements));
  if (!world.is_root()) {
    cases.pop_back();
  }
  try {
    require_same_cases(cases, world, placements);
    FAIL() << "every rank must throw";
  } catch (const mpi::AgreedError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("rank 1 on node-1 can run other points")) << error.what();
    EXPECT_EQ(error.code(), ExitCode::bad_input);
  }
}

}  // namespace
}  // namespace hockney::bench
