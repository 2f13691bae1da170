#pragma once

#include <filesystem>

#include "workload/routing.hpp"

namespace hockney::inline workload {

/// Reads the weights of all_to_all_v from a text file: one line per sender, n weights (0 to 1e15) on each of n lines,
/// separated by commas or blanks; '#' begins a comment. Only the shares within a line count. The routing is named as
/// the file, without folder and extension, and after that by a hash of its weights ("experts-1a2b3c4d"), so that
/// points of different matrices never have the same name. Throws InputError (file and line) for anything else, for a
/// line of zeros, and for a file name that is no word of letters, digits, '-', '_' and '.', 55 at most.
Routing read_routing_matrix(const std::filesystem::path& file);

/// The same from text; `file` is named in messages and gives the routing its name.
Routing parse_routing_matrix(std::string_view text, const std::filesystem::path& file);

}  // namespace hockney::inline workload
