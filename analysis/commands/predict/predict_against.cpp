#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <tuple>

#include "base/error.hpp"
#include "commands/curve_source.hpp"
#include "commands/predict/ways.hpp"
#include "commands/reference/reference_library.hpp"
#include "commands/view_output.hpp"
#include "record/usable.hpp"
#include "store/launch_reader.hpp"
#include "views/against_view.hpp"
#include "views/points.hpp"

namespace hockney::commands {
namespace {

struct AgainstOptions {
  std::vector<std::filesystem::path> campaigns;  ///< launch files or folders that hold step_replay points
  std::string cost;                              ///< empty: curves are fitted from the campaigns' other launches
  ViewOutput output;
};

bool holds_steps(const Launch& launch) {
  return std::any_of(launch.measurements.begin(), launch.measurements.end(),
                     [](const Measurement& visit) { return visit.point.operation == Operation::step_replay; });
}

// The visits of a step that count; each of the others is told.
std::vector<const Measurement*> usable_visits(const views::PointOfLaunch& row) {
  std::vector<const Measurement*> visits;
  for (const Measurement* visit : row.passes) {
    if (const Usability answer = usable(*visit)) {
      visits.push_back(visit);
    } else {
      fmt::print(stderr, "hockney: {}, pass {}: left out: {}\n", row.point().name(), visit->pass, answer.reason);
    }
  }
  return visits;
}

views::ComparedLaunch compare(const Launch& launch, const CurveSource& source) {
  views::ComparedLaunch compared{launch.info, views::short_id(launch), source.text, {}};
  const std::vector<Launch> alone{launch};
  for (const views::PointOfLaunch& row : views::points_of(alone)) {
    if (row.point().operation != Operation::step_replay) {
      continue;
    }
    if (const std::vector<const Measurement*> visits = usable_visits(row); !visits.empty()) {
      compared.steps.push_back(predict::compare_step(source.model, visits));
    }
  }
  const auto order = [](const predict::StepComparison& step) {
    const Mapping& shape = step.point.step().mapping;
    return std::tuple(shape.data, shape.pipeline, shape.tensor, step.point.payload, step.point.name());
  };
  std::stable_sort(
      compared.steps.begin(), compared.steps.end(),
      [&](const predict::StepComparison& a, const predict::StepComparison& b) { return order(a) < order(b); });
  return compared;
}

void run(const AgainstOptions& options) {
  const std::vector<Launch> launches = store::read_campaign(options.campaigns);
  std::optional<CurveSource> given;
  if (!options.cost.empty()) {
    given = CurveSource{cost::CostModel::read(ReferenceLibrary().cost_model_given(options.cost)), "of " + options.cost};
  }
  std::vector<views::ComparedLaunch> compared;
  for (const Launch& launch : launches) {
    if (holds_steps(launch)) {
      compared.push_back(compare(launch, given ? *given : curves_for_steps(launches, launch)));
    }
  }
  std::erase_if(compared, [](const views::ComparedLaunch& each) { return each.steps.empty(); });
  if (compared.empty()) {
    throw InputError(fmt::format("{}: holds no replayed step; measure with: hockney-bench --plan replay",
                                 options.campaigns.front().string()));
  }
  print(options.output.csv.empty() ? views::against_view(compared) : views::against_tables(compared), options.output);
}

}  // namespace

void add_predict_against(CLI::App& predict) {
  auto options = std::make_shared<AgainstOptions>();
  CLI::App* command = predict.add_subcommand(
      "against",
      "replayed steps beside their predictions. Curves come from --cost; without it a launch's steps are predicted "
      "from "
      "launches of another start of hockney-bench, else of the other launch of the same start, never of the launch "
      "itself");
  command->add_option("CAMPAIGN,--against", options->campaigns, "launch files or folders with replayed steps")
      ->required();
  command->add_option("--cost", options->cost, fmt::format("fitted cost model (*.cost.json), {}", or_reference));
  add_view_flags(*command, options->output);
  command->callback([options] { run(*options); });
}

}  // namespace hockney::commands
