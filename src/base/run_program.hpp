#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hockney::inline base {

/// Runs a program, `command[0]` by a path or found in PATH, with `input` at its stdin, waits for it, and returns what
/// it wrote to stdout; nothing where there is no such program. No shell takes part. Throws Failure, with the program's
/// own words, when it ends with another exit code than 0 or by a signal.
std::optional<std::string> run_program(std::vector<std::string> command, std::string_view input);

}  // namespace hockney::inline base
