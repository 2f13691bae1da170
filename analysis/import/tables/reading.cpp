#include "import/tables/reading.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"

namespace hockney::import {
namespace {

const std::string& cell_of(const SheetRow& row, std::size_t column) {
  static const std::string none;
  return column < row.cells.size() ? row.cells[column] : none;
}

// Whether a row is in place: "in-place", "oop", or the truth of a column "in place".
std::optional<bool> side_in(const std::string& cell) {
  const std::string word = letters_and_digits(cell);
  return word == "inplace" || word == "ip"       ? std::optional(true)
         : word == "outofplace" || word == "oop" ? std::optional(false)
                                                 : std::nullopt;
}

std::optional<bool> truth(const std::string& cell) {
  const std::string word = letters_and_digits(cell);
  return word == "1" || word == "true" || word == "yes"   ? std::optional(true)
         : word == "0" || word == "false" || word == "no" ? std::optional(false)
                                                          : side_in(cell);
}

std::optional<Quantity> quantity_in(const std::string& cell, NumberStyle style) {
  constexpr std::size_t noisy = 15;
  constexpr int most_digits = 12;
  auto quantity = read_quantity(cell, style);
  if (quantity && !quantity->unit && cell.size() > noisy) {
    if (const auto rounded = read_printed_number(fmt::format("{:.{}g}", quantity->number.value, most_digits))) {
      quantity->number = *rounded;
    }
  }
  // the zeros of 116000 may be rounding
  if (quantity && cell.find('.') == std::string::npos && quantity->number.value != 0) {
    for (std::size_t end = cell.size(); end > 1 && cell[end - 1] == '0'; --end) {
      quantity->number.half_step *= 10;
    }
  }
  return quantity;
}

// Settles what columns hold by their cells and the text above the table.
class ColumnSettler {
 public:
  explicit ColumnSettler(const Sheet& sheet) : sheet_(sheet), columns_(sheet.columns) {}

