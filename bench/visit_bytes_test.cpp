#include "visit_bytes.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::bench {
namespace {

Measurement some_visit() {
  Measurement visit;
  visit.point.operations_per_sample = 7;
  visit.observed = Fabric::infiniband;
  visit.rank_columns = 2;
  visit.discarded = 3;
  visit.stop = StopReason::time;
  visit.verification = Verification::passed;
  visit.flags.set(Flag::network_path);
  visit.started_utc_ns = 12345;
  visit.clock_step_s = 1e-9;
  visit.clock_floor_s = 2e-8;
  visit.observation = {"Ring", "LL128", 4, "NET/IB/0", "mlx5_0", 1e-5, "NCCL_ALGO=ring"};
  visit.before.sm_clock_mhz = 1980;
  visit.after.throttle_reasons = 8;
  visit.elapsed = {1, 2, 3, 4};
  visit.host_s = {5, 6};
  return visit;
}

TEST(VisitBytes, HoldAllButTheCase) {
  const Measurement visit = some_visit();
  Case point;
  point.payload = kibibytes(3);
  const Measurement read = from_bytes(to_bytes(visit), point);
  EXPECT_EQ(read.point.payload, kibibytes(3));
  EXPECT_EQ(read.point.operations_per_sample, 7U);
  EXPECT_EQ(read.elapsed, visit.elapsed);
  EXPECT_EQ(read.host_s, visit.host_s);
  EXPECT_TRUE(read.enqueue_s.empty());
  EXPECT_EQ(read.observation.adapters, "mlx5_0");
  EXPECT_EQ(read.flags, visit.flags);
  EXPECT_EQ(to_bytes(read), to_bytes(visit)) << "every part is written and read";
}

TEST(VisitBytes, MustBeWhole) {
  const std::string bytes = to_bytes(some_visit());
  EXPECT_THROW(from_bytes(bytes.substr(0, bytes.size() - 1), {}), Failure);
  EXPECT_THROW(from_bytes(bytes + "x", {}), Failure);
  EXPECT_THROW(from_bytes("", {}), Failure);
}

}  // namespace
}  // namespace hockney::bench
