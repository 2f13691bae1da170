#include "record/stated_ports.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace hockney::inline record {
namespace {

TEST(StatedPorts, AreReadAsTheyWereWritten) {
  Provenance provenance;
  EXPECT_FALSE(stated_ports(provenance));
  const InterNodePorts ports{Fabric::infiniband, 8, {25e9}};
  state(provenance, ports);
  EXPECT_EQ(stated_ports(provenance), ports);
}

TEST(StatedPorts, DamagedOnesAreRefusedByKey) {
  Provenance provenance;
  state(provenance, {Fabric::infiniband, 8, {25e9}});
  provenance["ports.bytes_per_s"] = "fast";
  try {
    stated_ports(provenance);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "provenance key 'ports.bytes_per_s' is 'fast', expected a number above 0");
  }
}

}  // namespace
}  // namespace hockney::inline record
