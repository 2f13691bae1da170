#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "commands/commands.hpp"
#include "commands/export/answers.hpp"
#include "commands/export/node_flags.hpp"
#include "commands/finite_range.hpp"
#include "commands/flag_value.hpp"
#include "commands/platform_choice.hpp"
#include "commands/predict/step_flags.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "store/durable_file.hpp"
#include "views/export_view.hpp"

namespace hockney::commands {
namespace {
namespace fs = std::filesystem;

struct ExportOptions {
  StepFlags step;
  std::string gpu;  // empty: the platform's
  std::string format;
  fs::path out;
  bool list = false;
  std::optional<std::uint32_t> nodes;
  NodeFlags node;
  std::string payload{"64MiB"};
  ViewOutput output;
};

exports::Processor processor_of(const predict::Gpu& gpu) {
  return {gpu.name,
          gpu.matrix_flops_per_s,
          gpu.matrix_flops_per_s_8bit,
          gpu.efficiency,
          gpu.memory_bytes_per_s,
          gpu.memory,
          static_cast<double>(gpu.collective_channels) / gpu.multiprocessors};
}

std::uint32_t usual_nodes(const cost::CostModel& model) {
  std::uint32_t most = model.line_rate_between_nodes() ? 2 : 1;
  for (const cost::CostCurve& curve : model.curves) {
    most = std::max(most, curve.shape.group.nodes());
  }
  return most;
}

exports::Cluster cluster_of(const ExportOptions& options, const cost::CostModel& cost, const predict::Gpu& gpu) {
  exports::Cluster cluster;
  cluster.name = cost.name;
  cluster.gpus_per_node = options.node.gpus_of(cost);
  cluster.nodes = options.nodes ? *options.nodes : usual_nodes(cost);
  cluster.nics_per_node = options.node.nics_of(cluster.gpus_per_node);
  if (std::uint64_t{cluster.nodes} * std::max(cluster.gpus_per_node, cluster.nics_per_node) > most_exported) {
    throw InputError(
        fmt::format("{} nodes (--nodes) of {} GPUs (--ranks-per-node) and {} NICs (--nics-per-node): "
                    "expected {} GPUs and NICs or fewer",
                    cluster.nodes, cluster.gpus_per_node, cluster.nics_per_node, most_exported));
  }
  cluster.reference = flag_value("--payload", options.payload, parse_bytes);
  if (cluster.reference <= exports::smallest_payload) {
    throw InputError(
        fmt::format("--payload {}: expected more than {}", options.payload, to_string(exports::smallest_payload)));
  }
  cluster.gpu = processor_of(gpu);
  cluster.model = &cost;
  return cluster;
}

void write_file(const fs::path& file, const std::string& text) {
  store::Draft draft(file);
  std::ofstream stream(draft.path(), std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) {
    throw InputError(fmt::format("{}: cannot be written", file.string()));
  }
  draft.publish();
}

fs::path place_of(const ExportOptions& options, const exports::Format& format, const exports::File& file) {
  return format.is_folder ? options.out / file.name : options.out;
}

fs::path origin_of(const ExportOptions& options, const exports::Format& format) {
  return format.is_folder ? options.out / "origin.txt" : fs::path(options.out).concat(".origin.txt");
}

void require_place(const ExportOptions& options, const exports::Format& format) {
  const bool is_right = format.is_folder ? fs::is_directory(options.out) : fs::is_regular_file(options.out);
  if (fs::exists(options.out) && !is_right) {
    throw InputError(fmt::format("--out {}: {} makes a {}, and this is none", options.out.string(), format.name,
                                 format.is_folder ? "folder" : "file"));
  }
}

void write_files(const ExportOptions& options, const exports::Format& format, const exports::Exported& made,
                 views::WrittenExport& written) {
  require_place(options, format);
  const fs::path folder = format.is_folder ? options.out : options.out.parent_path();
  if (!folder.empty()) {
    store::make_folder(folder);
  }
  for (const exports::File& file : made.files) {
    write_file(place_of(options, format, file), file.text);
    written.files.push_back(place_of(options, format, file));
  }
  written.files.push_back(origin_of(options, format));
}

// Of all curves where a format holds curves and asks for no time.
std::vector<std::string> warnings_of(const Answers& answers, const cost::CostModel& cost) {
  return answers.were_asked() ? answers.warnings() : describe(cost.flags());
}

// What a training program adds to a transfer, and a limit tuned on training runs, are no constants of the network.
void leave_out_what_training_adds(StepFlags& flags) {
  for (const predict::Addition each : {predict::Addition::host_wait, predict::Addition::ring_limit}) {
    flags.without.emplace_back(name_of(each));
  }
}

std::string machine_of(const cost::CostModel& cost) {
  return !cost.curves.empty()      ? cost.curves.front().machine
         : cost.line_rates.empty() ? ""
                                   : cost.line_rates.front().machine;
}

void write(ExportOptions options) {
  const exports::Format& format = exports::find_format(options.format);
  leave_out_what_training_adds(options.step);
  const cost::CostModel cost = read_cost(options.step);
  const std::string machine = machine_of(cost);
  const ChosenGpu gpu = chosen_gpu(options.gpu, chosen_platform({}, machine), machine);
  predict::Predictor predictor = predictor_of(options.step, predict::find_gpu(gpu.name), cost);
  exports::Cluster cluster = cluster_of(options, cost, predictor.step().gpu());
  Answers answers(predictor.network(std::nullopt, cluster.gpus_per_node));
  cluster.ask = [&answers](Operation operation, const Group& group, Bytes payload) {
    return answers.ask(operation, group, payload);
  };
  const exports::Exported made = format.write(cluster);
  views::WrittenExport written{&format, &cluster, gpu.mark, {}, warnings_of(answers, cost), made.notes};
  const std::vector<std::string> others = answers.not_measured();
  written.notes.insert(written.notes.end(), others.begin(), others.end());
  write_files(options, format, made, written);
  const render::View view = views::export_view(written);
  write_file(origin_of(options, format), to_text(view));
  print(view, options.output);
}

void list() {
  for (const exports::Format* each : exports::formats()) {
    fmt::print("{}\n", each->name);
  }
}

void run(const ExportOptions& options) {
  if (options.list) {
    list();
    return;
  }
  if (options.format.empty() || options.step.cost.empty() || options.out.empty()) {
    throw InputError("export: expected --to FORMAT (hockney export --list), a cost model and --out FILE or FOLDER");
  }
  write(options);
}

}  // namespace

void add_export(CLI::App& app) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "Measured constants as the files that other planners read");
  command->add_option("MODEL", options->step.cost, fmt::format("fitted cost model (*.cost.json), {}", or_reference));
  command->add_option("--to", options->format, "a format of the table below");
  command->add_option("--out", options->out, "the file, or the folder of formats of several files");
  command->add_flag("--list", options->list, "print the names of the formats, one per line");
  command->add_option("--nodes", options->nodes, "nodes of the exported cluster (default: the most of any curve)")
      ->check(whole_range(1, most_exported));
  options->node.add_to(*command);
  command
      ->add_option("--payload", options->payload,
                   "where formats with one latency and one rate are exact; the size of TACCL's file")
      ->capture_default_str();
  command->add_option("--machine", options->step.machines,
                      "use this machine's curves; needed when MODEL holds several");
  command->add_option("--inter-node-bandwidth", options->step.bandwidth,
                      "line rate per GPU between nodes (25GB/s, 200Gbit/s), where the model has no such curve");
  command->add_option("--inter-node-latency", options->step.latency, "latency between nodes (5us), with the line rate");
  command->add_option("--gpu", options->gpu,
                      "a shipped GPU's name, or a GPU file (*.toml), for formats that hold one; default: that of the "
                      "platform that the machine is named after, else " +
                          StepFlags{}.gpu);
  add_view_flags(*command, options->output);
  command->footer(
      "Beside what is written stands a text that says where it comes from and what was lost (origin.txt).\n\n" +
      views::format_table());
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
