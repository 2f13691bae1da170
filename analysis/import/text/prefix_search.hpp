#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "import/text/prefix_tokens.hpp"
#include "import/text/text_line.hpp"

namespace hockney::import {

/// A prefix as far as lines have it in common, and where it was seen.
struct PrefixShape {
  std::string kinds;                         ///< shape_of()
  std::size_t comments = 0;                  ///< lines in which a '#' follows
  std::size_t headers = 0;                   ///< lines in which the header of a table follows, and below it rows
  std::size_t rows = 0;                      ///< rows of nccl-tests, where the log has nothing else
  std::vector<std::set<std::string>> words;  ///< seen at each token that is a word

  std::size_t size() const { return kinds.size(); }
  /// Whether it holds what no column of a table does: a bracket, a time stamp, a colon.
  bool is_strong() const { return kinds.find_first_of("gs:>[(<{") != std::string::npos; }
  bool is_of_numbers() const { return kinds.find_first_not_of('n') == std::string::npos; }
  std::size_t bare_words() const;

  /// Takes the words of a line that has it.
  void take(const std::vector<PrefixToken>& tokens);
  /// Whether a line begins with it: its kinds, and words that were seen.
  bool begins(const std::vector<PrefixToken>& tokens) const;
};

/// Whether a line names a size and a time or a bandwidth, as headers of tables do.
bool is_table_header(std::string_view line);

/// The prefixes that remove_prefixes() removes, longest first: what stands before comments, headers and rows alike.
std::vector<PrefixShape> repeated_prefixes(const std::vector<TextLine>& lines);

}  // namespace hockney::import
