#include "commands/predict/against.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text_table.hpp"
#include "commands/curve_source.hpp"
#include "commands/reference/reference_library.hpp"
#include "predict/score/against.hpp"
#include "record/usable.hpp"
#include "store/launch_reader.hpp"
#include "views/points.hpp"

namespace hockney::commands {
namespace {

bool holds_steps(const Launch& launch) {
  return std::any_of(launch.measurements.begin(), launch.measurements.end(),
                     [](const Measurement& visit) { return visit.point.operation == Operation::step_replay; });
}

/// The steps of one launch.
struct Compared {
  const Launch* launch = nullptr;
  std::string curves;
  std::vector<predict::StepComparison> steps;
};

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

Compared compare(const Launch& launch, const CurveSource& source) {
  Compared compared{&launch, source.text, {}};
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

std::string milliseconds(double time_s) { return significant(time_s * 1e3); }

std::string interval_ms(double low_s, double high_s) {
  return low_s == high_s ? "not known" : fmt::format("{} .. {}", milliseconds(low_s), milliseconds(high_s));
}

std::string remarks_on(const predict::StepComparison& step) {
  std::string text = to_string(step.flags);
  const auto add = [&](bool is_so, std::string_view word) {
    text += is_so ? fmt::format("{}{}", text.empty() ? "" : ",", word) : "";
  };
  add(step.extrapolated, "extrapolated");
  add(step.substituted, "SUBSTITUTED");
  return text;
}

void print_launch(const Compared& compared) {
  const LaunchInfo& info = compared.launch->info;
  fmt::print("steps of launch {} on {} ({}), curves {}\n", views::short_id(*compared.launch), info.machine,
             to_iso8601(info.started_utc_ns), compared.curves);
  TextTable table({{"tp x pp x dp", Align::left},
                   {"layers"},
                   {"micro-batches"},
                   {"activation"},
                   {"step (ms)"},
                   {"compute (ms)"},
                   {"communication (ms)"},
                   {"95 % interval (ms)"},
                   {"predicted (ms)"},
                   {"95 % interval (ms)"},
                   {"basis", Align::left},
                   {"predicted / measured"},
                   {"remarks", Align::left}});
  for (const predict::StepComparison& step : compared.steps) {
    const Step& replayed = step.point.step();
    const Mapping& mapping = replayed.mapping;
    const Interval measured = step.communication_interval_s;
    table.add({fmt::format("{} x {} x {}", mapping.tensor, mapping.pipeline, mapping.data),
               std::to_string(replayed.model.layers), std::to_string(step.point.micro_batches()),
               to_string(step.point.payload), milliseconds(step.measured.median_s), milliseconds(step.compute_s),
               milliseconds(step.communication_s), interval_ms(measured.low, measured.high),
               milliseconds(step.predicted.value_s), interval_ms(step.predicted.low_s, step.predicted.high_s),
               std::string(name_of(step.predicted.basis)), fmt::format("{:.3f}", step.ratio()), remarks_on(step)});
  }
  fmt::print("{}\n", table.print());
}

std::vector<predict::StepComparison> all_steps(const std::vector<Compared>& launches) {
  std::vector<predict::StepComparison> steps;
  for (const Compared& compared : launches) {
    steps.insert(steps.end(), compared.steps.begin(), compared.steps.end());
  }
  return steps;
}

// Of the whole, and of what slices the model one way only.
std::vector<std::pair<std::string, std::vector<predict::StepComparison>>> kinds_of(
    const std::vector<predict::StepComparison>& all) {
  const auto only = [&](auto admits) {
    std::vector<predict::StepComparison> some;
    std::copy_if(all.begin(), all.end(), std::back_inserter(some),
                 [&](const predict::StepComparison& step) { return admits(step.point.step().mapping); });
    return some;
  };
  std::vector<std::pair<std::string, std::vector<predict::StepComparison>>> kinds;
  kinds.emplace_back("tensor parallel only", only([](const Mapping& s) { return s.tensor == s.gpus(); }));
  kinds.emplace_back("pipeline parallel only", only([](const Mapping& s) { return s.pipeline == s.gpus(); }));
  kinds.emplace_back("data parallel only", only([](const Mapping& s) { return s.data == s.gpus(); }));
  kinds.emplace_back("all", all);
  std::erase_if(kinds, [](const auto& kind) { return kind.second.empty(); });
  return kinds;
}

void print_text(const std::vector<Compared>& launches) {
  for (const Compared& compared : launches) {
    print_launch(compared);
  }
  TextTable table({{"|predicted / measured - 1|, communication part", Align::left},
                   {"steps"},
                   {"median (%)"},
                   {"95th percentile (%)"},
                   {"intervals meet"}});
  constexpr double percent = 100;
  for (const auto& [name, steps] : kinds_of(all_steps(launches))) {
    const cost::ErrorQuantiles errors = predict::ratio_errors(steps);
    table.add({name, std::to_string(steps.size()), fmt::format("{:.1f}", errors.median * percent),
               fmt::format("{:.1f}", errors.p95 * percent),
               fmt::format("{} of {}", predict::intervals_that_meet(steps), steps.size())});
  }
  fmt::print("{}", table.print());
}

nlohmann::ordered_json as_json(const predict::StepComparison& step) {
  const Step& replayed = step.point.step();
  nlohmann::ordered_json json{{"name", step.point.name()},
                              {"tensor", replayed.mapping.tensor},
                              {"pipeline", replayed.mapping.pipeline},
                              {"data", replayed.mapping.data},
                              {"layers", replayed.model.layers},
                              {"micro_batches", step.point.micro_batches()},
                              {"activation_bytes", step.point.payload.count},
                              {"measured_step_s", step.measured.median_s},
                              {"compute_s", step.compute_s},
                              {"measured_s", step.communication_s},
                              {"measured_low_s", step.communication_interval_s.low},
                              {"measured_high_s", step.communication_interval_s.high},
                              {"predicted_s", step.predicted.value_s},
                              {"predicted_low_s", step.predicted.low_s},
                              {"predicted_high_s", step.predicted.high_s},
                              {"interval_basis", name_of(step.predicted.basis)},
                              {"predicted_over_measured", step.ratio()},
                              {"extrapolated", step.extrapolated},
                              {"substituted", step.substituted},
                              {"flags", to_string(step.flags)}};
  for (const predict::CauseSum& cause : step.causes) {
    json["predicted_by_cause_s"][std::string(name_of(cause.cause))] = cause.sum.value_s;
  }
  return json;
}

void print_json(const std::vector<Compared>& launches) {
  nlohmann::ordered_json json{{"schema", "hockney step comparison"}, {"version", "1.0.0"}};
  for (const Compared& compared : launches) {
    nlohmann::ordered_json entry{{"run_uuid", compared.launch->info.run_uuid},
                                 {"machine", compared.launch->info.machine},
                                 {"curves", compared.curves},
                                 {"steps", nlohmann::ordered_json::array()}};
    for (const predict::StepComparison& step : compared.steps) {
      entry["steps"].push_back(as_json(step));
    }
    json["launches"].push_back(std::move(entry));
  }
  for (const auto& [name, steps] : kinds_of(all_steps(launches))) {
    const cost::ErrorQuantiles errors = predict::ratio_errors(steps);
    json["errors"].push_back({{"of", name},
                              {"steps", steps.size()},
                              {"median_fraction", errors.median},
                              {"p95_fraction", errors.p95},
                              {"intervals_meet", predict::intervals_that_meet(steps)}});
  }
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

void run_against(const AgainstOptions& options) {
  const std::vector<Launch> launches = store::read_campaign(options.campaigns);
  std::optional<CurveSource> given;
  if (!options.cost_file.empty()) {
    given = CurveSource{cost::CostModel::read(ReferenceLibrary().cost_model_given(options.cost_file)),
                        "of " + options.cost_file};
  }
  std::vector<Compared> compared;
  for (const Launch& launch : launches) {
    if (holds_steps(launch)) {
      compared.push_back(compare(launch, given ? *given : curves_for_steps(launches, launch)));
    }
  }
  std::erase_if(compared, [](const Compared& each) { return each.steps.empty(); });
  if (compared.empty()) {
    throw InputError(fmt::format("{}: holds no replayed step; measure with: hockney-bench --plan replay",
                                 options.campaigns.front().string()));
  }
  options.json ? print_json(compared) : print_text(compared);
}

}  // namespace hockney::commands
