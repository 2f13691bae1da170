#include "import/nccl_tests/rccl_json.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "import/tables/csv_table.hpp"
#include "import/tables/measurement_csv.hpp"

namespace hockney::import {
namespace {

// keys of the JSON, headings of the CSV
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> columns{{{"numCycle", "numCycle"},
                                                                                 {"name", "collective"},
                                                                                 {"nodes", "nodes"},
                                                                                 {"ranks", "ranks"},
                                                                                 {"ranksPerNode", "ranksPerNode"},
                                                                                 {"gpusPerRank", "gpusPerRank"},
                                                                                 {"gpus", "gpus"},
                                                                                 {"size", "size"},
                                                                                 {"type", "type"},
                                                                                 {"redop", "redop"},
                                                                                 {"inPlace", "inplace"},
                                                                                 {"time", "time"},
                                                                                 {"algBw", "algbw"},
                                                                                 {"busBw", "busbw"},
                                                                                 {"wrong", "#wrong"}}};

std::string cell_of(const nlohmann::json& value) {
  std::string cell;
  if (value.is_string()) {
    cell = value.get<std::string>();
  } else if (value.is_number() || value.is_boolean()) {
    cell = value.dump();
  }
  std::replace_if(
      cell.begin(), cell.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return cell;
}

std::optional<CsvRow> read_row(std::string_view line, std::size_t number) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("size") || !json.contains("time")) {
    return std::nullopt;
  }
  CsvRow row{number, {}};
  for (const auto& [key, heading] : columns) {
    auto found = json.find(std::string(key));
    if (found == json.end() && heading == "#wrong") {
      found = json.find("#wrong");
    }
    row.cells.push_back(found == json.end() ? std::string{} : cell_of(*found));
  }
  return row;
}

// "ranks" and "gpus" are two names of one column: the one that no row has goes.
void drop_empty_columns(CsvTable& table) {
  for (std::size_t i = table.header.cells.size(); i-- > 0;) {
    if (std::all_of(table.rows.begin(), table.rows.end(), [&](const CsvRow& row) { return row.cells[i].empty(); })) {
      const auto at = static_cast<std::ptrdiff_t>(i);
      table.header.cells.erase(table.header.cells.begin() + at);
      for (CsvRow& row : table.rows) {
        row.cells.erase(row.cells.begin() + at);
      }
    }
  }
}

}  // namespace

ImportedFile import_rccl_json(std::string_view text, const std::filesystem::path& file, const ImportOptions& options) {
  CsvTable table;
  std::vector<RefusedLine> refused;
  table.header.line = 1;
  for (const auto& [key, heading] : columns) {
    table.header.cells.emplace_back(heading);
  }
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto first = line.find('{');
    const auto last = line.rfind('}');
    if (first == std::string_view::npos) {
      continue;  // the array's own brackets
    }
    auto row = last == std::string_view::npos || last < first ? std::nullopt
                                                              : read_row(line.substr(first, last - first + 1), number);
    if (row) {
      table.rows.push_back(std::move(*row));
      table.last_line = number;
    } else {
      refused.push_back({number, "no object with 'size' and 'time': cut off, or not written by rccl-tests"});
    }
  }
  if (table.rows.empty()) {
    throw InputError(
        "no object of rccl-tests ({\"name\": \"AllReduce\", ..., \"size\", \"time\", \"busBw\"}), one a line");
  }
  drop_empty_columns(table);
  ImportedFile result = import_csv_table(table, file, options);
  result.lines_outside_tables += refused.size();
  result.refused.insert(result.refused.end(), refused.begin(), refused.end());
  std::stable_sort(result.refused.begin(), result.refused.end(),
                   [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
  return result;
}

}  // namespace hockney::import
