#include "import/nccl_tests/nccl_tests_check.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "base/number.hpp"
#include "import/nccl_tests/nccl_tests_names.hpp"

namespace hockney::import {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr RankBounds anything{1, infinity};
constexpr RankBounds nothing{1, 0};
constexpr double slack = 1e-9;                // of values on the border between two roundings
constexpr double us_per_byte_of_gb_s = 1e-3;  // 1 B / 1 us = 1e6 B/s = 1e-3 GB/s

RankBounds intersection(RankBounds a, RankBounds b) { return {std::max(a.low, b.low), std::min(a.high, b.high)}; }

bool has_factor_of_one(Operation operation) { return wire_factor(operation, 2) == wire_factor(operation, 3); }

// n of wire_factor(operation, n) = factor, of an operation whose factor depends on n.
double ranks_of_factor(Operation operation, double factor) {
  const double limit = operation == Operation::all_reduce ? 2 : 1;
  return factor >= limit ? infinity : limit / (limit - factor);
}

std::uint64_t element_bytes(const NcclTestsRow& row) {
  const auto element = element_of_nccl_type(row.type);
  return element ? size_of(*element).count : 0;
}

bool had_factor(Operation operation) {
  return operation == Operation::all_gather || operation == Operation::reduce_scatter;
}

// size / time as far as the printed time tells it; nothing where it does not.
std::optional<PrintedNumber> rate_of(const NcclTestsRow& row, const NcclTestsResult& result) {
  if (!result.time_us || !result.algbw_gb_s || result.time_us->low() <= 0) {
    return std::nullopt;
  }
  const double bytes = static_cast<double>(row.size_bytes) * us_per_byte_of_gb_s;
  const double low = bytes / result.time_us->high();
  const double high = bytes / result.time_us->low();
  return PrintedNumber{(low + high) / 2, (high - low) / 2};
}

std::string disagreement(PrintedNumber rate, PrintedNumber algbw) {
  return fmt::format("size / time is {} GB/s, algbw says {}", significant(rate.value), significant(algbw.value));
}

std::string contradiction_of_algbw(Operation operation, std::uint32_t ranks, const NcclTestsRow& row,
                                   const NcclTestsResult& result, bool& algbw_is_busbw) {
  const auto rate = rate_of(row, result);
  if (!rate || may_be_equal(*rate, 1, *result.algbw_gb_s)) {
    return {};
  }
  if (had_factor(operation) && may_be_equal(*rate, wire_factor(operation, ranks), *result.algbw_gb_s)) {
    algbw_is_busbw = true;
    return {};
  }
  return disagreement(*rate, *result.algbw_gb_s);
}

std::string contradiction_of_busbw(Operation operation, const NcclTestsRow& row, const NcclTestsResult& result) {
  return ranks_of_result(operation, row.size_bytes, result).empty()
             ? fmt::format("size / time is not busbw, as it is for {}", name_of(operation))
             : std::string{};
}

}  // namespace

bool RankBounds::allows(std::uint32_t ranks) const { return low * (1 - slack) <= ranks && ranks <= high * (1 + slack); }

std::optional<std::uint32_t> RankBounds::only() const {
  constexpr double most = 1e6;
  if (empty() || high > most) {
    return std::nullopt;
  }
  const auto first = static_cast<std::uint32_t>(std::ceil(low * (1 - slack)));
  return allows(first) && !allows(first + 1) ? std::optional(first) : std::nullopt;
}

RankBounds ranks_of_result(Operation operation, std::uint64_t size_bytes, const NcclTestsResult& result) {
  if (!result.time_us || !result.busbw_gb_s || result.time_us->low() <= 0 || size_bytes == 0) {
    return anything;
  }
  const double bytes = static_cast<double>(size_bytes) * us_per_byte_of_gb_s;
  const double low = std::max(0.0, result.busbw_gb_s->low()) * result.time_us->low() / bytes;
  const double high = result.busbw_gb_s->high() * result.time_us->high() / bytes;
  if (has_factor_of_one(operation)) {
    return low <= 1 + slack && high >= 1 - slack ? anything : nothing;
  }
  return {ranks_of_factor(operation, low), ranks_of_factor(operation, high)};
}

RankBounds ranks_of_row(Operation operation, const NcclTestsRow& row) {
  RankBounds bounds = ranks_of_result(operation, row.size_bytes, row.out_of_place);
  if (row.in_place) {
    bounds = intersection(bounds, ranks_of_result(operation, row.size_bytes, *row.in_place));
  }
  const std::uint64_t block = row.count * element_bytes(row);
  if (elements_granularity(operation, 2) > 1 && block > 0) {
    const double ranks = static_cast<double>(row.size_bytes) / static_cast<double>(block);
    bounds = intersection(bounds, {ranks, ranks});
  }
  return bounds;
}

RankBounds ranks_of_rows(Operation operation, std::span<const NcclTestsRow> rows) {
  RankBounds bounds = anything;
  for (const NcclTestsRow& row : rows) {
    bounds = row.size_bytes == 0 ? bounds : intersection(bounds, ranks_of_row(operation, row));
  }
  return bounds.empty() ? nothing : bounds;
}

std::string contradiction_without_ranks(Operation operation, const NcclTestsRow& row) {
  for (const NcclTestsResult* result : {&row.out_of_place, row.in_place ? &*row.in_place : nullptr}) {
    const auto rate = result == nullptr ? std::nullopt : rate_of(row, *result);
    if (!rate) {
      continue;
    }
    const bool quirk =
        had_factor(operation) && result->busbw_gb_s && result->busbw_gb_s->value == result->algbw_gb_s->value;
    if (!quirk && !may_be_equal(*rate, 1, *result->algbw_gb_s)) {
      return disagreement(*rate, *result->algbw_gb_s);
    }
    std::string text = contradiction_of_busbw(operation, row, *result);
    if (!text.empty()) {
      return text;
    }
  }
  return {};
}

std::string contradiction_in(Operation operation, std::uint32_t ranks, const NcclTestsRow& row, bool& algbw_is_busbw) {
  const std::uint64_t blocks = elements_granularity(operation, ranks);
  if (row.size_bytes != row.count * element_bytes(row) * blocks) {
    return fmt::format("size {} is not count {} x {}{}", row.size_bytes, row.count, row.type,
                       blocks == 1 ? "" : fmt::format(" x {} ranks", ranks));
  }
  for (const NcclTestsResult* result : {&row.out_of_place, row.in_place ? &*row.in_place : nullptr}) {
    if (result == nullptr) {
      continue;
    }
    std::string text = contradiction_of_algbw(operation, ranks, row, *result, algbw_is_busbw);
    if (!text.empty()) {
      return text;
    }
    const RankBounds bounds = ranks_of_result(operation, row.size_bytes, *result);
    text = contradiction_of_busbw(operation, row, *result);
    if (!text.empty()) {
      return text;
    }
    if (!bounds.allows(ranks)) {
      return fmt::format("busbw and time imply {} to {} ranks, not {}", significant(bounds.low),
                         significant(bounds.high), ranks);
    }
  }
  return {};
}

}  // namespace hockney::import
