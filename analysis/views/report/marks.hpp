#pragma once

#include <string>
#include <vector>

#include "vocabulary/flags.hpp"

namespace hockney::views {

/// What must stand at every figure of data with these flags: describe(), OVERSUBSCRIBED, and VOID for points that are
/// not to be used. A word in capitals, a colon, what it means.
std::vector<std::string> marks_of(Flags flags);

/// Appends the marks that are not there yet.
void add_marks(std::vector<std::string>& marks, Flags flags);

}  // namespace hockney::views
