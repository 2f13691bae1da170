#pragma once

#include <filesystem>
#include <vector>

#include "config/strict_table.hpp"
#include "units/bytes.hpp"

namespace hockney {

/// The payloads of a section's key `sizes`, ascending and without repeats; `models` is the folder that sizes by model
/// shape are looked up in. Throws InputError (file, line, key).
std::vector<Bytes> read_payloads(StrictTable& section, const std::filesystem::path& models);

}  // namespace hockney