  std::vector<Column> settle(std::vector<std::string>& notes) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].numbers.decimal_comma = std::any_of(sheet_.rows.begin(), sheet_.rows.end(), [&](const SheetRow& row) {
        return has_decimal_comma(cell_of(row, i));
      });
      by_cells(i);
    }
    if (std::none_of(columns_.begin(), columns_.end(),
                     [](const Column& each) { return is_value(each.role) && each.role != ColumnRole::value; })) {
      by_text_above(notes);
    } else {
      unit_by_text_above(notes);
    }
    take_bus_bandwidth(notes);
    choose_size();
    choose_statistics(notes);
    leave_out_throughput(notes);
    return std::move(columns_);
  }

 private:
  template <class Predicate>
  bool all_cells(std::size_t column, Predicate predicate) const {
    return !sheet_.rows.empty() && std::all_of(sheet_.rows.begin(), sheet_.rows.end(),
                                               [&](const SheetRow& row) { return predicate(cell_of(row, column)); });
  }

  // Not "Ring AllReduce" and "Tree AllReduce": these tell methods apart.
  bool holds_operations(std::size_t column) const {
    std::map<std::string, Operation> of_cell;
    const auto named = std::count_if(sheet_.rows.begin(), sheet_.rows.end(), [&](const SheetRow& row) {
      const std::string& cell = cell_of(row, column);
      return operation_of_word(cell.substr(0, cell.find('/'))).has_value();  // "AllReduce/1048576" of Google Benchmark
    });
    if (2 * static_cast<std::size_t>(named) > sheet_.rows.size()) {
      return true;  // others are "sendrecv", which is none
    }
    const bool all = all_cells(column, [&](const std::string& cell) {
      const auto operation = operation_of_cell(cell);
      if (operation) {
        of_cell.emplace(cell, *operation);
      }
      return operation.has_value();
    });
    std::set<Operation> operations;
    for (const auto& [cell, operation] : of_cell) {
      operations.insert(operation);
    }
    return all && operations.size() == of_cell.size();
  }

  std::optional<Unit> unit_of_cells(std::size_t column) const {
    for (const SheetRow& row : sheet_.rows) {
      if (const auto quantity = read_quantity(cell_of(row, column), columns_[column].numbers);
          quantity && quantity->unit) {
        return quantity->unit;
      }
    }
    return std::nullopt;
  }

  void by_cells(std::size_t i) {
    Column& column = columns_[i];
    if ((column.role == ColumnRole::other || column.role == ColumnRole::value) && holds_operations(i)) {
      column.role = ColumnRole::operation;
      return;
    }
    if (column.role == ColumnRole::other && all_cells(i, side_in)) {
      column.role = ColumnRole::in_place;
      return;
    }
    const auto unit =
        column.role == ColumnRole::value || column.role == ColumnRole::other ? unit_of_cells(i) : std::nullopt;
    if (unit && unit->kind == UnitKind::time) {
      column.role = ColumnRole::time;
    } else if (unit && unit->kind == UnitKind::rate) {
      column.role = ColumnRole::algbw;
      column.either_bandwidth = true;
    }
  }

  void by_text_above(std::vector<std::string>& notes) {
    const auto& unit = sheet_.facts.unit;
    for (std::size_t i = 0; unit && i < columns_.size(); ++i) {
      Column& column = columns_[i];
      const bool open =
          column.role == ColumnRole::value || (column.role == ColumnRole::other && !column.series.method.empty());
      if (!open || !any_number(i)) {
        continue;
      }
      column.unit = unit;
      column.role = unit->kind == UnitKind::time ? ColumnRole::time
                    : sheet_.facts.bus_bandwidth ? ColumnRole::busbw
                                                 : ColumnRole::algbw;
      column.either_bandwidth = column.role == ColumnRole::algbw;
      notes.push_back(fmt::format("'{}' holds {}: the text above the table says so ('{}')", column.heading,
                                  unit->kind == UnitKind::time ? "times" : "bandwidths", sheet_.title));
    }
  }

  // "times in ms" above a column "time": where no bandwidth tells the unit of a time.
  void unit_by_text_above(std::vector<std::string>& notes) {
    const auto& unit = sheet_.facts.unit;
    const bool has_rates = std::any_of(columns_.begin(), columns_.end(), [](const Column& each) {
      return each.role == ColumnRole::algbw || each.role == ColumnRole::busbw;
    });
    for (std::size_t i = 0; unit && i < columns_.size(); ++i) {
      Column& column = columns_[i];
      const bool fits = unit->kind == UnitKind::time
                            ? column.role == ColumnRole::time && !has_rates
                            : column.role == ColumnRole::algbw || column.role == ColumnRole::busbw;
      if (fits && !column.unit && !unit_of_cells(i)) {
        column.unit = unit;
        notes.push_back(
            fmt::format("the unit of '{}' is that of the text above the table ('{}')", column.heading, sheet_.title));
      }
    }
  }

  // "busbw of all_gather:" above bandwidths that no times tell apart from algbw.
  void take_bus_bandwidth(std::vector<std::string>& notes) {
    const bool timed =
        std::any_of(columns_.begin(), columns_.end(), [](const Column& each) { return each.role == ColumnRole::time; });
    for (Column& column : columns_) {
      if (column.either_bandwidth && column.role == ColumnRole::algbw && sheet_.facts.bus_bandwidth && !timed) {
        column.role = ColumnRole::busbw;
        column.either_bandwidth = false;
        notes.push_back(fmt::format("'{}' is busbw: the text above the table says so", column.heading));
      }
    }
  }

  // DeepSpeed's counts the bytes of an all-reduce twice. A time and a busbw beside it tell more.
  void leave_out_throughput(std::vector<std::string>& notes) {
    const auto has = [&](ColumnRole role) {
      return std::any_of(columns_.begin(), columns_.end(), [&](const Column& each) { return each.role == role; });
    };
    for (Column& column : columns_) {
      if (column.either_bandwidth && column.role == ColumnRole::algbw && has(ColumnRole::time) &&
          has(ColumnRole::busbw) && lower_case(column.heading).starts_with("throughput")) {
        column.role = ColumnRole::ignored;
        notes.push_back(fmt::format("'{}' is not used: programs count it in different ways", column.heading));
      }
    }
  }

  bool any_number(std::size_t column) const {
    return std::any_of(sheet_.rows.begin(), sheet_.rows.end(), [&](const SheetRow& row) {
      return read_quantity(cell_of(row, column), columns_[column].numbers).has_value();
    });
  }

  // Of several columns of sizes the one in bytes, else the first.
  void choose_size() {
    std::size_t chosen = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const bool exact = columns_[i].unit && columns_[i].unit->factor == 1;
      if (columns_[i].role == ColumnRole::size && (chosen == columns_.size() || (exact && !columns_[chosen].unit))) {
        chosen = i;
      }
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].role == ColumnRole::size && i != chosen) {
        columns_[i].role = ColumnRole::ignored;
      }
    }
  }

  void choose_statistics(std::vector<std::string>& notes) {
    if (is_imb(columns_)) {
      name_statistics_of_imb();
    }
    choose(ColumnRole::time, "time", notes);
    choose(ColumnRole::algbw, "algbw", notes);
    choose(ColumnRole::busbw, "busbw", notes);
  }

  // Of several columns of one curve that hold the same the first in the order of ColumnStatistic.
  void choose(ColumnRole role, std::string_view what, std::vector<std::string>& notes) {
    std::map<std::string, Column*> best;
    std::vector<Column*> all;
    for (Column& column : columns_) {
      if (column.role == role) {
        all.push_back(&column);
        Column*& chosen = best[side_of(column)];
        chosen = chosen == nullptr || order(column) < order(*chosen) ? &column : chosen;
      }
    }
    std::set<std::string> taken;
    std::set<std::string> left;
    for (Column* column : all) {
      const Column* chosen = best[side_of(*column)];
      if (column != chosen) {
        column->role = ColumnRole::ignored;
        left.insert(column->heading);
        taken.insert(chosen->heading);
      }
    }
    if (!left.empty()) {
      notes.push_back(
          fmt::format("the {} is '{}'; not used: {}", what, fmt::join(taken, "', '"), fmt::join(left, ", ")));
    }
  }

  // The longest time makes the least bandwidth.
  static ColumnStatistic order(const Column& column) {
    const bool swapped = column.role != ColumnRole::time;
    return swapped && column.statistic == ColumnStatistic::max   ? ColumnStatistic::min
           : swapped && column.statistic == ColumnStatistic::min ? ColumnStatistic::max
                                                                 : column.statistic;
  }

  static std::string side_of(const Column& column) {
    return column.series.key() + (column.series.in_place ? " in place" : "");
  }

  // t_max and t_avg are curves; bandwidths beside them count what a rank sends and what it receives.
  void name_statistics_of_imb() {
    const bool has_max = std::any_of(columns_.begin(), columns_.end(),
                                     [](const Column& each) { return each.statistic == ColumnStatistic::max; });
    for (Column& column : columns_) {
      if (column.role == ColumnRole::algbw && has_max) {
        column.role = ColumnRole::ignored;
      } else if (column.role == ColumnRole::time && column.statistic != ColumnStatistic::plain) {
        column.series.method = column.statistic == ColumnStatistic::mean ? "t_avg" : "t_max";
      }
    }
  }

  const Sheet& sheet_;
  std::vector<Column> columns_;
};

