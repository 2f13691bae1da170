#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "import/nccl_tests/nccl_tests_layout.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {

/// The rank counts that printed numbers allow.
struct RankBounds {
  double low = 0;
  double high = 0;

  bool allows(std::uint32_t ranks) const;
  bool empty() const { return low > high; }
  /// The only whole number inside; nothing when there is none or more than one.
  std::optional<std::uint32_t> only() const;
};

/// Solves busbw = size / time * wire_factor(operation, n) for n, with every printed number anywhere within its
/// rounding. algbw is not used: before June 2020 all_gather and reduce_scatter printed busbw in its place
/// (NVIDIA/nccl-tests pull request 45). Unbounded above when the digits do not tell.
RankBounds ranks_of_result(Operation operation, std::uint64_t size_bytes, const NcclTestsResult& result);

/// The bounds of both results of a row; of the row's count too, where size / count / element size is the rank count
/// (all but all_reduce).
RankBounds ranks_of_row(Operation operation, const NcclTestsRow& row);

/// The bounds that all rows of a size above 0 allow together.
RankBounds ranks_of_rows(Operation operation, std::span<const NcclTestsRow> rows);

/// Why a row contradicts itself, whatever the rank count: size / time is not algbw (nor can it have been before June
/// 2020, see ranks_of_result), or not busbw where that does not depend on the rank count. Empty when it does not.
std::string contradiction_without_ranks(Operation operation, const NcclTestsRow& row);

/// Why a row contradicts itself or `ranks`: size and count, size / time and algbw, busbw and algbw. Empty when it does
/// not. Sets `algbw_is_busbw` when the row was printed before June 2020 (see ranks_of_result).
std::string contradiction_in(Operation operation, std::uint32_t ranks, const NcclTestsRow& row, bool& algbw_is_busbw);

}  // namespace hockney::import
