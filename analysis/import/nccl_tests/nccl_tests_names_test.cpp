#include "import/nccl_tests/nccl_tests_names.hpp"

#include <gtest/gtest.h>
#include <utility>

namespace hockney::import {
namespace {

TEST(NcclTestsNames, FileNamesTellTheTest) {
  const std::pair<const char*, const char*> cases[] = {
      {"all_reduce_8gpus", "all_reduce"},
      {"nccl-allgather", "all_gather"},
      {"ReduceScatter.2", "reduce_scatter"},
      {"alltoall_output", "alltoall"},
      {"all2all", "alltoall"},
      {"all-to-all", "alltoall"},
      {"reduce", "reduce"},
      {"bcast_job02", "broadcast"},
      {"sendrecv", "sendrecv"},
      {"all_reduce_and_reduce", ""},
      {"all_reduce_all_reduce", "all_reduce"},
      {"alltoallv", "alltoallv"},
      {"job7", ""},
      {"", ""},
  };
  for (const auto& [stem, test] : cases) {
    EXPECT_EQ(nccl_test_in_file_name(stem), test) << stem;
  }
}

TEST(NcclTestsNames, OperationsAndElements) {
  EXPECT_EQ(operation_of_nccl_test("alltoall"), Operation::all_to_all);
  EXPECT_EQ(operation_of_nccl_test("reduce_scatter"), Operation::reduce_scatter);
  EXPECT_EQ(operation_of_nccl_test("broadcast"), Operation::broadcast);
  EXPECT_EQ(operation_of_nccl_test("scatter"), Operation::scatter);
  for (const auto* test : {"hypercube", "alltoallv", ""}) {
    EXPECT_FALSE(operation_of_nccl_test(test)) << test;
  }
  EXPECT_EQ(operation_of_nccl_test("sendrecv"), Operation::all_to_all_v);
  EXPECT_NE(reason_not_to_read("hypercube").find("pairwise"), std::string_view::npos);
  EXPECT_EQ(element_of_nccl_type("half"), Element::float16);
  EXPECT_EQ(element_of_nccl_type("bfloat16"), Element::bfloat16);
  EXPECT_EQ(element_of_nccl_type("f8e4m3"), Element::float8e4m3);
  EXPECT_EQ(element_of_nccl_type("f8e5m2"), Element::float8e5m2);
  EXPECT_FALSE(element_of_nccl_type("f4e2m1"));
  EXPECT_EQ(reduction_of_nccl_op("max"), Reduction::max);
  EXPECT_EQ(reduction_of_nccl_op(""), Reduction::sum);
  EXPECT_EQ(reduction_of_nccl_op("none"), Reduction::sum);
  EXPECT_FALSE(reduction_of_nccl_op("mulsum"));
}

}  // namespace
}  // namespace hockney::import
