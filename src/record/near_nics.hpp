#pragma once

#include <fmt/format.h>
#include <string>

namespace hockney::inline record {

/// The provenance entry of the network adapters near a rank's GPU: "gpu.rank3.near_nics" -> "mlx5_2, mlx5_3 (PXB)".
inline std::string near_nics_fact(int rank) { return fmt::format("gpu.rank{}.near_nics", rank); }

}  // namespace hockney::inline record
