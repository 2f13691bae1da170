#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <set>

#include "base/error.hpp"
#include "plan/at_payload.hpp"
#include "plan/goes_with.hpp"
#include "plan/group_kind.hpp"
#include "plan/plan.hpp"
#include "plan/vary.hpp"

namespace hockney::inline plan {
namespace {

// Messages in flight per sample of the one-way stream; osu_bw uses 64, NCCL pipelines fewer.
constexpr std::uint32_t stream_window = 33;
// Round trips per sample: enough that reading the clock twice does not count.
constexpr std::uint32_t ping_pong_round_trips = 10;
// The least that quantisation of the clock's step needs (docs/measuring.md, What one sample is).
constexpr std::uint32_t back_to_back_operations = 20;

std::uint32_t operations_per_sample(const Case& point) {
  switch (point.operation) {
    case Operation::ping_pong:
      return 2 * (point.payload < mebibytes(1) ? ping_pong_round_trips : 1);
    case Operation::one_way_stream:
      return stream_window - 1;
    case Operation::pipeline_forward:
    case Operation::pipeline_forward_backward:
      return pipeline_steps(point.operation, point.group.ranks, point.micro_batches());
    case Operation::step_replay:
      return 1;
    default:
      return is_back_to_back(point.mode) ? back_to_back_operations : 1;
  }
}

// Fabric::unknown where neither the plan nor the world tells.
Fabric fabric_of(const Group& group, const std::optional<Fabric>& asked, const World& world) {
  if (group.ranks == 1) {
    return world.transport == TransportKind::nccl ? Fabric::device_memory : Fabric::host_memory;
  }
  if (asked) {
    return *asked;
  }
  const bool spans_nodes = group.nodes() > 1;
  const bool is_told = world.inter_node != Fabric::unknown || world.transport == TransportKind::nccl;
  return spans_nodes && is_told ? world.inter_node : world.intra_node;
}

std::string why_unknown_fabric(const Case& point) {
  if (point.transport != TransportKind::nccl || point.fabric != Fabric::unknown) {
    return "";
  }
  return fmt::format("the fabric {} is not known here; name it with the key fabric",
                     point.group.nodes() > 1 ? "between nodes" : "within a node");
}

std::vector<Mode> modes_of(const MeasureSection& section, Operation operation, const World& world) {
  if (section.modes.empty()) {
    return {goes_with(world.default_mode, operation) ? world.default_mode : Mode::stream};
  }
  std::vector<Mode> modes = section.modes;
  std::erase_if(modes, [operation](Mode mode) { return !goes_with(mode, operation); });
  return modes;
}

std::string why_too_few(const Case& point) {
  const std::uint32_t ranks = point.group.ranks;
  const bool pair = point.operation == Operation::ping_pong || point.operation == Operation::one_way_stream;
  if (pair && ranks != 2) {
    return fmt::format("{} takes 2 ranks, not {}", name_of(point.operation), ranks);
  }
  return is_pipeline(point.operation) && ranks < 2
             ? fmt::format("{} takes 2 ranks or more, not {}", name_of(point.operation), ranks)
             : "";
}

// Why a case of an existing group cannot be; empty when it can.
std::string why_impossible(const Case& point, const MeasureSection& section) {
  const std::uint32_t ranks = point.group.ranks;
  for (std::string reason : {why_too_few(point), why_unknown_fabric(point)}) {
    if (!reason.empty()) {
      return reason;
    }
  }
  if (point.payload.count % (elements_granularity(point.operation, ranks) * size_of(point.element).count) != 0) {
    return fmt::format("{} cannot be cut into {} equal blocks of whole {} elements ({})", to_string(point.payload),
                       ranks, name_of(point.element), section.origin);
  }
  if (const Routing& routing = point.routing();
      !routing.matrix.empty() && routing.weights.size() != std::size_t{ranks} * ranks) {
    return fmt::format("matrix '{}' has {} weights, and {} ranks need {}", routing.matrix, routing.weights.size(),
                       ranks, std::size_t{ranks} * ranks);
  }
  if (section.fabric == Fabric::device_memory && ranks > 1) {
    return fmt::format("device_memory joins no ranks: it is the fabric of a group of 1, not of {}", ranks);
  }
  return "";
}

std::vector<Case> cross_factors(const MeasureSection& section, const Case& common, const World& world) {
  std::vector<Case> cases{common};
  vary(cases, modes_of(section, common.operation, world), [](Case& point, Mode mode) { point.mode = mode; });
  vary(cases, section.elements, [](Case& point, Element element) { point.element = element; });
  if (is_reduction(common.operation)) {
    vary(cases, section.reductions, [](Case& point, Reduction reduction) { point.own = reduction; });
  }
  vary(cases, section.in_place, [](Case& point, bool in_place) { point.in_place = in_place; });
  vary(cases, section.native, [](Case& point, bool native) { point.native = native; });
  vary(cases, section.buffers, [](Case& point, Buffers buffers) { point.buffers = buffers; });
  const std::vector<Cache> caches = section.caches.empty() ? std::vector{world.default_cache} : section.caches;
  vary(cases, caches, [](Case& point, Cache cache) { point.cache = cache; });
  vary(cases, section.algorithms, [](Case& point, const std::string& pin) { point.algorithm = pin; });
  vary(cases, section.protocols, [](Case& point, const std::string& pin) { point.protocol = pin; });
  if (common.operation == Operation::all_to_all_v) {
    vary(cases, section.routings, [](Case& point, const Routing& routing) { point.own = routing; });
  }
  if (is_pipeline(common.operation)) {
    vary(cases, section.micro_batches, [](Case& point, std::uint32_t m) { point.set_micro_batches(m); });
  }
  vary(cases, section.payloads, [&](Case& point, Bytes payload) {
    const bool from_grid = std::binary_search(section.grid.begin(), section.grid.end(), payload);
    point.payload = from_grid ? cut_equally(payload, point.operation, point.group.ranks, point.element) : payload;
  });
  for (Case& point : cases) {
    point.operations_per_sample = operations_per_sample(point);
  }
  return cases;
}

void check_name(const Case& point, const std::string& origin) {
  const std::string name = point.name();
  if (name.size() > longest_point_name) {
    throw InputError(
        fmt::format("{}: the name of a point is longer than {} characters (shorten the matrix', the model's or a pin's "
                    "name): {}",
                    origin, longest_point_name, name));
  }
}

class LayingOut {
 public:
  LayingOut(const World& world, Plan::Layout& layout) : world_(world), layout_(layout) {}

