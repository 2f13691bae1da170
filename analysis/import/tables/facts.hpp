#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "import/tables/quantity.hpp"
#include "vocabulary/element.hpp"
#include "vocabulary/operation.hpp"

namespace hockney::import {

/// What a line of text says about the numbers below it. Absent: it does not, or says two things at once ("8 to 64
/// GPUs", "all-gather and reduce-scatter").
struct Facts {
  std::optional<Operation> operation{};
  std::optional<std::uint32_t> ranks{};           ///< "16 GPUs", "world_size=8", "#processes = 4", "across 4 ranks"
  std::optional<std::uint32_t> nodes{};           ///< "2 nodes", "single-node", "nnodes: 4"
  std::optional<std::uint32_t> ranks_per_node{};  ///< "8 GPUs per node", "2x8 H100": 2 nodes of 8
  std::optional<std::uint32_t> iterations{};      ///< "Benchmark Iterations: 50", "5 trials"
  std::optional<Element> element{};               ///< "bf16", "dtype=torch.bfloat16"
  std::optional<bool> size_per_rank{};            ///< "sizes are per rank", "total message size"
  std::optional<Unit> unit{};                     ///< of a time or a rate: "avg ms", "(GB/s)"
  bool bus_bandwidth = false;                     ///< the rate of `unit` is a bus bandwidth
  std::optional<Quantity> payload{};              ///< "with a 40.0GB payload"
  std::string benchmark{};                        ///< "Allreduce" of IMB's "# Benchmarking Allreduce"

  /// The ranks, stated or nodes times ranks per node.
  std::optional<std::uint32_t> all_ranks() const;
};

/// Reads a line of prose, a title, a comment or a command line. The text is plain_text().
Facts facts_in(std::string_view text);

/// The one operation that a text names, in any spelling ("AllReduce", "all-to-all", "reduce scatter"). reduce, gather,
/// scatter and broadcast are verbs, too: they count in texts of at most five words, and at the beginning ("Broadcast on
/// 8 GPUs").
std::optional<Operation> operation_in_text(std::string_view text);

/// The operation that a cell is or holds: "AllReduce", "COMMS-RES-all_reduce-float32".
std::optional<Operation> operation_of_cell(std::string_view cell);

/// Facts of everything above a line of a file. A Markdown heading ends what headings of its level or below and the
/// text under them said; elsewhere the last word counts. Ranks, nodes and ranks per node go together: of those that
/// were said before the last table none stays beside a new one, and lines of a list ("A: 8 GPUs", "B: 16 GPUs") say
/// none.
class Context {
 public:
  /// Takes a line of text. Whether it changed anything.
  bool take(std::string_view text);
  /// Says that a table stood here.
  void end_table() {
    fresh_placement_ = false;
    last_ranks_.reset();
  }
  const Facts& facts() const { return facts_; }
  /// The last line with letters in it.
  const std::string& title() const { return title_; }

 private:
  struct Level {
    std::size_t depth;
    Facts before;
  };
  void open_heading(std::size_t depth);
  void place(const Facts& said);

  Facts facts_;
  std::vector<Level> levels_;
  std::string title_;
  std::optional<std::uint32_t> last_ranks_;  // of the last line
  std::vector<std::string> last_words_;      // likewise
  bool fresh_placement_ = false;             // the placement was said since the last table
};

}  // namespace hockney::import
