#include "views/ratio_cells.hpp"

#include "base/number.hpp"
#include "views/interval_text.hpp"

namespace hockney::views {
namespace {

constexpr int digits_without_interval = 4;

}  // namespace

render::Cell ratio_cell(const std::optional<compare::Ratio>& ratio) {
  if (!ratio) {
    return {};
  }
  return render::Cell(ratio->value)
      .shown_as(ratio->interval ? interval_text(ratio->value, *ratio->interval).value
                                : significant(ratio->value, digits_without_interval));
}

render::Cell low_cell(const std::optional<compare::Ratio>& ratio) {
  if (!ratio || !ratio->interval) {
    return {};
  }
  return render::Cell(ratio->interval->low).shown_as(interval_text(ratio->value, *ratio->interval).interval);
}

render::Cell high_cell(const std::optional<compare::Ratio>& ratio) {
  return ratio && ratio->interval ? render::Cell(ratio->interval->high) : render::Cell();
}

}  // namespace hockney::views
