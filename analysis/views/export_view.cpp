#include "views/export_view.hpp"

#include <fmt/format.h>

#include "base/text_table.hpp"

namespace hockney::views {

render::View export_view(const WrittenExport& made) {
  const exports::Cluster& cluster = *made.cluster;
  const std::string& name_or_mark = made.assumed_gpu.empty() ? cluster.gpu.name : made.assumed_gpu;
  render::View view{.what = "export", .version = "1.0.0", .main_table = "files"};
  view.facts = {{"format", "format", std::string(made.format->name)},
                {"planner", "read by", std::string(made.format->planner)},
                {"cost_model", "cost model", cluster.name},
                {"nodes", "nodes", cluster.nodes},
                {"gpus_per_node", "GPUs per node", cluster.gpus_per_node},
                {"nics_per_node", "NICs per node", cluster.nics_per_node},
                {"reference_bytes", "exact at", render::Cell(cluster.reference).shown_as(to_string(cluster.reference))},
                {"gpu", "GPU", render::Cell(cluster.gpu.name).shown_as(name_or_mark)},
                {"gpu_is_assumed", "", !made.assumed_gpu.empty()}};
  view.warnings = made.warnings;
  render::Table& table = view.tables.emplace_back(render::Table{.name = "files", .title = "written"});
  table.columns = {render::text_column("file", "file")};
  for (const std::filesystem::path& file : made.files) {
    table.rows.push_back({file.string()});
  }
  view.notes.push_back(fmt::format("lost: {}", made.format->loses));
  view.notes.insert(view.notes.end(), made.notes.begin(), made.notes.end());
  return view;
}

std::string format_table() {
  TextTable table({{"format", Align::left}, {"makes", Align::left}, {"read by", Align::left}, {"loses", Align::left}});
  for (const exports::Format* each : exports::formats()) {
    table.add({std::string(each->name), each->is_folder ? "folder" : "file", std::string(each->planner),
               std::string(each->loses)});
  }
  return table.print();
}

}  // namespace hockney::views
