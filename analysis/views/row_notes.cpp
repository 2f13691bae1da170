#include "views/row_notes.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace hockney::views {
namespace {

/// Lines that are skipped for one reason.
struct Reason {
  std::string text;
  std::vector<std::string> places;
};

// In order of their first lines.
std::vector<Reason> by_reason(std::span<const predict::SkippedLine> skipped) {
  std::vector<Reason> reasons;
  for (const predict::SkippedLine& line : skipped) {
    auto found =
        std::find_if(reasons.begin(), reasons.end(), [&](const Reason& each) { return each.text == line.reason; });
    if (found == reasons.end()) {
      found = reasons.insert(reasons.end(), {line.reason, {}});
    }
    found->places.push_back(line.place);
  }
  return reasons;
}

}  // namespace

void add_skipped(render::View& view, std::span<const predict::SkippedLine> skipped,
                 std::span<const std::string> ignored_columns) {
  view.facts.push_back({"skipped_rows", "rows skipped", skipped.size()});
  if (!skipped.empty()) {
    render::Table table{.name = "skipped", .title = fmt::format("{} rows skipped", skipped.size())};
    table.columns = {render::number_column("rows", "rows"), render::text_column("row", "the first"),
                     render::text_column("reason", "reason"), render::data_column("places")};
    for (const Reason& reason : by_reason(skipped)) {
      table.rows.push_back({reason.places.size(), reason.places.front(), reason.text, reason.places});
    }
    view.tables.push_back(std::move(table));
  }
  view.notes.insert(view.notes.end(), ignored_columns.begin(), ignored_columns.end());
}

std::vector<std::string> assumptions_of(std::span<const predict::PredictedRow* const> rows) {
  std::size_t uneven = 0;
  std::size_t nics = 0;
  std::size_t flops = 0;
  std::string first;
  for (const predict::PredictedRow* each : rows) {
    nics += each->assumes_nic ? 1 : 0;
    flops += each->row->figure >= predict::Figure::tflops_per_gpu ? 1 : 0;
    if (const std::string words = each->row->taken_otherwise(); !words.empty()) {
      ++uneven;
      first = uneven > 1 ? first : fmt::format("line {}, {}: {}", each->row->line, each->row->model.name, words);
    }
  }
  std::vector<std::string> texts;
  if (uneven > 0) {
    texts.push_back(fmt::format(
        "UNEVEN: {} rows do not divide and are taken as their fullest GPU has it; the first: {}", uneven, first));
  }
  if (nics > 0) {
    texts.push_back(
        fmt::format("NIC ASSUMED: {} Gbit/s per GPU for {} rows over several nodes without a "
                    "node_nic_bytes_per_s; their errors and intervals are not those of a known network",
                    predict::usual_nic_bytes_per_s_per_gpu * 8 / 1e9, nics));
  }
  if (flops > 0) {
    texts.push_back(fmt::format(
        "FLOPS: {} rows publish flop/s or a utilisation; their seconds follow by 6 FLOPs per weight and token "
        "and 12 L s h per token for attention, which their programs may count otherwise",
        flops));
  }
  return texts;
}

}  // namespace hockney::views
