#pragma once

#include <cstddef>
#include <nccl.h>

namespace hockney::gpu_double {

std::size_t size_of(ncclDataType_t type);

/// accumulated[i] = accumulated[i] op input[i], rounded to the element type at every step. avg adds, as NCCL does
/// between prepare_average() and finish_average().
void reduce_into(ncclDataType_t type, ncclRedOp_t op, std::byte* accumulated, const std::byte* input,
                 std::size_t count);

/// Floats: every element times 1/ranks, both rounded to the element type (NCCL's PreMulSum). Integers: nothing.
void prepare_average(ncclDataType_t type, std::byte* data, std::size_t count, int ranks);

/// Integers: division by ranks, truncating (NCCL's SumPostDiv). Floats: nothing.
void finish_average(ncclDataType_t type, std::byte* data, std::size_t count, int ranks);

}  // namespace hockney::gpu_double
