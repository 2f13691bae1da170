#pragma once

#include <string>
#include <string_view>

#include "render/plot/figure.hpp"

namespace hockney::render {

/// What a picture is written as.
enum class Format { svg, png };

/// A text as a gnuplot string that is taken letter by letter: in single quotes, which know no escapes, commands or
/// variables, with quotes doubled, control characters as blanks and bytes that are not UTF-8 as '?'.
std::string quoted(std::string_view text);

/// The figure as a complete gnuplot 5.4 script, data included, that writes the picture to standard output. Throws
/// Failure for a figure that contradicts itself: series of different lengths, an empty range.
std::string gnuplot_script(const Figure& figure, Format format);

}  // namespace hockney::render
