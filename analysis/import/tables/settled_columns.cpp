#include "import/tables/settled_columns.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/heading_words.hpp"

namespace hockney::import {
namespace {

class Settler {
 public:
  Settler(const Sheet& sheet, std::vector<std::string>& notes)
      : sheet_(sheet), columns_(sheet.columns), notes_(notes) {}

  std::vector<Column> settle() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      columns_[i].numbers.decimal_comma = any_cell(i, has_decimal_comma);
      by_cells(i);
    }
    by_text_above();
    choose_size();
    if (is_imb(columns_)) {
      name_statistics_of_imb();
    }
    choose(ColumnRole::time, "time");
    choose(ColumnRole::algbw, "algbw");
    choose(ColumnRole::busbw, "busbw");
    leave_out_throughput();
    join_times_and_bandwidths();
    return std::move(columns_);
  }

 private:
  template <class Predicate>
  bool any_cell(std::size_t column, Predicate predicate) const {
    return std::any_of(sheet_.rows.begin(), sheet_.rows.end(),
                       [&](const SheetRow& row) { return predicate(row.cell(column)); });
  }

  template <class Predicate>
  bool all_cells(std::size_t column, Predicate predicate) const {
    return !sheet_.rows.empty() && !any_cell(column, [&](const std::string& cell) { return !predicate(cell); });
  }

  // Also where some are none of Hockney's ("sendrecv"). Not "Ring AllReduce" and "Tree AllReduce": these tell methods
  // apart.
  bool holds_operations(std::size_t column) const {
    const auto words = std::count_if(sheet_.rows.begin(), sheet_.rows.end(), [&](const SheetRow& row) {
      const std::string& cell = row.cell(column);
      return operation_of_word(cell.substr(0, cell.find('/'))).has_value();  // "AllReduce/1048576" of Google Benchmark
    });
    std::set<std::string> cells;
    std::set<Operation> operations;
    const bool all = all_cells(column, [&](const std::string& cell) {
      const auto operation = operation_of_cell(cell);
      cells.insert(cell);
      operations.insert(operation.value_or(Operation{}));
      return operation.has_value();
    });
    return 2 * static_cast<std::size_t>(words) > sheet_.rows.size() || (all && operations.size() == cells.size());
  }

  std::optional<Unit> unit_of_cells(std::size_t column) const {
    std::optional<Unit> unit;
    any_cell(column, [&](const std::string& cell) {
      const auto quantity = read_quantity(cell, columns_[column].numbers);
      unit = quantity ? quantity->unit : unit;
      return unit.has_value();
    });
    return unit;
  }

  void by_cells(std::size_t i) {
    Column& column = columns_[i];
    if (column.role != ColumnRole::other && column.role != ColumnRole::value) {
      return;
    }
    const auto unit = unit_of_cells(i);
    if (holds_operations(i)) {
      column.role = ColumnRole::operation;
    } else if (column.role == ColumnRole::other && all_cells(i, in_place_of_word)) {
      column.role = ColumnRole::in_place;
    } else if (unit && is_time_or_rate(*unit)) {
      set_role_by_unit(column, unit->kind);
    }
  }

