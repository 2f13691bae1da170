#include "compare/price.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::compare {
namespace {

// The article behind the project: Selene, 280 DGX A100, beside AWS's p4d.
TEST(Price, SeleneCostsWhatTheArticleSays) {
  const Price list = parse_price("199000/system,3y,15%,20%");
  EXPECT_NEAR(*list.to_buy(280), 85e6, 1e6);
  EXPECT_NEAR(parse_price("75e6/cluster,3y").per_hour(280), 2852, 0.5);
  const Price rented = parse_price("32.77/h");
  EXPECT_NEAR(rented.per_hour(280), 9176, 0.5);
  EXPECT_NEAR(rented.per_hour(280) * 3 * hours_per_year, 241.3e6, 0.05e6);
  EXPECT_FALSE(rented.to_buy(280));
}

TEST(Price, ABillionBuysSeleneTwelveTimesAndItsDoubleSixTimes) {
  const Price list = parse_price("199000/system,3y,15%,20%");
  EXPECT_NEAR(1e9 / *list.to_buy(280), 12, 0.5);
  EXPECT_NEAR(1e9 / *list.to_buy(560), 6, 0.5);
}

TEST(Price, NetworkAndStorageAreSharesOfTheWhole) {
  const Price price = parse_price("100/system, 1y, 15 %, 20%");
  EXPECT_DOUBLE_EQ(*price.to_buy(65), 10000);
  EXPECT_DOUBLE_EQ(*parse_price("100/system,2y").to_buy(65), 6500);
  EXPECT_DOUBLE_EQ(*parse_price("100/cluster,2y").to_buy(65), 100);
}

TEST(Price, ARunIsPaidByItsWholeSteps) {
  const RunCost cost = run_cost(parse_price("32/h"), 1050, 100, 3600, 2);
  EXPECT_DOUBLE_EQ(cost.steps, 11);
  EXPECT_DOUBLE_EQ(cost.seconds, 11 * 3600);
  EXPECT_DOUBLE_EQ(cost.usd, 11 * 64);
  EXPECT_DOUBLE_EQ(cost.usd_per_million_tokens, 640000);
}

TEST(Price, RefusesWhatIsNoPrice) {
  for (const char* text :
       {"", "abc", "3", "3/day", "0/h", "-1/h", "3/h,3y", "3/system", "3/system,3", "3/system,0y", "3/system,3y,x",
        "3/system,3y,-1%", "3/system,3y,50%,50%", "3/system,3y,1%,1%,1%", "3/cluster", "3/cluster,3y,5%"}) {
    EXPECT_THROW(parse_price(text), InputError) << text;
  }
}

}  // namespace
}  // namespace hockney::compare
