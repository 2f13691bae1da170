#include "vocabulary/flags.hpp"

namespace hockney::inline vocabulary {

std::string to_string(Flags flags) {
  std::string text;
  for (const auto& [flag, name] : Names<Flag>::table) {
    if (flags.has(flag)) {
      text += text.empty() ? "" : ",";
      text += name;
    }
  }
  return text;
}

}  // namespace hockney::inline vocabulary