  // "latency (us)" above columns that say nothing, "times in ms" above a column "time" whose unit no bandwidth tells,
  // "busbw of all_gather" above bandwidths without times.
  void by_text_above() {
    const auto& unit = sheet_.facts.unit;
    const bool has_times = has_role(columns_, ColumnRole::time);
    const bool has_rates = std::any_of(columns_.begin(), columns_.end(), is_rate);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      Column& column = columns_[i];
      const bool is_open =
          !has_times && !has_rates &&
          (column.role == ColumnRole::value || (column.role == ColumnRole::other && !column.series.method.empty())) &&
          any_cell(i, [&](const std::string& cell) { return read_quantity(cell, column.numbers).has_value(); });
      const bool lacks_unit =
          unit && !column.unit && !unit_of_cells(i) &&
          (unit->kind == UnitKind::time ? column.role == ColumnRole::time && !has_rates : is_rate(column));
      if (unit && (is_open || lacks_unit)) {
        column.unit = unit;
        notes_.push_back(fmt::format("'{}' holds {}: the text above the table says so ('{}')", column.heading,
                                     unit->kind == UnitKind::time ? "times" : "bandwidths", sheet_.title));
      }
      if (unit && is_open) {
        set_role_by_unit(column, unit->kind);
      }
      if (column.either_bandwidth && is_rate(column) && sheet_.facts.bus_bandwidth && !has_times) {
        column.role = ColumnRole::busbw;
        column.either_bandwidth = false;
        notes_.push_back(fmt::format("'{}' is busbw: the text above the table says so", column.heading));
      }
    }
  }

  // Of several columns of sizes the one in bytes, else the first.
  void choose_size() {
    Column* chosen = nullptr;
    for (Column& column : columns_) {
      const bool exact = column.unit && column.unit->factor == 1;
      if (column.role == ColumnRole::size && (chosen == nullptr || (exact && !chosen->unit))) {
        chosen = &column;
      }
    }
    for (Column& column : columns_) {
      column.role = column.role == ColumnRole::size && &column != chosen ? ColumnRole::ignored : column.role;
    }
  }

  // Of several columns of one curve that hold the same the first in the order of ColumnStatistic.
  void choose(ColumnRole role, std::string_view what) {
    std::map<std::string, Column*> best;
    for (Column& column : columns_) {
      if (column.role == role) {
        Column*& chosen = best[side_of(column)];
        chosen = chosen == nullptr || order(column) < order(*chosen) ? &column : chosen;
      }
    }
    std::set<std::string> taken;
    std::set<std::string> left;
    for (Column& column : columns_) {
      if (column.role == role && &column != best[side_of(column)]) {
        column.role = ColumnRole::ignored;
        left.insert(column.heading);
        taken.insert(best[side_of(column)]->heading);
      }
    }
    if (!left.empty()) {
      notes_.push_back(
          fmt::format("the {} is '{}'; not used: {}", what, fmt::join(taken, "', '"), fmt::join(left, ", ")));
    }
    for (const auto& [side, column] : best) {
      if (order(*column) == ColumnStatistic::min || order(*column) == ColumnStatistic::other) {
        notes_.push_back(fmt::format("'{}' is taken for the {}: there is no mean or median", column->heading, what));
      }
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

  // DeepSpeed's counts the bytes of an all-reduce twice. A time and a busbw beside it tell more.
  void leave_out_throughput() {
    for (Column& column : columns_) {
      if (column.either_bandwidth && column.role == ColumnRole::algbw && has_role(columns_, ColumnRole::time) &&
          has_role(columns_, ColumnRole::busbw) && lower_case(column.heading).starts_with("throughput")) {
        column.role = ColumnRole::ignored;
        notes_.push_back(fmt::format("'{}' is not used: programs count it in different ways", column.heading));
      }
    }
  }

  // "Kernel time (us)" beside "algbw (GB/s)": one column of times and bandwidths without another name are of one curve.
  void join_times_and_bandwidths() {
    std::vector<Column*> times;
    std::vector<Column*> rates;
    for (Column& column : columns_) {
      if (column.role == ColumnRole::time || is_rate(column)) {
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

  const Sheet& sheet_;
  std::vector<Column> columns_;
  std::vector<std::string>& notes_;
};

}  // namespace

bool is_imb(const std::vector<Column>& columns) {
  const auto has = [&](std::string_view heading) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const Column& each) { return letters_and_digits(each.heading).starts_with(heading); });
  };
  return has("repetitions") && has("bytes") && (has("tmax") || has("tusec") || has("mbytessec"));
}

std::vector<Column> settle_columns(const Sheet& sheet, std::vector<std::string>& notes) {
  return Settler(sheet, notes).settle();
}

}  // namespace hockney::import
