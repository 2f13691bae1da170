#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "import/tables/facts.hpp"

namespace hockney::import {

/// The text between the tables of a file. What it says is read where a table needs it: most lines of a log stand above
/// none.
class TextAbove {
 public:
  /// Keeps the last 1000 lines.
  void add(std::string_view line);
  /// Reads the lines since the last call; `behind_rows`: they stand below rows. Whether they say something new.
  bool settle(bool behind_rows);
  /// Whether one of the last lines tells a unit of times or rates.
  bool tells_unit() const;
  const Facts& facts() const { return context_.facts(); }
  const std::string& title() const { return context_.title(); }

 private:
  Context context_;
  std::deque<std::string> lines_;
};

}  // namespace hockney::import
