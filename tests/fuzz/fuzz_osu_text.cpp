/// Text of the OSU micro-benchmarks: read or refused, and its lines add up.
#include "check_import.hpp"
#include "import/osu/osu_text.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::check_with_options([&](const import::ImportOptions& options) {
    return import::import_osu_text(import::text_of(text), "osu.txt", options);
  });
  return 0;
}
