#include "import/nccl_tests_layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hockney {
namespace {

bool is_time(std::string_view word) { return word == "time" || word == "cputime"; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_absent_number(std::string_view word) {
  constexpr std::array<std::string_view, 5> words{"N/A", "nan", "-nan", "inf", "-inf"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_cell(std::string_view word) { return read_printed_number(word) || is_absent_number(word); }

std::optional<std::uint64_t> whole_number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

std::optional<NcclTestsResult> read_result(std::span<const std::string_view> cells) {
  if (!std::all_of(cells.begin(), cells.end(), is_cell)) {
    return std::nullopt;
  }
  return NcclTestsResult{read_printed_number(cells[0]), read_printed_number(cells[1]), read_printed_number(cells[2]),
                         std::string(cells[3])};
}

double error_bound(std::string_view type) {
  if (type == "half" || type == "bfloat16") {
    return 1e-2;
  }
  if (type == "float") {
    return 1e-5;
  }
  return type == "double" ? 1e-12 : 0;
}

}  // namespace

std::optional<NcclTestsLayout> read_nccl_tests_header(std::span<const std::string_view> words) {
  const auto first_time = std::find_if(words.begin(), words.end(), is_time);
  const auto size = std::find_if(words.begin(), first_time, [](auto w) { return w == "size" || w == "bytes"; });
  if (first_time == words.end() || size == first_time || std::find(first_time, words.end(), "busbw") == words.end()) {
    return std::nullopt;
  }
  const auto second_time = std::find_if(first_time + 1, words.end(), is_time);
  NcclTestsLayout layout;
  layout.size_column = static_cast<std::size_t>(size - words.begin());
  layout.left_columns = static_cast<std::size_t>(first_time - words.begin());
  layout.timestamps = words.back() == "timestamp";
  const auto end = words.end() - (layout.timestamps ? 1 : 0);
  layout.groups = second_time == words.end() ? 1 : 2;
  layout.group_words = static_cast<std::size_t>((layout.groups == 1 ? end : second_time) - first_time);
  layout.check = std::find(first_time, end, "error") != end ? CheckColumn::max_error : CheckColumn::wrong_count;
  layout.cpu_time = *first_time == "cputime";
  layout.oldest = *size == "bytes";
  constexpr std::size_t least_group = 4;
  return layout.group_words >= least_group ? std::optional(layout) : std::nullopt;
}

std::optional<NcclTestsRow> read_nccl_tests_row(std::span<const std::string_view> words,
                                                const NcclTestsLayout& layout) {
  constexpr std::size_t fixed = 3;  // size, count, type
  const std::size_t least_left = layout.size_column + fixed;
  if (words.size() < least_left + layout.right_words() || words.size() > layout.left_columns + layout.right_words()) {
    return std::nullopt;
  }
  const auto left = words.first(words.size() - layout.right_words());
  const auto right = words.subspan(left.size());
  if (!begins_nccl_tests_row(left, layout)) {
    return std::nullopt;
  }
  const auto out_of_place = read_result(right.first(layout.group_words));
  const auto in_place =
      layout.groups > 1 ? read_result(right.subspan(layout.group_words, layout.group_words)) : std::nullopt;
  if (!out_of_place || (layout.groups > 1 && !in_place)) {
    return std::nullopt;
  }
  NcclTestsRow row;
  row.size_bytes = *whole_number(left[layout.size_column]);
  row.count = *whole_number(left[layout.size_column + 1]);
  row.type = left[layout.size_column + 2];
  if (left.size() > least_left && is_letter(left[least_left].front())) {
    row.redop = left[least_left];
  }
  row.out_of_place = *out_of_place;
  row.in_place = in_place;
  return row;
}

bool begins_nccl_tests_row(std::span<const std::string_view> words, const NcclTestsLayout& layout) {
  const std::size_t size = layout.size_column;
  return words.size() >= size + 3 && whole_number(words[size]) && whole_number(words[size + 1]) &&
         is_letter(words[size + 2].front());
}

bool continues_nccl_tests_row(std::span<const std::string_view> words) {
  // the date and time of -S are no numbers but begin with a digit
  return !words.empty() && std::all_of(words.begin(), words.end(), [](std::string_view word) {
    return is_cell(word) || (word.front() >= '0' && word.front() <= '9');
  });
}

Verification verification_of(std::string_view check, CheckColumn column, std::string_view type) {
  const auto number = read_printed_number(check);
  if (!number) {
    return Verification::not_checked;
  }
  if (number->value == 0) {
    return Verification::passed;
  }
  switch (column) {
    case CheckColumn::wrong_count:
      return Verification::failed;
    case CheckColumn::max_error:
      return number->value <= error_bound(type) ? Verification::passed : Verification::failed;
    case CheckColumn::unknown:
      break;
  }
  return number->value >= 1 ? Verification::failed : Verification::not_checked;
}

}  // namespace hockney
