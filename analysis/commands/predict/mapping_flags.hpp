#pragma once

#include <string>
#include <utility>
#include <vector>

#include "workload/mapping.hpp"

namespace CLI {
class App;
class Option;
}

namespace hockney::commands {

/// What a command line says of a mapping: a flag per field of mapping_fields, by either of its names ("--vp",
/// "--virtual-stages"); "--no-overlap-tensor" turns a switch off.
class MappingFlags {
 public:
  /// Those without a usual value are required; with `model`, an option that the command can do without, they are wanted
  /// if and only if that is given, and the others need it. The command must not outlive this.
  void add_to(CLI::App& command, CLI::Option* model = nullptr);

  /// One more flag, the last word on its field, by a name of mapping_fields: "tp", "tensor". Throws InputError that
  /// names the nearest known one; a value that cannot be is refused by the name that is `shown`, if one is.
  void say(const std::string& name, const std::string& value, const std::string& shown = "");

  /// A mapping with what was said in place of its own.
  Mapping over(Mapping mapping) const;

 private:
  std::vector<std::pair<std::string, std::string>> said_;  ///< fields and their texts
};

/// The flags that make a mapping of another: those that are required, and what differs. "--tp 8 --pp 8 ...".
std::string to_flags(const Mapping& mapping, const Mapping& usual = {});

}  // namespace hockney::commands
