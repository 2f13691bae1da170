#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace hockney::commands {

/// The sizes of a sweep: "1,2,4" as it stands, "1..64" by doubling up to the last, ascending and each once. Throws
/// InputError unless they are whole numbers of 1 to 2^24, and for a range that holds none.
std::vector<std::uint64_t> parse_sweep_sizes(std::string_view text);

}  // namespace hockney::commands
