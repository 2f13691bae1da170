#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::import {

/// What may stand between two cells of a line: '|', ',', ';', '&' (LaTeX), a tab, and ' ' for runs of blanks.
inline constexpr std::string_view delimiters = "|\t;&, ";

/// The cells of a line, without blanks around them. A cell in double quotes may hold the delimiter, and "" for a quote
/// (RFC 4180, one line each). Empty cells at both ends of a line of '|' are none. Of columns between blanks `wanted`
/// says how many there should be, 0 if nobody knows: cells may hold single blanks ("Avg Latency (us)", "16 KiB") where
/// that makes it so.
std::vector<std::string> cells_of_line(std::string_view line, char delimiter, std::size_t wanted = 0);

/// The cells of a header in each way that it can be cut: columns between blanks at two blanks, and at every blank.
std::vector<std::vector<std::string>> header_cells(std::string_view line, char delimiter);

/// A rule of a table: dashes, LaTeX's \hline and its like. No text, no data.
bool is_rule(std::string_view line);

/// The line without the '#' of a comment before it.
std::string_view without_hash(std::string_view line);

}  // namespace hockney::import
