#pragma once

#include <cstddef>
#include <vector>

#include "import/text/text_line.hpp"

namespace hockney::import {

struct UnwrappedLines {
  std::vector<TextLine> lines;
  std::size_t unwrapped = 0;  ///< lines of the file that gave their strings
};

/// Takes lines out of JSON strings that hold them:
/// - a string of several lines, rows or comments among them, in a line of JSON, of logfmt (msg="...") or cut off in the
///   middle: its lines, and before them the strings beside it as lines of their own;
/// - one string in each of several lines, as log collectors write ({"log": "...\n", "stream": "stdout"}, logfmt, a
///   quoted cell of CSV), or an array with an element a line: of the keys, the one whose strings are rows and comments
///   most often.
/// Strings inside such strings are taken out in the same way. Other lines stay as they are. No list of key names: the
/// data decide.
UnwrappedLines unwrap_lines(std::vector<TextLine> lines);

}  // namespace hockney::import