// Words in which rows are counted, not told apart.
bool counts_rows(std::string_view heading) {
  constexpr std::array<std::string_view, 16> words{"trial", "run",   "rep", "repeat", "iter", "iteration",
                                                   "cycle", "index", "idx", "seed",   "date", "timestamp",
                                                   "round", "no",    "row", "sample"};
  const auto parts = words_in(heading);
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return std::find(words.begin(), words.end(), part) != words.end();
  });
}

// The power of two that was rounded to this many of the unit: 1024 B printed as "0.000977" MB, 2^30 B as "1.04858e+06"
// KiB. Nothing for numbers that may be meant as they are.
std::optional<double> power_behind(const Quantity& size, bool has_exponent) {
  constexpr double fine = 1e-2;
  constexpr double very_fine = 1e-4;
  constexpr double noise = 1e-9;
  const double unit = size.unit ? size.unit->factor : 1;
  const double bytes = size.number.value * unit;
  const bool whole = std::abs(bytes - std::round(bytes)) <= noise * bytes;
  if (bytes <= 0 || (whole && !has_exponent) ||
      size.number.half_step > (whole ? very_fine : fine) * size.number.value) {
    return std::nullopt;
  }
  const double power = std::exp2(std::round(std::log2(bytes)));
  return std::abs(power - bytes) <= size.number.half_step * unit ? std::optional(power / unit) : std::nullopt;
}

class RowReader {
 public:
  explicit RowReader(const Sheet& sheet) : sheet_(sheet) {}

