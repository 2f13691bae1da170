#pragma once

#include <string>

#include "commands/view_output.hpp"

namespace hockney::commands {

/// Prints how many mappings of `table` the memory model tells rightly on `gpu`, a GPU file's name. Throws InputError as
/// predict::read_memory_rows() and predict::find_gpu().
void exam_memory(const std::string& table, const std::string& gpu, const ViewOutput& output);

}  // namespace hockney::commands
