#include "import/tables/reading.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "import/imported_points.hpp"
#include "import/tables/heading_words.hpp"
#include "import/tables/settled_columns.hpp"

namespace hockney::import {
namespace {

std::optional<bool> truth(const std::string& cell) {
  const std::string word = letters_and_digits(cell);
  return word == "1" || word == "true" || word == "yes"   ? std::optional(true)
         : word == "0" || word == "false" || word == "no" ? std::optional(false)
                                                          : in_place_of_word(cell);
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

template <class Member, std::size_t size>
Member member_of(ColumnRole role, const std::array<std::pair<ColumnRole, Member>, size>& members) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& each) { return each.first == role; });
  return found == members.end() ? nullptr : found->second;
}

auto text_of_role(ColumnRole role) {
  using Text = std::pair<ColumnRole, std::string Reading::*>;
  return member_of(
      role,
      std::array{Text{ColumnRole::operation, &Reading::operation}, Text{ColumnRole::reduction, &Reading::reduction},
                 Text{ColumnRole::element, &Reading::element}, Text{ColumnRole::algorithm, &Reading::algorithm},
                 Text{ColumnRole::protocol, &Reading::protocol}});
}

auto count_of_role(ColumnRole role) {
  using Count = std::pair<ColumnRole, std::optional<std::uint32_t> Reading::*>;
  return member_of(
      role,
      std::array{Count{ColumnRole::ranks, &Reading::ranks}, Count{ColumnRole::gpus_per_rank, &Reading::gpus_per_rank},
                 Count{ColumnRole::element_size, &Reading::element_bytes}, Count{ColumnRole::nodes, &Reading::nodes},
                 Count{ColumnRole::ranks_per_node, &Reading::ranks_per_node}});
}

class RowReader {
 public:
  explicit RowReader(const Sheet& sheet) : sheet_(sheet) {}

  Readings read() {
    result_.notes = sheet_.notes;
    result_.columns = settle_columns(sheet_, result_.notes);
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
      const auto quantity = quantity_in(row.cell(column), result_.columns[column].numbers);
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
      const std::string& cell = row.cell(column);
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
        return row.cell(i);
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
      take(i, row.cell(i), shared);
    }
    take_place_in_words(row, shared);
    if (shared.count && shared.element_bytes && !shared.size) {
      shared.size = Quantity{{*shared.count * *shared.element_bytes, 0}, Unit{}};
    }
    for (std::size_t s = 0; s < result_.series.size(); ++s) {
      Reading reading = shared;
      reading.series = s;
      reading.size = result_.series[s].size ? result_.series[s].size : shared.size;
      for (const std::size_t i : columns_of_[s]) {
        take_result(i, row.cell(i), reading);
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
    if (const auto text = text_of_role(column.role)) {
      reading.*text = cell;
    } else if (const auto count = count_of_role(column.role)) {
      take_count(column, cell, reading.*count, reading);
    } else if (column.role == ColumnRole::size) {
      reading.size = size_in(cell, column);
    } else if (column.role == ColumnRole::count) {
      const auto quantity = read_quantity(cell, column.numbers);
      const Unit unit = quantity && quantity->unit ? *quantity->unit : column.unit.value_or(Unit{UnitKind::elements});
      reading.count = quantity ? std::optional(quantity->number.value * unit.factor) : reading.count;
    } else if (column.role == ColumnRole::in_place) {
      reading.in_place = truth(cell);
    } else if (column.role == ColumnRole::iterations) {
      reading.iterations = whole(cell, reading.iterations);
    }
    if (column.role == ColumnRole::operation) {
      take_element_in_words(cell, reading);
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
      const std::string& cell = row.cell(i);
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

Readings read_rows(const Sheet& sheet) { return RowReader(sheet).read(); }

}  // namespace hockney::import
