#include "transport/gpu/refusal.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/error.hpp"
#include "nccl/pins.hpp"
#include "pattern/pattern.hpp"
#include "plan/replay.hpp"

namespace hockney::transport::gpu {
namespace {

// A full launch queue (1024 entries) would block the host while the GPU waits for the host to open the gate. NCCL puts
// about three entries into the stream for an operation (a wait, the kernel, an event), so 256 fill three quarters of
// it; not measured yet.
constexpr std::uint64_t most_queued_kernels = 256;
constexpr int first_with_symmetric_windows = 22700;
constexpr int first_with_native_exchange = 22800;
constexpr int first_with_float8 = 22400;
constexpr int capability_with_float8 = 90;
constexpr int capability_with_nvls = 90;

// NCCL keeps what it has queued for the GPU in a ring of 1 MiB (NCCL_WORK_FIFO_BYTES); when that
// is full, queueing waits for the GPU too.
constexpr std::uint64_t most_queued_messages = 8192;

std::uint64_t queued_messages(const Case& point) { return std::uint64_t{point.group.ranks} * most_operations(point); }

bool is_float8(Element element) { return element == Element::float8e4m3 || element == Element::float8e5m2; }

std::optional<std::string> why_not_these_pins(const Case& point, int nccl_version) {
  try {
    nccl::pin_settings(nccl_version, point.operation, point.algorithm, point.protocol);
    return std::nullopt;
  } catch (const InputError& error) {
    if (!nccl::are_known_pins(point.algorithm, point.protocol)) {
      throw;
    }
    return error.what();
  }
}

// Activations are summed over the tensor-parallel ranks, gradients over replicas and end stages.
std::optional<std::string> why_inexact_step(const Case& point) {
  const Mapping& mapping = point.step().mapping;
  const auto tensor = static_cast<std::uint32_t>(mapping.tensor);
  const auto data = static_cast<std::uint32_t>(std::max<std::uint64_t>(mapping.data, 2));
  const Element gradient = mapping.gradient_bytes == 2 ? Element::bfloat16 : Element::float32;
  auto reason = pattern::why_inexact(point.element, Reduction::sum, tensor);
  return reason ? reason : pattern::why_inexact(gradient, Reduction::sum, data);
}

std::optional<std::string> why_not_this_data(const Case& point, const GpuAbilities& abilities) {
  if (is_float8(point.element) && abilities.nccl_version < first_with_float8) {
    return fmt::format("{} needs NCCL 2.24", name_of(point.element));
  }
  if (point.operation == Operation::matmul && point.element != Element::bfloat16 && point.element != Element::float16 &&
      point.element != Element::float32) {
    return fmt::format("matrix products on GPUs are of bfloat16, float16 and float32, not {}", name_of(point.element));
  }
  const bool is_step = point.operation == Operation::step_replay;
  if (!is_reduction(point.operation) && !is_step) {
    return std::nullopt;
  }
  if (is_float8(point.element) && abilities.compute_capability < capability_with_float8) {
    return fmt::format("reductions of {} need a GPU of compute capability 9.0, this one has {}.{}",
                       name_of(point.element), abilities.compute_capability / 10, abilities.compute_capability % 10);
  }
  return is_step ? why_inexact_step(point) : pattern::why_inexact(point.element, point.reduction(), point.group.ranks);
}

std::optional<std::string> why_not_this_path(const Case& point, const GpuAbilities& abilities) {
  if (point.group.ranks == 1 || point.group.nodes() > 1 || abilities.shares_gpu) {
    return std::nullopt;
  }
  if (is_inter_node(point.fabric) && !abilities.forces_network) {
    return fmt::format(
        "{} within one node takes a launch with --force-network: NCCL reads NCCL_P2P_DISABLE and "
        "NCCL_SHM_DISABLE once per process",
        name_of(point.fabric));
  }
  if (is_intra_node(point.fabric) && abilities.forces_network) {
    return fmt::format("this launch forces the network within a node, and the point asks for {}",
                       name_of(point.fabric));
  }
  return std::nullopt;
}

}  // namespace

Bytes memory_on_gpu(const Case& point, const GpuAbilities& abilities) {
  const Bytes wanted = memory_per_rank(point, abilities.cache_size);
  const std::uint64_t step = abilities.allocation_step.count;
  if (point.buffers == Buffers::plain || step == 0) {
    return wanted;
  }
  const std::uint64_t sets = buffer_sets(point, abilities.cache_size);
  const auto lost = [step](std::uint64_t size) { return (step - size % step) % step; };
  const std::uint64_t sent = send_bytes(point.operation, point.payload, point.group.ranks).count;
  const std::uint64_t lost_by_set =
      point.in_place ? lost(point.payload.count) : lost(sent) + lost(wanted.count / sets - sent);
  return wanted + Bytes{lost_by_set * sets};
}

std::uint64_t queued_kernels(const Case& point) {
  constexpr std::uint64_t messages_per_micro_batch = 4;
  if (point.operation == Operation::step_replay) {
    return queued_actions(point);
  }
  return is_pipeline(point.operation) ? messages_per_micro_batch * point.micro_batches() : most_operations(point);
}

std::optional<std::string> why_not_on_gpu(const Case& point, const GpuAbilities& abilities) {
  if (auto reason = why_not_replayed(point)) {
    return reason;
  }
  if (auto reason = why_not_these_pins(point, abilities.nccl_version)) {
    return reason;
  }
  if (auto reason = why_not_this_data(point, abilities)) {
    return reason;
  }
  if (auto reason = why_not_this_path(point, abilities)) {
    return reason;
  }
  if (point.group.ranks == 1 && !(point.algorithm.empty() && point.protocol.empty())) {
    return "one rank alone copies: NCCL has no algorithm and no protocol to pin";
  }
  if (point.algorithm.starts_with("nvls") && abilities.compute_capability < capability_with_nvls) {
    return fmt::format("{} needs GPUs of compute capability 9.0, which NVSwitches reduce for; this one has {}.{}",
                       point.algorithm, abilities.compute_capability / 10, abilities.compute_capability % 10);
  }
  if (point.in_place && point.operation == Operation::all_to_all) {
    return "NCCL has no all-to-all in place";
  }
  if (point.buffers == Buffers::symmetric_window && abilities.nccl_version < first_with_symmetric_windows) {
    return "symmetric windows need NCCL 2.27";
  }
  if (point.mode == Mode::graph && point.operation == Operation::one_way_stream) {
    return "one_way_stream restarts its clock within a sample, which a captured graph cannot do";
  }
  if (point.native && abilities.nccl_version < first_with_native_exchange) {
    return fmt::format("NCCL's own call for {} needs NCCL 2.28", name_of(point.operation));
  }
  const bool a_message_per_rank = !nccl::has_algorithm(point.operation) && is_collective(point.operation);
  if (a_message_per_rank && queued_messages(point) > most_queued_messages) {
    return fmt::format("{} messages would have to be queued before the start, and {} can be", queued_messages(point),
                       most_queued_messages);
  }
  if (point.mode != Mode::host && queued_kernels(point) > most_queued_kernels) {
    return fmt::format("{} kernels would have to be queued before the start, and {} can be", queued_kernels(point),
                       most_queued_kernels);
  }
  const Bytes wanted = memory_on_gpu(point, abilities);
  if (wanted > abilities.usable_memory) {
    return fmt::format("needs {} of GPU memory per rank, and {} are free", to_string(wanted),
                       to_string(abilities.usable_memory));
  }
  return std::nullopt;
}

}  // namespace hockney::transport::gpu
