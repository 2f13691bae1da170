#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plan/case.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {

/// The test whose ranks send to the next and receive from the one before at once.
inline constexpr std::string_view ring_shift_test = "sendrecv";

/// The operation that a test of nccl-tests times ("all_reduce" of all_reduce_perf). sendrecv is an all_to_all_v in
/// which every rank deals all it has out to its neighbour; NCCL gets the same sends and receives in one group. Nothing
/// for tests that time none of our operations: hypercube, alltoallv.
std::optional<Operation> operation_of_nccl_test(std::string_view test);

/// Why a test that operation_of_nccl_test() does not know is not read.
std::string_view reason_not_to_read(std::string_view test);

/// The one test that a file name mentions, in any of the usual spellings ("allreduce", "all-gather", "alltoall",
/// "all2all"); empty when it mentions none, or several.
std::string nccl_test_in_file_name(std::string_view stem);

/// The element type of nccl-tests' type column: "float" is float32, "half" float16, "f8e4m3"
/// float8e4m3.
std::optional<Element> element_of_nccl_type(std::string_view type);

/// The reduction of nccl-tests' redop column; a blank cell and "none" mean sum, the default. Nothing for others
/// (mulsum).
std::optional<Reduction> reduction_of_nccl_op(std::string_view op);

}  // namespace hockney::import
