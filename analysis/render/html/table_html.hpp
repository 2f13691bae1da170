#pragma once

#include <string>

#include "render/view.hpp"

namespace hockney::render {

/// A table as HTML: the columns that a terminal shows, texts of footnotes in full, rows with a line above them as two.
/// Title, lines and remarks stand around it. Nothing for a table without rows and texts.
std::string table_html(const Table& table);

}  // namespace hockney::render