  void add(const MeasureSection& section) {
    for (const Operation operation : section.operations) {
      for (const FoundGroup& found : groups_of(section, operation)) {
        add(section, operation, found);
      }
    }
  }

  void add(const MatmulSection& section) {
    for (const bool all_ranks : section.concurrent) {
      const FoundGroup found = find_group(world_, GroupKind::world, 1, all_ranks ? all_at_once : 1);
      Case common = case_of(Operation::matmul, found.group, section.element);
      std::vector<Case> cases{common};
      vary(cases, section.products, [](Case& point, const Matmul& product) { point.own = product; });
      vary(cases, modes_or_default(section.modes), [](Case& point, Mode mode) { point.mode = mode; });
      vary(cases, caches_or_default(section.caches), [](Case& point, Cache cache) { point.cache = cache; });
      for (Case& point : cases) {
        point.payload = size_of(point.element) * point.matmul().elements();
        add_named(point, found.missing, section.origin);
      }
    }
  }

  void add(const StepSection& section) {
    for (const Step& step : section.steps) {
      const FoundGroup found = group_of(step.mapping);
      std::vector<Case> cases{case_of(Operation::step_replay, found.group, section.element)};
      cases.front().own = step;
      vary(cases, section.micro_batches, [](Case& point, std::uint32_t m) { point.set_micro_batches(m); });
      vary(cases, modes_or_default(section.modes), [](Case& point, Mode mode) { point.mode = mode; });
      for (Case& point : cases) {
        point.payload = step.model.activation(step.mapping.micro_batch, size_of(point.element).count);
        add_named(point, found.missing.empty() ? why_unknown_fabric(point) : found.missing, section.origin);
      }
    }
  }

  // What one section could not have, another may have.
  void finish() {
    std::erase_if(layout_.skipped, [&](const Skipped& skipped) { return runs_.contains(skipped.point.name()); });
  }

 private:
  Case case_of(Operation operation, const Group& group, Element element) const {
    Case point;
    point.become(operation);
    point.transport = world_.transport;
    point.group = group;
    point.fabric = fabric_of(group, std::nullopt, world_);
    point.element = element;
    return point;
  }

  std::vector<Mode> modes_or_default(const std::vector<Mode>& modes) const {
    return modes.empty() ? std::vector{world_.default_mode} : modes;
  }
  std::vector<Cache> caches_or_default(const std::vector<Cache>& caches) const {
    return caches.empty() ? std::vector{world_.default_cache} : caches;
  }

  FoundGroup group_of(const Mapping& mapping) const {
    const std::uint64_t ranks = mapping.gpus();
    if (ranks <= world_.ranks) {
      return find_group(world_, GroupKind::world, static_cast<std::uint32_t>(ranks), 1);
    }
    const auto asked = static_cast<std::uint32_t>(std::min<std::uint64_t>(ranks, UINT32_MAX));
    return {{.ranks = asked, .ranks_per_node = std::min(asked, world_.ranks_per_node)},
            fmt::format("tp {} x pp {} x dp {} takes {} ranks, and this run has {}", mapping.tensor, mapping.pipeline,
                        mapping.data, ranks, world_.ranks)};
  }

