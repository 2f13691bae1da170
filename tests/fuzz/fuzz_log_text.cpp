/// Any bytes as lines: they are refused, or every line is of the file and free of what no terminal shows.
#include <algorithm>

#include "fuzz_target.hpp"
#include "import/text/log_text.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  fuzz::allow_input_errors([&] {
    const import::LogText text = import::text_of(fuzz::text_of(data, size));
    for (const import::LogLine& line : text.lines) {
      fuzz::require(line.number >= 1 && line.number <= size, "a line of the file");
      fuzz::require(
          std::all_of(line.text.begin(), line.text.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; }),
          "printable ASCII and tabs");
    }
  });
  return 0;
}