  Readings read() {
    result_.notes = sheet_.notes;
    result_.columns = ColumnSettler(sheet_).settle(result_.notes);
    join_times_and_bandwidths();
    for (std::size_t i = 0; i < result_.columns.size(); ++i) {
      if (const Column& column = result_.columns[i]; column.role == ColumnRole::time && column.share != 1) {
        result_.notes.push_back(fmt::format("'{}' is halved: a round trip is two messages", column.heading));
      }
      half_steps_.push_back(is_value(result_.columns[i].role) ? finest_half_step(i) : 0);
      labels_.push_back(is_label(i));
    }
    find_series();
    for (const SheetRow& row : sheet_.rows) {
      read_row(row);
    }
    if (!rounded_size_.empty()) {
      result_.notes.push_back(
          fmt::format("sizes are printed rounded ('{}'): taken for the power of two that fits", rounded_size_));
    }
    return std::move(result_);
  }

 private:
  // "Kernel time (us)" beside "algbw (GB/s)": one column of times and bandwidths without another name are of one curve.
  void join_times_and_bandwidths() {
    std::vector<Column*> times;
    std::vector<Column*> rates;
    for (Column& column : result_.columns) {
      if (is_value(column.role) && column.role != ColumnRole::value) {
        (column.role == ColumnRole::time ? times : rates).push_back(&column);
      }
    }
    const bool one_time =
        times.size() == 1 && !rates.empty() && std::all_of(rates.begin(), rates.end(), [&](const Column* rate) {
          return rate->series.key() == rates.front()->series.key() &&
                 (rate->series.method.empty() || times.front()->series.method.empty());
        });
    for (Column* rate : one_time ? rates : std::vector<Column*>{}) {
      rate->series = times.front()->series;
    }
  }

  // Columns that are none of times and bandwidths ("#wrong") go with the first series.
  void find_series() {
    std::map<std::string, std::size_t> index_of;
    std::vector<std::size_t> series_of(result_.columns.size(), 0);
    for (std::size_t i = 0; i < result_.columns.size(); ++i) {
      if (const Column& column = result_.columns[i]; is_value(column.role)) {
        const auto [found, fresh] = index_of.try_emplace(column.series.key(), result_.series.size());
        series_of[i] = found->second;
        if (fresh) {
          result_.series.push_back(column.series);
        }
      }
    }
    if (result_.series.empty()) {
      result_.series.emplace_back();
    }
    columns_of_.resize(result_.series.size());
    for (std::size_t i = 0; i < series_of.size(); ++i) {
      columns_of_[series_of[i]].push_back(i);
    }
  }

  double finest_half_step(std::size_t column) const {
    double finest = INFINITY;
    for (const SheetRow& row : sheet_.rows) {
      const auto quantity = quantity_in(cell_of(row, column), result_.columns[column].numbers);
      if (quantity && !quantity->unit) {
        finest = std::min(finest, quantity->number.half_step);
      }
    }
    return std::isfinite(finest) ? finest : 0;
  }

  // Columns that differ from row to row: of several systems or settings in one file. Words that are different in nearly
  // every row (times of day) are none, nor are numbers that count rows or grow with the size.
  bool is_label(std::size_t column) const {
    const Column& about = result_.columns[column];
    if (about.role == ColumnRole::machine) {
      return true;
    }
    if (about.role != ColumnRole::other || counts_rows(about.heading)) {
      return false;
    }
    std::set<std::string> values;
    std::set<std::pair<std::string, std::string>> with_size;
    bool numbers = false;
    for (const SheetRow& row : sheet_.rows) {
      const std::string& cell = cell_of(row, column);
      numbers = numbers || (read_quantity(cell, about.numbers) && !truth(cell));
      values.insert(cell);
      with_size.insert({size_cell(row), cell});
    }
    const bool repeats = values.size() > 1 && 2 * values.size() <= sheet_.rows.size();
    return repeats &&
           (!numbers || (!about.series.method.empty() && with_size.size() == sheet_.rows.size() && same_sizes_again()));
  }

  std::string size_cell(const SheetRow& row) const {
    for (std::size_t i = 0; i < result_.columns.size(); ++i) {
      if (is_size(result_.columns[i])) {
        return cell_of(row, i);
      }
    }
    return {};
  }

  bool same_sizes_again() const {
    std::set<std::string> sizes;
    for (const SheetRow& row : sheet_.rows) {
      sizes.insert(size_cell(row));
    }
    return sizes.size() < sheet_.rows.size();
  }

