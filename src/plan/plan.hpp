#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/seconds.hpp"
#include "plan/case.hpp"

namespace hockney::inline plan {

/// When a point has enough samples (docs/measuring.md: Warm-up, When to stop).
struct Sampling {
  double tolerance_small = 0.02;  ///< half width of the 95 % interval of the median, relative, below 1 MiB
  double tolerance_large = 0.01;  ///< the same from 1 MiB
  std::uint32_t min_samples = 50;
  std::uint32_t max_samples = 2000;
  Seconds max_seconds{3};             ///< per point and pass
  std::uint32_t passes = 1;           ///< visits of every point per launch, each in a fresh random order
  Seconds warm_up{0.02};              ///< least time of warm-up per point
  std::uint32_t max_discarded = 200;  ///< most samples of warm-up beyond that time
  /// What one more launch costs this point before its warm-up: its share of the start-up. Set by a budget, of a
  /// campaign of several launches; 0 s: of one.
  Seconds launch_share{0};

  /// The relative half width asked for at this payload; over several passes each pass may be wider by sqrt(passes).
  double tolerance(Bytes payload) const;
};

/// A case that could not or may not run. A row in every listing and file, not a gap.
struct Skipped {
  Case point;
  std::string reason;
};

/// The machine that a plan is laid out on.
struct World {
  TransportKind transport = TransportKind::mpi;
  std::uint32_t ranks = 2;
  std::uint32_t ranks_per_node = 2;
  std::uint32_t nodes = 0;                  ///< different nodes; 0: not known
  bool uniform = true;                      ///< every node has ranks_per_node ranks: node and rail groups exist
  Fabric intra_node = Fabric::host_memory;  ///< what connects ranks of one node, where a plan does not say
  Fabric inter_node = Fabric::unknown;      ///< likewise between nodes; unknown: the transport cannot tell
  Mode default_mode = Mode::host;           ///< of collectives and ping_pong, where a plan does not say
  Cache default_cache = Cache::hot;         ///< where a plan does not say
};

/// Which ranks form a group, from where they run. `pair` and `chain` are for point-to-point operations.
enum class GroupKind {
  world,       ///< all ranks, or the first k of them
  node,        ///< all or k ranks of one node
  rail,        ///< one rank per node, the same local rank on each
  pair,        ///< two ranks of one node
  node_pair,   ///< the same local rank on two nodes
  cross_rail,  ///< a rank, and the next local rank on the next node
  chain,       ///< stages within one node
  node_chain,  ///< one stage per node
};

struct GroupKindNames {
  static constexpr std::string_view what = "group";
  static constexpr std::array<NamedValue<GroupKind>, 8> table{{{GroupKind::world, "world"},
                                                               {GroupKind::node, "node"},
                                                               {GroupKind::rail, "rail"},
                                                               {GroupKind::pair, "pair"},
                                                               {GroupKind::node_pair, "node_pair"},
                                                               {GroupKind::cross_rail, "cross_rail"},
                                                               {GroupKind::chain, "chain"},
                                                               {GroupKind::node_chain, "node_chain"}}};
};
GroupKindNames names_of(GroupKind);

/// Among MeasureSection::nodes: as many as this, twice as many, and so on, and all nodes of the world.
inline constexpr std::uint32_t every_doubling = UINT32_MAX;

/// Among MeasureSection::concurrent: as many groups as there are side by side.
inline constexpr std::uint32_t all_at_once = UINT32_MAX;

/// One [[measure]] table of a plan file.
struct MeasureSection {
  std::vector<Operation> operations;
  std::optional<Fabric> fabric;           ///< empty: what the transport expects between the group's ranks
  std::vector<GroupKind> groups;          ///< empty: the first ranks of the world
  std::vector<std::uint32_t> concurrent;  ///< how many disjoint groups of the kind run at once, the first ones; or
                                          ///< all_at_once
  bool all_pairs = false;                 ///< of node_pair: every two nodes, each pair a point of its own
  std::vector<std::uint32_t> ranks;       ///< group sizes; 0 or an empty list: as many as the kind of group has
  std::vector<std::uint32_t> nodes;  ///< groups by shape, in place of `groups` and `ranks`: nodes of a group; 0: all of
                                     ///< them; every_doubling: 2, 4, 8 ... and all
  std::vector<std::uint32_t> ranks_per_node;  ///< of groups by shape; 0 or an empty list: all ranks of a node
  std::vector<Element> elements;
  std::vector<Reduction> reductions;  ///< reducing operations only
  std::vector<Mode> modes;            ///< empty: the transport's default
  std::vector<bool> in_place;
  std::vector<bool> native;  ///< has_native() operations only
  std::vector<Buffers> buffers;
  std::vector<Cache> caches;                 ///< empty: the transport's default
  std::vector<std::string> algorithms;       ///< pins, lower case; empty text: the library's choice
  std::vector<std::string> protocols;        ///< likewise
  std::vector<Routing> routings;             ///< all_to_all_v only
  std::vector<std::uint32_t> micro_batches;  ///< pipeline operations only
  std::vector<Bytes> payloads;               ///< ascending, without repeats
  std::vector<Bytes> grid;  ///< those of `payloads` that only a range gave: rounded where they cannot be cut equally
  std::string origin;       ///< "FILE: measure section 2", for messages
};

/// One [[matmul]] table: matrix products at the layer shapes of models, on one rank and on all ranks at once.
struct MatmulSection {
  std::vector<Matmul> products;  ///< every layer of every model, tp and micro-batch: layer_matmuls()
  std::vector<bool> concurrent;  ///< true: all ranks at once; false: rank 0 alone
  Element element = Element::float32;
  std::vector<Mode> modes;    ///< empty: the transport's default
  std::vector<Cache> caches;  ///< empty: the transport's default
  std::string origin;
};

/// One [[step_replay]] table: steps of one model, crossed over mappings.
struct StepSection {
  std::vector<Step> steps;                   ///< their mappings still without what the point tells
  std::vector<std::uint32_t> micro_batches;  ///< m per pipeline
  Element element = Element::float32;        ///< of activations
  std::vector<Mode> modes;                   ///< empty: the transport's default
  std::string origin;
};

/// What to measure, from a TOML file (bench/plans/ holds the ones that come with Hockney; README there: the keys).
struct Plan {
  std::string name;
  std::string description;
  Sampling sampling;
  std::vector<MeasureSection> sections;
  std::vector<MatmulSection> matmuls;
  std::vector<StepSection> steps;

