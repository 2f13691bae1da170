#pragma once

#include "import/imported.hpp"

namespace hockney::import {

/// Marks what a log tells without its nodes: points of groups that are not placed are flagged placement_unknown, and
/// their tables have a note that says what they are good for.
void mark_unplaced(ImportedFile& file);

}  // namespace hockney::import
