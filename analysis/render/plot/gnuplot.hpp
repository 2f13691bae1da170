#pragma once

#include <filesystem>

#include "render/plot/figure.hpp"
#include "render/plot/gnuplot_script.hpp"

namespace hockney::render {

/// The format that a file's name ends in. Throws InputError that names the file unless it is .svg or .png.
Format format_of(const std::filesystem::path& file);

/// Throws InputError for a file that write_figure() could not write by its name: another ending, a folder that is not
/// there. For asking before long work.
void require_picture_file(const std::filesystem::path& file);

/// Draws the figure with gnuplot, found in PATH, into a temporary file beside `file`, which it then replaces. No shell
/// takes part; the user's gnuplot settings are not read. Throws InputError for another file ending, where gnuplot is
/// not there (naming the package) and where the file cannot be written; Failure, with gnuplot's own words, when gnuplot
/// fails.
void write_figure(const Figure& figure, const std::filesystem::path& file);

}  // namespace hockney::render
