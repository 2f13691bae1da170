#pragma once

#include <array>
#include <string>
#include <string_view>

namespace hockney::nccl {

/// NCCL's own names in the order of its numbers NCCL_ALGO_* and NCCL_PROTO_* (ncclAlgoStr, ncclProtoStr in init.cc).
/// NCCL_ALGO and NCCL_PROTO take them in any case; PAT exists from 2.23 on.
inline constexpr std::array<std::string_view, 7> algorithm_names{
    "Tree", "Ring", "CollNetDirect", "CollNetChain", "NVLS", "NVLSTree", "PAT"};
inline constexpr std::array<std::string_view, 3> protocol_names{"LL", "LL128", "Simple"};

/// "NVLSTree" for "NVLS_TREE", "nvlstree" and "5": NCCL writes all of them, by version. Other words come back as they
/// are.
std::string algorithm_name(std::string_view word);
std::string protocol_name(std::string_view word);

/// In lower case and without underscores, as plans have the names.
std::string plain(std::string_view name);

}  // namespace hockney::nccl
