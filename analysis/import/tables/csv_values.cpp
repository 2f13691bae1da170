#include "import/tables/csv_values.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

namespace hockney::import {
namespace {

constexpr int most_digits = 12;

std::optional<PrintedNumber> number_in(const std::string& cell) {
  constexpr std::size_t noisy = 15;
  auto number = read_printed_number(cell);
  if (number && cell.size() > noisy) {
    number = read_printed_number(fmt::format("{:.{}g}", number->value, most_digits));
  }
  // the zeros of 116000 may be rounding
  if (number && cell.find('.') == std::string::npos && number->value != 0) {
    for (std::size_t end = cell.size(); end > 1 && cell[end - 1] == '0'; --end) {
      number->half_step *= 10;
    }
  }
  return number;
}

bool is_sided(CsvRole role) { return role == CsvRole::time || role == CsvRole::algbw || role == CsvRole::busbw; }

double finest_half_step(const CsvTable& table, std::size_t column) {
  double finest = INFINITY;
  for (const CsvRow& row : table.rows) {
    const auto number = column < row.cells.size() ? number_in(row.cells[column]) : std::nullopt;
    if (number && number->value > 0) {
      finest = std::min(finest, number->half_step);
    }
  }
  return std::isfinite(finest) ? finest : 0;
}

std::optional<std::uint32_t> whole(const std::string& cell) {
  constexpr double most = 1e9;
  const auto number = read_printed_number(cell);
  return number && number->value >= 1 && number->value <= most && number->value == std::floor(number->value)
             ? std::optional(static_cast<std::uint32_t>(number->value))
             : std::nullopt;
}

std::optional<double> value(const std::string& cell) {
  const auto number = read_printed_number(cell);
  return number ? std::optional(number->value) : std::nullopt;
}

std::optional<bool> truth(const std::string& cell) {
  if (cell == "1" || cell == "true" || cell == "True") {
    return true;
  }
  return cell == "0" || cell == "false" || cell == "False" ? std::optional(false) : std::nullopt;
}

// Columns of words that differ from row to row: of several systems or settings in one file. Words that are different
// in nearly every row (times of day) are none.
bool tells_rows_apart(const CsvTable& table, std::size_t column) {
  std::set<std::string> words;
  for (const CsvRow& row : table.rows) {
    const std::string& cell = column < row.cells.size() ? row.cells[column] : std::string{};
    if (read_printed_number(cell) && !truth(cell)) {
      return false;
    }
    words.insert(cell);
  }
  return words.size() > 1 && 2 * words.size() <= table.rows.size();
}

class RowReader {
 public:
  RowReader(const CsvTable& table, const std::vector<CsvColumn>& columns) : columns_(columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const CsvRole role = columns[i].role;
      half_steps_.push_back(is_sided(role) ? finest_half_step(table, i) : 0);
      labels_.push_back(role == CsvRole::machine || (role == CsvRole::other && tells_rows_apart(table, i)));
    }
  }

  CsvValues read(const CsvRow& row) const {
    CsvValues values;
    values.line = row.line;
    for (std::size_t i = 0; i < columns_.size() && i < row.cells.size(); ++i) {
      take(i, row.cells[i], values);
    }
    return values;
  }

 private:
  void take(std::size_t index, const std::string& cell, CsvValues& values) const {
    const CsvColumn& column = columns_[index];
    CsvResult& side = values.side[column.in_place ? 1 : 0];
    const auto printed = [&]() -> std::optional<PrintedNumber> {
      auto number = number_in(cell);
      if (number) {
        const bool has_exponent = cell.find_first_of("eE") != std::string::npos;
        number->half_step = has_exponent ? number->half_step : half_steps_[index];
      }
      return number;
    };
    if (labels_[index] && !cell.empty()) {
      values.label += (values.label.empty() ? "" : ", ") + cell;
    }
    switch (column.role) {
      case CsvRole::operation:
        values.operation = cell;
        break;
      case CsvRole::reduction:
        values.reduction = cell;
        break;
      case CsvRole::element:
        values.element = cell;
        break;
      case CsvRole::size:
        values.size = value(cell);
        break;
      case CsvRole::count:
        values.count = value(cell);
        break;
      case CsvRole::time:
        side.time = printed();
        break;
      case CsvRole::algbw:
        side.algbw = printed();
        break;
      case CsvRole::busbw:
        side.busbw = printed();
        break;
      case CsvRole::wrong:
        side.wrong = cell;
        break;
      case CsvRole::in_place:
        values.in_place = truth(cell);
        break;
      case CsvRole::ranks:
        values.ranks = whole(cell);
        break;
      case CsvRole::gpus_per_rank:
        values.gpus_per_rank = whole(cell);
        break;
      case CsvRole::nodes:
        values.nodes = whole(cell);
        break;
      case CsvRole::ranks_per_node:
        values.ranks_per_node = whole(cell);
        break;
      case CsvRole::iterations:
        values.iterations = whole(cell);
        break;
      case CsvRole::algorithm:
        values.algorithm = cell;
        break;
      case CsvRole::protocol:
        values.protocol = cell;
        break;
      case CsvRole::machine:
      case CsvRole::ignored:
      case CsvRole::other:
        break;
    }
  }

  const std::vector<CsvColumn>& columns_;
  std::vector<double> half_steps_;
  std::vector<bool> labels_;
};

}  // namespace

std::vector<CsvValues> read_csv_values(const CsvTable& table, const std::vector<CsvColumn>& columns) {
  const RowReader reader(table, columns);
  std::vector<CsvValues> rows;
  rows.reserve(table.rows.size());
  for (const CsvRow& row : table.rows) {
    rows.push_back(reader.read(row));
  }
  return rows;
}

}  // namespace hockney::import
