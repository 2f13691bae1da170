#include "predict/score/training_rows.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <sstream>
#include <string_view>

#include "base/error.hpp"
#include "base/field_text.hpp"
#include "base/names.hpp"
#include "base/shipped.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::predict {
namespace {

constexpr std::uint64_t fp16_gradient_bytes = 2;

/// Columns beside those of model and mapping, whose fields may be named by either of their names.
constexpr std::array<std::string_view, 4> own_columns{"gpus", "gpu", "node_nic_bytes_per_s", "measured_s"};

std::vector<std::string_view> known_columns() {
  std::vector<std::string_view> columns(own_columns.begin(), own_columns.end());
  const auto add = [&](const auto& field) {
    columns.push_back(field.word());
    if (field.name != field.word()) {
      columns.push_back(field.name);
    }
  };
  for_each_field(transformer_fields, add);
  for_each_field(mapping_fields, add);
  return columns;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

/// The values of one line by column; what is wrong is refused with file, line and column.
class Line {
 public:
  Line(const std::vector<std::string>& columns, std::vector<std::string> values, std::string place)
      : place_(std::move(place)) {
    if (values.size() != columns.size()) {
      throw InputError(
          fmt::format("{}: {} fields, expected {} as in the first line", place_, values.size(), columns.size()));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!values[i].empty()) {
        values_[columns[i]] = std::move(values[i]);
      }
    }
  }

  [[noreturn]] void refuse(std::string_view column, std::string_view message) const {
    throw InputError(fmt::format("{}: column '{}': {}", place_, column, message));
  }

  /// Reads a column in place of `value`, if the line has it; whether it has.
  template <class Value>
  bool read(std::string_view column, Value& value) const {
    const auto found = values_.find(column);
    if (found == values_.end()) {
      return false;
    }
    try {
      read_text(found->second, value);
    } catch (const InputError& error) {
      refuse(column, error.what());
    }
    return true;
  }

  /// Reads the fields of an object by their columns; those that `is_required` admits must be there.
  template <class Object, class Fields, class Required>
  void read_fields(const Fields& fields, Object& object, Required is_required) const {
    for_each_field(fields, [&](const auto& field) {
      const bool is_there = read(field.word(), field.in(object)) || read(field.name, field.in(object));
      if (!is_there && is_required(field)) {
        refuse(field.word(), "expected a value in every row");
      }
    });
  }

  /// A number above 0, if the line has it.
  std::optional<double> positive(std::string_view column) const {
    double value = 0;
    if (!read(column, value)) {
      return std::nullopt;
    }
    if (!(value > 0)) {
      refuse(column, fmt::format("'{}': expected a number above 0, or nothing", value));
    }
    return value;
  }

  const std::string& place() const { return place_; }

 private:
  std::string place_;
  std::map<std::string, std::string, std::less<>> values_;
};

Transformer model_of(const Line& line) {
  Transformer model;
  model.name = "model";
  line.read_fields(transformer_fields, model, [](const auto& field) {
    return field.is_required && field.name != "name" && field.name != "source";
  });
  model.key_value_heads = model.key_value_heads == 0 ? model.heads : model.key_value_heads;
  model.feed_forward = model.feed_forward == 0 ? 4 * model.hidden : model.feed_forward;
  if (const auto fault = fault_in(model)) {
    line.refuse(fault->key, fault->expected);
  }
  return model;
}

Mapping mapping_of(const Line& line) {
  Mapping mapping;
  mapping.scatter_gather = true;
  mapping.gradient_bytes = fp16_gradient_bytes;
  line.read_fields(mapping_fields, mapping, [](const auto& field) {
    return field.is_required || field.name == "tensor" || field.name == "pipeline" || field.name == "data";
  });
  return mapping;
}

TrainingRow row_of(const Line& line) {
  TrainingRow row;
  row.model = model_of(line);
  row.mapping = mapping_of(line);
  line.read("gpu", row.gpu);
  row.node_nic_bytes_per_s = line.positive("node_nic_bytes_per_s");
  row.measured_s = line.positive("measured_s");
  try {
    check(row.mapping, row.model);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", line.place(), error.what()));
  }
  std::uint64_t gpus = row.mapping.gpus();
  if (line.read("gpus", gpus) && gpus != row.mapping.gpus()) {
    line.refuse("gpus", fmt::format("{}, expected tp x cp x pp x dp = {}", gpus, row.mapping.gpus()));
  }
  return row;
}

std::vector<std::string> columns_of(const std::string& header, const std::string& origin) {
  std::vector<std::string> columns = split(header);
  const std::vector<std::string_view> known = known_columns();
  for (const std::string& column : columns) {
    if (std::find(known.begin(), known.end(), column) == known.end()) {
      throw InputError(fmt::format("{}:1: {}", origin, unknown_name("column", column, known)));
    }
    if (std::count(columns.begin(), columns.end(), column) > 1) {
      throw InputError(fmt::format("{}:1: column '{}' twice", origin, column));
    }
  }
  return columns;
}

}  // namespace

TrainingRows parse_training_rows(const std::string& text, const std::string& origin) {
  std::istringstream stream(text);
  TrainingRows table;
  if (!std::getline(stream, table.header) || table.header.empty()) {
    throw InputError(fmt::format("{}: empty; expected a line of column names and rows", origin));
  }
  if (table.header.back() == '\r') {
    table.header.pop_back();
  }
  const std::vector<std::string> columns = columns_of(table.header, origin);
  std::string line;
  for (std::size_t number = 2; std::getline(stream, line); ++number) {
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    if (line.empty()) {
      continue;
    }
    TrainingRow row = row_of(Line(columns, split(line), fmt::format("{}:{}", origin, number)));
    row.text = line;
    row.line = number;
    table.rows.push_back(std::move(row));
  }
  if (table.rows.empty()) {
    throw InputError(fmt::format("{}: no rows below the column names", origin));
  }
  return table;
}

TrainingRows read_training_rows(const std::filesystem::path& file) {
  return parse_training_rows(read_text_file(file), file.string());
}

}  // namespace hockney::predict
