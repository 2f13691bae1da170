#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "import/tables/import_tables.hpp"
#include "import/tables/json_sheets.hpp"

/// Imports tables in the layouts in which people post them, for tests.
namespace hockney::import::fixture {

inline ImportOptions on(std::uint32_t ranks, std::uint32_t nodes,
                        std::optional<Operation> operation = Operation::all_reduce) {
  ImportOptions options;
  options.ranks = ranks;
  options.nodes = nodes;
  options.operation = operation;
  return options;
}

inline ImportOptions one_node() {
  ImportOptions options;
  options.nodes = 1;
  return options;
}

inline ImportOptions sizes_in_all() {
  ImportOptions options;
  options.size_per_rank = false;
  return options;
}

inline ImportedFile import(std::string_view text, const ImportOptions& options) {
  return import_tables(text_of(text), "table.txt", options);
}

/// The launch of a table; the whole report where the table was refused.
inline const Launch& launch_of(const ImportedFile& file, std::size_t table) {
  EXPECT_TRUE(table < file.tables.size() && file.tables[table].launch) << report(file);
  return file.tables.at(table).launch.value();
}

inline const Measurement& point_of(const ImportedFile& file, std::size_t table, std::size_t point) {
  return launch_of(file, table).measurements.at(point);
}

inline double us_of(const ImportedFile& file, std::size_t table, std::size_t point) {
  return point_of(file, table, point).elapsed.at(0) * 1e6;
}

inline std::string method_of(const ImportedFile& file, std::size_t table) {
  return launch_of(file, table).provenance.at("setting.method");
}

inline bool has_note(const ImportedTable& table, std::string_view words) {
  return std::any_of(table.notes.begin(), table.notes.end(),
                     [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

}  // namespace hockney::import::fixture