  void read_row(const SheetRow& row) {
    Reading shared;
    shared.line = row.line;
    if (has_number_without_heading(row)) {
      shared.refusal = fmt::format("{} cells under {} headings: what the last numbers are is not known",
                                   row.cells.size(), result_.columns.size());
      result_.rows.push_back(std::move(shared));
      return;
    }
    for (std::size_t i = 0; i < result_.columns.size(); ++i) {
      take(i, cell_of(row, i), shared);
    }
    take_place_in_words(row, shared);
    for (std::size_t s = 0; s < result_.series.size(); ++s) {
      Reading reading = shared;
      reading.series = s;
      reading.size = result_.series[s].size ? result_.series[s].size : shared.size;
      for (const std::size_t i : columns_of_[s]) {
        take_result(i, cell_of(row, i), reading);
      }
      result_.rows.push_back(std::move(reading));
    }
  }

  // "1048576,45,2" under "size,time": which comma parts cells nobody knows.
  bool has_number_without_heading(const SheetRow& row) const {
    return row.cells.size() > result_.columns.size() &&
           std::any_of(row.cells.begin() + static_cast<std::ptrdiff_t>(result_.columns.size()), row.cells.end(),
                       [](const std::string& cell) { return read_quantity(cell, {}).has_value(); });
  }

  // An empty cell leaves what another column of the same meaning said.
  std::optional<std::uint32_t> whole(const std::string& cell, std::optional<std::uint32_t> before) const {
    constexpr double most = 1e9;
    const auto quantity = read_quantity(cell, {});
    return quantity && !quantity->unit && quantity->number.value >= 1 && quantity->number.value <= most &&
                   quantity->number.value == std::floor(quantity->number.value)
               ? std::optional(static_cast<std::uint32_t>(quantity->number.value))
           : cell.empty() ? before
                          : std::nullopt;
  }

  // A size as a number of its unit: the cell's, else the heading's.
  std::optional<Quantity> size_in(const std::string& cell, const Column& column) {
    auto quantity = read_quantity(cell, column.numbers);
    if (quantity && !quantity->unit) {
      quantity->unit = column.unit;
    }
    if (quantity && (!quantity->unit || quantity->unit->kind == UnitKind::bytes)) {
      if (const auto power = power_behind(*quantity, cell.find_first_of("eE") != std::string::npos)) {
        rounded_size_ = rounded_size_.empty() ? cell : rounded_size_;
        quantity->number = {*power, 0};
      }
    }
    return quantity && (!quantity->unit || quantity->unit->kind == UnitKind::bytes) ? quantity : std::nullopt;
  }

  void take(std::size_t index, const std::string& cell, Reading& reading) {
    const Column& column = result_.columns[index];
    if (labels_[index] && !cell.empty()) {
      const bool word = !read_quantity(cell, column.numbers) || column.role == ColumnRole::machine;
      reading.label += (reading.label.empty() ? "" : ", ") + (word ? cell : fmt::format("{} {}", column.heading, cell));
    }
    switch (column.role) {
      case ColumnRole::operation:
        reading.operation = cell;
        take_element_in_words(cell, reading);
        break;
      case ColumnRole::reduction:
        reading.reduction = cell;
        break;
      case ColumnRole::element:
        reading.element = cell;
        break;
      case ColumnRole::size:
        reading.size = size_in(cell, column);
        break;
      case ColumnRole::count:
        if (const auto quantity = read_quantity(cell, column.numbers)) {
          reading.count = quantity->number.value;
        }
        break;
      case ColumnRole::in_place:
        reading.in_place = truth(cell);
        break;
      case ColumnRole::ranks:
        take_count(column, cell, reading.ranks, reading);
        break;
      case ColumnRole::gpus_per_rank:
        take_count(column, cell, reading.gpus_per_rank, reading);
        break;
      case ColumnRole::nodes:
        take_count(column, cell, reading.nodes, reading);
        break;
      case ColumnRole::ranks_per_node:
        take_count(column, cell, reading.ranks_per_node, reading);
        break;
      case ColumnRole::iterations:
        reading.iterations = whole(cell, reading.iterations);
        break;
      case ColumnRole::algorithm:
        reading.algorithm = cell;
        break;
      case ColumnRole::protocol:
        reading.protocol = cell;
        break;
      default:
        break;
    }
  }

  // "COMMS-RES-all_reduce-bfloat16"
  static void take_element_in_words(const std::string& cell, Reading& reading) {
    for (const std::string& word : words_in(cell)) {
      if (reading.element.empty() && word.find_first_of("0123456789") != std::string::npos && element_of_word(word)) {
        reading.element = word;
      }
    }
  }

