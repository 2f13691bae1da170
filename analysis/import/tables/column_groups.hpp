#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hockney::import {

/// Names of groups of columns on the line above a header ("| | Ring | | Tree | |" over "| size | time | busbw | time |
/// busbw |"), one for each heading, empty for a column in no group. Nothing unless headings come again, each of them
/// once in every group, and for a line of data. LaTeX's "\\multicolumn{2}{c}{Ring}" stands over two columns; names
/// between blanks over as many as every other.
std::vector<std::string> group_names(std::string_view above, char delimiter, const std::vector<std::string>& headings);

/// Whether a line has nothing but names of statistics: "avg  min  max  avg  min  max".
bool is_line_of_statistics(std::string_view line);

/// Headings of which the last ones stand over as many statistics each on the line below: "Size", "avg Time, us", "max
/// Time, us". Nothing where the line below is none of statistics, or does not go with the headings.
std::vector<std::string> with_line_below(const std::vector<std::string>& headings, std::string_view below);

}  // namespace hockney::import
