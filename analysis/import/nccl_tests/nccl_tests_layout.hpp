#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "import/text/printed_number.hpp"
#include "record/measurement.hpp"

namespace hockney::import {

/// What the last column of a result group counts.
enum class CheckColumn {
  wrong_count,  ///< "#wrong", 2022 on: elements that differ from the exact answer
  max_error,    ///< "error" or "res", 2017 to 2022: greatest difference; right below a bound that depends on the type
  unknown,      ///< no header line: it may be either
};

/// The columns of one nccl-tests table, 2017 on. Rows are
///   [extra] size count [type] [redop] [root] | time algbw busbw check [i_min i_max i_p99 i_cv%] | the same in place
/// with date and time at the end after -S. The left part varies with test, version and blank cells, so the result
/// groups are counted from the right.
struct NcclTestsLayout {
  std::size_t size_column = 0;  ///< words before `size`: an author's own columns
  std::size_t left_columns = 5;
  std::size_t groups = 2;       ///< out of place, in place; one where in place was cut off
  std::size_t group_words = 4;  ///< 8 with -I; 3 where an author left the check out
  CheckColumn check = CheckColumn::unknown;
  bool has_type = true;         ///< false: "size count time ...", as MSCCL++ prints; then no redop and no root either
  bool in_place_first = false;  ///< the line above the header says so
  bool timestamps = false;      ///< -S
  bool cpu_time = false;        ///< -C: `cputime`, the time to enqueue, which is no time of the operation
  bool milliseconds = false;    ///< 2017: "bytes N type op", times in ms

  std::size_t right_words() const { return groups * group_words + (timestamps ? 2 : 0); }
  std::size_t least_left_words() const { return size_column + (has_type ? 3 : 2); }
};

/// Reads a header line ("size count type ... time algbw busbw ..."), without its '#'; units in parentheses are allowed
/// ("time (us)"). Nothing when it is none.
std::optional<NcclTestsLayout> read_nccl_tests_header(std::span<const std::string_view> words);

/// One result group of a row. A cell that is no number ("N/A", "nan") is absent.
struct NcclTestsResult {
  std::optional<PrintedNumber> time_us;
  std::optional<PrintedNumber> algbw_gb_s;
  std::optional<PrintedNumber> busbw_gb_s;
  std::string check;  ///< empty when the row was cut before or in it
};

struct NcclTestsRow {
  std::size_t line = 0;
  std::string own;             ///< the words of an author's own columns
  std::size_t left_words = 0;  ///< words before the results: the same in all rows of a table
  std::uint64_t size_bytes = 0;
  std::uint64_t count = 0;
  std::string type;                  ///< empty when the layout has none
  std::string redop;                 ///< empty when the cell is blank or the layout has none
  std::optional<std::int64_t> root;  ///< -1 where the test has none; absent where the layout has none
  NcclTestsResult out_of_place;      ///< without numbers where a table or a cut row has in place alone
  std::optional<NcclTestsResult> in_place;

  void put_in_place_first();  ///< exchanges the results: the first one of the line was in place
};

/// Reads a data row. Nothing when the words do not fill the layout exactly.
std::optional<NcclTestsRow> read_nccl_tests_row(std::span<const std::string_view> words, const NcclTestsLayout& layout);

/// The one layout that a row fills which stands under no header; nothing when it fills none. A row of out-of-place
/// results alone is not told from the first half of a longer one, so such layouts are not among them.
std::optional<NcclTestsLayout> layout_of_nccl_tests_row(std::span<const std::string_view> words);

/// Reads the first half of a row that is cut somewhere behind it. Nothing unless size, time and algbw prove each
/// other (proves_itself()).
std::optional<NcclTestsRow> read_cut_nccl_tests_row(std::span<const std::string_view> words,
                                                    const NcclTestsLayout& layout);

/// Whether the words can be the left part of a row that goes on elsewhere.
bool begins_nccl_tests_row(std::span<const std::string_view> words, const NcclTestsLayout& layout);

/// Whether the words can be a further part of a row: result cells only.
bool continues_nccl_tests_row(std::span<const std::string_view> words);

/// Whether in every result of the row size / time is algbw, with enough digits printed that another row's numbers would
/// hardly agree: algbw is known to 5 %.
bool proves_itself(const NcclTestsRow& row);

/// What a check cell says. max_error is compared with the bounds of nccl-tests' DeltaMaxValue (src/common.cu before
/// 2.13): 1e-2 for 16-bit floats, 1e-5 for float, 1e-12 for double, 0 for integers. "N/A" is not_checked; rccl-tests
/// mark an error above its bound with an asterisk.
Verification verification_of(std::string_view check, CheckColumn column, std::string_view type);

}  // namespace hockney::import
