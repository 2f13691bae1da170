#include "store/schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace hockney::store::schema {
namespace {

template <class Row>
void list(std::vector<DatasetSpec>& all, std::string_view path, std::string_view dimension,
          std::span<const Column<Row>> columns) {
  for (const auto& each : columns) {
    all.push_back({fmt::format("/{}/{}", path, each.spec.name), std::string(dimension), each.spec});
  }
}

std::string meaning_of(const ColumnSpec& spec) {
  std::string text(spec.long_name);
  if (!spec.meanings.empty()) {
    text += fmt::format(" ({}: {})", spec.is_mask ? "bits from 0" : "codes from 0", fmt::join(spec.meanings, ", "));
  }
  return spec.since_minor == 0 ? text : fmt::format("{}; since 1.{}", text, spec.since_minor);
}

std::string type_of(const ColumnSpec& spec) {
  return spec.width == 0 ? std::string(name_of_cell(spec.type)) : fmt::format("text[{}]", spec.width);
}

nlohmann::ordered_json as_json(const ColumnSpec& spec) {
  nlohmann::ordered_json entry{{"type", type_of(spec)}, {"long_name", spec.long_name}};
  if (!spec.units.empty()) {
    entry["units"] = spec.units;
  }
  if (!spec.meanings.empty()) {
    entry[spec.is_mask ? "bits" : "codes"] = std::vector<std::string>(spec.meanings.begin(), spec.meanings.end());
  }
  if (spec.since_minor != 0) {
    entry["since"] = fmt::format("1.{}", spec.since_minor);
  }
  return entry;
}

}  // namespace

std::vector<DatasetSpec> datasets() {
  std::vector<DatasetSpec> all;
  list(all, points_path, point_dimension, point_columns);
  list(all, samples_path, sample_dimension, sample_columns);
  all.push_back({fmt::format("/{}/{}", rank_samples_path, elapsed_name),
                 fmt::format("{}, {}", sample_dimension, rank_dimension), elapsed_column});
  list(all, skipped_path, skipped_dimension, skipped_columns);
  list(all, provenance_path, provenance_dimension, provenance_columns);
  list(all, placements_path, placement_dimension, placement_columns);
  all.push_back({fmt::format("/{}/{}", import_path, raw_text_name), std::string(raw_text_dimension), raw_text_column});
  return all;
}

std::string schema_as_markdown() {
  std::string text = fmt::format("Schema `{}`, version {}.\n\n| attribute of / | type | meaning |\n|---|---|---|\n",
                                 launch_name, version);
  for (const auto& each : root_attributes) {
    const std::string units = each.spec.units == "ns" ? ", ns" : "";
    text += fmt::format("| `{}` | {}{} | {} |\n", each.spec.name, type_of(each.spec), units, meaning_of(each.spec));
  }
  text += "\n| dataset | type | dimensions | units | meaning |\n|---|---|---|---|---|\n";
  for (const DatasetSpec& each : datasets()) {
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", each.path, type_of(each.column), each.dimensions,
                        each.column.units, meaning_of(each.column));
  }
  return text;
}

std::string schema_as_json() {
  nlohmann::ordered_json schema{{"schema_name", launch_name}, {"schema_version", version}};
  for (const auto& each : root_attributes) {
    nlohmann::ordered_json entry{{"name", each.spec.name}};
    entry.update(as_json(each.spec));
    schema["attributes"].push_back(std::move(entry));
  }
  for (const DatasetSpec& each : datasets()) {
    nlohmann::ordered_json entry{{"path", each.path}, {"dimensions", each.dimensions}};
    entry.update(as_json(each.column));
    schema["datasets"].push_back(std::move(entry));
  }
  return schema.dump(2) + "\n";
}

}  // namespace hockney::store::schema
