#include "record/stated_line_rate.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::inline record {
namespace {

const StatedLineRate example{.fabric = Fabric::infiniband,
                             .bandwidth = {24.1e9},
                             .latency = Seconds{9.7e-6},
                             .machine = "box",
                             .source = "a page"};

Launch launch_that_states(const StatedLineRate& rate) {
  Launch launch;
  launch.info.machine = rate.machine;
  launch.info.source = rate.source;
  state(launch.provenance, rate);
  return launch;
}

TEST(StatedLineRate, SurvivesTheProvenance) {
  const auto read = stated_line_rate(launch_that_states(example));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->fabric, example.fabric);
  EXPECT_EQ(read->bandwidth.value, example.bandwidth.value);
  EXPECT_EQ(read->latency.count(), example.latency.count());
  EXPECT_EQ(read->machine, "box");
  EXPECT_EQ(read->source, "a page");
  EXPECT_EQ(to_string(*read), "infiniband of box, 24.1 GB/s per GPU and direction, latency 9.7 us");
}

TEST(StatedLineRate, MeasurementsStateNothing) { EXPECT_FALSE(stated_line_rate(Launch{})); }

TEST(StatedLineRate, RefusesHalfAStatement) {
  for (const char* key : {"line_rate.bandwidth_bytes_per_s", "line_rate.latency_s"}) {
    Launch launch = launch_that_states(example);
    launch.provenance.erase(key);
    EXPECT_THROW(stated_line_rate(launch), InputError) << key;
    for (const char* value : {"", "0", "-1", "fast", "1 GB/s"}) {
      launch.provenance[key] = value;
      EXPECT_THROW(stated_line_rate(launch), InputError) << key << " " << value;
    }
  }
}

}  // namespace
}  // namespace hockney::inline record
