#pragma once

#include <string>
#include <string_view>

namespace hockney::import {

/// Blank that joins: what no-break and thin blanks become, so that "2 287.61" stays one cell.
inline constexpr char joining_blank = '\x1f';

/// A line as ASCII that means the same in a table: "µ" becomes u, dashes '-', "×" x, bars of drawn boxes '|' and their
/// rules '-', no-break blanks joining_blank, LaTeX's "$\mu$" u, "\textbf{8}" 8, "\_" '_'; anything else beyond ASCII
/// '?'. Tabs stay.
std::string plain_text(std::string_view line);

}  // namespace hockney::import
