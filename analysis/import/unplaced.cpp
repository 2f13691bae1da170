#include "import/unplaced.hpp"

namespace hockney::import {
namespace {

bool mark_unplaced(Launch& launch) {
  bool is_any = false;
  for (Measurement& visit : launch.measurements) {
    const bool is_unplaced = !visit.point.group.is_placed();
    visit.flags.set(Flag::placement_unknown, is_unplaced);
    is_any = is_any || is_unplaced;
  }
  return is_any;
}

}  // namespace

void mark_unplaced(ImportedFile& file) {
  for (ImportedTable& table : file.tables) {
    if (table.launch && mark_unplaced(*table.launch)) {
      table.notes.emplace_back("nodes unknown: usable for fit and show; give --nodes for predict");
    }
  }
}

}  // namespace hockney::import
