#include "record/variance_components.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace hockney::inline record {
namespace {

/// Launches of one point whose times vary by known amounts on each level.
class KnownVariation {
 public:
  /// `late`: by how much every twentieth sample is later.
  KnownVariation(double launch, double pass, double sample, double late = 0)
      : launch_(launch), pass_(pass), sample_(sample), late_(late) {}

  VarianceComponents estimate(std::size_t launches, std::size_t passes, std::size_t samples) {
    std::vector<std::vector<Measurement>> visits(launches);
    for (std::vector<Measurement>& of_launch : visits) {
      const double launch = launch_ * normal_(generator_);
      for (std::size_t i = 0; i < passes; ++i) {
        const double pass = pass_ * normal_(generator_);
        Measurement& visit = of_launch.emplace_back();
        visit.rank_columns = 1;
        for (std::size_t k = 0; k < samples; ++k) {
          const double late = k % 20 == 19 ? late_ : 0;
          visit.elapsed.push_back(1e-5 * std::exp(launch + pass + late + sample_ * normal_(generator_)));
        }
      }
    }
    std::vector<std::vector<const Measurement*>> pointers(launches);
    for (std::size_t i = 0; i < launches; ++i) {
      for (const Measurement& visit : visits[i]) {
        pointers[i].push_back(&visit);
      }
    }
    return *variance_components(pointers);
  }

 private:
  double launch_, pass_, sample_, late_;
  std::mt19937_64 generator_{20261129};
  std::normal_distribution<double> normal_;
};

TEST(VarianceComponents, TellTheLevelsApart) {
  const auto found = KnownVariation(0.03, 0.01, 0.05).estimate(200, 5, 50);
  EXPECT_NEAR(found.launch, 0.03, 0.004);
  EXPECT_NEAR(found.pass.value(), 0.01, 0.002);
  EXPECT_NEAR(found.sample, 0.05, 0.002);
}

TEST(VarianceComponents, SeeNoLaunchesWhereOnlySamplesVary) {
  const auto found = KnownVariation(0, 0, 0.05).estimate(200, 1, 50);
  EXPECT_LT(found.launch, 0.004);
  EXPECT_FALSE(found.pass) << "one visit a launch tells nothing of passes";
  EXPECT_NEAR(found.between_launches, 0.05 * std::sqrt(1.57 / 50), 0.002);
}

TEST(VarianceComponents, AreNotExplainedByRareSlowSamples) {
  const auto found = KnownVariation(0.03, 0.01, 0.01, 2).estimate(200, 5, 40);
  EXPECT_NEAR(found.pass.value(), 0.01, 0.002);
  EXPECT_NEAR(found.launch, 0.03, 0.004);
  const auto single = KnownVariation(0.02, 0, 0.01, 2).estimate(200, 1, 40);
  EXPECT_NEAR(single.launch, 0.02, 0.003) << "one visit a launch";
}

TEST(VarianceComponents, NeedTwoLaunches) {
  Measurement visit;
  visit.rank_columns = 1;
  visit.elapsed = {1, 2, 3};
  EXPECT_FALSE(variance_components({{&visit, &visit}}));
  EXPECT_FALSE(variance_components({{&visit}, {}}));
  EXPECT_TRUE(variance_components({{&visit}, {&visit}}));
}

// t(0.975, 4) / sqrt(5) = 1.2415, t(0.975, 3) / sqrt(4) = 1.591.
TEST(LaunchesFor, AreAsManyAsStudentsIntervalNeeds) {
  EXPECT_EQ(launches_for(0.01, 0.0125), 5U);
  EXPECT_EQ(launches_for(0.01, 0.016), 4U);
  EXPECT_EQ(launches_for(0, 0.01), 2U);
  EXPECT_EQ(launches_for(10, 0.01), 1000U);
}

}  // namespace
}  // namespace hockney::inline record
