#include "visit_bytes.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "store/example_launch.hpp"

namespace hockney::bench {
namespace {

TEST(VisitBytes, HoldAllButTheCase) {
  const Measurement visit = store::example_visit(1, 2, 3);
  Case point;
  point.payload = kibibytes(3);
  const Measurement read = from_bytes(to_bytes(visit), point);
  EXPECT_EQ(read.point.payload, kibibytes(3));
  EXPECT_EQ(read.point.operations_per_sample, visit.point.operations_per_sample);
  EXPECT_EQ(read.elapsed, visit.elapsed);
  EXPECT_EQ(read.host_s, visit.host_s);
  EXPECT_EQ(read.enqueue_s, visit.enqueue_s);
  EXPECT_EQ(read.observation.adapters, visit.observation.adapters);
  EXPECT_EQ(read.flags, visit.flags);
  EXPECT_EQ(to_bytes(read), to_bytes(visit)) << "every part is written and read";
}

TEST(VisitBytes, MustBeWhole) {
  const std::string bytes = to_bytes(store::example_visit(1, 2, 3));
  EXPECT_THROW(from_bytes(bytes.substr(0, bytes.size() - 1), {}), Failure);
  EXPECT_THROW(from_bytes(bytes + "x", {}), Failure);
  EXPECT_THROW(from_bytes("", {}), Failure);
}

}  // namespace
}  // namespace hockney::bench
