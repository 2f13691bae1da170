#include "vocabulary/operation.hpp"

#include <cmath>
#include <gtest/gtest.h>

#include "vocabulary/element.hpp"

namespace hockney::inline vocabulary {
namespace {

using enum Operation;

constexpr Bytes payload{48000};

// What one rank sends and receives, its own part included, for a payload that is the larger of the two.
constexpr bool accounts_for(std::uint32_t ranks) {
  const Bytes block = payload / ranks;
  return send_bytes(all_reduce, payload, ranks) == payload && receive_bytes(all_reduce, payload, ranks) == payload &&
         send_bytes(all_gather, payload, ranks) == block && receive_bytes(all_gather, payload, ranks) == payload &&
         send_bytes(reduce_scatter, payload, ranks) == payload &&
         receive_bytes(reduce_scatter, payload, ranks) == block && send_bytes(all_to_all, payload, ranks) == payload &&
         receive_bytes(all_to_all, payload, ranks) == payload && send_bytes(ping_pong, payload, ranks) == payload &&
         receive_bytes(ping_pong, payload, ranks) == payload;
}
static_assert(accounts_for(2) && accounts_for(3) && accounts_for(8) && accounts_for(16));

static_assert(wire_factor(all_reduce, 2) == 1 && wire_factor(all_reduce, 8) == 1.75);
static_assert(wire_factor(all_gather, 8) == 0.875 && wire_factor(reduce_scatter, 2) == 0.5);
static_assert(wire_factor(all_to_all, 4) == 0.75 && wire_factor(ping_pong, 2) == 1);
static_assert(wire_factor(pipeline_forward, 8) == 1);

static_assert(elements_granularity(all_reduce, 8) == 1 && elements_granularity(all_gather, 8) == 8);
static_assert(elements_granularity(reduce_scatter, 3) == 3 && elements_granularity(all_to_all, 2) == 2);
static_assert(elements_granularity(ping_pong, 2) == 1);

static_assert(pipeline_steps(pipeline_forward, 4, 8) == 10 && pipeline_steps(pipeline_forward, 2, 1) == 1);
static_assert(pipeline_steps(pipeline_forward_backward, 4, 8) == 20);

static_assert(experiment_of(one_way_stream) == "ping_pong" &&
              experiment_of(pipeline_forward_backward) == "pipeline_send");
static_assert(experiment_of(all_gather) == "all_gather");
static_assert(is_synchronising(all_reduce) && !is_synchronising(ping_pong) && !is_synchronising(pipeline_forward) &&
              !is_synchronising(Operation::all_to_all_v));

TEST(Operation, NamesAreReadBack) {
  for (const auto& [operation, name] : Names<Operation>::table) {
    EXPECT_EQ(parse_name<Operation>(name), operation);
  }
}

TEST(Operation, WireFactorIsWhatLeavesARankInARing) {
  for (const std::uint32_t n : {2U, 3U, 5U, 8U, 16U, 1024U}) {
    const double part = 1.0 / n;
    EXPECT_NEAR(wire_factor(all_gather, n), (n - 1) * part, 1e-15);
    EXPECT_NEAR(wire_factor(all_reduce, n), wire_factor(all_gather, n) + wire_factor(reduce_scatter, n), 1e-15);
  }
}

static_assert(size_of(Element::uint8) == Bytes{1} && size_of(Element::bfloat16) == Bytes{2});
static_assert(size_of(Element::float32) == Bytes{4} && size_of(Element::int64) == Bytes{8});

}  // namespace
}  // namespace hockney::inline vocabulary
