#include "commands/compare/run_flags.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <utility>

#include "base/error.hpp"
#include "base/rates.hpp"
#include "commands/finite_range.hpp"
#include "commands/flag_value.hpp"
#include "commands/predict/step_flags.hpp"
#include "predict/predictor.hpp"
#include "views/run_view.hpp"
#include "workload/transformer.hpp"

namespace hockney::commands {
namespace {

using MaybePlatform = std::optional<platform::Platform>;

constexpr std::string_view list = "list";

// "list,3y" is the platform's list price.
std::optional<compare::Price> price_of(const SideInput& side, const std::string& text, const MaybePlatform& platform) {
  if (text.empty()) {
    return std::nullopt;
  }
  return flag_value(side.flag("price"), text, [&](const std::string& given) {
    if (!given.starts_with(list)) {
      return compare::parse_price(given);
    }
    if (!platform || !platform->price) {
      throw InputError(fmt::format("the catalogue has no list price of {}; expected one, as 32.77/h",
                                   platform ? platform->name : "a platform of this name"));
    }
    return compare::parse_price(platform->price->text() + given.substr(list.size()));
  });
}

std::string gpu_of(const SideInput& side, const std::string& given, const MaybePlatform& platform) {
  if (!given.empty()) {
    return given;
  }
  if (!platform || platform->gpu.empty()) {
    throw InputError(fmt::format("{}: which GPU is not known; name it with {}", side.given, side.flag("gpu")));
  }
  return platform->gpu;
}

/// What one side's prediction is made from and what it says.
struct SideRun {
  cost::CostModel cost;
  predict::StepPrediction step;
};

// The platform's NICs answer between nodes where the model has no curve and nobody states another rate.
predict::NetworkWishes wishes_of(const cost::CostModel& cost, const MaybePlatform& platform) {
  predict::NetworkWishes wishes;
  if (platform && !cost.line_rate_between_nodes()) {
    wishes.line_rate = predict::LineRate{platform->outer_rate(), predict::NicRate{}.latency};
  }
  return wishes;
}

/// What the flags say of one side's nodes.
struct NodeFlags {
  const std::string& gpu;
  const std::string& nic;
};

std::optional<double> node_nic_of(const SideInput& side, const NodeFlags& node) {
  return node.nic.empty() ? std::nullopt : std::optional(flag_value(side.flag("node-nic"), node.nic, parse_rate).value);
}

SideRun run_of(const RunFlags& flags, const SideInput& side, const NodeFlags& node, const MaybePlatform& platform) {
  SideRun run{side.cost_model(), {}};
  const Transformer model = find_transformer(flags.model);
  predict::Gpu gpu = predict::find_gpu(gpu_of(side, node.gpu, platform));
  const UsualRun usual = usual_run({}, gpu.name);
  Mapping mapping = flags.mapping.over(usual.mapping);
  if (platform && flags.gpus_per_node->count() == 0) {
    mapping.gpus_per_node = platform->gpus_per_node;
  }
  check(mapping, model);
  predict::Predictor predictor(run.cost, std::move(gpu), wishes_of(run.cost, platform), {}, usual.run);
  run.step = predictor.predict(predict::Scope::step, model, mapping, node_nic_of(side, node));
  return run;
}

std::string name_of(const SideInput& side, const std::string& node_nic) {
  return node_nic.empty() ? side.given : fmt::format("{}, NICs of a node {}", side.given, node_nic);
}

std::string letter_of(const SideInput& side) { return std::string(1, side.letter); }

void add_priced(std::vector<views::PricedCluster>& clusters, const SideInput& side,
                const std::optional<compare::Price>& price, double nodes) {
  if (price) {
    clusters.push_back({letter_of(side), *price, nodes});
  }
}

}  // namespace

void RunFlags::add_to(CLI::App& command) {
  constexpr double most = 1e15;
  CLI::Option* run =
      command.add_option("--model", model, "Predict training of this model, a shipped one's name or a file");
  mapping.add_to(command, run);
  gpus_per_node = command.get_option("--gpus-per-node");
  command.add_option("--tokens", tokens, "Tokens of a whole run")->check(finite_range(1, most))->needs(run);
  command.add_option("--gpu-a", gpu_a, "A: GPU to predict with (default: the platform's)")->needs(run);
  command.add_option("--gpu-b", gpu_b, "B: likewise")->needs(run);
  command
      .add_option("--node-nic-a", node_nic_a,
                  "A: what a node's NICs bring together (50GB/s); replaces its curves between nodes")
      ->needs(run);
  command.add_option("--node-nic-b", node_nic_b, "B: likewise")->needs(run);
  const std::string forms =
      ": price in USD: 32.77/h (a node), 199000/system,3y,15%,20% (a node bought, written off in 3 years; network and "
      "storage as shares of the whole), 75e6/cluster,3y, or 'list' for the catalogue's";
  command.add_option("--price-a", price_a, "A" + forms);
  command.add_option("--price-b", price_b, "B, likewise");
  CLI::Option* alone = command.add_option("--nodes", nodes, "Prices of so many nodes alone, without A and B")
                           ->check(whole_range(1, 1'000'000'000));
  alone->excludes(run);
  command.add_option("--years", years, "... over so many years")
      ->check(finite_range(0.01, 100))
      ->capture_default_str()
      ->needs(alone);
  command.add_option("--budget", budget, "... and how many such clusters this many USD pay for")
      ->check(finite_range(1, most))
      ->needs(alone);
}

void RunFlags::require_use_of_prices() const {
  if ((!price_a.empty() || !price_b.empty()) && nodes == 0 && tokens == 0) {
    throw InputError("--price-a and --price-b: expected --model and --tokens with them, or --nodes");
  }
}

render::View RunFlags::prices_view(const SideInput& a, const SideInput& b) const {
  std::vector<views::PricedCluster> clusters;
  add_priced(clusters, a, price_of(a, price_a, a.platform_of({})), nodes);
  add_priced(clusters, b, price_of(b, price_b, b.platform_of({})), nodes);
  if (clusters.empty()) {
    throw InputError("--nodes shows what nodes cost: expected --price-a or --price-b with it");
  }
  render::View view{.what = "comparison", .version = "1.0.0", .main_table = "prices"};
  view.tables.push_back(views::price_table(clusters, {years, budget}));
  return view;
}

void RunFlags::add_runs(render::View& view, const SideInput& a, const MaybePlatform& platform_a, const SideInput& b,
                        const MaybePlatform& platform_b) const {
  const SideRun one = run_of(*this, a, {gpu_a, node_nic_a}, platform_a);
  const SideRun other = run_of(*this, b, {gpu_b, node_nic_b}, platform_b);
  const std::vector<views::ComparedRun> runs{
      {letter_of(a), name_of(a, node_nic_a), &one.step, price_of(a, price_a, platform_a)},
      {letter_of(b), name_of(b, node_nic_b), &other.step, price_of(b, price_b, platform_b)}};
  view.tables.insert(view.tables.begin(), views::run_table(runs, tokens));
  const std::vector<std::string> warnings = views::run_warnings(runs);
  view.warnings.insert(view.warnings.end(), warnings.begin(), warnings.end());
}

}  // namespace hockney::commands
