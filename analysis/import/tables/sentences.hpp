#pragma once

#include <span>

#include "import/tables/sheet.hpp"
#include "import/text/log_line.hpp"

namespace hockney::import {

/// Tables of texts without any, of lines that tell a size and a time or a bandwidth each, with their units:
/// "all_reduce: size=1.0MB time=45.2us", "1024 bytes: 14.1 us", "1 MiB took 45.2 us (23.2 GB/s)". What such a line says
/// of the operation, the element type, the ranks, the nodes and the iterations goes with its row. A table is two lines
/// or more in which the same is told, or one that names the operation; other lines are `stray`. A time in seconds in
/// brackets before a line ("[0.123s]") is a time stamp; an error ("45 +- 3 us") is left out. A text with more than
/// 10,000 such lines is a log of something else. Linear in the text.
Sheets read_sentences(std::span<const LogLine> lines);

}  // namespace hockney::import
