#include "views/memory_view.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "render/forms.hpp"
#include "views/row_notes.hpp"

namespace hockney::views {
namespace {

using predict::JudgedRow;
using render::Cell;
using render::Table;

std::string_view label_of(const JudgedRow& row) { return row.row->fitted ? "fits" : "does not fit"; }

Table rows_table(std::span<const JudgedRow> rows) {
  Table table{.name = "rows"};
  for (const char* key : {"line",
                          "model",
                          "sequence",
                          "tensor",
                          "pipeline",
                          "data",
                          "micro_batch_sequences",
                          "recompute",
                          "kernel",
                          "sequence_parallel",
                          "label",
                          "verdict",
                          "needed_bytes",
                          "usable_bytes",
                          "margin_bytes",
                          "weight_bytes",
                          "gradient_bytes",
                          "optimizer_bytes",
                          "activation_bytes",
                          "logit_bytes",
                          "runtime_bytes",
                          "fragmentation_bytes"}) {
    table.columns.push_back(render::data_column(key));
  }
  for (const JudgedRow& row : rows) {
    const Mapping& mapping = row.row->mapping;
    table.rows.push_back({row.row->line,           row.row->model.name,
                          row.row->model.sequence, mapping.tensor,
                          mapping.pipeline,        mapping.data,
                          mapping.micro_batch,     mapping.recompute,
                          row.row->kernel,         mapping.sequence_parallel,
                          label_of(row),           row.verdict.fit,
                          row.verdict.needed,      row.verdict.usable,
                          row.verdict.margin(),    row.memory.weights,
                          row.memory.gradients,    row.memory.optimizer,
                          row.memory.activations,  row.memory.logits,
                          row.memory.runtime,      row.memory.fragmentation});
  }
  return table;
}

Table scores_table(std::span<const JudgedRow> rows) {
  Table table{.name = "scores", .title = "labels that the verdict meets; a tight mapping counts as one that fits"};
  table.columns = {render::text_column("of", "of"),
                   render::number_column("rows", "rows"),
                   render::number_column("right", "right"),
                   render::number_column("right_fraction", "right (%)", render::percentage),
                   render::number_column("out_of_memory", "out of memory"),
                   render::number_column("caught", "caught"),
                   render::number_column("caught_fraction", "caught (%)", render::percentage),
                   render::number_column("tight", "tight")};
  std::vector<predict::MemoryScore> scores = predict::scores_by_model(rows);
  scores.push_back(predict::score_of(rows, "all"));
  for (const predict::MemoryScore& score : scores) {
    const auto caught = score.caught_share();
    table.rows.push_back({score.name, score.rows, score.right, score.right_share(), score.ran_out, score.caught,
                          caught ? Cell(*caught) : Cell(), score.tight});
  }
  return table;
}

Table missed_table(std::span<const JudgedRow> rows, const predict::Gpu& gpu) {
  Table table{.title = fmt::format("labels that it misses; {} GiB of {} can be used",
                                   render::gibibytes(rows.front().verdict.usable), gpu.name)};
  table.columns = {render::number_column("", "line"),
                   render::text_column("", "kernel"),
                   render::text_column("", "recompute"),
                   render::number_column("", "tp"),
                   render::number_column("", "pp"),
                   render::number_column("", "mbs"),
                   render::text_column("", "label"),
                   render::number_column("", "needed (GiB)", render::gibibytes),
                   render::number_column("", "margin (GiB)", render::gibibytes),
                   render::number_column("", "state (GiB)", render::gibibytes),
                   render::number_column("", "activations (GiB)", render::gibibytes),
                   render::number_column("", "logits (GiB)", render::gibibytes)};
  for (const JudgedRow& row : rows) {
    if (!row.is_right()) {
      const Mapping& mapping = row.row->mapping;
      table.rows.push_back({row.row->line, row.row->kernel, mapping.recompute, mapping.tensor, mapping.pipeline,
                            mapping.micro_batch, label_of(row), row.verdict.needed, row.verdict.margin(),
                            row.memory.state(), row.memory.activations, row.memory.logits});
    }
  }
  return table;
}

}  // namespace

render::View memory_view(const predict::MemoryRows& table, const predict::Gpu& gpu) {
  const std::vector<JudgedRow> rows = predict::judged(table, gpu.memory);
  render::View view{.what = "memory exam", .version = "2.0.0", .main_table = "rows"};
  view.facts = {{"gpu", "GPU", gpu.name},
                {"memory_per_gpu_bytes", "", static_cast<double>(gpu.memory.count)},
                {"usual_run", "where the table has no column", predict::usual_memory_run()}};
  view.tables = {rows_table(rows), scores_table(rows), missed_table(rows, gpu)};
  if (view.tables.back().rows.empty()) {
    view.tables.pop_back();
  }
  add_skipped(view, table.skipped, std::span(&table.ignored_columns, table.ignored_columns.empty() ? 0 : 1));
  return view;
}

}  // namespace hockney::views
