#include "import/nccl_tests/nccl_tests_layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace hockney::import {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::size_t numbers = 3;  // time, algbw, busbw
constexpr double us_per_byte_of_gb_s = 1e-3;

bool is_type_heading(std::string_view word) { return word == "type" || word == "datatype" || word == "dtype"; }
bool is_time(std::string_view word) { return word == "time" || word == "cputime"; }

bool is_absent_number(std::string_view word) {
  constexpr std::array<std::string_view, 6> words{"n/a", "na", "nan", "-nan", "inf", "-inf"};
  const std::string lower = lower_case(word.substr(0, 5));
  return word.size() == lower.size() && std::find(words.begin(), words.end(), lower) != words.end();
}

bool is_cell(std::string_view word) {
  if (word.size() > 1 && word.ends_with('*')) {
    word.remove_suffix(1);
  }
  return read_printed_number(word) || is_absent_number(word);
}

// "2025-10-17", "12:34:56"
bool is_date_or_time(std::string_view word) {
  return is_digit(word.front()) && word.find_first_of("-:/") != std::string_view::npos;
}

bool is_type(std::string_view word) {
  return is_letter(word.front()) &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

template <class Integer>
std::optional<Integer> whole_number(std::string_view word) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? std::optional(value) : std::nullopt;
}

std::optional<PrintedNumber> time_of(std::string_view word, bool milliseconds) {
  constexpr double us_per_ms = 1e3;
  auto time = read_printed_number(word);
  if (time && milliseconds) {
    *time = {time->value * us_per_ms, time->half_step * us_per_ms};
  }
  return time;
}

std::optional<NcclTestsResult> read_result(Words cells, bool milliseconds) {
  const auto time = time_of(cells[0], milliseconds);
  if (!std::all_of(cells.begin(), cells.end(), is_cell) || (time && time->value < 0)) {
    return std::nullopt;
  }
  return NcclTestsResult{time, read_printed_number(cells[1]), read_printed_number(cells[2]),
                         std::string(cells.size() > numbers ? cells[numbers] : std::string_view{})};
}

// [extra] size count type [redop] [root]
std::optional<NcclTestsRow> read_left(Words left, const NcclTestsLayout& layout) {
  if (left.size() < layout.least_left_words() || !begins_nccl_tests_row(left, layout)) {
    return std::nullopt;
  }
  NcclTestsRow row;
  row.left_words = left.size();
  row.own = fmt::format("{}", fmt::join(left.first(layout.size_column), " "));
  left = left.subspan(layout.size_column);
  row.size_bytes = *whole_number<std::uint64_t>(left[0]);
  row.count = *whole_number<std::uint64_t>(left[1]);
  row.type = layout.has_type ? left[2] : std::string_view{};
  left = left.subspan(layout.has_type ? 3 : 2);
  if (!left.empty() && is_letter(left.front().front())) {
    row.redop = left.front();
    left = left.subspan(1);
  }
  if (!left.empty()) {
    row.root = whole_number<std::int64_t>(left.front());
    left = left.subspan(1);
  }
  return left.empty() ? std::optional(row) : std::nullopt;
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

// Column names without units: "time(us)" is "time", and "(us)" nothing.
std::vector<std::string_view> names_in(Words words) {
  std::vector<std::string_view> names;
  for (const std::string_view word : words) {
    const std::string_view name = word.substr(0, word.find('('));
    if (!name.empty()) {
      names.push_back(name);
    }
  }
  return names;
}

CheckColumn check_of(Words group) {
  const std::string_view name = group.size() > numbers ? group[numbers] : std::string_view{};
  if (name == "error" || name == "res" || name == "delta") {
    return CheckColumn::max_error;
  }
  return name == "#wrong" || name == "wrong" ? CheckColumn::wrong_count : CheckColumn::unknown;
}

bool agree(std::uint64_t size_bytes, const NcclTestsResult& result) {
  constexpr double precise = 0.05;
  if (!result.time_us || !result.algbw_gb_s || result.time_us->low() <= 0 ||
      result.algbw_gb_s->half_step > precise * result.algbw_gb_s->value) {
    return false;
  }
  const double bytes = static_cast<double>(size_bytes) * us_per_byte_of_gb_s;
  const double low = bytes / result.time_us->high();
  const double high = bytes / result.time_us->low();
  return may_be_equal({(low + high) / 2, (high - low) / 2}, 1, *result.algbw_gb_s);
}

}  // namespace

void NcclTestsRow::put_in_place_first() {
  const NcclTestsResult first = out_of_place;
  out_of_place = in_place.value_or(NcclTestsResult{});
  in_place = first;
}