  struct Layout {
    std::vector<Case> cases;       ///< in plan order, each name once; products after the rest, steps last
    std::vector<Skipped> skipped;  ///< cases that this world cannot have
  };

  /// Lays the plan out on a world. A group that the world does not have (a rail on one node) or that Group cannot
  /// describe (some of the ranks of uneven nodes) gives Skipped rows with the reason; so does a group of NCCL whose
  /// fabric neither the plan nor the world names; so does a step that needs more ranks than there are. Throws
  /// InputError when a group of the world asks for more ranks than there are, and for a point whose name is longer than
  /// longest_point_name.
  Layout lay_out(const World& world) const;
};

/// Reads a plan; `models` is the folder that sizes by model shape are looked up in. Throws InputError (file, line,
/// key) for unknown keys and impossible sizes: zero, a range that runs backwards, a factor of 1 or less, a payload
/// that is no whole number of elements.
Plan read_plan(const std::filesystem::path& file, const std::filesystem::path& models);

/// The same from text; `origin` stands for the file name.
Plan parse_plan(std::string_view text, const std::string& origin, const std::filesystem::path& models);

/// The payload next to `payload` that the operation can cut into one block per rank of whole elements, of 16 B or a
/// multiple where there is that much (nccl-tests rounds so, but down); `payload` itself when it can be cut.
Bytes cut_equally(Bytes payload, Operation operation, std::uint32_t ranks, Element element);

/// A visit of a point: index into Layout::cases, and the pass.
struct Visit {
  std::size_t point = 0;
  std::uint32_t pass = 0;
};

/// Every point once per pass, each pass in a fresh random order (Fisher-Yates on mt19937_64, so that a seed gives the
/// same order with every standard library).
std::vector<Visit> schedule(std::size_t points, std::uint32_t passes, std::uint64_t seed);

}  // namespace hockney::inline plan
