#include "commands/report/overhead_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>

#include "base/error.hpp"
#include "commands/finite_range.hpp"
#include "commands/plan/search_flags.hpp"
#include "commands/platform_choice.hpp"
#include "commands/predict/step_flags.hpp"
#include "predict/predictor.hpp"
#include "views/overhead_map.hpp"
#include "views/report/marks.hpp"

namespace hockney::commands {
namespace {

bool joins_gpus(Fabric fabric) {
  return fabric != Fabric::host_memory && fabric != Fabric::tcp && fabric != Fabric::unknown &&
         fabric != Fabric::device_memory;
}

/// Why a model cannot be predicted from; empty where it can.
std::string refusal_of(const cost::CostModel& model) {
  std::set<std::string> machines;
  bool has_gpus = false;
  for (const cost::CostCurve& curve : model.curves) {
    machines.insert(curve.machine);
    has_gpus = has_gpus || joins_gpus(curve.shape.fabric);
  }
  if (model.curves.empty()) {
    return "no curve was fitted";
  }
  if (!has_gpus) {
    return "no curve of a fabric between GPUs";
  }
  if ((model.flags().bits & cost::no_network_constant.bits) != 0) {
    return "emulated data and shared GPUs have no network constants";
  }
  return machines.size() > 1 ? "curves of several machines" : "";
}

std::optional<platform::Platform> platform_of(const cost::CostModel& model,
                                              const views::PlatformsByMachine& platforms) {
  const auto found = platforms.find(model.curves.front().machine);
  return found == platforms.end() ? std::nullopt : std::optional(found->second);
}

SearchFlags search_flags(const OverheadFlags& flags, const std::optional<platform::Platform>& platform) {
  SearchFlags search;
  search.gpus = flags.gpus;
  search.global_batch = flags.global_batch;
  search.gpus_per_node = platform ? platform->gpus_per_node : search.gpus_per_node;
  return search;
}

std::vector<std::string> marks_of_prediction(const cost::CostModel& model, const ChosenGpu& gpu) {
  std::vector<std::string> marks = views::marks_of(model.flags());
  if (!gpu.mark.empty()) {
    marks.push_back(gpu.mark);
  }
  if (!model.line_rates.empty()) {
    marks.emplace_back("ESTIMATED FROM LINE RATE: messages that no measured curve answers");
  }
  return marks;
}

std::string mapping_text(const Mapping& mapping) {
  return fmt::format("tp {}, pp {}, dp {}", mapping.tensor, mapping.pipeline, mapping.data);
}

}  // namespace

void OverheadFlags::add_to(CLI::App& command) {
  command.add_option("--model", model, "whose training overhead is predicted: a shipped model, or a file (*.toml)")
      ->capture_default_str();
  command.add_option("--gpu", gpu,
                     "a shipped GPU's name, or a GPU file (*.toml); default: the platform's; else " + StepFlags{}.gpu +
                         ", and the figure says GPU ASSUMED");
  command.add_option("--gpus", gpus, "GPUs of the predicted training")->capture_default_str()->check(whole_range(1));
  command.add_option("--gbs", global_batch, "sequences per step of it")->capture_default_str()->check(whole_range(1));
}

void OverheadFlags::predict(views::ReportedCampaign& campaign, const views::PlatformsByMachine& platforms) const {
  const Transformer transformer = find_transformer(model);
  const cost::CostModel& cost = campaign.fit.model;
  campaign.no_overhead = refusal_of(cost);
  if (!campaign.no_overhead.empty()) {
    return;
  }
  const std::optional<platform::Platform> platform = platform_of(cost, platforms);
  const ChosenGpu chosen = chosen_gpu(gpu, platform, cost.curves.front().machine);
  const predict::Gpu its_gpu = predict::find_gpu(chosen.name);
  const UsualRun usual = usual_run({}, its_gpu.name);
  predict::SearchSpace space = search_flags(*this, platform).space(its_gpu, usual);
  std::optional<double> node_nic;
  join_fabric(its_gpu, space.base, node_nic);
  predict::Predictor predictor(cost, its_gpu, {}, {}, usual.run);
  predict::StepNetwork& network = predictor.network(node_nic, space.base.gpus_per_node);
  const std::vector<predict::Swept> swept = predict::sweep_mappings(predictor.step(), transformer, space, network);
  if (!views::has_overheads(swept)) {
    campaign.no_overhead = fmt::format("no mapping of {} on {} GPUs fits and has curves", transformer.name, gpus);
    return;
  }
  views::PredictedOverhead overhead{.map = views::overhead_map(swept)};
  overhead.map.title =
      fmt::format("{} on {} x {}, global batch {}", transformer.name, gpus, its_gpu.name, global_batch);
  overhead.map.subtitles = {fmt::format(
      "predicted from {}: share of the step beyond computation, best mapping of each pair of sizes", campaign.name)};
  overhead.map.remarks = marks_of_prediction(cost, chosen);
  const auto better = [](const predict::Swept& a, const predict::Swept& b) {
    return a.best && (!b.best || a.best->ranked_s < b.best->ranked_s);
  };
  const predict::Swept& best = *std::min_element(swept.begin(), swept.end(), better);
  overhead.least = *best.overhead();
  overhead.mapping = mapping_text(best.best->mapping);
  overhead.warnings = predict::warnings_about_step(predictor.step(), transformer, best.best->mapping, network);
  campaign.overhead = std::move(overhead);
}

}  // namespace hockney::commands