std::optional<NcclTestsLayout> read_nccl_tests_header(Words line) {
  const auto words = names_in(line);
  const auto first_time = std::find_if(words.begin(), words.end(), is_time);
  const auto size = std::find_if(words.begin(), first_time, [](auto w) { return w == "size" || w == "bytes"; });
  if (size == first_time || words.end() - first_time < static_cast<std::ptrdiff_t>(numbers) ||
      first_time[1] != "algbw" || first_time[2] != "busbw") {
    return std::nullopt;
  }
  const auto second_time = std::find_if(first_time + 1, words.end(), is_time);
  NcclTestsLayout layout;
  layout.size_column = static_cast<std::size_t>(size - words.begin());
  layout.left_columns = static_cast<std::size_t>(first_time - words.begin());
  layout.timestamps = words.back() == "timestamp";
  const auto end = words.end() - (layout.timestamps ? 1 : 0);
  layout.groups = second_time == words.end() ? 1 : 2;
  const auto group_end = layout.groups == 1 ? end : second_time;
  layout.group_words = static_cast<std::size_t>(group_end - first_time);
  layout.check = check_of({first_time, group_end});
  layout.cpu_time = *first_time == "cputime";
  layout.milliseconds = *size == "bytes" || std::any_of(line.begin(), line.end(),
                                                        [](std::string_view word) { return word.ends_with("(ms)"); });
  layout.has_type = std::any_of(words.begin(), first_time, is_type_heading) || *size == "bytes";
  const bool whole = layout.group_words >= numbers && layout.left_columns >= layout.least_left_words() &&
                     static_cast<std::size_t>(end - first_time) == layout.groups * layout.group_words;
  return whole ? std::optional(layout) : std::nullopt;
}

std::optional<NcclTestsRow> read_nccl_tests_row(Words words, const NcclTestsLayout& layout) {
  if (words.size() < layout.least_left_words() + layout.right_words() ||
      words.size() > layout.left_columns + layout.right_words()) {
    return std::nullopt;
  }
  const auto left = words.first(words.size() - layout.right_words());
  const auto right = words.subspan(left.size());
  auto row = read_left(left, layout);
  const auto out_of_place = read_result(right.first(layout.group_words), layout.milliseconds);
  const auto in_place = layout.groups > 1
                            ? read_result(right.subspan(layout.group_words, layout.group_words), layout.milliseconds)
                            : std::nullopt;
  const auto stamps = right.subspan(layout.groups * layout.group_words);
  if (!row || !out_of_place || (layout.groups > 1 && !in_place) ||
      !std::all_of(stamps.begin(), stamps.end(), is_date_or_time)) {
    return std::nullopt;
  }
  row->out_of_place = *out_of_place;
  row->in_place = in_place;
  if (layout.in_place_first) {
    row->put_in_place_first();
  }
  return row;
}

std::optional<NcclTestsLayout> layout_of_nccl_tests_row(Words words) {
  for (const std::size_t group_words : {4U, 8U}) {
    for (const bool timestamps : {false, true}) {
      NcclTestsLayout layout;
      layout.group_words = group_words;
      layout.timestamps = timestamps;
      if (read_nccl_tests_row(words, layout)) {
        return layout;
      }
    }
  }
  return std::nullopt;
}

std::optional<NcclTestsRow> read_cut_nccl_tests_row(Words words, const NcclTestsLayout& layout) {
  if (layout.groups < 2 || layout.group_words <= numbers || words.size() > layout.left_columns + layout.right_words()) {
    return std::nullopt;
  }
  for (std::size_t left = layout.least_left_words(); left <= layout.left_columns; ++left) {
    const std::size_t end = left + layout.group_words;
    auto row = end > words.size() ? std::nullopt : read_left(words.first(left), layout);
    const auto result = row ? read_result(words.subspan(left, layout.group_words), layout.milliseconds) : std::nullopt;
    if (!result) {
      continue;
    }
    row->out_of_place = *result;
    if (end == words.size()) {
      row->out_of_place.check.clear();  // its last digits may be missing
    }
    if (layout.in_place_first) {
      row->put_in_place_first();
    }
    if (proves_itself(*row)) {
      return row;
    }
  }
  return std::nullopt;
}

bool begins_nccl_tests_row(Words words, const NcclTestsLayout& layout) {
  const std::size_t size = layout.size_column;
  return words.size() >= layout.least_left_words() && whole_number<std::uint64_t>(words[size]) &&
         whole_number<std::uint64_t>(words[size + 1]) && (!layout.has_type || is_type(words[size + 2]));
}

bool continues_nccl_tests_row(Words words) {
  return !words.empty() && std::all_of(words.begin(), words.end(),
                                       [](std::string_view word) { return is_cell(word) || is_date_or_time(word); });
}

bool proves_itself(const NcclTestsRow& row) {
  const bool in_place_alone = row.in_place && !row.out_of_place.time_us && row.out_of_place.check.empty();
  return (in_place_alone || agree(row.size_bytes, row.out_of_place)) &&
         (!row.in_place || agree(row.size_bytes, *row.in_place));
}

Verification verification_of(std::string_view check, CheckColumn column, std::string_view type) {
  if (check.size() > 1 && check.ends_with('*')) {
    return Verification::failed;
  }
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

}  // namespace hockney::import
