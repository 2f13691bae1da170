#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/column.hpp"
#include "store/hdf5/hdf5.hpp"

namespace hockney::store {

/// Our code for each code of a file, by the words of its attribute `flag_meanings`: a file stays readable when an
/// enumeration is reordered. Throws InputError for a word that this program does not know.
std::vector<std::uint8_t> translate_codes(const schema::ColumnSpec& column, const hdf5::Attributes& attributes);

/// Writes units, long_name and, for codes and masks, flag_values or flag_masks and flag_meanings (CF conventions 3.5).
void describe(const schema::ColumnSpec& column, hdf5::Attributes attributes);

/// A group of equally long columns, described by a table of schema::Column.
template <class Row>
class StoredTable {
 public:
  /// Creates one dataset per column, all attached to `dimension`. With `all`, the rows to come where they are known,
  /// texts without a width of their own become as wide as the longest, and columns that the first version had not and
  /// none of the rows uses are left out. The rows are not written yet.
  static StoredTable create(const hdf5::Group& group, std::span<const schema::Column<Row>> columns,
                            const hdf5::Storage& storage, hdf5::Dimension& dimension,
                            std::optional<std::span<const Row>> all = {}) {
    StoredTable table(columns);
    for (const auto& column : columns) {
      const auto& spec = column.spec;
      auto& dataset = table.datasets_.emplace_back();
      if (all && spec.since_minor > 0 && !is_used(column, *all)) {
        continue;
      }
      const std::size_t width = spec.width == 0 ? longest(column, all.value_or(std::span<const Row>{})) : spec.width;
      dataset = hdf5::Dataset::create(group, std::string(spec.name), spec.type, width, 0, storage);
      describe(spec, dataset->attributes());
      hdf5::Dimension::attach(*dataset, {&dimension});
    }
    return table;
  }

  /// Opens the columns for reading, the last one first: its rows are written last, so the others have at least as
  /// many, even while a writer goes on. A column that the first version had not may be missing; then its values are
  /// those of Row{}. Throws hdf5::Error when another column is missing or any is shorter.
  static StoredTable open(const hdf5::Group& group, std::span<const schema::Column<Row>> columns) {
    StoredTable table(columns);
    table.datasets_.resize(columns.size());
    table.codes_.resize(columns.size());
    for (std::size_t i = columns.size(); i-- > 0;) {
      const auto& spec = columns[i].spec;
      const std::string name(spec.name);
      if (spec.since_minor > 0 && !group.has(name)) {
        continue;
      }
      auto dataset = hdf5::Dataset::open(group, name, spec.type, 0);
      if (i + 1 < columns.size() && dataset.rows() < table.rows()) {
        throw hdf5::Error(fmt::format("column '{}' is shorter than the others", spec.name), 0,
                          std::source_location::current());
      }
      if (spec.is_code()) {
        table.codes_[i] = translate_codes(spec, dataset.attributes());
      }
      table.datasets_[i] = std::move(dataset);
    }
    return table;
  }

  std::uint64_t rows() const { return datasets_.back()->rows(); }

  /// Appends the rows to all columns but the last, flushes, and then does so for the last. Only the last column's
  /// length counts, so a reader sees all of the rows or none. With `flush` off nothing is forced to the file.
  void append(std::span<const Row> rows, bool flush) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!datasets_[i]) {
        continue;
      }
      datasets_[i]->append(rows.size(), encode(i, rows).data());
      if (flush) {
        datasets_[i]->flush();
      }
    }
  }

  std::vector<Row> read(std::uint64_t first, std::uint64_t count) const {
    for (const auto& dataset : datasets_) {
      if (dataset) {
        dataset->require_stored(static_cast<double>(count));
      }
    }
    std::vector<Row> rows(count);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (datasets_[i]) {
        decode(i, first, rows);
      } else {
        fill(columns_[i], rows);
      }
    }
    return rows;
  }

 private:
  explicit StoredTable(std::span<const schema::Column<Row>> columns) : columns_(columns) {}

  /// The cell of a row that uses no column: of Row{}.
  static std::vector<std::byte> usual_cell(const schema::Column<Row>& column) {
    std::vector<std::byte> cell(hdf5::cell_size(column.spec.type, 1));
    column.store(Row{}, cell.data(), cell.size());
    return cell;
  }

  static bool is_used(const schema::Column<Row>& column, std::span<const Row> rows) {
    const std::vector<std::byte> usual = usual_cell(column);
    std::vector<std::byte> cell(usual.size());
    return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
      if (column.length(row) > 0) {
        return true;
      }
      column.store(row, cell.data(), cell.size());
      return cell != usual;
    });
  }

  static void fill(const schema::Column<Row>& column, std::vector<Row>& rows) {
    const std::vector<std::byte> usual = usual_cell(column);
    for (Row& row : rows) {
      column.load(row, usual.data(), usual.size());
    }
  }

  static std::size_t longest(const schema::Column<Row>& column, std::span<const Row> rows) {
    constexpr std::size_t widest = 1 << 16;
    std::size_t width = 1;
    for (const Row& row : rows) {
      width = std::max(width, column.length(row));
    }
    return std::min(width, widest);
  }

  std::size_t cell_size(std::size_t i) const { return hdf5::cell_size(columns_[i].spec.type, datasets_[i]->width()); }

  std::vector<std::byte> encode(std::size_t i, std::span<const Row> rows) const {
    const std::size_t size = cell_size(i);
    std::vector<std::byte> cells(rows.size() * size);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      columns_[i].store(rows[row], cells.data() + row * size, size);
    }
    return cells;
  }

  void decode(std::size_t i, std::uint64_t first, std::vector<Row>& rows) const {
    const std::size_t size = cell_size(i);
    std::vector<std::byte> cells(rows.size() * size);
    datasets_[i]->read(first, rows.size(), cells.data());
    for (std::size_t row = 0; row < rows.size(); ++row) {
      std::byte* const cell = cells.data() + row * size;
      if (columns_[i].spec.is_code()) {
        *cell = our_code(i, *cell);
      }
      columns_[i].load(rows[row], cell, size);
    }
  }

  std::byte our_code(std::size_t i, std::byte code) const {
    const auto index = static_cast<std::size_t>(code);
    if (index >= codes_[i].size()) {
      throw hdf5::Error(fmt::format("column '{}' holds the unknown code {}", columns_[i].spec.name, index), 0,
                        std::source_location::current());
    }
    return static_cast<std::byte>(codes_[i][index]);
  }

  std::span<const schema::Column<Row>> columns_;
  std::vector<std::optional<hdf5::Dataset>> datasets_;  ///< empty where a file has no such column
  std::vector<std::vector<std::uint8_t>> codes_;        ///< empty for columns that are no codes, and when writing
};

}  // namespace hockney::store