  // "2x8 H100" in a column of set-ups, where no column counts ranks or nodes.
  void take_place_in_words(const SheetRow& row, Reading& reading) {
    constexpr std::size_t most_cells = 1024;  // reading one takes time
    for (std::size_t i = 0; i < result_.columns.size(); ++i) {
      const std::string& cell = cell_of(row, i);
      const ColumnRole role = result_.columns[i].role;
      const bool words = (role == ColumnRole::other || role == ColumnRole::machine) &&
                         cell.find_first_of("123456789") != std::string::npos && !read_quantity(cell, {});
      if (!words || reading.ranks || reading.nodes) {
        continue;
      }
      if (places_.size() >= most_cells && !places_.contains(cell)) {
        if (columns_of_places_.contains(i)) {
          reading.refusal =
              fmt::format("column '{}' tells more than {} set-ups", result_.columns[i].heading, most_cells);
        }
        continue;
      }
      const auto [place, fresh] = places_.try_emplace(cell);
      place->second = fresh ? facts_in(cell) : place->second;
      if (place->second.all_ranks() || place->second.nodes) {
        columns_of_places_.insert(i);
      }
      reading.ranks = place->second.all_ranks();
      reading.nodes = place->second.nodes;
      reading.ranks_per_node = reading.ranks_per_node ? reading.ranks_per_node : place->second.ranks_per_node;
    }
  }

  void take_count(const Column& column, const std::string& cell, std::optional<std::uint32_t>& count,
                  Reading& reading) const {
    count = whole(cell, count);
    const bool counts_place = column.role == ColumnRole::ranks || column.role == ColumnRole::nodes;
    if (const Facts place = !count && counts_place ? facts_in(cell + " gpus") : Facts{};
        place.nodes && place.ranks_per_node) {
      reading.nodes = place.nodes;  // "2x8"
      reading.ranks_per_node = place.ranks_per_node;
      return;
    }
    if (!count && cell.find_first_of("123456789") != std::string::npos) {
      reading.refusal = fmt::format("column '{}' is '{}', which is no whole number", column.heading, cell);
    }
  }

  void take_result(std::size_t index, const std::string& cell, Reading& reading) const {
    const Column& column = result_.columns[index];
    SideValues& side = reading.side[column.series.in_place ? 1 : 0];
    if (column.role == ColumnRole::wrong) {
      side.wrong = cell;
    }
    if (!is_value(column.role) || column.role == ColumnRole::value || cell.empty()) {
      return;
    }
    const UnitKind kind = column.role == ColumnRole::time ? UnitKind::time : UnitKind::rate;
    auto quantity = quantity_in(cell, column.numbers);
    if (!quantity || (quantity->unit && quantity->unit->kind != kind)) {
      side.unread = fmt::format("column '{}' is '{}', which is no {}", column.heading, cell,
                                kind == UnitKind::time ? "time" : "bandwidth");
      return;
    }
    if (!quantity->unit) {
      const bool has_exponent = cell.find_first_of("eE") != std::string::npos;
      quantity->number.half_step = has_exponent ? quantity->number.half_step : half_steps_[index];
      quantity->unit = column.unit;
    }
    if (kind == UnitKind::time) {
      quantity->number = quantity->number.scaled(column.share * (quantity->unit ? quantity->unit->factor : 1));
    }
    (column.role == ColumnRole::time    ? side.time
     : column.role == ColumnRole::busbw ? side.busbw
                                        : side.algbw) = quantity;
  }

  const Sheet& sheet_;
  Readings result_;
  std::vector<double> half_steps_;
  std::vector<bool> labels_;
  std::vector<std::vector<std::size_t>> columns_of_;  // by series
  std::string rounded_size_;                          // the first one; empty without
  std::map<std::string, Facts> places_;               // by cell
  std::set<std::size_t> columns_of_places_;           // that told one
};

}  // namespace

bool is_imb(const std::vector<Column>& columns) {
  const auto has = [&](std::string_view heading) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const Column& each) { return letters_and_digits(each.heading).starts_with(heading); });
  };
  return has("repetitions") && has("bytes") && (has("tmax") || has("tusec") || has("mbytessec"));
}

Readings read_rows(const Sheet& sheet) { return RowReader(sheet).read(); }

}  // namespace hockney::import
