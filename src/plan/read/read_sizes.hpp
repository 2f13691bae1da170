#pragma once

#include <filesystem>
#include <vector>

#include "base/bytes.hpp"
#include "base/strict_table.hpp"

namespace hockney::inline plan {

/// Payloads, ascending and without repeats.
struct Sizes {
  std::vector<Bytes> payloads;  ///< all
  std::vector<Bytes> grid;      ///< those that a range alone gave
};

/// A section's key `sizes`; `models` is the folder that sizes by model shape are looked up in. Throws InputError (file,
/// line, key).
Sizes read_sizes(StrictTable& section, const std::filesystem::path& models);

}  // namespace hockney::inline plan
