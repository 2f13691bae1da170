#pragma once

#include <optional>
#include <string>
#include <utility>

#include "import/tables/table_units.hpp"
#include "import/tables/told_facts.hpp"

namespace hockney::import {

/// What the rows of a table timed: operation, element type and group, by the row, else the heading of its column, else
/// what is told of the whole table. All that it is made of must outlive it.
class RowShape {
 public:
  RowShape(const Sheet& sheet, const Readings& readings, const TableProgram& program, const ImportOptions& options,
           const ToldFacts& told)
      : text_(sheet.facts), series_(readings.series), program_(program), options_(options), told_(told) {}

  /// Reads all but the payload. Returns why the row is refused; empty when it is not.
  std::string read(const Reading& row, Case& point) const;
  std::optional<std::uint32_t> per_node_told() const;

 private:
  /// Nodes, ranks per node.
  using Place = std::pair<std::optional<std::uint32_t>, std::optional<std::uint32_t>>;

  std::optional<Element> element_of(const Reading& row, Operation operation) const;
  std::string group(const Reading& row, Case& point) const;
  Place place_of_table(std::uint32_t ranks) const;

  const Facts& text_;
  const std::vector<Series>& series_;
  const TableProgram& program_;
  const ImportOptions& options_;
  const ToldFacts& told_;
};

}  // namespace hockney::import
