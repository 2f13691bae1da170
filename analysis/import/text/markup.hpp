#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "import/text/text_line.hpp"

namespace hockney::import {

/// A line without what only a terminal reads: colours, cursor moves and titles (ECMA-48's CSI and OSC sequences),
/// characters that a backspace took back, and colour codes that lost their escape character ("[32m").
std::string without_terminal_codes(std::string_view line);

/// Lines without HTML: tags that lay out text go (<br>, <p>, </tr> and others end a line, cells get bars, as in
/// Markdown), and entities are their characters. Words in angle brackets that are no such tag ("<stdout>") stay.
std::vector<TextLine> without_html(std::vector<TextLine> lines);

}  // namespace hockney::import
