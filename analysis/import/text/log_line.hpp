#pragma once

#include <string_view>
#include <vector>

#include "import/text/log_text.hpp"
#include "import/text/text_line.hpp"

namespace hockney::import {

/// A line freed of what came into it in mid-line: Open MPI's tags ("8  -1[1,0]<stdout>: 85.14"), rank tags glued to a
/// number ("-1[0]  366.5"), and the NCCL_DEBUG message that cut it.
LogLine log_line_of(const TextLine& line);

/// The words of a line, separated by blanks and tabs.
std::vector<std::string_view> words_of(std::string_view text);

/// Whether a line looks like data: two words or more, over half of them begin with a digit, the first one too; or at
/// least four numbers that are over half of the words; or numbers alone behind a label ("gpu01: 8 1.5"). '|' and ','
/// separate words, so rows of Markdown and CSV tables count.
bool looks_like_data(std::string_view text);

}  // namespace hockney::import
