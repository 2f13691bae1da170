#include "platform/platform.hpp"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/strict_table.hpp"

namespace hockney::platform {
namespace {

namespace fs = std::filesystem;

const fs::path shipped = fs::path(__FILE__).parent_path() / "../../data/platforms";
const fs::path gpus = fs::path(__FILE__).parent_path() / "../../data/gpus";

Case point(Operation operation, Fabric fabric, std::uint32_t ranks, std::uint32_t per_node,
           std::uint32_t concurrent = 1) {
  Case shape;
  shape.become(operation);
  shape.fabric = fabric;
  shape.group.ranks = ranks;
  shape.group.ranks_per_node = per_node;
  shape.group.concurrent = concurrent;
  shape.group.stride = std::min(concurrent, 8U);  // ranks of a node
  return shape;
}

TEST(Platform, EveryShippedFileIsNamedAfterItselfAndAgreesWithItsGpu) {
  const std::vector<Platform> all = read_platforms(shipped);
  ASSERT_GE(all.size(), 30U);
  for (const Platform& each : all) {
    EXPECT_TRUE(fs::is_regular_file(shipped / (each.name + ".toml"))) << each.name;
    if (!each.gpu.empty()) {
      StrictTable gpu = StrictTable::read(gpus / (each.gpu + ".toml"));
      EXPECT_EQ(gpu.optional_number("memory_bytes_per_s"), each.gpu_memory_rate.value) << each.name;
      EXPECT_EQ(gpu.optional_integer("memory_gib", 1), each.gpu_memory.count >> 30U) << each.name;
    }
  }
}

TEST(Platform, DgxA100IsWhatItsDataSheetSays) {
  const Platform dgx = find_platform("dgx-a100", shipped);
  EXPECT_EQ(dgx.gpus_per_node, 8U);
  EXPECT_DOUBLE_EQ(dgx.outer_rate().value, 25e9);
  ASSERT_TRUE(dgx.price);
  EXPECT_EQ(dgx.price->text(), "199000/system");
  EXPECT_EQ(find_platform("aws-p4d", shipped).price->text(), "32.77/h");
}

TEST(Platform, LineRateInsideANodeIsThatOfAllLinksOfAGpu) {
  const Platform dgx = find_platform("dgx-a100", shipped);
  EXPECT_DOUBLE_EQ(dgx.line_rate(point(Operation::all_reduce, Fabric::nvswitch, 8, 8))->value, 300e9);
  EXPECT_DOUBLE_EQ(dgx.line_rate(point(Operation::all_reduce, Fabric::nvlink, 4, 4))->value, 300e9);
  EXPECT_FALSE(dgx.line_rate(point(Operation::all_reduce, Fabric::pcie, 8, 8)));
  EXPECT_FALSE(dgx.line_rate(point(Operation::matmul, Fabric::nvswitch, 8, 8)));
  EXPECT_FALSE(dgx.line_rate(point(Operation::all_reduce, Fabric::nvswitch, 8, 0)));
}

TEST(Platform, LineRateBetweenNodesIsThatOfTheNicsOfTheRanks) {
  const Platform dgx = find_platform("dgx-a100", shipped);
  const Fabric ib = Fabric::infiniband;
  EXPECT_DOUBLE_EQ(dgx.line_rate(point(Operation::all_reduce, ib, 16, 8))->value, 200e9);
  EXPECT_DOUBLE_EQ(dgx.line_rate(point(Operation::all_reduce, ib, 2, 1))->value, 25e9);
  EXPECT_DOUBLE_EQ(dgx.line_rate(point(Operation::all_reduce, ib, 2, 1, 8))->value, 25e9);
  EXPECT_DOUBLE_EQ(dgx.line_rate(point(Operation::ping_pong, ib, 2, 1))->value, 25e9);
  // A rank's 25 GB/s carry what leaves its node, 8 of the 15 sixteenths that busbw counts.
  EXPECT_DOUBLE_EQ(dgx.line_rate(point(Operation::all_to_all, ib, 16, 8))->value, 25e9 * 15 / 8);
  EXPECT_FALSE(dgx.line_rate(point(Operation::all_reduce, Fabric::efa, 16, 8)));
}

TEST(Platform, FewNicsAreSharedAndManyAreAllUsed) {
  const Platform p4d = find_platform("aws-p4d", shipped);  // 4 NICs of 12.5 GB/s for 8 GPUs
  EXPECT_DOUBLE_EQ(p4d.line_rate(point(Operation::ping_pong, Fabric::efa, 2, 1))->value, 12.5e9);
  EXPECT_DOUBLE_EQ(p4d.line_rate(point(Operation::ping_pong, Fabric::efa, 2, 1, 8))->value, 6.25e9);
  EXPECT_DOUBLE_EQ(p4d.line_rate(point(Operation::ping_pong, Fabric::efa, 2, 1, 16))->value, 6.25e9)
      << "eight pairs on two nodes, eight on two others";
  const Platform p5 = find_platform("aws-p5", shipped);  // 32 for 8
  EXPECT_DOUBLE_EQ(p5.line_rate(point(Operation::all_reduce, Fabric::efa, 2, 1))->value, 50e9);
  EXPECT_DOUBLE_EQ(p5.line_rate(point(Operation::all_reduce, Fabric::efa, 16, 8))->value, 400e9);
}

TEST(Platform, IsFoundByTheMachinesName) {
  EXPECT_EQ(platform_of_machine("dgx-a100", shipped)->name, "dgx-a100");
  EXPECT_FALSE(platform_of_machine("cluster-of-somebody", shipped));
  EXPECT_FALSE(platform_of_machine("../platforms/dgx-a100", shipped));
  EXPECT_FALSE(platform_of_machine("", shipped));
}

TEST(Platform, RefusesWhatCannotBe) {
  const std::string good =
      "name='p'\ntitle='P'\nsource='s'\ngpus_per_node=8\ngpu_memory_gib=80\ngpu_memory_bytes_per_s=2e12\n"
      "inner_fabric='nvswitch'\ninner_bytes_per_s=3e11\nouter_fabric='infiniband'\nnics_per_node=8\n";
  const std::string nic = "nic_bytes_per_s=25e9\n";
  const fs::path file = fs::path(testing::TempDir()) / "hockney_platform_test.toml";
  const struct {
    std::string text;
    const char* message;
  } cases[] = {
      {good + nic, ""},
      {good, "'nic_bytes_per_s': expected a number above zero"},
      {good + nic + "nics=3\n", "'nics'"},
      {good + nic + "price_usd_per_hour=3\n", "'price_date': is missing"},
      {good + nic + "price_usd_per_hour=3\nprice_date='may'\nprice_source='s'\n", "expected year and month"},
      {good + nic + "price_usd_per_hour=3\nprice_usd_per_system=3\n", "expected one of them"},
      {good + nic + "price_usd_per_hour=-3\nprice_date='2020-05'\nprice_source='s'\n", "above zero"},
      {"name='p'\ntitle='P'\nsource='s'\ngpus_per_node=0\n", "'gpus_per_node'"},
  };
  for (const auto& expected : cases) {
    std::ofstream(file) << expected.text;
    std::string message;
    try {
      read_platform(file);
    } catch (const InputError& error) {
      message = error.what();
    }
    EXPECT_NE(message.find(expected.message), std::string::npos) << message;
    EXPECT_EQ(message.empty(), std::string_view(expected.message).empty()) << message;
  }
}

}  // namespace
}  // namespace hockney::platform
