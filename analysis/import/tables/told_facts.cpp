#include "import/tables/told_facts.hpp"

#include <fmt/format.h>
#include <set>

#include "base/error.hpp"
#include "import/imported_points.hpp"
#include "import/nccl_tests/nccl_tests_names.hpp"

namespace hockney::import {
namespace {

std::string word_for(Operation operation) { return std::string(name_of(operation)); }
std::string word_for(std::uint32_t number) { return fmt::format("{}", number); }

template <class Value>
Told<Value> tell(std::string_view flag, const std::optional<Value>& stated, const std::optional<Value>& said,
                 bool differ, std::vector<std::string>& notes) {
  const bool use_text = said && (!stated || (differ && *said != *stated));
  if (said && stated && *said != *stated) {
    notes.push_back(fmt::format("the text above the table says {}, {} says {}: {} is used", word_for(*said), flag,
                                word_for(*stated), use_text ? "the text" : "the flag"));
  }
  return use_text ? Told<Value>{said, "text above the table"} : Told<Value>{stated, std::string(flag)};
}

// Where rows or headings say it.
std::string named_by(const std::vector<Column>& columns, ColumnRole role, bool in_heading) {
  return has_role(columns, role) ? "named in the table" : in_heading ? "named in the heading" : "";
}

}  // namespace

Differences differences_in(const std::vector<Sheet>& sheets) {
  const auto differ = [&](auto fact) {
    std::set<decltype(fact(Facts{}))> values;
    for (const Sheet& sheet : sheets) {
      values.insert(fact(sheet.facts));
    }
    return values.size() > 1;
  };
  return {differ([](const Facts& facts) { return facts.operation; }),
          differ([](const Facts& facts) { return facts.all_ranks(); }),
          differ([](const Facts& facts) { return facts.nodes; })};
}

ToldFacts tell_facts(const Sheet& sheet, const std::vector<Column>& columns, const Facts& heading,
                     const Differences& differ, const std::filesystem::path& file, const ImportOptions& options,
                     std::vector<std::string>& notes) {
  const Facts& text = sheet.facts;
  ToldFacts told;
  told.operation.evidence = named_by(columns, ColumnRole::operation, heading.operation.has_value());
  if (told.operation.evidence.empty()) {
    told.operation = tell("--operation", options.operation, text.operation, differ.operation, notes);
    if (!told.operation.value) {
      told.operation = {operation_of_word(nccl_test_in_file_name(file.stem().string())), "from the file name"};
    }
    if (!told.operation.value) {
      throw InputError(
          "neither the table, nor the text above it, nor the file name says which operation this is: pass --operation");
    }
  }
  told.ranks = tell("--ranks", options.ranks, text.all_ranks(), differ.ranks, notes);
  told.nodes = tell("--nodes", options.nodes, text.nodes, differ.nodes, notes);
  const std::string named = named_by(columns, ColumnRole::ranks, heading.ranks.has_value());
  if (!named.empty()) {
    told.ranks = {std::nullopt, named};
  } else if (!told.ranks.value && told.operation.value == Operation::ping_pong) {
    told.ranks = {2, "a test of two ranks"};
  }
  return told;
}

}  // namespace hockney::import