  void add_named(Case& point, const std::string& missing, const std::string& origin) {
    point.operations_per_sample = operations_per_sample(point);
    check_name(point, origin);
    add(point, missing);
  }

  std::vector<FoundGroup> groups_of(const MeasureSection& section, Operation operation) const {
    if (section.all_pairs) {
      return pairs_of_nodes(world_);
    }
    return section.nodes.empty() ? by_kind(section, operation) : by_shape(section);
  }

  std::vector<FoundGroup> by_kind(const MeasureSection& section, Operation operation) const {
    std::vector<FoundGroup> found;
    for (const GroupKind kind : section.groups.empty() ? std::vector{GroupKind::world} : section.groups) {
      for (const std::uint32_t at_once : section.concurrent) {
        for (const std::uint32_t ranks : section.ranks.empty() ? std::vector{0U} : section.ranks) {
          found.push_back(group_for(section, operation, kind, ranks, at_once));
        }
      }
    }
    return found;
  }

  std::vector<FoundGroup> by_shape(const MeasureSection& section) const {
    std::vector<FoundGroup> found;
    for (const std::uint32_t asked : section.nodes) {
      for (const std::uint32_t nodes : asked == every_doubling ? doublings(world_) : std::vector{asked}) {
        for (const std::uint32_t per_node : section.ranks_per_node.empty() ? std::vector{0U} : section.ranks_per_node) {
          for (const std::uint32_t at_once : section.concurrent) {
            found.push_back(find_group_by_shape(world_, nodes, per_node, at_once));
          }
        }
      }
    }
    return found;
  }

  FoundGroup group_for(const MeasureSection& section, Operation operation, GroupKind kind, std::uint32_t ranks,
                       std::uint32_t at_once) const {
    const bool pair = operation == Operation::ping_pong || operation == Operation::one_way_stream;
    if (kind != GroupKind::world) {
      return find_group(world_, kind, ranks, at_once);
    }
    if (ranks > world_.ranks) {
      throw InputError(
          fmt::format("{}: '{}' needs a group of {} ranks, and this run has {} (start it with mpiexec -n {})",
                      section.origin, name_of(operation), ranks, world_.ranks, ranks));
    }
    const std::uint32_t usual = pair ? std::min(2U, world_.ranks) : world_.ranks;
    return find_group(world_, kind, ranks == 0 ? usual : ranks, at_once);
  }

  void add(const MeasureSection& section, Operation operation, const FoundGroup& found) {
    Case common;
    common.become(operation);
    common.transport = world_.transport;
    common.group = found.group;
    common.fabric = fabric_of(found.group, section.fabric, world_);
    for (const Case& point : cross_factors(section, common, world_)) {
      check_name(point, section.origin);
      add(point, found.missing.empty() ? why_impossible(point, section) : found.missing);
    }
  }

  void add(const Case& point, const std::string& reason) {
    if (reason.empty() && runs_.insert(point.name()).second) {
      layout_.cases.push_back(point);
    } else if (!reason.empty() && skips_.insert(point.name()).second) {
      layout_.skipped.push_back({point, reason});
    }
  }

  const World& world_;
  Plan::Layout& layout_;
  std::set<std::string> runs_;
  std::set<std::string> skips_;
};

}  // namespace

Bytes cut_equally(Bytes payload, Operation operation, std::uint32_t ranks, Element element) {
  const std::uint64_t smallest = elements_granularity(operation, ranks) * size_of(element).count;
  if (payload.count % smallest == 0) {
    return payload;
  }
  constexpr std::uint64_t alignment = 16;
  const std::uint64_t aligned = std::lcm(smallest, ranks * alignment);
  const std::uint64_t unit = payload.count >= aligned ? aligned : smallest;
  return {std::max<std::uint64_t>(1, (payload.count + unit / 2) / unit) * unit};
}

Case at_payload(const Case& point, Bytes payload) {
  const std::uint64_t grid = range_grid(static_cast<double>(payload.count));
  const Bytes rounded{std::max<std::uint64_t>(1, (payload.count + grid / 2) / grid) * grid};
  Case other = point;
  other.payload = cut_equally(rounded, point.operation, point.group.ranks, point.element);
  other.operations_per_sample = operations_per_sample(other);
  return other;
}

Plan::Layout Plan::lay_out(const World& world) const {
  Layout layout;
  LayingOut laying_out(world, layout);
  for (const MeasureSection& section : sections) {
    laying_out.add(section);
  }
  for (const MatmulSection& section : matmuls) {
    laying_out.add(section);
  }
  for (const StepSection& section : steps) {
    laying_out.add(section);
  }
  laying_out.finish();
  return layout;
}

}  // namespace hockney::inline plan
