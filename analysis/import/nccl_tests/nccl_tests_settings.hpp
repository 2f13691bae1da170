#pragma once

#include <map>
#include <string>
#include <string_view>

#include "record/launch.hpp"

namespace hockney::import {

/// Variables that a line of a log sets, as provenance ("env.NCCL_ALGO"), of those that is_allowed_environment() names:
/// assignments before a program, of -x, --export, export, setenv, ENV and env dumps, pairs of -genv, and NCCL's own
/// "NCCL_ALGO set by environment to Ring". A value's quotes go.
Provenance environment_in(std::string_view line);

/// Whether a line does nothing but set variables, so that they hold for all commands below it.
bool only_sets_variables(std::string_view line);

/// Options of an nccl-tests program by their letter, as its command line gives them: "-R 2", "-R2",
/// "--local_register=2" are all {'R', "2"}. Nothing of what stands before the program or behind a shell's "|", ">" or
/// "&&".
std::map<char, std::string> nccl_tests_options(std::string_view command);

}  // namespace hockney::import
