#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "import/imported.hpp"
#include "import/tables/sheet.hpp"

namespace hockney::import {

/// A fact of a whole table, and where it was read.
template <class Value>
struct Told {
  std::optional<Value> value{};
  std::string evidence{};
};

/// Facts that several tables of a file say differently: then the text above has the word, not the flag.
struct Differences {
  bool operation = false;
  bool ranks = false;
  bool nodes = false;
};

/// What tables of one file do not say alike.
Differences differences_in(const std::vector<Sheet>& sheets);

/// What is told of all rows of a table. Without a value where headings or rows name it, or nothing tells.
struct ToldFacts {
  Told<Operation> operation;
  Told<std::uint32_t> ranks;
  Told<std::uint32_t> nodes;
};

/// Reads it from a column, the heading of the first rows' results, --operation, --ranks and --nodes, the text above,
/// and the operation from the file name at last. `notes` gets a line where flag and text differ. Throws InputError,
/// whose message is the reason, where nothing tells the operation.
ToldFacts tell_facts(const Sheet& sheet, const std::vector<Column>& columns, const Facts& heading,
                     const Differences& differ, const std::filesystem::path& file, const ImportOptions& options,
                     std::vector<std::string>& notes);

}  // namespace hockney::import
