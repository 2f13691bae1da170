#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/field_text.hpp"
#include "render/view.hpp"

namespace hockney::render {
namespace {

struct AsField {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(bool value) const { return text_of(value); }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return std::isfinite(value) ? text_of(value) : ""; }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<std::string>& values) const {
    return fmt::format("{}", fmt::join(values, "; "));
  }
  std::string operator()(const std::shared_ptr<const Table>&) const { return {}; }
};

std::string quoted_if_needed(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

bool is_table_cell(const Cell& cell) { return std::holds_alternative<std::shared_ptr<const Table>>(cell.value()); }

/// The keys of all parts of a table, each where it comes first; columns that hold rows are left out.
std::vector<std::string> keys_of(const std::vector<const Table*>& parts) {
  std::vector<std::string> keys;
  for (const Table* part : parts) {
    for (std::size_t i = 0; i < part->columns.size(); ++i) {
      const bool has_rows = !part->rows.empty() && is_table_cell(part->rows.front()[i]);
      if (!has_rows && !part->columns[i].key.empty() &&
          std::find(keys.begin(), keys.end(), part->columns[i].key) == keys.end()) {
        keys.push_back(part->columns[i].key);
      }
    }
  }
  return keys;
}

std::string lines_of(const Table& table, const std::vector<std::string>& keys) {
  std::vector<std::size_t> places;
  for (const std::string& key : keys) {
    const auto column =
        std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& each) { return each.key == key; });
    places.push_back(static_cast<std::size_t>(column - table.columns.begin()));
  }
  std::string text;
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> fields;
    for (const std::size_t place : places) {
      fields.push_back(place < row.size() ? quoted_if_needed(std::visit(AsField{}, row[place].value())) : "");
    }
    text += fmt::format("{}\n", fmt::join(fields, ","));
  }
  return text;
}

std::string names_of_tables(const View& view) {
  std::vector<std::string_view> names;
  for (const Table& table : view.tables) {
    if (!table.name.empty() && std::find(names.begin(), names.end(), table.name) == names.end()) {
      names.push_back(table.name);
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string to_csv(const View& view, std::string_view table) {
  const std::string_view name = table.empty() ? std::string_view(view.main_table) : table;
  std::vector<const Table*> parts;
  for (const Table& each : view.tables) {
    if (!name.empty() && each.name == name) {
      parts.push_back(&each);
    }
  }
  if (parts.empty()) {
    throw InputError(fmt::format("--csv={}: there is no such table; expected one of: {}", name, names_of_tables(view)));
  }
  const std::vector<std::string> keys = keys_of(parts);
  std::string text = fmt::format("{}\n", fmt::join(keys, ","));
  for (const Table* part : parts) {
    text += lines_of(*part, keys);
  }
  return text;
}

}  // namespace hockney::render
