#include "import/tables/row_shape.hpp"

#include <fmt/format.h>
#include <tuple>

#include "base/error.hpp"
#include "import/imported_points.hpp"
#include "import/nccl_tests/nccl_tests_names.hpp"
#include "vocabulary/group_on_nodes.hpp"

namespace hockney::import {
namespace {

constexpr std::uint32_t most_ranks = 10'000'000;

}  // namespace

std::string RowShape::read(const Reading& row, Case& point) const {
  const Series& series = series_[row.series];
  const auto operation = !row.operation.empty()   ? operation_of_cell(row.operation)
                         : series.facts.operation ? series.facts.operation
                                                  : told_.operation.value;
  if (!operation) {
    return fmt::format("operation '{}' is not one of Hockney's", row.operation);
  }
  point.become(*operation);
  point.transport = TransportKind::imported;
  point.mode = program_.imb && *operation != Operation::ping_pong ? Mode::host : Mode::stream;
  point.fabric = options_.fabric.value_or(Fabric::unknown);
  const auto element = element_of(row, *operation);
  if (!element) {
    return fmt::format("element type '{}' is not known", row.element);
  }
  point.element = *element;
  const auto reduction = reduction_of_nccl_op(row.reduction);
  if (!reduction) {
    return fmt::format("reduction '{}' is not known", row.reduction);
  }
  if (is_reduction(*operation)) {
    point.own = *reduction;
  }
  point.algorithm = row.algorithm.substr(0, row.algorithm == "default" ? 0 : longest_pin);
  point.protocol = row.protocol.substr(0, row.protocol == "default" ? 0 : longest_pin);
  return group(row, point);
}

std::optional<Element> RowShape::element_of(const Reading& row, Operation operation) const {
  if (!row.element.empty()) {
    return element_of_word(row.element);
  }
  if (program_.imb) {
    return is_reduction(operation) ? Element::float32 : Element::int8;
  }
  return text_.element.value_or(Element::float32);
}

std::string RowShape::group(const Reading& row, Case& point) const {
  const Facts& series = series_[row.series].facts;
  std::optional<std::uint32_t> nodes = row.nodes ? row.nodes : series.nodes;
  std::optional<std::uint32_t> per_node = row.ranks_per_node ? row.ranks_per_node : series.ranks_per_node;
  std::optional<std::uint32_t> ranks = row.ranks ? row.ranks : series.all_ranks();
  if (!ranks) {
    const auto on_each = per_node ? per_node : per_node_told();
    ranks = nodes && on_each ? Facts{.nodes = nodes, .ranks_per_node = on_each}.all_ranks() : told_.ranks.value;
  }
  const std::uint32_t gpus = row.gpus_per_rank.value_or(1);
  if (!ranks || *ranks > most_ranks / gpus || per_node.value_or(0) > most_ranks / gpus) {
    return "no number of ranks in the row";
  }
  *ranks *= gpus;
  per_node = per_node ? std::optional(*per_node * gpus) : std::nullopt;
  if (!nodes && !per_node) {
    std::tie(nodes, per_node) = place_of_table(*ranks);
  }
  try {
    point.group = group_on_nodes(*ranks, nodes, per_node);
  } catch (const InputError& reason) {
    return reason.what();
  }
  return {};
}

// "2 nodes, 16 GPUs" above a table with rows of 8 ranks tells the ranks per node only.
RowShape::Place RowShape::place_of_table(std::uint32_t ranks) const {
  if (options_.nodes || options_.ranks_per_node) {
    return {told_.nodes.value, options_.ranks_per_node};
  }
  if (text_.ranks && text_.nodes && *text_.ranks != ranks) {
    return {std::nullopt, per_node_told()};
  }
  if (told_.nodes.value || text_.ranks_per_node) {
    return {told_.nodes.value, text_.ranks_per_node};
  }
  return {program_.one_node ? std::optional(1U) : std::nullopt, std::nullopt};
}

std::optional<std::uint32_t> RowShape::per_node_told() const {
  if (options_.ranks_per_node || text_.ranks_per_node) {
    return options_.ranks_per_node ? options_.ranks_per_node : text_.ranks_per_node;
  }
  return text_.ranks && text_.nodes ? std::optional((*text_.ranks + *text_.nodes - 1) / *text_.nodes) : std::nullopt;
}

}  // namespace hockney::import
