#pragma once

#include <filesystem>
#include <string_view>

#include "record/launch.hpp"

namespace hockney::store {

/// Writes a launch that is complete already into `file`, in one step, marked as finalised, with no journal beside it.
/// Creates the folder. Writes column by column, with no flush between visits (benchmarks/import_speed.cpp shows what it
/// costs). `raw_text` is the text that an imported launch was read from.
/// Nothing comes from the clock or the process: the same launch makes the same bytes. Throws InputError when `file`
/// exists, when its folder cannot be created or written, when the disk is full, and for texts that are too long.
void write_launch(const std::filesystem::path& file, const Launch& launch, std::string_view raw_text = {});

}  // namespace hockney::store
