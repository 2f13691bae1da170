#include "workload/routing_matrix.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::inline workload {
namespace {

TEST(RoutingMatrix, IsReadWithCommasBlanksAndComments) {
  const Routing routing = parse_routing_matrix("# tokens\n1, 2 3\n\n0 0.5,1 # expert 1\n1 1 1\n", "a/b/experts.csv");
  EXPECT_EQ(routing.matrix, "experts-a1b5b5dd");
  EXPECT_EQ(routing.weights, (std::vector<double>{1, 2, 3, 0, 0.5, 1, 1, 1, 1}));
  EXPECT_EQ(routing.skew, 0);
}

TEST(RoutingMatrix, IsNamedAfterItsWeightsToo) {
  const auto name = [](const std::string& text) { return parse_routing_matrix(text, "m.csv").matrix; };
  EXPECT_EQ(name("1 0\n1 1\n"), name("# the same\n1.0, -0\n1e0 1"));
  EXPECT_NE(name("1 0\n1 1\n"), name("1 1\n0 1\n"));
  const std::string longest(55, 'a');
  EXPECT_EQ(parse_routing_matrix("1", longest).matrix.size(), longest_matrix_name);
  EXPECT_THROW(parse_routing_matrix("1", longest + "a"), InputError);
}

TEST(RoutingMatrix, RefusesWithFileAndLine) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", "m.csv:0: expected as many lines as weights on a line, 0, found 0"},
      {"1 2\n", "m.csv:1: expected as many lines as weights on a line, 2, found 1"},
      {"1 2\n1 2\n1 2\n", "m.csv:3: expected as many lines as weights on a line, 2, found 3"},
      {"1 2\n1\n", "m.csv:2: expected 2 weights as on the first line, found 1"},
      {"1 -2\n1 1\n", "m.csv:1: '-2' is no weight"},
      {"1 1\n1 2x\n", "m.csv:2: '2x' is no weight"},
      {"1 1\nnan 1\n", "m.csv:2: 'nan' is not a weight"},
      {"1 1e300\n1 1\n", "m.csv:1: '1e300' is no weight"},
      {"1 1\n0 0\n", "m.csv:2: expected at least one weight above 0"},
  };
  for (const auto& expected : cases) {
    try {
      parse_routing_matrix(expected.text, "m.csv");
      ADD_FAILURE() << "accepted: " << expected.text;
    } catch (const InputError& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with(expected.message)) << error.what();
    }
  }
  EXPECT_THROW(parse_routing_matrix("1", "a b.csv"), InputError);
  EXPECT_THROW(read_routing_matrix("missing.csv"), InputError);
}

}  // namespace
}  // namespace hockney::inline workload
