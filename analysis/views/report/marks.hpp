#pragma once

#include <string>
#include <vector>

#include "record/launch.hpp"
#include "vocabulary/flags.hpp"

namespace hockney::views {

/// What must stand at every figure of data with these flags: describe(), OVERSUBSCRIBED, and VOID for points that are
/// not to be used. A word in capitals, a colon, what it means.
std::vector<std::string> marks_of(Flags flags);

/// The same of the data of launches, and that a line rate is only stated.
std::vector<std::string> marks_of(const std::vector<Launch>& launches);

/// Appends the marks that are not there yet.
void add_marks(std::vector<std::string>& marks, Flags flags);

}  // namespace hockney::views
