#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include "record/launch.hpp"

namespace hockney::store {

/// An empty folder for one test, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path() /
            ("hockney-store-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Points of every kind of factors, by turns; but for steps every factor differs from its default.
inline Case example_point(std::uint64_t seed, std::uint32_t ranks) {
  constexpr std::array operations{Operation::reduce_scatter, Operation::all_to_all_v, Operation::pipeline_forward,
                                  Operation::matmul,         Operation::step_replay,  Operation::all_gather};
  const std::array<OwnFactors, operations.size()> own{
      Reduction::max,
      Routing{0.5, "experts", {}},
      MicroBatches{7},
      Matmul{256, 128, 64, MatmulPass::weight_gradient, "model/mlp_up/tp:2/b:1"},
      Step{.model = {.name = "model",
                     .source = {},
                     .layers = 4,
                     .hidden = 64,
                     .heads = 8,
                     .key_value_heads = 2,
                     .feed_forward = 172,
                     .gated_feed_forward = true,
                     .sequence = 32,
                     .vocabulary = 512,
                     .tied_embeddings = false},
           .mapping = {.tensor = 2,
                       .pipeline = 3,
                       .data = 5,
                       .micro_batch = 7,
                       .recompute = Recompute::full,
                       .scatter_gather = true,
                       .gradient_bytes = 2},
           .compute_s = 1.5e-5},
      std::monostate{}};
  const std::size_t which = seed % operations.size();
  Case point{operations[which],
             TransportKind::scripted,
             Fabric::infiniband,
             {ranks, 1, 2, 3, 5},
             Bytes{1024 * (seed + 1)},
             Element::bfloat16,
             Mode::stream,
             true,
             true,
             Buffers::registered,
             Cache::rotate,
             20,
             own[which],
             "ring",
             "ll128",
             {}};
  if (point.operation == Operation::step_replay) {  // its shape makes a long name, and its ranks are the world
    point.group = {ranks, 1};
    point.native = false;
    point.buffers = Buffers::plain;
    point.cache = Cache::hot;
  }
  point.set_micro_batches(7);
  return point;
}

/// A visit whose every field differs from its default, with times that follow from `seed`.
inline Measurement example_visit(std::uint64_t seed, std::uint32_t ranks, std::size_t samples) {
  Measurement visit;
  visit.point = example_point(seed, ranks);
  visit.point_id = seed;
  visit.pass = static_cast<std::uint32_t>(seed % 3);
  visit.observed = Fabric::roce;
  visit.rank_columns = ranks;
  for (std::size_t i = 0; i < samples * ranks; ++i) {
    visit.elapsed.push_back(1e-6 * static_cast<double>(seed + 1) + 1e-9 * static_cast<double>((i * 7919) % 101));
  }
  for (std::size_t i = 0; i < samples; ++i) {
    visit.enqueue_s.push_back(2e-6 + 1e-9 * static_cast<double>(i % 13));
    visit.host_s.push_back(3e-5 + 1e-9 * static_cast<double>(i % 17));
  }
  visit.statistic = Statistic::mean_over_ranks;
  visit.iterations_averaged = 4;
  visit.discarded = 5;
  visit.stop = StopReason::time;
  visit.verification = Verification::passed;
  visit.flags.set(Flag::simulated);
  visit.flags.set(Flag::drifting);
  visit.started_utc_ns = 1790000000123456789 + static_cast<std::int64_t>(seed);
  visit.clock_step_s = 2e-9;
  visit.clock_floor_s = 5e-9;
  visit.observation = {
      "NVLSTree", "Simple", 24, "NET/IB/GDRDMA,P2P/CUMEM", "mlx5_0:1", 1.5e-5, "NCCL_ALGO=allreduce:nvlstree"};
  visit.before = {1980, 2619, 41, 310.5, 0x4};
  visit.after = {1755, 2600, 67.5, 690, 0x24};
  return visit;
}

/// A launch of four ranks, without visits.
inline Launch example_launch() {
  Launch launch;
  launch.info = {random_uuid(),
                 "campaign of\tα",
                 "hockney-bench 0.1.0",
                 "a paper",
                 "machine-a",
                 "hockney-bench --plan x",
                 "[[measure]]\n",
                 0xfedcba9876543210,
                 4,
                 2,
                 1790000000000000001,
                 0,
                 false};
  launch.provenance = {{"env.NCCL_ALGO", "Ring"}, {"mpi.library", ""}, {"compiler", std::string(300, 'g')}};
  launch.placements = {{0, "node-a", 0, -1, 2, 8, ""}, {1, "node-b", 1, 3, 4, 16, "GPU-1234"}};
  Skipped skipped{example_visit(9, 3, 1).point, "payload is no multiple of 3 ranks"};
  launch.skipped = {skipped};
  return launch;
}

}  // namespace hockney::store
