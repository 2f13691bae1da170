#include "predict/score/training_rows.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/shipped.hpp"
#include "predict/score/table_lines.hpp"
#include "workload/mapping_fields.hpp"
#include "workload/transformer_fields.hpp"

namespace hockney::predict {
namespace {

constexpr std::uint64_t fp16_gradient_bytes = 2;

/// Columns beside those of model and mapping, whose fields may be named by either of their names.
constexpr std::array<std::string_view, 4> own_columns{"gpus", "gpu", "node_nic_bytes_per_s", "measured_s"};

/// Reads the lines of one table; where their columns stand is found once.
class RowReader {
 public:
  explicit RowReader(const TableLines& lines)
      : lines_(lines),
        model_(transformer_fields, lines),
        mapping_(mapping_fields, lines),
        gpus_(lines.column("gpus")),
        gpu_(lines.column("gpu")),
        node_nic_(lines.column("node_nic_bytes_per_s")),
        measured_(lines.column("measured_s")) {}

  TrainingRow row() const {
    TrainingRow row;
    read_model(row.model);
    read_mapping(row.mapping);
    lines_.read(gpu_, row.gpu);
    row.node_nic_bytes_per_s = lines_.positive(node_nic_);
    row.measured_s = lines_.positive(measured_);
    require_fit(row);
    std::uint64_t gpus = row.mapping.gpus();
    if (lines_.read(gpus_, gpus) && gpus != row.mapping.gpus()) {
      lines_.refuse("gpus", fmt::format("{}, expected tp x cp x pp x dp = {}", gpus, row.mapping.gpus()));
    }
    row.text = lines_.text();
    row.line = lines_.number();
    return row;
  }

 private:
  void read_model(Transformer& model) const {
    model.name = "model";
    model_.read(lines_, model,
                [](const auto& field) { return field.is_required && field.name != "name" && field.name != "source"; });
    model.key_value_heads = model.key_value_heads == 0 ? model.heads : model.key_value_heads;
    model.feed_forward = model.feed_forward == 0 ? 4 * model.hidden : model.feed_forward;
    if (const auto fault = fault_in(model)) {
      lines_.refuse(fault->key, fault->expected);
    }
  }

  void read_mapping(Mapping& mapping) const {
    mapping.scatter_gather = true;
    mapping.gradient_bytes = fp16_gradient_bytes;
    mapping_.read(lines_, mapping, [](const auto& field) {
      return field.is_required || field.name == "tensor" || field.name == "pipeline" || field.name == "data";
    });
  }

  void require_fit(const TrainingRow& row) const try {
    if (!fits(row.mapping, row.model)) {
      check(row.mapping, row.model);
    }
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", lines_.place(), error.what()));
  }

  using Column = std::optional<std::size_t>;

  const TableLines& lines_;
  FieldColumns<decltype(transformer_fields)> model_;
  FieldColumns<decltype(mapping_fields)> mapping_;
  Column gpus_;
  Column gpu_;
  Column node_nic_;
  Column measured_;
};

}  // namespace

std::vector<std::string_view> columns_of_steps(std::span<const std::string_view> others) {
  std::vector<std::string_view> columns(others.begin(), others.end());
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

TrainingRows parse_training_rows(const std::string& text, const std::string& origin) {
  TableLines lines(text, origin, columns_of_steps(own_columns));
  TrainingRows table{std::string(lines.header()), {}};
  const RowReader reader(lines);
  table.rows.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
  while (lines.next()) {
    table.rows.push_back(reader.row());
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
