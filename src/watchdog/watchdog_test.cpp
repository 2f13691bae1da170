#include "watchdog/watchdog.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <vector>

namespace hockney::watchdog {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Keeps what a watchdog does instead of ending the process.
class Recorder {
 public:
  Watchdog::Actions actions() {
    return {[this](const std::string& line) { note(line); }, [this] { note("give up"); },
            [this] {
              note("end all");
              ended_.set_value();
            }};
  }
  void wait_for_the_end() { ended_.get_future().wait(); }
  std::vector<std::string> steps() {
    const std::lock_guard lock(mutex_);
    return steps_;
  }

 private:
  void note(const std::string& step) {
    const std::lock_guard lock(mutex_);
    steps_.push_back(step);
  }

  std::mutex mutex_;
  std::vector<std::string> steps_;
  std::promise<void> ended_;
};

TEST(Watchdog, SaysWhoHangsWhereAndWhyBeforeItEndsTheLaunch) {
  Recorder recorder;
  Watchdog watchdog(Seconds{0.4}, "rank 3 on node-b", recorder.actions());
  watchdog.begin("all_reduce/payload:8B");
  watchdog.waits_for("its GPU");
  recorder.wait_for_the_end();
  EXPECT_EQ(recorder.steps(), (std::vector<std::string>{"rank 3 on node-b: all_reduce/payload:8B did not end within "
                                                        "400 ms; it waits for its GPU",
                                                        "give up", "end all"}));
}

TEST(Watchdog, EndsTheLaunchEvenWhenGivingUpBlocks) {
  Recorder recorder;
  std::promise<void> never_while_it_runs;
  auto actions = recorder.actions();
  actions.give_up = [blocked = never_while_it_runs.get_future().share()] { blocked.wait(); };
  Watchdog watchdog(Seconds{0.05}, "rank 0", actions);
  watchdog.begin("a point");
  recorder.wait_for_the_end();
  EXPECT_EQ(recorder.steps().back(), "end all");
  never_while_it_runs.set_value();
}

TEST(Watchdog, AFailureToGiveUpIsPrintedAndDoesNotStopTheEnd) {
  Recorder recorder;
  auto actions = recorder.actions();
  actions.give_up = [] { throw std::runtime_error("no communicator"); };
  {
    Watchdog watchdog(Seconds{0.05}, "rank 0", actions);
    watchdog.begin("a point");
    recorder.wait_for_the_end();
  }
  const auto steps = recorder.steps();
  EXPECT_NE(std::find(steps.begin(), steps.end(), "rank 0: giving up failed: no communicator"), steps.end());
}

TEST(Watchdog, LeavesAPointAloneThatEndedInTime) {
  Recorder recorder;
  Watchdog watchdog(Seconds{0.2}, "rank 0", recorder.actions());
  const auto begin = Clock::now();
  watchdog.begin("a point");
  watchdog.end();
  if (Clock::now() - begin > 100ms) {
    GTEST_SKIP() << "this machine stood still in between";
  }
  std::this_thread::sleep_for(400ms);
  EXPECT_TRUE(recorder.steps().empty());
}

TEST(Watchdog, BeginRestartsTheClock) {
  Recorder recorder;
  Watchdog watchdog(Seconds{0.2}, "rank 0", recorder.actions());
  const auto first = Clock::now();
  watchdog.begin("the first point");
  std::this_thread::sleep_for(80ms);
  const auto second = Clock::now();
  watchdog.begin("the second point");
  if (Clock::now() - first > 180ms) {
    GTEST_SKIP() << "this machine stood still in between";
  }
  recorder.wait_for_the_end();
  EXPECT_GE(Clock::now() - second, 200ms);
  EXPECT_NE(recorder.steps().front().find("the second point"), std::string::npos);
}

TEST(Watchdog, ALimitOfZeroWatchesNothing) {
  Recorder recorder;
  Watchdog watchdog(Seconds{0}, "rank 0", recorder.actions());
  watchdog.begin("a point");
  std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(recorder.steps().empty());
}

TEST(Watchdog, GraceIsAQuarterOfTheLimitAndFiveSecondsAtMost) {
  EXPECT_EQ(Watchdog::grace(Seconds{8}), Seconds{2});
  EXPECT_EQ(Watchdog::grace(Seconds{600}), Seconds{5});
}

}  // namespace
}  // namespace hockney::watchdog
