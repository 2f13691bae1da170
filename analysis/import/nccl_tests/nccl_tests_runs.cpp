#include "import/nccl_tests/nccl_tests_runs.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "import/nccl_tests/nccl_tests_check.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {
namespace {

using Rows = std::vector<NcclTestsRow>;
using Runs = std::vector<std::vector<std::size_t>>;  // indices of rows, per run

struct Step {
  std::uint64_t factor = 1;
  std::uint64_t bytes = 0;

  std::uint64_t after(std::uint64_t size) const { return size * factor + bytes; }
};

// "... step: 2(factor) ...", "... step: 1048576(bytes) ..."
std::optional<Step> stated_step(std::string_view options) {
  const auto words = words_of(options);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    std::uint64_t value = 0;
    const std::string_view word = words[i + 1];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (words[i] != "step:" || error != std::errc{} || value == 0) {
      continue;
    }
    return std::string_view(end, word.data() + word.size()) == "(factor)" ? Step{value, 0} : Step{1, value};
  }
  return std::nullopt;
}

std::size_t first_fall(const Rows& rows) {
  const auto fall = std::is_sorted_until(rows.begin(), rows.end(), [](const NcclTestsRow& a, const NcclTestsRow& b) {
    return a.size_bytes < b.size_bytes;
  });
  return static_cast<std::size_t>(fall - rows.begin());
}

// The step of the rows before the first fall, if they have one.
std::optional<Step> seen_step(const Rows& rows, std::size_t end) {
  constexpr std::size_t least_rows = 3;
  if (end < least_rows || rows[0].size_bytes == 0) {
    return std::nullopt;
  }
  const std::uint64_t a = rows[0].size_bytes;
  const std::uint64_t b = rows[1].size_bytes;
  for (const Step step : {Step{b / a, b % a}, Step{1, b - a}}) {
    const bool pure = step.factor == 1 || step.bytes == 0;
    bool holds = pure && b > a;
    for (std::size_t i = 1; holds && i < end; ++i) {
      holds = step.after(rows[i - 1].size_bytes) == rows[i].size_bytes;
    }
    if (holds) {
      return step;
    }
  }
  return std::nullopt;
}

// An author may have cut rows out: the step then says nothing.
bool is_kept(Step step, const Rows& rows, std::size_t end) {
  std::size_t kept = 0;
  for (std::size_t i = 1; i < end; ++i) {
    kept += step.after(rows[i - 1].size_bytes) == rows[i].size_bytes ? 1 : 0;
  }
  return end < 2 || 2 * kept >= end - 1;
}

// Whether sizes rise by other than the step behind the first fall, where they did not so before it.
bool leaves_step(const Rows& rows, std::size_t fall, Step step) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> before;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::pair pair{rows[i - 1].size_bytes, rows[i].size_bytes};
    if (i < fall) {
      before.insert(pair);
    } else if (pair.second > pair.first && pair.second != step.after(pair.first) && !before.contains(pair)) {
      return true;
    }
  }
  return false;
}

// Gives every row to the run that expects its size, or to a new one. `ambiguous` is the row that two runs expect.
std::optional<Runs> runs_of(const Rows& rows, Step step, std::size_t& ambiguous) {
  Runs runs;
  std::map<std::uint64_t, std::vector<std::size_t>> expecting;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t size = rows[i].size_bytes;
    std::vector<std::size_t>& candidates = expecting[size];
    if (candidates.size() > 1) {
      ambiguous = i;
      return std::nullopt;
    }
    std::size_t run = runs.size();
    if (candidates.empty()) {
      runs.emplace_back();
    } else {
      run = candidates.front();
      candidates.clear();
    }
    runs[run].push_back(i);
    expecting[step.after(size)].push_back(run);
  }
  return runs;
}

NcclTestsTable part_of(const NcclTestsTable& table, const std::vector<std::size_t>& rows) {
  NcclTestsTable part = table;
  part.rows.clear();
  for (const std::size_t row : rows) {
    part.rows.push_back(table.rows[row]);
  }
  part.first_line = part.rows.front().line;
  part.last_line = part.rows.back().line;
  return part;
}

