#pragma once

#include <string>

#include "workload/mapping.hpp"

namespace CLI {
class App;
class Option;
}

namespace hockney::commands {

/// Adds a flag per field of mapping_fields, by either of its names ("--vp", "--virtual-stages"), that writes to
/// `mapping`, which must outlive the command; where `yes` is the usual value, "--no-overlap-tensor". Those without a
/// usual value are required; with `model`, an option that the command can do without, they are wanted if and only if
/// that is given, and the others need it.
void add_mapping_flags(CLI::App& command, Mapping& mapping, CLI::Option* model = nullptr);

/// The flags that make a mapping, without those that are at their default: "--tp 8 --pp 8 ...".
std::string to_flags(const Mapping& mapping);

/// Replaces one part of a mapping, named as in mapping_fields: "tp", "tensor". Throws InputError that names the nearest
/// known one.
void set_part(Mapping& mapping, const std::string& name, const std::string& value);

}  // namespace hockney::commands
