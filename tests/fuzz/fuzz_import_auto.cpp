/// Any text to `hockney import auto`: it is taken for a format or refused, and every format's importer, asked for by
/// name, reads it or refuses it; what is read adds up.
#include "check_import.hpp"
#include "import/log_format.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hockney;
  const std::string_view text = fuzz::text_of(data, size);
  import::ImportOptions options;
  options.ranks = 8;
  options.nodes = 1;
  fuzz::allow_input_errors([&] {
    const import::LogText log = import::text_of(text);
    fuzz::check_import(import::import_as(import::detect_format(log), log, "all_reduce.log", options));
  });
  for (const auto& [format, name] : Names<import::LogFormat>::table) {
    fuzz::allow_input_errors(
        [&] { fuzz::check_import(import::import_as({format}, import::text_of(text), "all_reduce.log", options)); });
  }
  return 0;
}
