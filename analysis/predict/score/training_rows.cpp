#include "predict/score/training_rows.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <sstream>
#include <string_view>

#include "base/error.hpp"
#include "base/names.hpp"
#include "base/shipped.hpp"

namespace hockney::predict {
namespace {

constexpr std::array<std::string_view, 37> known_columns{"source",
                                                         "name",
                                                         "layers",
                                                         "hidden",
                                                         "heads",
                                                         "sequence",
                                                         "vocabulary",
                                                         "gpus",
                                                         "tp",
                                                         "pp",
                                                         "dp",
                                                         "vp",
                                                         "mbs",
                                                         "gbs",
                                                         "recompute",
                                                         "sequence_parallel",
                                                         "gpu",
                                                         "gpus_per_node",
                                                         "node_nic_bytes_per_s",
                                                         "measured_s",
                                                         "cp",
                                                         "ep",
                                                         "key_value_heads",
                                                         "feed_forward",
                                                         "gated_feed_forward",
                                                         "tied_embeddings",
                                                         "experts",
                                                         "experts_per_token",
                                                         "flash_attention",
                                                         "distributed_optimizer",
                                                         "overlap_gradients",
                                                         "overlap_transfers",
                                                         "overlap_tensor",
                                                         "scatter_gather",
                                                         "gradient_bytes",
                                                         "bytes_per_element",
                                                         "routing_skew"};

constexpr std::uint64_t fp16_gradient_bytes = 2;

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

/// The fields of one line by column name; the getters refuse with file, line and column.
class Fields {
 public:
  Fields(const std::vector<std::string>& columns, std::vector<std::string> values, std::string place)
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

  std::string text(std::string_view column, std::string_view otherwise) const {
    const auto found = values_.find(column);
    return found == values_.end() ? std::string(otherwise) : found->second;
  }

  std::optional<double> number(std::string_view column) const {
    const auto found = values_.find(column);
    if (found == values_.end()) {
      return std::nullopt;
    }
    double value = 0;
    const std::string& word = found->second;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || !(value >= 0) || value > most_value) {
      refuse(column, fmt::format("'{}', expected a number of 0 or more", word));
    }
    return value;
  }

  std::uint64_t count(std::string_view column, std::optional<std::uint64_t> otherwise = std::nullopt) const {
    const auto value = number(column);
    if (!value && otherwise) {
      return *otherwise;
    }
    if (!value || *value != static_cast<double>(static_cast<std::uint64_t>(*value))) {
      refuse(column, value ? "expected a whole number" : "expected a number in every row");
    }
    return static_cast<std::uint64_t>(*value);
  }

  bool yes(std::string_view column, bool otherwise) const {
    const std::uint64_t value = count(column, otherwise ? 1 : 0);
    if (value > 1) {
      refuse(column, "expected 0 or 1");
    }
    return value == 1;
  }

  const std::string& place() const { return place_; }

 private:
  static constexpr double most_value = 1e18;
  std::string place_;
  std::map<std::string, std::string, std::less<>> values_;
};

Transformer model_of(const Fields& fields) {
  Transformer model;
  model.name = fields.text("name", "model");
  model.source = fields.text("source", "");
  model.layers = fields.count("layers");
  model.hidden = fields.count("hidden");
  model.heads = fields.count("heads");
  model.sequence = fields.count("sequence");
  model.vocabulary = fields.count("vocabulary");
  model.key_value_heads = fields.count("key_value_heads", model.heads);
  model.feed_forward = fields.count("feed_forward", 4 * model.hidden);
  model.gated_feed_forward = fields.yes("gated_feed_forward", false);
  model.tied_embeddings = fields.yes("tied_embeddings", true);
  model.experts = fields.count("experts", 0);
  model.experts_per_token = fields.count("experts_per_token", 1);
  if (const auto fault = fault_in(model)) {
    fields.refuse(fault->key, fault->expected);
  }
  return model;
}

Mapping mapping_of(const Fields& fields) {
  Mapping mapping;
  mapping.tensor = fields.count("tp");
  mapping.pipeline = fields.count("pp");
  mapping.data = fields.count("dp");
  mapping.context = fields.count("cp", 1);
  mapping.expert = fields.count("ep", 1);
  mapping.virtual_stages = fields.count("vp", 1);
  mapping.micro_batch = fields.count("mbs");
  mapping.global_batch = fields.count("gbs");
  mapping.gpus_per_node = fields.count("gpus_per_node", 8);
  mapping.sequence_parallel = fields.yes("sequence_parallel", false);
  mapping.scatter_gather = fields.yes("scatter_gather", true);
  mapping.flash_attention = fields.yes("flash_attention", false);
  mapping.distributed_optimizer = fields.yes("distributed_optimizer", false);
  mapping.overlap_gradients = fields.yes("overlap_gradients", false);
  mapping.overlap_transfers = fields.yes("overlap_transfers", false);
  mapping.overlap_tensor = fields.yes("overlap_tensor", true);
  mapping.gradient_bytes = fields.count("gradient_bytes", fp16_gradient_bytes);
  mapping.bytes_per_element = fields.count("bytes_per_element", 2);
  mapping.routing_skew = fields.number("routing_skew").value_or(0);
  try {
    mapping.recompute = parse_name<Recompute>(fields.text("recompute", name_of(Recompute::none)));
  } catch (const InputError& error) {
    fields.refuse("recompute", error.what());
  }
  return mapping;
}

TrainingRow row_of(const Fields& fields) {
  TrainingRow row;
  row.source = fields.text("source", "");
  row.name = fields.text("name", "");
  row.model = model_of(fields);
  row.mapping = mapping_of(fields);
  row.gpu = fields.text("gpu", "a100-80g");
  row.node_nic_bytes_per_s = fields.number("node_nic_bytes_per_s");
  row.measured_s = fields.number("measured_s");
  if (row.node_nic_bytes_per_s && *row.node_nic_bytes_per_s <= 0) {
    fields.refuse("node_nic_bytes_per_s", "expected a rate above zero, or nothing");
  }
  if (row.measured_s && *row.measured_s <= 0) {
    fields.refuse("measured_s", "expected a time above zero, or nothing");
  }
  try {
    check(row.mapping, row.model);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", fields.place(), error.what()));
  }
  const std::uint64_t gpus = fields.count("gpus", row.mapping.gpus());
  if (gpus != row.mapping.gpus()) {
    fields.refuse("gpus", fmt::format("{}, expected tp x cp x pp x dp = {}", gpus, row.mapping.gpus()));
  }
  return row;
}

std::vector<std::string> columns_of(const std::string& header, const std::string& origin) {
  std::vector<std::string> columns = split(header);
  for (const std::string& column : columns) {
    if (std::find(known_columns.begin(), known_columns.end(), column) == known_columns.end()) {
      throw InputError(fmt::format("{}:1: {}", origin, unknown_name("column", column, known_columns)));
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
    TrainingRow row = row_of(Fields(columns, split(line), fmt::format("{}:{}", origin, number)));
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
