#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "import/printed_number.hpp"
#include "record/measurement.hpp"

namespace hockney {

/// What the last column of a result group counts.
enum class CheckColumn {
  wrong_count,  ///< "#wrong", 2022 on: elements that differ from the exact answer
  max_error,    ///< "error", 2019 to 2022: greatest difference; right below a bound that depends on the type
  unknown,      ///< no header line: it may be either
};

/// The columns of one nccl-tests table, 2019 on. Rows are
///   [extra] size count type [redop] [root] | time algbw busbw check [i_min i_max i_p99 i_cv%] | the same in place
/// with date and time at the end after -S. The left part varies with test, version and blank cells, so the result
/// groups are counted from the right.
struct NcclTestsLayout {
  std::size_t size_column = 0;  ///< words before `size`: an author's own columns
  std::size_t left_columns = 5;
  std::size_t groups = 2;       ///< out of place, in place; one where in place was cut off
  std::size_t group_words = 4;  ///< 8 with -I
  CheckColumn check = CheckColumn::unknown;
  bool timestamps = false;  ///< -S
  bool cpu_time = false;    ///< -C: `cputime`, the time to enqueue, which is no time of the operation
  bool oldest = false;      ///< 2017: "bytes N type op", times in ms

  std::size_t right_words() const { return groups * group_words + (timestamps ? 2 : 0); }
};

/// Reads a header line ("size count type ... time algbw busbw ..."), without its '#'. Nothing when it is none.
std::optional<NcclTestsLayout> read_nccl_tests_header(std::span<const std::string_view> words);

/// One result group of a row. A cell that is no number ("N/A", "nan") is absent.
struct NcclTestsResult {
  std::optional<PrintedNumber> time_us;
  std::optional<PrintedNumber> algbw_gb_s;
  std::optional<PrintedNumber> busbw_gb_s;
  std::string check;
};

struct NcclTestsRow {
  std::size_t line = 0;
  std::uint64_t size_bytes = 0;
  std::uint64_t count = 0;
  std::string type;
  std::string redop;  ///< empty when the cell is blank or the layout has none
  NcclTestsResult out_of_place;
  std::optional<NcclTestsResult> in_place;
};

/// Reads a data row. Nothing when the words do not fill the layout exactly.
std::optional<NcclTestsRow> read_nccl_tests_row(std::span<const std::string_view> words, const NcclTestsLayout& layout);

/// Whether the words can be the left part of a row that goes on elsewhere.
bool begins_nccl_tests_row(std::span<const std::string_view> words, const NcclTestsLayout& layout);

/// Whether the words can be a further part of a row: result cells only.
bool continues_nccl_tests_row(std::span<const std::string_view> words);

/// What a check cell says. max_error is compared with the bounds of nccl-tests' DeltaMaxValue (src/common.cu before
/// 2.13): 1e-2 for 16-bit floats, 1e-5 for float, 1e-12 for double, 0 for integers. "N/A" is not_checked.
Verification verification_of(std::string_view check, CheckColumn column, std::string_view type);

}  // namespace hockney
