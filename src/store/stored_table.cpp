#include "store/stored_table.hpp"

#include <fmt/ranges.h>
#include <numeric>
#include <sstream>

#include "base/names.hpp"

namespace hockney::store {

std::vector<std::uint8_t> translate_codes(const schema::ColumnSpec& column, const hdf5::Attributes& attributes) {
  std::istringstream words(attributes.read_text("flag_meanings"));
  std::vector<std::uint8_t> codes;
  for (std::string word; words >> word;) {
    const auto known = std::find(column.meanings.begin(), column.meanings.end(), word);
    if (known == column.meanings.end()) {
      throw InputError(unknown_name(fmt::format("meaning in column '{}'", column.name), word, column.meanings));
    }
    codes.push_back(static_cast<std::uint8_t>(known - column.meanings.begin()));
  }
  return codes;
}

void describe(const schema::ColumnSpec& column, hdf5::Attributes attributes) {
  attributes.write_text("long_name", column.long_name);
  if (!column.units.empty()) {
    attributes.write_text("units", column.units);
  }
  if (column.meanings.empty()) {
    return;
  }
  attributes.write_text("flag_meanings", fmt::format("{}", fmt::join(column.meanings, " ")));
  if (column.is_mask) {
    std::vector<std::uint32_t> masks(column.meanings.size(), 1);
    std::generate(masks.begin(), masks.end(), [mask = 1U]() mutable { return std::exchange(mask, mask << 1U); });
    attributes.write("flag_masks", column.type, 0, masks.data(), masks.size());
  } else {
    std::vector<std::uint8_t> values(column.meanings.size());
    std::iota(values.begin(), values.end(), std::uint8_t{0});
    attributes.write("flag_values", column.type, 0, values.data(), values.size());
  }
}

}  // namespace hockney::store