// Rows are in line order, so notes of a split table need no sorting.
std::vector<NcclTestsTable> parts_of(const NcclTestsTable& table, const Runs& runs, const std::string& note) {
  std::vector<NcclTestsTable> parts;
  for (const auto& run : runs) {
    parts.push_back(part_of(table, run));
    parts.back().notes.push_back(note);
  }
  return parts;
}

std::vector<NcclTestsTable> whole(NcclTestsTable table) {
  std::vector<NcclTestsTable> tables;
  tables.push_back(std::move(table));
  return tables;
}

RankBounds bounds_of(Operation operation, const Rows& rows, const std::vector<std::size_t>& run) {
  Rows chosen;
  for (const std::size_t row : run) {
    chosen.push_back(rows[row]);
  }
  return ranks_of_rows(operation, chosen);
}

Runs by_own_column(const Rows& rows) {
  Runs runs;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto [entry, fresh] = seen.try_emplace(rows[i].own, runs.size());
    if (fresh) {
      runs.emplace_back();
    }
    runs[entry->second].push_back(i);
  }
  return runs;
}

// Cut where the size falls, then joined again as long as one rank count is left.
Runs by_rank_count(Operation operation, const Rows& rows) {
  Runs pieces;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows[i].size_bytes < rows[i - 1].size_bytes) {
      pieces.emplace_back();
    }
    pieces.back().push_back(i);
  }
  Runs runs;
  RankBounds bounds;
  for (const auto& piece : pieces) {
    const RankBounds of_piece = bounds_of(operation, rows, piece);
    const RankBounds both{std::max(bounds.low, of_piece.low), std::min(bounds.high, of_piece.high)};
    if (runs.empty() || both.empty()) {
      runs.emplace_back();
      bounds = of_piece;
    } else {
      bounds = both;
    }
    runs.back().insert(runs.back().end(), piece.begin(), piece.end());
  }
  return runs;
}

}  // namespace

std::vector<NcclTestsTable> separate_runs(NcclTestsTable table, std::span<const NcclTestsRank> other_ranks) {
  const std::size_t fall = first_fall(table.rows);
  auto step = stated_step(table.preamble.options);
  step = step ? step : seen_step(table.rows, fall);
  if (step && !is_kept(*step, table.rows, fall)) {
    step.reset();
  }
  const bool shown = step && leaves_step(table.rows, fall, *step);
  if ((!shown && !table.repeats_header) || table.rows.empty()) {
    return whole(std::move(table));
  }
  std::size_t ambiguous = 0;
  const auto runs = step ? runs_of(table.rows, *step, ambiguous) : std::nullopt;
  if (!runs && step) {
    table.mixed =
        fmt::format("rows of two runs are mixed, and that of line {} may be either's", table.rows[ambiguous].line);
  } else if (!runs) {
    table.mixed = "two headers without a row between them: rows of two runs may be mixed, and their sizes do not tell";
  } else {
    table.preamble.ranks.insert(table.preamble.ranks.begin(), other_ranks.begin(), other_ranks.end());
  }
  if (runs && runs->size() > 1) {
    return parts_of(table, *runs, fmt::format("rows of {} runs are mixed: told apart by their sizes", runs->size()));
  }
  return whole(std::move(table));
}

std::vector<NcclTestsTable> separate_rank_counts(NcclTestsTable table, Operation operation) {
  if (!table.preamble.ranks.empty() || !ranks_of_rows(operation, table.rows).empty()) {
    return whole(std::move(table));
  }
  const bool own = table.layout.size_column > 0;
  const Runs runs = own ? by_own_column(table.rows) : by_rank_count(operation, table.rows);
  const bool agree = std::none_of(runs.begin(), runs.end(),
                                  [&](const auto& run) { return bounds_of(operation, table.rows, run).empty(); });
  if (!agree || runs.size() < 2) {
    return whole(std::move(table));
  }
  return parts_of(table, runs,
                  fmt::format("rows of different rank counts in one table: separated {}",
                              own ? "by the author's own column" : "where the size falls"));
}

}  // namespace hockney::import
