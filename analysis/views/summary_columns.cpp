#include "views/summary_columns.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "record/summary_fields.hpp"
#include "render/fields.hpp"
#include "render/forms.hpp"

namespace hockney::views {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> headings{
    {{"t_median_s", "median us"},
     {"ci_lo_s", "95 % low us"},
     {"ci_hi_s", "95 % high us"},
     {"t_fastest_rank_s", "fastest rank us"},
     {"t_p99_s", "p99 us"},
     {"algbw_bytes_per_s", "algbw GB/s"},
     {"busbw_bytes_per_s", "busbw GB/s"},
     {"samples", "samples"},
     {"slowest_group", "slowest"},
     {"t_median_slowest_group_s", "its median us"}}};

render::Form form_of(std::string_view unit) {
  return unit == "s" ? render::microseconds : unit == "byte/s" ? render::gigabytes_per_second : nullptr;
}

}  // namespace

std::vector<render::Column> summary_columns(std::initializer_list<std::string_view> shown) {
  std::vector<render::Column> columns;
  for_each_field(summary_fields, [&](const auto& field) {
    const auto heading =
        std::find_if(headings.begin(), headings.end(), [&](const auto& each) { return each.first == field.name; });
    const bool is_shown = std::find(shown.begin(), shown.end(), field.name) != shown.end();
    columns.push_back(
        is_shown ? render::number_column(std::string(field.name), std::string(heading->second), form_of(field.unit))
                 : render::data_column(std::string(field.name)));
  });
  return columns;
}

std::vector<render::Cell> summary_cells(const Summary& summary) { return render::cells_of(summary, summary_fields); }

}  // namespace hockney::views
