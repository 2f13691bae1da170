#pragma once

#include <tuple>

#include "base/fields.hpp"
#include "workload/matmul.hpp"

namespace hockney::inline workload {

/// Named as launch files have them.
inline constexpr std::tuple matmul_fields{
    field<&Matmul::m>("matmul_m", "1", "matmul: rows of the result; else 0").since(2),
    field<&Matmul::n>("matmul_n", "1", "matmul: columns of the result; else 0").since(2),
    field<&Matmul::k>("matmul_k", "1", "matmul: length of the sums; else 0").since(2),
    field<&Matmul::pass>("matmul_pass", "1", "matmul: which product of a linear layer").since(2),
    field<&Matmul::layer>("matmul_layer", "", "matmul: where the shape occurs").at_most(longest_layer_name).since(2),
};

}  // namespace hockney::inline workload
