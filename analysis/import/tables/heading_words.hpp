#pragma once

#include <optional>
#include <string_view>

#include "import/tables/column.hpp"

namespace hockney::import {

/// What a heading of these letters holds: "messagesize", "algbw", "numgpus". Letters and digits, small.
std::optional<ColumnRole> role_of_word(std::string_view word);

/// "avg", "p50", "max" ...
std::optional<ColumnStatistic> statistic_of_word(std::string_view word);

/// Whether the word makes a column something else than a size, a time or a bandwidth of the operation: "speedup",
/// "std", "warmup", "batch".
bool means_another_thing(std::string_view word);

/// Whether the word says nothing in a heading: "of", "measured".
bool is_filler(std::string_view word);

/// Whether a word says "in place" ("in-place", "ip"), or the contrary ("oop"); nothing for other words.
std::optional<bool> in_place_of_word(std::string_view word);

}  // namespace hockney::import
