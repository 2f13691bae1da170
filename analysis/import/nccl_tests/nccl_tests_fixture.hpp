#pragma once

#include <charconv>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>

#include "vocabulary/operation.hpp"

/// Logs in the layouts of nccl-tests with made-up times, for tests: bandwidths are computed from them, so that every
/// row agrees with itself.
namespace hockney::import::fixture {

inline constexpr std::string_view groups_line =
    "#                                                              out-of-place                       in-place\n";
inline constexpr std::string_view units_line =
    "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)\n";
inline constexpr std::string_view header_2022 =
    "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw "
    "#wrong\n";
inline constexpr std::string_view header_2019 =
    "#       size         count    type   redop     time   algbw   busbw  error     time   algbw   busbw  error\n";
inline constexpr std::string_view header_2019_without_redop =
    "#       size         count    type     time   algbw   busbw  error     time   algbw   busbw  error\n";
inline constexpr std::string_view footer = "# Out of bounds values : 0 OK\n# Avg bus bandwidth    : 1.23456\n#\n";

/// One result group: the time as given, algbw and busbw computed from it.
inline std::string result(Operation operation, std::uint32_t ranks, std::uint64_t size, std::string_view time_us,
                          std::string_view check) {
  double time = 0;
  std::from_chars(time_us.data(), time_us.data() + time_us.size(), time);
  const double algbw = static_cast<double>(size) / time * 1e-3;
  return fmt::format("  {:>7}  {:6.2f}  {:6.2f}  {:>5}", time_us, algbw, algbw * wire_factor(operation, ranks), check);
}

/// One row of the layout of 2022, float and sum unless the operation has no reduction.
inline std::string row(Operation operation, std::uint32_t ranks, std::uint64_t size, std::string_view out_of_place_us,
                       std::string_view in_place_us, std::string_view check = "0") {
  const bool reduction = operation == Operation::all_reduce || operation == Operation::reduce_scatter;
  const std::uint64_t count = operation == Operation::all_reduce ? size / 4 : size / 4 / ranks;
  return fmt::format("{:12}  {:12}  {:>8}  {:>6}  {:>6}", size, count, "float", reduction ? "sum" : "none", -1) +
         result(operation, ranks, size, out_of_place_us, check) + result(operation, ranks, size, in_place_us, check) +
         "\n";
}

/// "# nThread ..." and the rank list of `ranks` processes with one GPU each.
inline std::string banner(std::uint32_t ranks, std::uint32_t ranks_per_node, std::uint32_t iterations = 20) {
  std::string text = fmt::format(
      "# nThread 1 nGpus 1 minBytes 8 maxBytes 1048576 step: 2(factor) warmup iters: 5 iters: {} agg iters: 1 "
      "validation: 1 graph: 0\n#\n# Using devices\n",
      iterations);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    text += fmt::format("#  Rank {:2} Group  0 Pid {:6} on      node{} device {:2} [0x{:02x}] Model T 80GB\n", rank,
                        4000 + rank, rank / ranks_per_node, rank % ranks_per_node, 16 + rank % ranks_per_node);
  }
  return text + "#\n";
}

inline std::string columns_2022() { return fmt::format("{}{}{}", groups_line, header_2022, units_line); }

/// Three rows of all_reduce on 8 ranks: 1 KiB, 1 MiB, 64 MiB.
inline std::string rows_of_8() {
  return row(Operation::all_reduce, 8, 1024, "12.50", "12.25") +
         row(Operation::all_reduce, 8, 1048576, "61.44", "60.80") +
         row(Operation::all_reduce, 8, 67108864, "512.3", "510.9");
}

/// A whole log: banner, header, three rows, footer. The test is not named.
inline std::string all_reduce_of_8(std::uint32_t ranks_per_node = 8) {
  return banner(8, ranks_per_node) + columns_2022() + rows_of_8() + std::string(footer);
}

}  // namespace hockney::import::fixture
