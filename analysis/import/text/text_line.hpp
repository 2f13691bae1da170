#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::import {

/// One line on its way to a LogLine.
struct TextLine {
  std::size_t number = 0;  ///< of the file's line, from 1
  std::string text;
};

/// The lines of a text. LF, CRLF and CR end one; where a text has LF, a CR alone splits a line (progress bars) but does
/// not count.
std::vector<TextLine> split_lines(std::string_view text);

}  // namespace hockney::import
