#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::import {

/// One line of a program's log, freed of what launchers, terminals and NCCL_DEBUG put around or into it:
/// Open MPI's tags ("[1,0]<stdout>:", also in mid-line), srun -l labels ("3: ", also twice), rank tags ("[0] " at the
/// start or glued to a number), quote marks of Markdown ("> "), bars and bold marks of rows of its tables, colour codes
/// and carriage returns. Bytes other than printable
/// ASCII become '?', since host names and commands go into files and onto terminals.
struct LogLine {
  std::size_t number = 0;  ///< from 1
  std::string text;        ///< what remains, without blanks at either end
  std::string diagnostic;  ///< the NCCL_DEBUG message that the line holds or was cut by; empty without one
};

/// All lines of a log, also those of which nothing remains.
std::vector<LogLine> clean_lines(std::string_view log);

/// The words of a line, separated by blanks and tabs.
std::vector<std::string_view> words_of(std::string_view text);

/// Whether a line looks like data: two words or more, over half of them begin with a digit, the first one too.
/// '|' and ',' separate words, so rows of Markdown and CSV tables count.
bool looks_like_data(std::string_view text);

}  // namespace hockney::import
