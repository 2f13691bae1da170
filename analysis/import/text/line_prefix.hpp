#pragma once

#include <string>
#include <vector>

#include "import/text/text_line.hpp"

namespace hockney::import {

/// Removes what programs put before each line that passes through them (time stamps, host, pod and container names,
/// rank tags, labels of srun, log levels, quote marks, line numbers), with no list of such programs: a prefix is found
/// from the data.
///
/// A line's beginning is read as tokens: bracketed groups, time stamps, numbers, words and signs. Their kinds are its
/// shape. A shape is a prefix where it stands before the '#' of comments or before the header of a table (both lines
/// begin with the same tokens there, the rows too), and before rows. Groups, stamps and numbers may differ from line to
/// line; words must be those seen before a comment or a header, so that a column of words is no prefix. A shape of bare
/// words and numbers alone (`pod container # ...`, `12 # ...`) must stand before nearly all comments, since rows begin
/// with numbers too. Where a log has neither comments nor header, rows of nccl-tests show the prefix.
///
/// A single line behind a prefix of its own ("gpu01:  8  2  float ...") is freed of it where what remains has the form
/// of other rows of at least six cells.
///
/// Where several sources, told apart by the words and groups of their prefixes, print tables with headers at the same
/// time, the lines are put in the order of the sources.
///
/// `notes` gets a line for each prefix: "prefix '[1,0]<stdout>:' of 49 lines removed".
std::vector<TextLine> remove_prefixes(std::vector<TextLine> lines, std::vector<std::string>& notes);

}  // namespace hockney::import
